"""Signs that the like was never seen: two rows together, and the shape of the last rows of a column."""

import numpy as np
import numpy.typing as npt

from dashboard.condition.memory import Memory
from protocol.readings import Float64s

LENGTHS = (16, 64)
"""Shapes are so many rows long,"""
POINTS = 16
"""and looked at by the means of so many parts."""
SHAPED = 4
"""Up to so many columns are looked at for shapes: of more, their rows say enough."""
LATER = 30
"""So many rows later something is remembered, at the least."""
FLAT = 0.1
"""A shape is not blown up beyond this share of how much its column moves at all."""
MEMORY = 4_000.0
"""Rows over which it is learned how much a column moves."""
CLIP, FIRST = 4.0, 20


class Novelty:
    """How far rows and shapes are from all that were seen before.

    Args:
        columns: Number of columns.
    """

    def __init__(self, columns: int) -> None:
        self._rows = Memory(2 * columns, LATER, weighted=True)
        self._past = np.zeros((2 * max(LENGTHS), columns))
        self._count = 0
        self._shapes = [
            [Memory(POINTS, max(LATER, length) * POINTS // length) for length in LENGTHS]
            for _ in range(columns if columns <= SHAPED else 0)
        ]
        self._known = np.zeros(columns)
        self._mean, self._scale = np.zeros(columns), np.zeros(columns)
        self._last, self._origin = np.zeros(columns), np.zeros(columns)
        self._kept = np.full((len(LENGTHS), columns), np.nan)

    def read(self, row: Float64s) -> tuple[float, Float64s]:
        """Distance of the row with the one before, and of shapes: shape (lengths, columns)."""
        known = ~np.isnan(row)
        if not known.any():
            return float("nan"), np.full_like(self._kept, np.nan)
        before = self._last
        row = np.where(known, row, before)
        self._measure(row, known)
        weights = np.where(self._scale > 0, 1.0 / np.maximum(self._scale, 1e-150) ** 2, 0.0)
        if not self._count:
            self._origin = before = row
        # Seen from the first row, large numbers that hardly move lose no digits.
        pair = np.concatenate((row - self._origin, before - self._origin))
        far = self._rows.distance(pair, np.concatenate((weights, weights)))
        self._rows.learn(pair)
        self._last = row
        half = len(self._past) // 2
        place = self._count % half
        self._past[place] = self._past[place + half] = row
        self._count += 1
        if self._shapes and self._count >= LENGTHS[0]:
            self._look(place + half + 1, known)
        return far, self._kept

    def _measure(self, row: Float64s, known: npt.NDArray[np.bool_]) -> None:
        self._known += known
        seen = np.minimum(np.maximum(self._known, 1.0), MEMORY)
        off = np.where(known, row - self._mean, 0.0)
        edge = np.where((self._known > FIRST) & (self._scale > 0), CLIP * self._scale, np.inf)
        off = np.minimum(np.maximum(off, -edge), edge)
        self._mean += off / seen
        self._scale += known * (np.abs(off) - self._scale) / seen

    def _look(self, end: int, known: npt.NDArray[np.bool_]) -> None:
        for number, length in enumerate(LENGTHS):
            part = length // POINTS
            if self._count < length or self._count % part:
                continue
            shape = self._past[end - length : end]
            if part > 1:
                shape = shape.reshape(POINTS, part, -1).sum(axis=1) / part
            shape = shape - shape.sum(axis=0) / POINTS
            size = np.sqrt((shape * shape).sum(axis=0) / POINTS)
            shape = shape / np.maximum(np.maximum(size, FLAT * self._scale), 1e-150)
            for column in known.nonzero()[0].tolist():
                memory = self._shapes[column][number]
                points = shape[:, column].copy()
                self._kept[number, column] = memory.distance(points)
                memory.learn(points)
