"""A threshold from a machine's own power: learned once, from the first time it was observed.

Readings are cut in two where the valley between the two heaps is widest, measured against the distance of
the heaps' means. The edges of the valley leave a tenth of the smaller heap aside, because some readings are
taken on the way from one level to the other. A valley of 0.35 of the distance is asked for, and 0.58 for
60 readings, where chance makes valleys: of 300 series each of normal, uniform, exponential, lognormal,
sine and sawtooth noise none passes, while a machine that runs between 10 and 90 % of the time does, at
levels whose spread is 15 % of them. (Otsu's greatest variance between the heaps, the usual rule, cuts
through the upper heap when a machine that draws unsteady power runs nine tenths of the time.)

The levels of the hysteresis lie in the middle of the valley, apart by a share of it, unless told otherwise
a third: at a third and two thirds across. Across the distance of the means they would lie inside the upper
heap where a cycle has light and heavy phases.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from dashboard.intervals import Int64s
from dashboard.states.knowledge import Knowledge, knowledge_of, lasting_at_least
from dashboard.states.rules import THIRD
from protocol.messages import Birth, Threshold
from protocol.readings import Batch, Float64s

MINUTE_MS = 60_000
MIN_READINGS = 60
"""Fewer readings say nothing, however clear they look."""
MIN_OBSERVED_MS = 30 * MINUTE_MS
"""A machine is looked at for at least half an hour of event time."""
MAX_OBSERVED_MS = 8 * 60 * MINUTE_MS
"""After a shift without two levels there is nothing to be learned."""
STEP_MS = 10 * MINUTE_MS
"""While nothing was found, it is looked for again at every ten minutes more."""
MAX_GAP_MS = 10 * MINUTE_MS
"""A longer silence counts as this much observed time."""

MIN_VALLEY = 0.35
"""Least width of the valley between two levels, as a share of the distance between their means."""
CHANCE = 1.8
"""The valley must be wider by this much over the square root of the number of readings."""
TRIM = 0.1
"""Share of the smaller heap that may lie in the valley, on either side."""
MIN_DISTANCE = 0.25
"""Least distance of the means, as a share of the larger of them: less is noise or resolution."""
MIN_SHARE = 0.02
"""Least share of the readings at either level: fewer are faults of a sensor."""
MIN_AT_LEVEL = 5
"""Least number of readings at either level."""
WIDE_VALLEY = 0.6
"""Levels with a narrower valley must alternate: what drifts, wanders or warms up does not."""
SWITCHES_IF_NARROW = 4
"""How often they must alternate then."""
EVEN_SHARE = 1 / 3
"""A single switch is enough when both levels hold so much of the readings; else it must come back."""
PERIOD_QUANTILE = 0.95
PERIOD_SLACK = 1.5
"""A reading is evidence for this many times the spacing that 95 % of the readings keep."""
LONGEST_PERIOD_MS = 86_400_000

PREFERRED = ("power_kw", "power_w", "current_a", "power", "current", "load_pct", "spindle_load_pct")
"""Signals that tell running from not running best, the best first; else the machine's first signal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What was learned of one machine, to be kept, and frozen until it is learned anew."""

    version: int
    """Counts from 1; one more each time it is learned anew."""
    from_ms: int
    """First reading it was learned from, ms since 1970."""
    to_ms: int
    """Last reading it was learned from."""
    threshold: Threshold | None
    """What tells running from stopped; None when its readings cannot tell."""
    period_ms: int
    """For how long one of its readings is evidence, in milliseconds."""
    readings: int
    """How many readings it was learned from."""
    signal: str
    """The signal that was looked at; `""` when there was none."""
    since_ms: int | None = None
    """From which moment on it holds, ms since 1970; None for what was learned first."""
    earlier: "Learned | None" = None
    """What was learned before, and holds before `since_ms`."""
    hysteresis: float = THIRD
    """Distance of its levels as a share of the valley, as it was set when this was learned."""

    @property
    def knowledge(self) -> Knowledge:
        """How the machine's state is known from now on."""
        earlier = self.earlier.knowledge if self.earlier is not None else None
        return Knowledge.learned(self.threshold, self.period_ms, self.since_ms, earlier)

    @property
    def words(self) -> str:
        """What the page says of it; `""` when it can tell."""
        if self.threshold is not None:
            return ""
        if not self.signal:
            return "cannot tell: it sends no signal"
        return f"cannot tell: {self.signal} shows no two levels clearly apart"

    @property
    def versions(self) -> "list[Learned]":
        """This and all that was learned before it, the first one first."""
        return [*(self.earlier.versions if self.earlier is not None else ()), self]

    def before(self, since_ms: int) -> "Learned | None":
        """What goes on to hold before a moment when something else is learned from there on."""
        if self.since_ms is None or self.since_ms < since_ms:
            return self
        return self.earlier.before(since_ms) if self.earlier is not None else None

    def with_version(self, learned: "Learned") -> "Learned":
        """The same versions, and a newer one or another finding of one of them."""
        if learned.version > self.version:
            since_ms = learned.since_ms
            return replace(learned, earlier=self if since_ms is None else self.before(since_ms))
        if learned.version == self.version:
            return replace(learned, earlier=self.earlier)
        return self if self.earlier is None else replace(self, earlier=self.earlier.with_version(learned))

    def is_backed_by(self, kept: Iterable[tuple[int, Batch]]) -> bool:
        """Whether what it was learned from is still among these batches: else it cannot be learned anew."""
        series = _series((at_ms, _from(batch, at_ms, self.since_ms)) for at_ms, batch in kept)
        inside = (series.at_ms >= self.from_ms) & (series.at_ms <= self.to_ms)
        return int(inside.sum()) >= self.readings

    def is_touched_by(self, batch: Batch, at_ms: int) -> bool:
        """Whether a late batch belongs to what this was learned from, so that it is learned anew."""
        if not len(batch.offsets_ms) or at_ms + int(batch.offsets_ms[0]) > self.to_ms:
            return False
        return self.since_ms is None or at_ms + int(batch.offsets_ms[-1]) >= self.since_ms


def knowledge_with(birth: Birth | None, learned: Learned | None, least_ms: int = 0) -> Knowledge:
    """How the state of a machine is known, once that has been learned where it had to be.

    Args:
        birth: What it said of itself.
        learned: What was learned from its power.
        least_ms: How long a state must last that readings alone tell, in milliseconds.
    """
    knowledge = knowledge_of(birth)
    if learned is not None and knowledge.how == "learned":
        knowledge = learned.knowledge
    return lasting_at_least(knowledge, least_ms)


@dataclass(frozen=True, slots=True)
class _Series:
    """The readings of one signal, in order; n of them."""

    signal: str
    """The signal to look at; `""` when there is none."""
    at_ms: Int64s
    """When each was taken, ms since 1970, increasing; shape (n,)."""
    values: Float64s
    """What it showed, never NaN; shape (n,)."""
    observed_ms: Int64s
    """Observed time from the first reading to each; shape (n,)."""

    def is_extended_by(self, batch: Batch, at_ms: int) -> bool:
        """Whether a batch only adds to the end, and cannot change which signal to look at."""
        begin = at_ms + int(batch.offsets_ms[0])
        if not len(self.at_ms) or begin <= self.at_ms[-1]:
            return False
        return begin > self.at_ms[0] + MIN_OBSERVED_MS or list(batch.signals) == [self.signal]

    def with_batch(self, batch: Batch, at_ms: int) -> "_Series":
        """The readings and those of a batch that extends them."""
        at, values = _seen(batch, at_ms, self.signal)
        if not len(at):
            return self
        gaps = np.minimum(np.diff(at, prepend=self.at_ms[-1:]), MAX_GAP_MS)
        return _Series(
            self.signal,
            np.concatenate((self.at_ms, at)),
            np.concatenate((self.values, values)),
            np.concatenate((self.observed_ms, self.observed_ms[-1] + np.cumsum(gaps))),
        )


class Learner:
    """Learns one machine's threshold as its batches come, in any order."""

    __slots__ = ("_batches", "_series", "_tried_ms", "hysteresis", "since_ms", "version")

    def __init__(
        self,
        version: int = 1,
        batches: Iterable[tuple[int, Batch]] = (),
        since_ms: int | None = None,
        hysteresis: float = THIRD,
    ) -> None:
        """Begin with the batches known so far, each with its moment.

        Args:
            version: Number of what will be learned.
            batches: The batches.
            since_ms: Only readings from here on count, ms since 1970; None for all of them.
            hysteresis: Distance of the two levels, as a share of the valley.
        """
        self.hysteresis = hysteresis
        self.version = version
        self.since_ms = since_ms
        self._batches = [(at_ms, _from(batch, at_ms, since_ms)) for at_ms, batch in batches]
        self._series: _Series | None = None
        self._tried_ms = 0

    def add(self, batch: Batch, at_ms: int) -> None:
        """Take in one more batch."""
        batch = _from(batch, at_ms, self.since_ms)
        self._batches.append((at_ms, batch))
        if not len(batch.offsets_ms):
            return
        if self._series is not None and self._series.is_extended_by(batch, at_ms):
            self._series = self._series.with_batch(batch, at_ms)
        else:
            self._series, self._tried_ms = None, 0

    def learned(self) -> Learned | None:
        """What was learned; None while there is more to wait for.

        It depends on the readings alone, not on how or in what order they came: it is looked for at
        fixed amounts of observed time, and what a late batch changes is looked for again.
        """
        series = self._read()
        observed = int(series.observed_ms[-1]) if len(series.at_ms) else 0
        step = max(MIN_OBSERVED_MS, self._tried_ms + STEP_MS)
        while step <= observed:
            end = int(np.searchsorted(series.observed_ms, step)) + 1
            if end >= MIN_READINGS:
                found = _fit(series, end, self.hysteresis)
                if found is not None or step >= MAX_OBSERVED_MS or not series.signal:
                    return Learned(
                        version=self.version,
                        from_ms=int(series.at_ms[0]),
                        to_ms=int(series.at_ms[end - 1]),
                        threshold=found,
                        period_ms=_period_ms(series.at_ms[:end]),
                        readings=end,
                        signal=series.signal,
                        since_ms=self.since_ms,
                        hysteresis=self.hysteresis,
                    )
            self._tried_ms = step
            step += STEP_MS
        return None

    def progress(self) -> str:
        """What is still missing, in words: `learning: 12 of 30 min`."""
        return f"{'learning' if self.since_ms is None else 'learning anew'}: {self._missing()}"

    def _missing(self) -> str:
        series = self._read()
        readings = len(series.at_ms)
        minutes = int(series.observed_ms[-1]) // MINUTE_MS if readings else 0
        least = MIN_OBSERVED_MS // MINUTE_MS
        if readings < MIN_READINGS and (minutes >= least or readings * least <= minutes * MIN_READINGS):
            return f"{readings} of {MIN_READINGS} readings"
        if minutes < least:
            return f"{minutes} of {least} min"
        most = MAX_OBSERVED_MS // MINUTE_MS
        return f"no two levels apart in {series.signal} yet, {min(minutes, most)} of {most} min"

    def _read(self) -> _Series:
        if self._series is None:
            self._series = _series(self._batches)
        return self._series


def learn(batches: Iterable[tuple[int, Batch]], version: int = 1) -> Learned | None:
    """What these batches, each with its moment, teach; None while there is more to wait for."""
    return Learner(version, batches).learned()


def progress(batches: Iterable[tuple[int, Batch]]) -> str:
    """What is still missing before these batches teach anything, in words."""
    return Learner(1, batches).progress()


def split(values: Float64s) -> tuple[float, float] | None:
    """The valley between two levels that are clearly apart, as its two edges; None where there is none.

    Args:
        values: Readings in order of time, none of them NaN.
    """
    ordered = np.sort(values)
    count = len(ordered)
    cuts = np.flatnonzero(np.diff(ordered) > 0) + 1
    smaller = np.minimum(cuts, count - cuts)
    enough = smaller >= max(MIN_AT_LEVEL, MIN_SHARE * count)
    if not enough.any():
        return None
    steps = ordered[cuts] - ordered[cuts - 1]
    # Two distinct values are a switch, on or off; of more, neighbours are no farther than the resolution.
    resolution = float(steps.min()) if len(cuts) > 1 else 0.0
    cuts, smaller = cuts[enough], smaller[enough]
    sums = np.cumsum(ordered)
    low, high = sums[cuts - 1] / cuts, (sums[-1] - sums[cuts - 1]) / (count - cuts)
    aside = (TRIM * smaller).astype(np.int64)
    left, right = ordered[cuts - 1 - aside], ordered[cuts + aside]
    valleys = (right - left) / (high - low)
    best = int(valleys.argmax())
    edges = float(left[best]), float(right[best])
    if high[best] - low[best] < MIN_DISTANCE * max(abs(low[best]), abs(high[best])):
        return None
    if edges[1] - edges[0] < 2 * resolution or valleys[best] < MIN_VALLEY + CHANCE / np.sqrt(count):
        return None
    if valleys[best] < WIDE_VALLEY:
        needed = SWITCHES_IF_NARROW
    else:
        needed = 1 if smaller[best] >= EVEN_SHARE * count else 2
    return edges if _switches(values, edges) >= needed else None


def _switches(values: Float64s, edges: tuple[float, float]) -> int:
    """How often readings go from one side of a valley to the other."""
    high = values >= edges[1]
    sides = high[high | (values <= edges[0])]
    return int(np.count_nonzero(sides[1:] != sides[:-1]))


def _from(batch: Batch, at_ms: int, since_ms: int | None) -> Batch:
    """What a batch shows from a moment on."""
    if since_ms is None or not len(batch.offsets_ms) or at_ms + int(batch.offsets_ms[0]) >= since_ms:
        return batch
    first = int(np.searchsorted(batch.offsets_ms, since_ms - at_ms))
    signals = {name: values[first:] for name, values in batch.signals.items()}
    return Batch(at_ms=batch.at_ms, offsets_ms=batch.offsets_ms[first:], signals=signals)


def _fit(series: _Series, end: int, hysteresis: float) -> Threshold | None:
    edges = split(series.values[:end]) if series.signal else None
    if edges is None:
        return None
    width = edges[1] - edges[0]
    # In whole numbers, so that a third is one however many digits of it are written.
    share = Fraction(hysteresis).limit_denominator(1_000)
    part, whole = share.numerator, share.denominator
    return Threshold(
        signal=series.signal,
        above=edges[0] + (whole + part) * width / (2 * whole),
        below=edges[0] + (whole - part) * width / (2 * whole),
    )


def _period_ms(at_ms: Int64s) -> int:
    spacing = float(np.quantile(np.diff(at_ms), PERIOD_QUANTILE))
    return min(int(np.ceil(PERIOD_SLACK * spacing)), LONGEST_PERIOD_MS)


def _series(batches: Iterable[tuple[int, Batch]]) -> _Series:
    """The readings of the signal to look at, in order, each moment once."""
    told = sorted(
        ((at_ms, batch) for at_ms, batch in batches if len(batch.offsets_ms)),
        key=lambda one: one[0] + int(one[1].offsets_ms[0]),
    )
    if not told:
        return _Series("", np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64))
    signal = _signal(told)
    columns = [_seen(batch, at_ms, signal) for at_ms, batch in told]
    at = np.concatenate([moments for moments, _ in columns])
    values = np.concatenate([shown for _, shown in columns])
    order = np.lexsort((values, at))
    at, values = at[order], values[order]
    first = np.diff(at, prepend=at[:1] - 1) > 0
    at, values = at[first], values[first]
    observed = np.cumsum(np.minimum(np.diff(at, prepend=at[:1]), MAX_GAP_MS))
    return _Series(signal, at, values, observed)


def _seen(batch: Batch, at_ms: int, signal: str) -> tuple[Int64s, Float64s]:
    """Moments and values of the readings of a signal; of all readings where there is no signal."""
    if not signal:
        return at_ms + batch.offsets_ms, np.zeros(len(batch.offsets_ms))
    values = batch.signals.get(signal)
    if values is None:
        return np.empty(0, np.int64), np.empty(0)
    seen = ~np.isnan(values)
    return (at_ms + batch.offsets_ms)[seen], values[seen]


def _signal(told: list[tuple[int, Batch]]) -> str:
    """The signal to look at, by what the machine sends in its first half hour."""
    begin = told[0][0] + int(told[0][1].offsets_ms[0])
    names: dict[str, None] = {}
    for at_ms, batch in told:
        if at_ms + int(batch.offsets_ms[0]) > begin + MIN_OBSERVED_MS:
            break
        # A signal that is there and says nothing cannot tell anything.
        names.update(
            dict.fromkeys(name for name, values in batch.signals.items() if not np.isnan(values).all())
        )
    return next((name for name in PREFERRED if name in names), next(iter(names), ""))
