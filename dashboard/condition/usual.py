"""How far signs usually go: each is measured by where only one row in a hundred goes."""

import numpy as np
import numpy.typing as npt

from protocol.readings import Float64s

MEMORY = 4_000.0
"""Rows for which a sign counts."""
FIRST = 10
"""Rows before a sign is measured."""
CLIP = 3.0
"""What goes further than so many times the spread teaches as much as what goes so far."""
SPREAD_OF_MEAN = 1.2533
"""A normal variable's standard deviation in its mean distance from the centre: sqrt(pi / 2)."""
RATE = 3.0
"""How fast the reach follows, in its own size, where it is passed once in a hundred rows."""
LEAST_REACH, MOST_REACH = 1.5, 60.0


class Usual:
    """Centre, spread and reach of a table of signs.

    Args:
        shape: Signs and columns.
        sided: For each sign, whether only what is above the centre counts.
    """

    def __init__(self, shape: tuple[int, int], *, sided: npt.NDArray[np.bool_]) -> None:
        self._rows = np.zeros(shape)
        self._centre, self._spread, self._reach = np.zeros(shape), np.zeros(shape), np.full(shape, 3.0)
        self._lowest = np.where(sided, 0.0, -np.inf)[:, None]

    def measure(self, signs: Float64s) -> Float64s:
        """How far each goes: 1 where one row in a hundred does, then 1 + ln; 0 where nothing is known."""
        known = ~np.isnan(signs)
        self._rows += known
        rows = np.maximum(self._rows, 1.0)
        off = np.where(known, signs - self._centre, 0.0)
        spread = np.maximum(self._spread, 1e-12)
        ready = self._rows > FIRST
        far = np.where(ready, np.abs(np.maximum(off, self._lowest)), 0.0) / spread
        found = far / self._reach
        share = np.maximum(1.0 / rows, 1.0 / MEMORY) * known
        edge = np.where(ready & (self._spread > 0), CLIP * spread, np.inf)
        off = np.minimum(np.maximum(off, -edge), edge)
        self._centre += share * off
        self._spread += share * (SPREAD_OF_MEAN * np.abs(off) - self._spread)
        rate = np.maximum(2.0 / (rows + 20.0), 4.0 / MEMORY) * known * RATE
        step = np.exp(rate * np.where(far > self._reach, 0.99, -0.01))
        self._reach = np.minimum(np.maximum(self._reach * step, LEAST_REACH), MOST_REACH)
        measured: Float64s = np.where(found > 1.0, 1.0 + np.log(np.maximum(found, 1.0)), found)
        return measured
