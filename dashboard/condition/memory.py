"""What has been seen before: vectors of the past, and how far a new one is from its nearest neighbours."""

import numpy as np

from protocol.readings import Float64s

GROUPS, GROUP = 64, 64
"""So many of the newest vectors are remembered, in groups of those that came far apart in time."""
KEPT = GROUPS * GROUP
NEAREST = 3
"""The distance is the mean one to the nearest of so many groups: one alone may be chance."""
FIRST = 30
"""Vectors without which nothing is said."""


class Memory:
    """Remembers vectors.

    Args:
        width: Numbers in a vector.
        later: So many vectors later one is remembered: what goes on is not its own excuse.
        weighted: Whether differences are weighted, each time anew.
    """

    def __init__(self, width: int, later: int, *, weighted: bool = False) -> None:
        self._vectors = np.zeros((KEPT, width))
        self._squares = np.zeros((KEPT, width)) if weighted else None
        self._sums = np.full(KEPT, np.inf)
        self._waiting: list[Float64s | None] = [None] * later
        self._count = 0
        self._kept = 0

    def distance(self, vector: Float64s, weights: Float64s | None = None) -> float:
        """How far a vector is from the nearest ones; NaN while there are too few.

        Args:
            vector: The numbers.
            weights: What the square of each difference is multiplied by.
        """
        if self._kept < FIRST:
            return float("nan")
        if weights is None or self._squares is None:
            far = self._sums - self._vectors @ (2.0 * vector)
            own = float(vector @ vector)
        else:
            weighted = weights * vector
            far = self._squares @ weights
            far += self._sums
            far -= self._vectors @ (2.0 * weighted)
            own = float(weighted @ vector)
        near = far.reshape(GROUPS, GROUP).min(axis=0)
        near.partition(NEAREST - 1)
        return float(max(near[:NEAREST].sum() / NEAREST + own, 0.0) ** 0.5)

    def learn(self, vector: Float64s) -> None:
        """Remember a vector, later."""
        place = self._count % len(self._waiting)
        self._count += 1
        ripe, self._waiting[place] = self._waiting[place], vector
        if ripe is None:
            return
        place = self._kept % KEPT
        self._kept += 1
        self._vectors[place] = ripe
        if self._squares is None:
            self._sums[place] = ripe @ ripe
        else:
            self._squares[place] = ripe * ripe
            self._sums[place] = 0.0
