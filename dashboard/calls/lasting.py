"""A state that lasts: stopped for longer than x, no data for longer than x."""

from functools import cache

import numpy as np
import numpy.typing as npt

from dashboard.calls.signs import Clear, Ready
from dashboard.calls.view import Spans, View, without
from dashboard.intervals import STATES, Intervals
from protocol.states import State

FARTHEST_MS = 31 * 86_400_000
"""How far back the beginning of what is wrong is looked for."""


def ready_after(view: View, states: frozenset[State], after_ms: int, *, excuses: bool) -> list[Ready]:
    """When a machine has been in some states for so long, in planned time without a break.

    Args:
        view: The machine.
        states: The states; to go from one to another of them interrupts nothing.
        after_ms: How long it must last, in milliseconds.
        excuses: Whether time in which it only waits for another machine counts as none.
    """
    found: list[Ready] = []
    for start, end in stretches(view.intervals, states):
        if end - start < after_ms:
            continue
        parts = view.planned(start, end)
        if excuses:
            parts = without(parts, view.excused(start, end))
        since_ms = beginning(view, start, states) if start == view.from_ms else start
        found += [
            Ready(begun + after_ms, ended, min(since_ms, begun))
            for begun, ended in parts
            if ended - begun >= after_ms
        ]
    return found


def clear_after(view: View, states: frozenset[State], least_ms: int) -> list[Clear]:
    """When a machine is in some states, where it is in them for at least so long."""
    least_ms = max(least_ms, 1)
    return [
        Clear(start, end, start + least_ms)
        for start, end in stretches(view.intervals, states)
        if end - start >= least_ms
    ]


def stretches(intervals: Intervals, states: frozenset[State]) -> Spans:
    """The unbroken stretches of time in some states, in order."""
    inside = _those(states)[intervals.states]
    if not inside.any():
        return []
    edges = np.flatnonzero(np.diff(np.concatenate(([False], inside, [False])).astype(np.int8)))
    bounds = np.append(intervals.start_ms, intervals.end_ms)[edges].tolist()
    return list(zip(bounds[::2], bounds[1::2], strict=True))


@cache
def _those(states: frozenset[State]) -> npt.NDArray[np.bool_]:
    """Whether each code is that of one of some states."""
    return np.array([state in states for state in STATES])


def beginning(view: View, at_ms: int, states: frozenset[State]) -> int:
    """When the unbroken stretch of time in some states began that holds a moment, ms since 1970."""
    begun_ms = view.state_at(at_ms)[2]
    while at_ms - begun_ms < FARTHEST_MS:
        state, _, before_ms = view.state_at(begun_ms - 1)
        # Before all evidence every moment is an interval of its own.
        if state not in states or before_ms >= begun_ms - 1:
            break
        begun_ms = before_ms
    return begun_ms
