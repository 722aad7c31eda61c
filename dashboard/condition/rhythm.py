"""What was there one period ago, where a column repeats by rows and no clock says so."""

import numpy as np

from dashboard.condition.period import period_of
from protocol.readings import Float64s

FIRST = 64
"""Rows before the first look; then at every half as many more."""
KEPT = 1 << 15
CYCLES = 5


class Rhythm:
    """Past rows, and the period of each column.

    Args:
        columns: Number of columns.
    """

    def __init__(self, columns: int) -> None:
        self.rows = np.full((2 * KEPT, columns), np.nan)
        self.count = 0
        self.seen = 0
        self.period = np.zeros(columns, dtype=np.int64)
        self._next = FIRST
        self._columns = np.arange(columns)
        self._back = np.arange(1, CYCLES + 1)[:, None]

    def guess(self) -> Float64s:
        """The middle one of what was there one, two and more periods ago; NaN without a period."""
        if not self.period.any():
            return np.full(len(self.period), np.nan)
        place = self.count - self._back * self.period
        ok = (place >= 0) & (self.period > 0)
        past = np.where(ok, self.rows[np.maximum(place, 0), self._columns], np.nan)
        kept = np.where(np.isnan(past), np.inf, past)
        kept.sort(axis=0)
        number = (kept < np.inf).sum(axis=0)
        half = np.maximum(number - 1, 0) // 2
        other = np.maximum(number, 1) // 2
        middle = (kept[half, self._columns] + kept[other, self._columns]) / 2
        return np.where(number >= 1, middle, np.nan)

    def learn(self, row: Float64s) -> bool:
        """Take in a row; whether a period has changed."""
        if self.count == len(self.rows):
            self.rows[:KEPT] = self.rows[KEPT:]
            self.count = KEPT
        self.rows[self.count] = row
        self.count += 1
        self.seen += 1
        if self.seen < self._next:
            return False
        self._next = min(self._next + self._next // 2, self._next + KEPT // 4)
        before = self.period.copy()
        for column in range(len(self.period)):
            self.period[column] = period_of(self.rows[: self.count, column])
        return bool((before != self.period).any())
