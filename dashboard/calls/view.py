"""What is known of one machine in a window: all that the rules look at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dashboard.condition.followed import Foreseen
from dashboard.intervals import Intervals
from dashboard.parts import Counts
from protocol.states import State

Spans = list[tuple[int, int]]
"""Stretches of time [from, to) in ms since 1970, in order, none touching the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One machine in [`from_ms`, `to_ms`)."""

    intervals: Intervals
    """What it did, tiled."""
    state_at: Callable[[int], tuple[State, str, int]]
    """Its state at any moment, the cause, and since when it lasts."""
    planned: Callable[[int, int], Spans]
    """The parts of a stretch in which production is planned for it."""
    excused: Callable[[int, int], Spans]
    """The parts of a stretch in which it only waits for another machine, which has the call."""
    counts: Callable[[int], Counts]
    """Its counters from the newest entry at or before a moment on."""
    ideal_cycle_ms: float | None
    """Shortest time for one part, in milliseconds; None without one."""
    judged_from_ms: int = 0
    """From here on it is judged: what is before that is only looked at, ms since 1970."""
    foreseen: Callable[[int], Sequence[Foreseen] | None] = lambda _now_ms: None
    """What is foreseen of its signals at a moment; None where it has hardly run just before it."""

    @property
    def from_ms(self) -> int:
        """Beginning of the window, ms since 1970."""
        return self.intervals.from_ms

    @property
    def to_ms(self) -> int:
        """Its end: what is later is not looked at."""
        return self.intervals.end_ms


def without(spans: Spans, taken: Spans) -> Spans:
    """What is left of some stretches where others are taken away.

    >>> without([(0, 10), (20, 30)], [(5, 22), (25, 26)])
    [(0, 5), (22, 25), (26, 30)]
    """
    left: Spans = []
    for start, end in spans:
        for begin, stop in taken:
            if stop <= start or begin >= end:
                continue
            if begin > start:
                left.append((start, begin))
            start = max(start, stop)  # noqa: PLW2901 - what is left of it
        if start < end:
            left.append((start, end))
    return left
