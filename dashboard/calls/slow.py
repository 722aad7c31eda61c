"""Slow cycles: the last n parts took longer than the ideal cycle by a share, stops left out."""

from collections.abc import Callable, Iterable

import numpy as np

from dashboard.calls.rules import SlowCycle
from dashboard.calls.signs import Clear, Ready, Signs
from dashboard.calls.view import View
from dashboard.intervals import CODES, UNKNOWN
from dashboard.parts import SILENT, Int64s, increments
from protocol.states import State

LONGEST = 8
"""So many times their ideal time the last parts may have taken, stops included, to be judged together."""


def longest_ms(rule: SlowCycle, ideal_cycle_ms: float | None) -> int:
    """How far back the last parts are looked for, in milliseconds."""
    return int(LONGEST * rule.parts * ideal_cycle_ms) if ideal_cycle_ms else 0


def may_be(
    rule: SlowCycle,
    ideal_cycle_ms: float | None,
    made: Iterable[tuple[int, int, int]],
    running_ms: Callable[[int, int], int],
) -> bool:
    """Whether any of the last parts may have been slow: quicker than the signs, which say it.

    Args:
        rule: The rule.
        ideal_cycle_ms: How long a part should take; None where nobody has said.
        made: Since when, until when, and how many parts, for each moment that is asked about.
        running_ms: How long the machine ran between two moments.
    """
    if not ideal_cycle_ms:
        return False
    # A millisecond to spare: the signs divide where this multiplies.
    least_ms = ideal_cycle_ms * (1 + rule.above)
    return any(
        ended_ms - begun_ms >= least_ms * parts - 1 and running_ms(begun_ms, ended_ms) >= least_ms * parts - 1
        for begun_ms, ended_ms, parts in made
    )


def signs_of(rule: SlowCycle, view: View) -> Signs:
    """When the last parts were slow, and when they were not; known a millisecond after a part is counted."""
    ideal_ms = view.ideal_cycle_ms
    if not ideal_ms:
        return Signs(ready=[], clear=[])
    counts = view.counts(view.from_ms)
    made = increments(counts.parts)
    counted = (made > 0) & (counts.parts != SILENT) & (counts.at_ms < view.to_ms)
    at_ms, made = counts.at_ms[counted], made[counted]
    if len(at_ms) < 2:  # noqa: PLR2004 - a cycle lies between two parts
        return Signs(ready=[], clear=[])
    total = np.cumsum(made)
    # The newest entry by which at least so many parts fewer had been made.
    first = np.searchsorted(total, total - rule.parts, "right") - 1
    last = np.flatnonzero(first >= 0)
    begin = first[last]
    running, unknown = _time_in(view, at_ms)
    begun_ms, ended_ms = at_ms[begin], at_ms[last]
    judged = (
        (ended_ms - begun_ms <= longest_ms(rule, ideal_ms))
        & (begun_ms >= view.from_ms)
        & (unknown[last] <= unknown[begin])
    )
    last, begin, begun_ms, ended_ms = last[judged], begin[judged], begun_ms[judged], ended_ms[judged]
    cycle_ms = (running[last] - running[begin]) / (total[last] - total[begin])
    slow = cycle_ms >= ideal_ms * (1 + rule.above)
    well_ms = ended_ms[~slow & (cycle_ms <= ideal_ms * (1 + rule.clear))].tolist()
    ready = [
        Ready(end + 1, end + 1, begun, _words(cycle, ideal_ms))
        for end, begun, cycle in zip(
            ended_ms[slow].tolist(), begun_ms[slow].tolist(), cycle_ms[slow].tolist(), strict=True
        )
        if view.planned(end, end + 1)
    ]
    return Signs(ready=ready, clear=[Clear(end, end + 1, end + 1) for end in well_ms])


def _time_in(view: View, at_ms: Int64s) -> tuple[Int64s, Int64s]:
    """Time running and time unknown from the beginning of the window up to each moment, in milliseconds."""
    intervals = view.intervals
    found = []
    for code in (CODES[State.RUNNING], UNKNOWN):
        lasting = np.where(intervals.states == code, intervals.durations_ms(), 0)
        before = np.concatenate(([0], np.cumsum(lasting)))
        place = np.clip(np.searchsorted(intervals.start_ms, at_ms, "right") - 1, 0, len(intervals) - 1)
        within = np.where(intervals.states[place] == code, at_ms - intervals.start_ms[place], 0)
        found.append(before[place] + np.maximum(within, 0))
    return found[0], found[1]


def _words(cycle_ms: float, ideal_ms: float) -> str:
    return f"{cycle_ms / 1_000:.1f} s a part, ideal is {ideal_ms / 1_000:.1f} s"
