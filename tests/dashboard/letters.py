"""Timelines as words, one letter for each stretch, and batches in one line: so that a test can be read."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from hypothesis import HealthCheck, settings

from dashboard.intervals import CODES, Intervals
from protocol.readings import Batch, Change
from protocol.states import State

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

STATES = {
    "R": State.RUNNING,
    "I": State.IDLE,
    "X": State.STOPPED,
    "D": State.DOWN,
    "S": State.SETUP,
    ".": State.UNKNOWN,
}
"""The state of each letter."""

LAW = settings(
    derandomize=True, deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow]
)
"""How a law is tried: the same examples every time."""


def timeline(letters: str, each_ms: int = HOUR_MS, from_ms: int = 0) -> Intervals:
    """The intervals of a machine that spends one stretch in the state of each letter."""
    pieces = [(from_ms + place * each_ms, STATES[letter], "") for place, letter in enumerate(letters)]
    return Intervals.of(pieces, from_ms + len(letters) * each_ms)


def letters(intervals: Intervals, each_ms: int = HOUR_MS) -> str:
    """The letter of the state at the beginning of each stretch."""
    names = {state: letter for letter, state in STATES.items()}
    return "".join(
        names[intervals.state_at(at_ms)[0]] for at_ms in range(intervals.from_ms, intervals.end_ms, each_ms)
    )


def readings(
    at_ms: int,
    offsets_ms: Sequence[int],
    power_kw: Sequence[float] | None = None,
    *,
    state: State | None = None,
    cause: str = "",
    changes: Sequence[Change] = (),
) -> tuple[int, Batch]:
    """A batch with its moment."""
    values = np.ones(len(offsets_ms)) if power_kw is None else np.array(power_kw, np.float64)
    return at_ms, Batch(
        at_ms=at_ms,
        offsets_ms=np.array(offsets_ms, np.int64),
        signals={"power_kw": values},
        state=state,
        cause=cause,
        changes=tuple(changes),
    )


def change(offset_ms: int, state: State | None, cause: str = "") -> Change:
    """A change of state."""
    return Change(offset_ms=offset_ms, state=state, cause=cause)


def pieces(intervals: Intervals) -> list[tuple[int, int, str, str]]:
    """Each interval as (start, end, state, cause), for printing side by side."""
    return [(start, end, str(state), cause) for start, end, state, cause in intervals]


def assert_tiled(intervals: Intervals) -> None:
    """Each interval ends where the next begins, and no two that touch are equal."""
    every = list(intervals)
    for (start, end, state, cause), (next_start, _, next_state, next_cause) in pairwise(every):
        assert start < end == next_start
        assert (state, cause) != (next_state, next_cause)
    if every:
        assert every[-1][0] < every[-1][1] == intervals.end_ms
        assert every[0][0] == intervals.from_ms
    assert set(intervals.states.tolist()) <= set(CODES.values())
