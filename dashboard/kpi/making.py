"""What a machine made in a window: in planned time, across silence, and off shift.

A counter that moved says that parts were made since it was last read. Parts counted across unknown time
were made, but nothing tells whether in the known part of it: they count as parts and not in performance.
"""

from dataclasses import dataclass

import numpy as np

from dashboard.intervals import UNKNOWN, Int64s, Intervals
from dashboard.kpi.pieces import Bools, Pieces
from dashboard.parts import SILENT, Counts, increments


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """What the counters of one machine added in a window."""

    parts: int = 0
    """Parts counted in planned time, rejects included."""
    rejects: int = 0
    """Rejects counted in planned time."""
    silent_parts: int = 0
    """Those of `parts` that were counted across unknown time."""
    off_parts: int = 0
    """Parts counted outside planned time; they are not among `parts`."""
    off_rejects: int = 0
    """Rejects counted outside planned time."""
    counts_parts: bool = False
    """Whether anything counted parts up to the end of the window."""
    counts_rejects: bool = False
    """Whether anything counted rejects up to the end of the window."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Entries:
    """What each count in a window added; n of them."""

    at_ms: Int64s
    """When it was made, ms since 1970; shape (n,)."""
    parts: Int64s
    """How many parts it added, rejects included; shape (n,)."""
    rejects: Int64s
    """How many rejects it added; shape (n,)."""
    planned: Bools
    """Whether what it counts was made in planned time; shape (n,)."""
    silent: Bools
    """Whether there is unknown time between it and the count of parts before it; shape (n,)."""


def entries_of(
    counts: Counts, pieces: Pieces, intervals: Intervals, *, firsts: Int64s | None = None
) -> Entries:
    """What each count in the window of the pieces, (from, to], added.

    Args:
        counts: The counters from the newest value at or before the window of each of them.
        pieces: The uses of the window's time.
        intervals: What the machine did, from the first count on.
        firsts: Where the counts of each machine begin, of several whose time is laid end to end.
    """
    until = int(counts.at_ms.searchsorted(pieces.end_ms, "right")) if len(pieces) else 0
    at, parts, rejects = counts.at_ms[:until], counts.parts[:until], counts.rejects[:until]
    said = parts != SILENT
    first = int(at.searchsorted(pieces.from_ms, "right"))
    # Of a count at a moment, what it counts was made before: at the end of a shift it belongs to that shift.
    where = pieces.start_ms.searchsorted(at[first:] - 1, "right") - 1
    silent = np.zeros(until, np.bool_)
    silent[said] = _silent(at[said], intervals)
    added, scrapped = increments(parts), increments(rejects)
    if firsts is not None:
        # The first value of a counter is its baseline, and there is nothing before it to be silent after.
        added[_first_of(said, firsts)] = silent[_first_of(said, firsts)] = 0
        scrapped[_first_of(rejects != SILENT, firsts)] = 0
    return Entries(
        at_ms=at[first:],
        parts=added[first:],
        rejects=scrapped[first:],
        planned=pieces.planned[where],
        silent=silent[first:],
    )


def making_of(counts: Counts, pieces: Pieces, intervals: Intervals) -> Making:
    """What was made in the window of the pieces, (from, to].

    Args:
        counts: The counters from the newest value at or before the window of each of them.
        pieces: The uses of the window's time.
        intervals: What the machine did, from the first count on.
    """
    until = int(counts.at_ms.searchsorted(pieces.end_ms, "right"))
    entries = entries_of(counts, pieces, intervals)
    planned = entries.planned
    return Making(
        parts=int(entries.parts[planned].sum()),
        rejects=int(entries.rejects[planned].sum()),
        silent_parts=int(entries.parts[planned & entries.silent].sum()),
        off_parts=int(entries.parts[~planned].sum()),
        off_rejects=int(entries.rejects[~planned].sum()),
        counts_parts=bool((counts.parts[:until] != SILENT).any()),
        counts_rejects=bool((counts.rejects[:until] != SILENT).any()),
    )


def _first_of(said: Bools, firsts: Int64s) -> Int64s:
    """The first entry at or after each place that said anything, where there is one."""
    places = np.flatnonzero(said)
    where = places.searchsorted(firsts)
    found: Int64s = places[where[where < len(places)]]
    return found


def _silent(at_ms: Int64s, intervals: Intervals) -> Bools:
    """Whether there is unknown time between each count and the one before it; the first has none before."""
    if not len(intervals):
        found = np.ones(len(at_ms), np.bool_)
    else:
        unknown = np.where(intervals.states == UNKNOWN, intervals.durations_ms(), 0)
        before = np.concatenate(([0], np.cumsum(unknown)))
        where = (intervals.start_ms.searchsorted(at_ms, "right") - 1).clip(0)
        inside = np.where(intervals.states[where] == UNKNOWN, at_ms - intervals.start_ms[where], 0)
        # Beyond the intervals nothing is known.
        beyond = (at_ms - intervals.end_ms).clip(0) + (intervals.from_ms - at_ms).clip(0)
        inside = np.where((at_ms >= intervals.from_ms) & (at_ms < intervals.end_ms), inside, 0)
        where_end = np.where(at_ms >= intervals.end_ms, len(intervals), where)
        heard = before[where_end] + inside + beyond * np.where(at_ms < intervals.from_ms, -1, 1)
        found = np.diff(heard, prepend=heard[:1]) > 0
    if len(found):
        found[0] = False
    return found
