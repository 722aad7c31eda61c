"""Signs that a column is not as usual: outlier, jump, shift, drift, unrest, standstill."""

import numpy as np

from protocol.readings import Float64s

SMOOTH = (1.0, 5.0, 25.0, 125.0)
"""Rows over which the distance from what is usual is smoothed: an outlier, and shifts that last longer."""
ROUGH = (10.0, 50.0)
"""Rows over which the steps from row to row are smoothed: unrest, and standstill."""
KINDS = len(SMOOTH) + 1 + len(ROUGH)


class Signs:
    """Signs of each column.

    Args:
        columns: Number of columns.
    """

    def __init__(self, columns: int) -> None:
        self._n = np.zeros(columns)
        self._smooth = np.zeros((len(SMOOTH), columns))
        self._rough = np.zeros((len(ROUGH), columns))
        self._last = np.full(columns, np.nan)
        self._by_smooth = 1.0 / np.array(SMOOTH)[:, None]
        self._by_rough = 1.0 / np.array(ROUGH)[:, None]
        self._step = np.zeros(columns)

    def read(self, residual: Float64s) -> Float64s:
        """The signs of a row, shape (signs, columns); NaN where nothing is known.

        Args:
            residual: How far each column is from what is usual, in its usual error.
        """
        known = ~np.isnan(residual)
        step = np.where(known & ~np.isnan(self._last), residual - self._last, 0.0)
        self._last = np.where(known, residual, self._last)
        self._n += known
        n = np.maximum(self._n, 1.0)
        value = np.where(known, residual, 0.0)
        self._smooth += np.maximum(self._by_smooth, 1.0 / n) * known * (value - self._smooth)
        self._step += known * np.maximum(1.0 / n, 1 / 2000) * (np.abs(step) - self._step)
        steps = np.minimum(np.abs(step), 8 * self._step)
        self._rough += np.maximum(self._by_rough, 1.0 / n) * known * (steps - self._rough)
        rough = np.log(self._rough + 0.02 * self._step + 1e-12)
        signs = np.vstack([self._smooth, step[None], rough])
        return np.where(known, signs, np.nan)
