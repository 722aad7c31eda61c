"""Slow cycles: the last n parts took longer than the ideal cycle by a share, stops left out."""

import numpy as np

from dashboard.calls.rules import SlowCycle
from dashboard.calls.signs import Clear, Ready, Signs
from dashboard.calls.view import View
from dashboard.intervals import CODES, UNKNOWN
from dashboard.parts import SILENT, increments
from protocol.states import State

LONGEST = 8
"""So many times their ideal time the last parts may have taken, stops included, to be judged together."""


def longest_ms(rule: SlowCycle, ideal_cycle_ms: float | None) -> int:
    """How far back the last parts are looked for, in milliseconds."""
    return int(LONGEST * rule.parts * ideal_cycle_ms) if ideal_cycle_ms else 0


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
    running, unknown = _time_in(view, at_ms)
    ready: list[Ready] = []
    clear: list[Clear] = []
    for last in np.flatnonzero(first >= 0).tolist():
        begin = int(first[last])
        begun_ms, ended_ms = int(at_ms[begin]), int(at_ms[last])
        too_long = ended_ms - begun_ms > longest_ms(rule, ideal_ms) or begun_ms < view.from_ms
        if too_long or unknown[last] > unknown[begin]:
            continue
        cycle_ms = float(running[last] - running[begin]) / int(total[last] - total[begin])
        moment_ms = ended_ms + 1
        if cycle_ms >= ideal_ms * (1 + rule.above):
            if view.planned(ended_ms, moment_ms):
                ready.append(Ready(moment_ms, moment_ms, begun_ms, _words(cycle_ms, ideal_ms)))
        elif cycle_ms <= ideal_ms * (1 + rule.clear):
            clear.append(Clear(ended_ms, moment_ms, moment_ms))
    return Signs(ready=ready, clear=clear)


def _time_in(view: View, at_ms: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> tuple[list[int], list[int]]:
    """Time running and time unknown from the beginning of the window up to each moment, in milliseconds."""
    intervals = view.intervals
    found = []
    for code in (CODES[State.RUNNING], UNKNOWN):
        lasting = np.where(intervals.states == code, intervals.durations_ms(), 0)
        before = np.concatenate(([0], np.cumsum(lasting)))
        place = np.clip(np.searchsorted(intervals.start_ms, at_ms, "right") - 1, 0, len(intervals) - 1)
        within = np.where(intervals.states[place] == code, at_ms - intervals.start_ms[place], 0)
        found.append((before[place] + np.maximum(within, 0)).tolist())
    return found[0], found[1]


def _words(cycle_ms: float, ideal_ms: float) -> str:
    return f"{cycle_ms / 1_000:.1f} s a part, ideal is {ideal_ms / 1_000:.1f} s"
