"""How much of the time that is known may have been another state: what bounds are widened by."""

from collections.abc import Sequence

import numpy as np

from dashboard.intervals import UNKNOWN, Int64s, Intervals

Planned = Sequence[tuple[int, int]]
"""Parts of time in which production was planned, each [from_ms, to_ms), in order."""


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
    at = doubtful_edges(intervals, sampled=sampled)
    if not len(at):
        return 0
    found = 0
    for from_ms, to_ms in planned:
        spans = np.minimum(at, to_ms) - np.maximum(at - period_ms, from_ms)
        found += int(spans.clip(0).sum())
    return found


def doubtful_edges(intervals: Intervals, *, sampled: bool) -> Int64s:
    """The moments that cast doubt on the period before them, in ms since 1970.

    Args:
        intervals: What the machine did.
        sampled: Whether its state is sensed or learned and not reported.
    """
    known = intervals.states != UNKNOWN
    edges = known[:-1] if sampled else known[:-1] & ~known[1:]
    found: Int64s = intervals.start_ms[1:][edges]
    return found
