"""Both plants' time in cells of equal length, for a picture: one letter a cell, and down wins its cell."""

import numpy as np

from dashboard.intervals import CODES, STATES, Intervals
from protocol.states import State

LETTERS = {
    State.RUNNING: "R",
    State.IDLE: "I",
    State.DOWN: "D",
    State.SETUP: "S",
    State.STOPPED: "P",
    State.UNKNOWN: "?",
}
"""The letter of each state."""
_DOWN = CODES[State.DOWN]


def cells(intervals: Intervals, from_ms: int, to_ms: int, count: int) -> str:
    """The state of each of `count` cells of a window: that which took most of it, but down wherever it was.

    >>> from dashboard.intervals import Intervals
    >>> stop = [(0, State.RUNNING, ""), (30, State.DOWN, ""), (31, State.IDLE, "")]
    >>> cells(Intervals.of(stop, 100), 0, 100, 4)
    'RDII'
    """
    if to_ms <= from_ms or count <= 0:
        return ""
    shown = intervals.clip(from_ms, to_ms)
    marks = from_ms + np.arange(count + 1) * (to_ms - from_ms) // count
    edges = np.unique(np.concatenate((marks, shown.start_ms)))
    edges = edges[(edges >= from_ms) & (edges < to_ms)]
    lengths = np.diff(edges, append=to_ms)
    cell = marks.searchsorted(edges, "right") - 1
    codes = shown.states[shown.start_ms.searchsorted(edges, "right") - 1]
    time = np.zeros((count, len(STATES)), np.int64)
    np.add.at(time, (cell, codes), lengths)
    winner = time.argmax(axis=1)
    winner[time[:, _DOWN] > 0] = _DOWN
    return "".join(LETTERS[STATES[code]] for code in winner.tolist())
