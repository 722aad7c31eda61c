"""The account of a window: times and counts in whole numbers that add up over machines and periods."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from dashboard.intervals import CODES, STATES, Int64s, Intervals
from dashboard.kpi.choices import Choices
from dashboard.kpi.doubt import Planned, doubt_ms
from dashboard.kpi.making import Making, making_of
from dashboard.kpi.pieces import USE_CODES, USES, Pieces, Span, Use, pieces_of
from dashboard.parts import Counts
from dashboard.states.knowledge import Knowledge
from protocol.messages import Birth
from protocol.states import State

FIELDS = (
    *(f"use:{use}" for use in USES),
    *(f"state:{state}" for state in STATES),
    "doubt_ms",
    "stops",
    "micro_stops",
    "failures",
    "parts",
    "rejects",
    "silent_parts",
    "off_parts",
    "off_rejects",
    "ideal_run_us",
    "ideal_parts_us",
    "ideal_good_us",
)
"""What each place of a vector holds: milliseconds by use and by planned state, counts, ideal microseconds."""
MOST_IDEAL_US = 1 << 50
"""Of one machine, 35 years: a counter that leapt leaves room for those of all others in a sum."""
_PLACES = {name: place for place, name in enumerate(FIELDS)}
_STATES_FROM = len(USES)
_STATES_TO = _STATES_FROM + len(STATES)


@dataclass(frozen=True, slots=True, eq=False)
class Account:
    """What one machine, or many added up, did with a window, or with many added up."""

    vector: Int64s
    """One whole number for each of `FIELDS`."""
    paced: Int64s
    """The same of those machines alone that count parts and know their ideal cycle."""
    judged: Int64s
    """The same of those machines alone that also count rejects."""
    counts_parts: bool = False
    """Whether any of them counts parts."""
    counts_rejects: bool = False
    """Whether any of them counts rejects."""
    ideal_us: int | None = None
    """The ideal cycle in microseconds where all of them share one; None otherwise."""
    target_parts: float | None = None
    """Planned time over ideal cycle, summed over those that have one; None where none has."""
    mixed: bool = False
    """Whether some of them count parts and others do not."""

    @classmethod
    def empty(cls) -> "Account":
        """The account of nothing at all."""
        nothing = np.zeros(len(FIELDS), np.int64)
        return cls(nothing, nothing, nothing)

    def __getitem__(self, name: Use | State | str) -> int:
        """Planned milliseconds in a state, calendar milliseconds of a use, or a field by its name."""
        if isinstance(name, State):
            return int(self.vector[_STATES_FROM + CODES[name]])
        if isinstance(name, Use):
            return int(self.vector[USE_CODES[name]])
        return int(self.vector[_PLACES[name]])

    def __add__(self, other: "Account") -> "Account":
        return total((self, other))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Account):
            return NotImplemented
        return (
            np.array_equal(self.vector, other.vector)
            and np.array_equal(self.paced, other.paced)
            and np.array_equal(self.judged, other.judged)
            and (self.counts_parts, self.counts_rejects, self.ideal_us)
            == (other.counts_parts, other.counts_rejects, other.ideal_us)
        )

    __hash__ = None  # type: ignore[assignment]

    @property
    def state_ms(self) -> Int64s:
        """Planned milliseconds by state, in the order of `STATES`."""
        return self.vector[_STATES_FROM:_STATES_TO]

    @property
    def use_ms(self) -> Int64s:
        """Calendar milliseconds by use, in the order of `USES`."""
        return self.vector[:_STATES_FROM]

    @property
    def planned_ms(self) -> int:
        """Planned time: every planned moment has one state, unknown included."""
        return int(self.state_ms.sum())

    @property
    def calendar_ms(self) -> int:
        """All time, planned or not: every moment has one use."""
        return int(self.use_ms.sum())

    def of_paced(self) -> "Account":
        """The account of the machines alone that count parts and know their ideal cycle."""
        return self._with(self.paced)

    def of_judged(self) -> "Account":
        """The account of the machines alone that count parts and rejects and know their ideal cycle."""
        return self._with(self.judged)

    def _with(self, vector: Int64s) -> "Account":
        # By hand: it is asked for several times for each number, and `replace` takes five times as long.
        return Account(
            vector, self.paced, self.judged, self.counts_parts, self.counts_rejects, self.ideal_us,
            self.target_parts, self.mixed,
        )  # fmt: skip


def vector_of(pieces: Pieces, making: Making, *, doubt: int, ideal_us: int | None) -> Int64s:
    """The numbers of one machine in the window of its pieces, in the order of `FIELDS`."""
    vector = np.empty(len(FIELDS), np.int64)
    lengths = pieces.durations_ms()
    # Sums of whole milliseconds are exact in float64 up to 2**53 of them, 285,000 years.
    vector[:_STATES_FROM] = np.bincount(pieces.uses, lengths, len(USES))
    vector[_STATES_FROM:_STATES_TO] = np.bincount(pieces.states, lengths * pieces.planned, len(STATES))
    ideal = ideal_us or 0
    run, made = making.parts - making.silent_parts, making.parts
    vector[_STATES_TO:] = (
        doubt,
        pieces.stops.sum(),
        pieces.micro.sum(),
        pieces.failures.sum(),
        making.parts,
        making.rejects,
        making.silent_parts,
        making.off_parts,
        making.off_rejects,
        *(min(ideal * parts, MOST_IDEAL_US) for parts in (run, made, made - making.rejects)),
    )
    return vector


def account_with(
    vector: Int64s, *, ideal_us: int | None, counts_parts: bool, counts_rejects: bool
) -> Account:
    """The account of one machine with these numbers."""
    nothing = np.zeros(len(FIELDS), np.int64)
    paced = vector if ideal_us is not None and counts_parts else nothing
    planned_ms = int(vector[_STATES_FROM:_STATES_TO].sum())
    target = planned_ms * 1_000 / ideal_us if ideal_us is not None else None
    return Account(
        vector, paced, paced if counts_rejects else nothing, counts_parts, counts_rejects, ideal_us, target
    )


def account(
    intervals: Intervals,
    counts: Counts,
    *,
    spans: Sequence[Span],
    choices: Choices,
    knowledge: Knowledge | None,
    ideal_us: int | None,
    from_ms: int,
    to_ms: int,
) -> Account:
    """The account of one machine in [from_ms, to_ms).

    Args:
        intervals: What it did, with `reach_ms` of its surroundings, and back to the first of the counts.
        counts: Its counters, from the newest value at or before the window on.
        spans: Its calendar; it tiles the window and its margins.
        choices: Which definitions hold.
        knowledge: How its state is known; None where it is the truth, which leaves no doubt.
        ideal_us: Its ideal cycle in microseconds; None when it has none.
        from_ms: Beginning, ms since 1970.
        to_ms: End; nothing is counted when it is not after the beginning.
    """
    if to_ms <= from_ms:
        return Account.empty()
    pieces = pieces_of(intervals, spans, choices, from_ms, to_ms)
    making = making_of(counts, pieces, intervals)
    doubt = 0
    if knowledge is not None:
        doubt = doubt_ms(
            intervals.clip(from_ms - 1, to_ms + knowledge.reach_ms),
            knowledge.reach_ms,
            sampled=knowledge.how != "reported",
            planned=_planned(pieces),
        )
    return account_with(
        vector_of(pieces, making, doubt=doubt, ideal_us=ideal_us),
        ideal_us=ideal_us,
        counts_parts=making.counts_parts,
        counts_rejects=making.counts_rejects,
    )


def ideal_us_of(birth: Birth | None) -> int | None:
    """The ideal cycle that a birth states, in whole microseconds; None without one."""
    if birth is None or birth.ideal_cycle_s is None:
        return None
    return max(round(birth.ideal_cycle_s * 1_000_000), 1)


def reach_ms(choices: Choices, knowledge: Knowledge | None) -> int:
    """How far beyond a window its intervals matter, in milliseconds."""
    return max(choices.margin_ms + 1, knowledge.reach_ms if knowledge else 0)


def total(accounts: Iterable[Account]) -> Account:
    """Several machines or periods as one: everything added up."""
    chosen = list(accounts)
    if len(chosen) == 1:
        return chosen[0]
    if not chosen:
        return Account.empty()
    vectors = np.array([one.vector for one in chosen])
    calendar = vectors[:, :_STATES_FROM].sum(axis=1).tolist()
    ideals = {one.ideal_us for one, calendar_ms in zip(chosen, calendar, strict=True) if calendar_ms}
    counting = {one.counts_parts for one, calendar_ms in zip(chosen, calendar, strict=True) if calendar_ms}
    targets = [one.target_parts for one in chosen if one.target_parts is not None]
    return Account(
        vectors.sum(axis=0),
        np.sum([one.paced for one in chosen], axis=0),
        np.sum([one.judged for one in chosen], axis=0),
        any(one.counts_parts for one in chosen),
        any(one.counts_rejects for one in chosen),
        ideals.pop() if len(ideals) == 1 else None,
        sum(targets) if targets else None,
        any(one.mixed for one in chosen) or len(counting) > 1,
    )


def time_in_state(intervals: Intervals, planned: Planned | None = None, *, doubt_ms: int = 0) -> Account:
    """How much of the planned time was spent in each state, and what of it is in doubt.

        time[state] = sum over intervals of that state of their planned part

    Args:
        intervals: What the machine did. Planned time outside of them is unknown.
        planned: Parts in which production was planned; None for the whole span of the intervals.
        doubt_ms: Known time that may have been another state, where it is worked out.
    """
    if planned is None:
        planned = [(intervals.from_ms, intervals.end_ms)]
    vector = np.zeros(len(FIELDS), np.int64)
    for from_ms, to_ms in planned:
        pieces = pieces_of(intervals, [], Choices(micro_stop_ms=0), from_ms, to_ms)
        vector += vector_of(pieces, Making(), doubt=0, ideal_us=None)
    vector[_PLACES["doubt_ms"]] = doubt_ms
    return account_with(vector, ideal_us=None, counts_parts=False, counts_rejects=False)


def _planned(pieces: Pieces) -> Planned:
    """The planned parts of the window, merged."""
    edge = np.diff(np.concatenate(([False], pieces.planned, [False])).astype(np.int8))
    ends = np.append(pieces.start_ms, pieces.end_ms)
    return list(
        zip(ends[np.flatnonzero(edge == 1)].tolist(), ends[np.flatnonzero(edge == -1)].tolist(), strict=True)
    )
