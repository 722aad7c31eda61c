"""Running is compared with running: the minutes of a signal in which its machine ran from end to end."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dashboard.intervals import CODES, Intervals
from protocol.readings import Float64s, Int64s
from protocol.states import State

MINUTE_MS = 60_000
BLOCK_MS = 5 * MINUTE_MS
"""Minutes are taken together by so much time: a cycle of a machine is longer than a minute."""
LEAST = 2
"""A block has so many minutes of running, or says nothing."""


def ran(minute_ms: Int64s, intervals: Intervals) -> npt.NDArray[np.bool_]:
    """Which minutes lie in running time as a whole.

    Args:
        minute_ms: Beginning of each minute, ms since 1970.
        intervals: What the machine did.
    """
    if not len(intervals) or not len(minute_ms):
        return np.zeros(len(minute_ms), np.bool_)
    place = np.searchsorted(intervals.start_ms, minute_ms, "right") - 1
    ends = np.append(intervals.start_ms[1:], intervals.end_ms)
    inside = np.maximum(place, 0)
    running = intervals.states[inside] == CODES[State.RUNNING]
    whole: npt.NDArray[np.bool_] = (place >= 0) & running & (minute_ms + MINUTE_MS <= ends[inside])
    return whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """The level of a signal in running time, block by block."""

    at_ms: Int64s
    """Middle of each block, ms since 1970, increasing; shape (n,)."""
    level: Float64s
    """Mean of the signal in its minutes of running."""
    minutes: Int64s
    """How many those are."""


def blocks(minute_ms: Int64s, values: Float64s) -> Blocks:
    """The blocks of minutes of running in order; those with too few minutes are left out."""
    if not len(minute_ms):
        return Blocks(at_ms=minute_ms, level=values, minutes=minute_ms)
    block, first, count = np.unique(minute_ms // BLOCK_MS, return_index=True, return_counts=True)
    means = np.add.reduceat(values, first) / count
    enough = count >= LEAST
    return Blocks(
        at_ms=block[enough] * BLOCK_MS + BLOCK_MS // 2,
        level=means[enough],
        minutes=count[enough].astype(np.int64),
    )
