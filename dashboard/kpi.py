"""The numbers: uptime, utilization, coverage and their bounds, all from one thing, time in state.

Everything is added up in whole milliseconds, over machines and periods alike, and divided last: a
percentage is never averaged. None means undefined, and is shown as a dash; it is neither 0 nor 1.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from dashboard.conclusions import Numbers
from dashboard.intervals import CODES, STATES, UNKNOWN, Intervals
from protocol.states import State

Planned = Sequence[tuple[int, int]]
"""Parts of time in which production was planned, each [from_ms, to_ms), in order."""


@dataclass(frozen=True, slots=True)
class TimeInState:
    """Planned time by state, of one machine or of many added up."""

    ms: tuple[int, ...] = (0,) * len(STATES)
    """Milliseconds of planned time in each state, in the order of `STATES`."""
    doubt_ms: int = 0
    """Milliseconds of known time that may have been another state: see `doubt_ms`. Only bounds use it."""

    def __getitem__(self, state: State) -> int:
        return self.ms[CODES[state]]

    def __add__(self, other: "TimeInState") -> "TimeInState":
        ms = tuple(one + two for one, two in zip(self.ms, other.ms, strict=True))
        return TimeInState(ms, self.doubt_ms + other.doubt_ms)

    def __radd__(self, other: int) -> "TimeInState":
        # `sum` begins with 0.
        return self if other == 0 else NotImplemented

    @property
    def planned_ms(self) -> int:
        """Planned time: every planned moment has one state, unknown included."""
        return sum(self.ms)


def time_in_state(intervals: Intervals, planned: Planned | None = None, *, doubt_ms: int = 0) -> TimeInState:
    """How much of the planned time was spent in each state.

        time[state] = sum over intervals of that state of their planned part

    Args:
        intervals: What the machine did. Planned time outside of them is unknown.
        planned: Parts in which production was planned; None for the whole span of the intervals.
        doubt_ms: Known time that may have been another state, where it is worked out.

    Returns:
        Whole milliseconds that sum to the planned time exactly.
    """
    if planned is None:
        planned = [(intervals.from_ms, intervals.end_ms)]
    total = np.zeros(len(STATES))
    starts, states, end = intervals.start_ms, intervals.states, intervals.end_ms
    whole = 0
    for from_ms, to_ms in planned:
        whole += to_ms - from_ms
        first = max(int(starts.searchsorted(from_ms, "right")) - 1, 0)
        last = int(starts.searchsorted(to_ms, "left"))
        if first >= last or end <= from_ms:
            continue
        edges = np.empty(last - first + 1, np.int64)
        edges[:-1] = starts[first:last]
        edges[0] = max(int(edges[0]), from_ms)
        edges[-1] = min(int(starts[last]) if last < len(starts) else end, to_ms)
        # Sums of whole milliseconds are exact in float64 up to 2**53 of them, 285,000 years.
        total += np.bincount(states[first:last], edges[1:] - edges[:-1], len(STATES))
    ms = [int(one) for one in total.tolist()]
    ms[UNKNOWN] += whole - sum(ms)
    return TimeInState(tuple(ms), doubt_ms)


def doubt_ms(intervals: Intervals, period_ms: int, *, sampled: bool, planned: Planned | None = None) -> int:
    """How much of the planned time may have been spent in another state than concluded.

    A reading tells a state at its own moment only. Where the next one tells another, the change was
    somewhere in the period before it; and after the last reading before a silence one period is
    concluded, not seen. A report follows every change, so only the silences concern a reported machine.
    A silence shorter than a period is none: readings are expected no closer than that.

        doubt = planned time within one period before an edge, and before a silence

    Args:
        intervals: What the machine did, best with one period after the planned time, because an edge
            there casts its doubt back.
        period_ms: Its sampling period, in milliseconds.
        sampled: Whether its state is sensed or learned and not reported.
        planned: Parts in which production was planned; None for the whole span of the intervals.

    Returns:
        Milliseconds.
    """
    if planned is None:
        planned = [(intervals.from_ms, intervals.end_ms)]
    known = intervals.states != UNKNOWN
    edges = known[:-1] if sampled else known[:-1] & ~known[1:]
    at = intervals.start_ms[1:][edges]
    if not len(at):
        return 0
    found = 0
    for from_ms, to_ms in planned:
        spans = np.minimum(at, to_ms) - np.maximum(at - period_ms, from_ms)
        found += int(spans.clip(0).sum())
    return found


def total(times: Iterable[TimeInState]) -> TimeInState:
    """Several machines or periods as one: their times added up."""
    return sum(times, TimeInState())


def observed(time: TimeInState) -> int:
    """Planned time in which the state is known, in milliseconds.

    observed = planned - unknown
    """
    return time.planned_ms - time[State.UNKNOWN]


def utilization(time: TimeInState) -> float | None:
    """Share of the observed time in which the machine was running: did it run?

        utilization = running / observed

    ISO 22400-2 calls it availability, "also called degree of utilisation", APT / PBT [ISO-OWL];
    MachineMetrics in-cycle utilization [MM-UTIL]; SEMI E10 operational utilization.

    Returns:
        A fraction from 0 to 1, or None when nothing was observed.
    """
    return _share(time[State.RUNNING], observed(time))


def uptime(time: TimeInState) -> float | None:
    """Share of the observed time in which the machine ran or could have run: could it run?

        uptime = (running + idle) / observed

    SEMI E10 operational uptime without engineering time: standby is up, setup is scheduled down [OPC-MV].

    Returns:
        A fraction from 0 to 1, or None when nothing was observed, or when any of it was merely stopped:
        power alone does not tell idle from down, so only `uptime_bounds` can be given.
    """
    if time[State.STOPPED]:
        return None
    return _share(time[State.RUNNING] + time[State.IDLE], observed(time))


def coverage(time: TimeInState) -> float | None:
    """Share of the planned time of which the state is known.

        coverage = observed / planned

    SAP's "100 - no availability measurements (%)" [SAP-AV].

    Returns:
        A fraction from 0 to 1, or None when nothing was planned.
    """
    return _share(observed(time), time.planned_ms)


def utilization_bounds(time: TimeInState) -> tuple[float, float] | None:
    """Utilization if everything unknown had been spent not running, and if it had been spent running.

        low = (running - doubt) / planned        high = (running + unknown + doubt) / planned

    The rule A_low = up / (known + unknown), A_high = (up + unknown) / (known + unknown) of FACTS 1.7.

    Returns:
        Two fractions from 0 to 1, or None when nothing was planned.
    """
    return _bounds(time, time[State.RUNNING], 0)


def uptime_bounds(time: TimeInState) -> tuple[float, float] | None:
    """Uptime if everything unknown or merely stopped had been down, and if it had been up.

        low = (running + idle - doubt) / planned
        high = (running + idle + stopped + unknown + doubt) / planned

    Returns:
        Two fractions from 0 to 1, or None when nothing was planned.
    """
    return _bounds(time, time[State.RUNNING] + time[State.IDLE], time[State.STOPPED])


def numbers(time: TimeInState, parts: int | None, from_ms: int, to_ms: int) -> Numbers:
    """All KPIs of a window, with all that they are made of.

    Args:
        time: Planned time by state, of one machine or of many added up.
        parts: Parts made; None when nothing counts them.
        from_ms: Beginning of the window, ms since 1970.
        to_ms: End of the window.
    """
    utilization_low, utilization_high = utilization_bounds(time) or (None, None)
    uptime_low, uptime_high = uptime_bounds(time) or (None, None)
    return Numbers(
        from_ms=from_ms,
        to_ms=to_ms,
        planned_ms=time.planned_ms,
        observed_ms=observed(time),
        running_ms=time[State.RUNNING],
        idle_ms=time[State.IDLE],
        stopped_ms=time[State.STOPPED],
        down_ms=time[State.DOWN],
        setup_ms=time[State.SETUP],
        unknown_ms=time[State.UNKNOWN],
        parts=parts,
        utilization=utilization(time),
        utilization_low=utilization_low,
        utilization_high=utilization_high,
        uptime=uptime(time),
        uptime_low=uptime_low,
        uptime_high=uptime_high,
        coverage=coverage(time),
    )


def _share(part_ms: int, whole_ms: int) -> float | None:
    return part_ms / whole_ms if whole_ms else None


def _bounds(time: TimeInState, good_ms: int, cannot_tell_ms: int) -> tuple[float, float] | None:
    planned_ms = time.planned_ms
    if not planned_ms:
        return None
    low = max(good_ms - time.doubt_ms, 0)
    high = min(good_ms + cannot_tell_ms + time[State.UNKNOWN] + time.doubt_ms, planned_ms)
    return low / planned_ms, high / planned_ms
