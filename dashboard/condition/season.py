"""What was there at the same place of a day, or of a week."""

import numpy as np
import numpy.typing as npt

from protocol.readings import Float64s

SEEN = 2
"""A place is guessed from once it has been seen in so many turns."""
TURNS = 4.0
"""Turns that a mean looks back."""


class Season:
    """Means of the places of a turn.

    Args:
        length_ms: How long a turn is.
        bins: How many places it has.
        columns: Number of columns.
    """

    def __init__(self, length_ms: int, bins: int, columns: int) -> None:
        self._length_ms = length_ms
        self._bin_ms = length_ms // bins
        self._means = np.full((bins, columns), np.nan)
        self._seen = np.zeros((bins, columns))
        self._turn = [-1] * bins

    def guess(self, at_ms: int) -> Float64s:
        """What is usual at a moment; NaN where it was not seen often enough."""
        place = at_ms % self._length_ms // self._bin_ms
        found: Float64s = np.where(self._seen[place] >= SEEN, self._means[place], np.nan)
        return found

    def learn(self, at_ms: int, value: Float64s, known: npt.NDArray[np.bool_]) -> None:
        """Take in a row."""
        turn, within = divmod(at_ms, self._length_ms)
        place = within // self._bin_ms
        if self._turn[place] != turn:
            self._turn[place] = turn
            self._seen[place] += known
        mean = self._means[place]
        old = np.where(np.isnan(mean), value, mean)
        turns = np.minimum(np.maximum(self._seen[place], 1.0), TURNS)
        self._means[place] = np.where(known, old + (value - old) / turns, mean)
