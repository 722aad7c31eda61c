"""One machine as its edge node tells of it: what its metrics are, and the batches that its data make.

An edge node says what changes, so as long as nothing is missing, what it has said goes on to hold: a batch
begins where the one before ended, in the state of then. Backlog is a thread of its own, because it says
nothing of now; a birth begins both anew.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

import numpy as np

from dashboard.sparkplug.guesses import RUNNING_SIGNAL, Meaning
from dashboard.sparkplug.metric_map import DeviceRule, MetricMap, machine_name
from protocol.messages import Birth, MessageError, Threshold
from protocol.moments import EARLIEST_MS, LATEST_MS, from_ms
from protocol.readings import MAX_CAUSE_LENGTH, MAX_SPAN_MS, Batch, Change
from protocol.sparkplug.births import LOCATION, RETIRED, RUN, birth_of, signal_of
from protocol.sparkplug.datatypes import DataType, Value
from protocol.sparkplug.payloads import Metric, Payload
from protocol.sparkplug.topics import NodeTopic
from protocol.states import State
from protocol.topics import MAX_LOCATION_LEVELS, check_name

QUALITY = "quality"
"""The property that says how good a value is, in small letters."""
NO_GOOD = frozenset({0, 500})
"""Bad and stale; 192 is good."""

_Row = tuple[str, int | None, Value]
"""A metric by its name, when it had its value, and the value."""


@dataclass(slots=True)
class _Thread:
    """What holds until something else is said."""

    until_ms: int | None = None
    """Up to here it was told."""
    state: State | None = None
    """None where the machine says none, or not now."""
    cause: str = ""
    parts: int | None = None
    rejects: int | None = None


@dataclass(slots=True)
class _Said:
    """What a batch is made of."""

    signals: defaultdict[str, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    states: dict[int, State | None] = field(default_factory=dict)
    causes: dict[int, str] = field(default_factory=dict)
    counts: defaultdict[int, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    last_ms: int = 0


class Device:
    """A machine behind an edge node.

    Args:
        topic: Where its birth came.
        birth: The payload of that.
        rules: What devices and metrics mean.
        gateway: What its link is called.

    Raises:
        MessageError: It cannot be a machine; says why.
    """

    def __init__(self, topic: NodeTopic, birth: Payload, rules: MetricMap, *, gateway: str) -> None:
        rule = rules.rule(topic)
        self.topic = topic
        self.name = machine_name(rule, topic, birth.metrics)
        self.location = _location(rule, topic, birth)
        self.retired = False
        """Whether it has said that it is gone for good."""
        names = {metric.name: metric for metric in birth.metrics if metric.name}
        self._meanings = rules.meanings(rule, names.values())
        self.types: dict[int | str, DataType] = {}
        """Type of each metric, by alias and by name."""
        self._names: dict[int, str] = {}
        for metric in names.values():
            if metric.datatype is not None:
                self.types[metric.name] = metric.datatype
                if metric.alias is not None:
                    self.types[metric.alias] = metric.datatype
            if metric.alias is not None:
                self._names[metric.alias] = metric.name
        run = names.get(RUN)
        self.run = str(run.value) if run is not None and run.value else ""
        """The run of a simulated machine; empty for any other."""
        self.birth = _birth(rule, birth, names, self._meanings, gateway=gateway)
        self._live, self._past = _Thread(), _Thread()
        self._latest: dict[str, float] = {}
        """The newest value of each signal."""

    @property
    def is_simulated(self) -> bool:
        """Whether its moments are those of a simulated plant."""
        return bool(self.run)

    def begin(self, birth: Payload, *, now_ms: int, shift_ms: int) -> Batch | None:
        """Take the values of its birth for what holds now; of a real one they are a batch.

        Args:
            birth: The payload.
            now_ms: Plant time.
            shift_ms: What makes plant time of its moments.
        """
        rows = [
            (one.name, one.at_ms, one.value)
            for one in birth.metrics
            if one.value is not None and one.name in self._meanings and _is_good(one)
        ]
        if not self.is_simulated:
            # When a value was new, whenever that was, it is still the value now.
            rows = [(name, now_ms - shift_ms, value) for name, _, value in rows]
            return self._batch(rows, self._live, birth.at_ms, now_ms, shift_ms)
        said = self._sorted(rows, birth.at_ms, shift_ms)
        if said.states:
            at_ms = max(said.states)
            self._live = _Thread(at_ms, said.states[at_ms], said.causes.get(at_ms, ""))
        for _, counts in sorted(said.counts.items()):
            self._live.parts = counts.get("parts", self._live.parts)
            self._live.rejects = counts.get("rejects", self._live.rejects)
        return None

    def batches(self, payload: Payload, *, now_ms: int, shift_ms: int) -> list[Batch]:
        """What its data say, backlog first.

        Raises:
            MessageError: There is a metric that its birth did not name.
        """
        past: list[_Row] = []
        live: list[_Row] = []
        for metric in payload.metrics:
            name = self._name(metric)
            value = metric.value if not metric.properties or _is_good(metric) else None
            (past if metric.historical else live).append((name, metric.at_ms, value))
            self.retired = self.retired or (name == RETIRED and value is True)
        found = []
        if past:
            found.append(self._batch(past, self._past, None, now_ms, shift_ms))
        if live or not past:
            found.append(self._batch(live, self._live, payload.at_ms, now_ms, shift_ms))
        return [one for one in found if one is not None]

    def hold(self, now_ms: int) -> Batch | None:
        """That what a real machine has said still holds, because its node is there and says nothing else."""
        until_ms = self._live.until_ms
        if self.is_simulated or until_ms is None or now_ms <= until_ms:
            return None
        said = _Said(last_ms=now_ms)
        for name, value in self._latest.items():
            said.signals[name][now_ms] = value
        return self._built(said, self._live, now_ms)

    def interrupt(self) -> None:
        """Something is missing: what was said before holds no longer than up to there."""
        self._live, self._past = _Thread(until_ms=self._live.until_ms), _Thread()

    def _name(self, metric: Metric) -> str:
        name = metric.name or (self._names.get(metric.alias, "") if metric.alias is not None else "")
        if name in self.types:
            return name
        what = f"metric {metric.name[:64]!r}" if metric.name else f"alias {metric.alias}"
        raise MessageError(
            f"{what} was not named by the birth of {self.topic.device!r}: it is asked for again"
        )

    def _batch(
        self, rows: Sequence[_Row], thread: _Thread, end_ms: int | None, now_ms: int, shift_ms: int
    ) -> Batch | None:
        said = self._sorted(rows, end_ms if end_ms is not None else now_ms - shift_ms, shift_ms)
        if end_ms is not None and thread is self._live:
            said.last_ms = max(said.last_ms, end_ms + shift_ms)
            for name, values in said.signals.items():
                self._latest[name] = values[max(values)]
        return self._built(said, thread, said.last_ms)

    def _sorted(self, rows: Sequence[_Row], default_ms: int | None, shift_ms: int) -> _Said:
        said, meanings = _Said(), self._meanings
        for name, told_ms, value in rows:
            at_ms = (told_ms if told_ms is not None else default_ms or 0) + shift_ms
            if not EARLIEST_MS <= at_ms <= LATEST_MS:
                raise MessageError(
                    f"metric {name[:64]!r}: {at_ms} is no time of a plant: allowed is 2000 to 2100"
                )
            said.last_ms = max(said.last_ms, at_ms)
            for meaning in meanings.get(name, ()):
                _put(said, meaning, at_ms, value)
        return said

    def _built(self, said: _Said, thread: _Thread, end_ms: int) -> Batch | None:
        before_ms, state, cause = thread.until_ms, thread.state, thread.cause
        ended = [at_ms for at_ms, one in said.states.items() if one is None]
        moments = {at_ms for values in said.signals.values() for at_ms in values}
        known = {
            *moments,
            *said.causes,
            *said.counts,
            *(at for at, one in said.states.items() if one is not None),
        }
        if not known and not end_ms:
            return None
        first_ms = min(known, default=end_ms)
        goes_on = state is not None and before_ms is not None and before_ms <= first_ms
        if (
            goes_on
            and before_ms is not None
            and (first_ms - before_ms > MAX_SPAN_MS or any(at <= first_ms for at in ended))
        ):
            goes_on = False
        if goes_on and before_ms is not None:
            first_ms = before_ms
        else:
            state, cause = said.states.get(first_ms), said.causes.get(first_ms, "")
        changes, state_now, cause_now = [], state, cause
        for at_ms in sorted(known):
            told = said.states.get(at_ms)
            if told is not None or (at_ms in said.causes and state_now is not None):
                new = told or state_now, said.causes.get(at_ms, "")
                if new != (state_now, cause_now):
                    state_now, cause_now = new
                    changes.append(Change(offset_ms=at_ms - first_ms, state=state_now, cause=cause_now))
            if at_ms in said.counts:
                # Each is said when it changes, and a change of a machine says both.
                thread.parts = said.counts[at_ms].get("parts", thread.parts)
                thread.rejects = said.counts[at_ms].get("rejects", thread.rejects)
                changes.append(Change(offset_ms=at_ms - first_ms, parts=thread.parts, rejects=thread.rejects))
        moments.add(max(end_ms, first_ms))
        ordered = np.array(sorted(moments), np.int64)
        nothing_left = ended and max(ended) >= max(
            (at for at, one in said.states.items() if one is not None), default=0
        )
        thread.until_ms = max(end_ms, first_ms)
        thread.state, thread.cause = (None, "") if nothing_left else (state_now, cause_now)
        return Batch(
            at_ms=first_ms,
            offsets_ms=ordered - first_ms,
            signals={
                name: np.array([values.get(at_ms, np.nan) for at_ms in ordered.tolist()])
                for name, values in said.signals.items()
            },
            run=self.run,
            state=state,
            cause=cause if state is not None else "",
            changes=tuple(changes),
        )


def _put(said: _Said, meaning: Meaning, at_ms: int, value: Value) -> None:
    if meaning.what == "signal":
        if isinstance(value, bool | int | float) and isfinite(value):
            said.signals[meaning.signal][at_ms] = value * meaning.factor + meaning.offset
    elif meaning.what == "state":
        word = str(value).strip().lower() if value is not None else ""
        said.states[at_ms] = (meaning.words or {}).get(word)
    elif meaning.what == "cause":
        said.causes[at_ms] = "".join(one for one in str(value or "") if one.isprintable())[:MAX_CAUSE_LENGTH]
    elif isinstance(value, bool | int | float) and isfinite(value):
        said.counts[at_ms][meaning.what] = int(value)


def _is_good(metric: Metric) -> bool:
    """Whether its quality is neither bad nor stale."""
    return all(one.value not in NO_GOOD for key, one in metric.properties.items() if key.lower() == QUALITY)


def _location(rule: DeviceRule, topic: NodeTopic, birth: Payload) -> tuple[str, ...]:
    if rule.location is not None:
        return rule.location
    said = next((one.value for one in birth.metrics if one.name == LOCATION), None)
    levels = said.split("/") if isinstance(said, str) and said else [topic.node]
    if len(levels) > MAX_LOCATION_LEVELS:
        raise MessageError(f"metric {LOCATION!r}: {len(levels)} levels: allowed are {MAX_LOCATION_LEVELS}")
    return tuple(check_name(level.strip("_$ "), "the location") for level in levels)


def _birth(
    rule: DeviceRule,
    payload: Payload,
    names: Mapping[str, Metric],
    meanings: Mapping[str, tuple[Meaning, ...]],
    *,
    gateway: str,
) -> Birth:
    """What a machine is, by what its device says and what is known of such devices."""
    signals, whats = {}, set()
    for name, said in meanings.items():
        for meaning in said:
            whats.add(meaning.what)
            if meaning.what == "signal" and name in names:
                signals[meaning.signal] = signal_of(names[name])
    at_ms = payload.at_ms or 0
    if not EARLIEST_MS <= at_ms <= LATEST_MS:
        raise MessageError(
            f"a birth of {at_ms}: that is no time of a plant: allowed is 2000 to 2100, in ms since 1970"
        )
    beside: dict[str, object] = {
        "at": from_ms(at_ms),
        "period_ms": rule.period_ms,
        "kind": rule.kind,
    }
    if "state" in whats:
        tells = {
            state for said in meanings.values() for one in said if one.words for state in one.words.values()
        }
        beside |= {"states": "reported", "tells": sorted(tells)}
    elif RUNNING_SIGNAL in signals:
        beside |= {"states": "sensed", "threshold": Threshold(signal=RUNNING_SIGNAL, above=1.0, below=0.0)}
    if rule.ideal_cycle_s is not None:
        beside["ideal_cycle_s"] = rule.ideal_cycle_s
    return birth_of(names.values(), signals=signals, gateway=gateway, **beside)
