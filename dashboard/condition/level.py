"""What is usual: several guesses at the next value of each column, of which the best so far is believed."""

import numpy as np

from dashboard.condition.rhythm import Rhythm
from dashboard.condition.season import Season
from protocol.readings import Float64s

SPANS = (4.0, 30.0, 200.0, 1500.0)
"""Rows over which levels look back."""
DAY_MS, WEEK_MS = 86_400_000, 7 * 86_400_000
BINS = 144
"""A day has so many places, of ten minutes."""
GUESSES = len(SPANS) + 3
MEMORY = 1_000.0
"""Rows for which an error counts in the choice of a guess."""
TRIED = 20
"""A guess that was tried less often is not believed, however right it was by chance."""
CLIP, CLIP_SCALE = 6.0, 4.0
"""A larger error, in usual ones, counts as much as this: an outlier does not decide what is usual."""


class Levels:
    """Guesses at the next row: slow and fast levels, what was there a day, a week or a period ago.

    Args:
        columns: Number of columns.
    """

    def __init__(self, columns: int) -> None:
        self._rows = np.zeros(columns)
        self._levels = np.zeros((len(SPANS), columns))
        self._alpha = 1.0 / np.array(SPANS)[:, None]
        self._errors = np.zeros((GUESSES, columns))
        self._tried = np.zeros((GUESSES, columns))
        self._scale = np.zeros(columns)
        self._seasons = [Season(DAY_MS, BINS, columns), Season(WEEK_MS, 7 * BINS, columns)]
        self._rhythm = Rhythm(columns)
        self._all = np.arange(columns)

    def take(self, at_ms: int, row: Float64s) -> Float64s:
        """How far a row is from what was believed, in the usual error of that; then learn the row.

        Returns:
            A number for each column, NaN where the row has none or nothing is believed yet.
        """
        guesses = np.concatenate(
            (self._levels, [one.guess(at_ms) for one in self._seasons], [self._rhythm.guess()])
        )
        worth = np.where((self._tried >= TRIED) & ~np.isnan(guesses), self._errors, np.inf)
        best = worth.argmin(axis=0)
        error = worth[best, self._all]
        off = row - guesses[best, self._all]
        believed = np.isfinite(error) & (error > 0)
        self._learn(at_ms, row, guesses, off)
        found: Float64s = np.where(believed, off, np.nan) / np.where(believed, error, 1.0)
        return found

    def _learn(self, at_ms: int, row: Float64s, guesses: Float64s, off: Float64s) -> None:
        known = ~np.isnan(row)
        value = np.where(known, row, 0.0)
        counts = known & ~np.isnan(guesses) & (self._rows > 0)
        error = np.where(counts, np.abs(value - guesses), 0.0)
        error = np.minimum(error, CLIP * np.where(self._scale > 0, self._scale, np.inf))
        self._tried += counts
        share = np.where(counts, 1.0 / np.minimum(np.maximum(self._tried, 1.0), MEMORY), 0.0)
        self._errors += share * (error - self._errors)
        self._rows += known
        rows = np.maximum(self._rows, 1.0)
        size = np.where(known & ~np.isnan(off), np.abs(off), 0.0)
        cap = np.where((self._rows > TRIED) & (self._scale > 0), CLIP_SCALE * self._scale, np.inf)
        self._scale += known * np.maximum(1.0 / rows, 1.0 / MEMORY) * (np.minimum(size, cap) - self._scale)
        self._levels += np.maximum(self._alpha, 1.0 / rows) * known * (value - self._levels)
        for one in self._seasons:
            one.learn(at_ms, value, known)
        self._rhythm.learn(row)
