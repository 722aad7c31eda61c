"""How long a part took: the running time between one part and the next, and how often it was how long.

A cycle is what a machine ran for a part, so a stop within it is no part of it; one in which anything is
unknown is left out. Where a counter rose by several at once, each of them took its share.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dashboard.intervals import CODES, UNKNOWN, Intervals
from dashboard.parts import SILENT, Counts, increments
from protocol.readings import Float64s, Int64s
from protocol.states import State

MOST_BINS = 40
"""Bars of a histogram, at most; what is longer is counted beside it."""
MOST_AT_ONCE = 1_000
"""A counter that rises by more at once has told nothing of its cycles."""
TAIL = 99.0
"""Percent of the cycles for which the bars have room."""
NICE = (1, 2, 5)
"""Widths of a bar: one of these, times a power of ten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """How often a cycle was how long."""

    count: int
    """Cycles in all."""
    median_s: float
    """Half of them were shorter."""
    mean_s: float
    """Their mean."""
    width_s: float
    """Width of a bar, in seconds."""
    from_s: float
    """Where the first bar begins."""
    bars: list[int]
    """Cycles in each bar, the shortest first."""
    longer: int
    """Those longer than the last bar."""


def cycles_of(counts: Counts, intervals: Intervals, from_ms: int, to_ms: int) -> Float64s:
    """The cycles, in seconds, that ended in (from_ms, to_ms], in order of time.

    Args:
        counts: The counters of a machine, from the newest entry at or before `from_ms` on.
        intervals: What it did, from that entry on.
        from_ms: Beginning of the window, ms since 1970.
        to_ms: Its end.
    """
    said = counts.parts != SILENT
    at, made = counts.at_ms[said], increments(counts.parts)[said]
    ended = np.flatnonzero(made > 0)
    ended = ended[(at[ended] > from_ms) & (at[ended] <= to_ms) & (made[ended] <= MOST_AT_ONCE)]
    # The entry before tells when the part before was done only if it rose there, or is the baseline.
    before = np.maximum.accumulate(
        np.where((made > 0) | (np.arange(len(made)) == 0), np.arange(len(made)), 0)
    )
    begun = before[ended - 1]
    if not len(ended) or not len(intervals):
        return np.empty(0, np.float64)
    ran = _spent(intervals, intervals.states == CODES[State.RUNNING])
    unknown = _spent(intervals, intervals.states == UNKNOWN)
    first, last = at[begun], at[ended]
    outside = first < intervals.from_ms
    spent = _up_to(intervals, ran, last) - _up_to(intervals, ran, first)
    lost = _up_to(intervals, unknown, last) - _up_to(intervals, unknown, first)
    sound = (spent > 0) & (lost == 0) & ~outside & (last <= intervals.end_ms)
    each = made[ended][sound]
    return np.repeat(spent[sound] / each / 1_000.0, each)


def histogram(cycles_s: Float64s) -> Histogram | None:
    """Bars of one nice width; None of no cycle at all.

    >>> found = histogram(np.array([10.0, 10.4, 11.2, 30.0]))
    >>> found and (found.count, found.median_s, found.width_s)
    (4, 10.8, 0.1)
    """
    if not len(cycles_s):
        return None
    least, most = float(cycles_s.min()), float(np.percentile(cycles_s, TAIL, method="lower"))
    width = _nice((most - least) / MOST_BINS)
    from_s = float(np.floor(least / width) * width)
    place = np.floor((cycles_s - from_s) / width + 1e-9).astype(np.int64)
    room = min(int(np.floor((most - from_s) / width + 1e-9)) + 1, MOST_BINS + 1)
    return Histogram(
        count=len(cycles_s),
        median_s=float(np.median(cycles_s)),
        mean_s=float(cycles_s.mean()),
        width_s=width,
        from_s=from_s,
        bars=np.bincount(place[place < room], minlength=room).tolist(),
        longer=int((place >= room).sum()),
    )


def _nice(wanted: float) -> float:
    """The nice width that is no smaller than wanted, at least a tenth of a second."""
    scale = 0.1
    while True:
        for step in NICE:
            if step * scale >= wanted:
                return round(step * scale, 6)
        scale *= 10


def _spent(intervals: Intervals, chosen: npt.NDArray[np.bool_]) -> Int64s:
    """Time in chosen intervals up to the beginning of each, and to the end of the last; shape (n + 1,)."""
    spent: Int64s = np.concatenate(([0], np.cumsum(np.where(chosen, intervals.durations_ms(), 0))))
    return spent


def _up_to(intervals: Intervals, spent: Int64s, at_ms: Int64s) -> Int64s:
    """The same up to each of some moments."""
    edges = np.append(intervals.start_ms, intervals.end_ms)
    found: Int64s = np.rint(np.interp(at_ms, edges, spent)).astype(np.int64)
    return found
