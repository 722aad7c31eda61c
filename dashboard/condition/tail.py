"""How seldom a number is, after all those before it: a rank among them, and beyond them a fitted tail.

The tail is a generalised Pareto distribution over the highest twentieth, fitted by probability-weighted
moments (Hosking, Wallis 1987); to judge a stream by it is the idea of SPOT (Siffer and others, KDD 2017).
"""

from bisect import bisect_left, insort
from collections import deque
from math import exp

KEPT = 4_000
"""So many of the newest numbers are ranked."""
TAIL = 0.05
"""The share of them that is the tail."""
EVERY = 25
"""The tail is fitted anew after so many."""
FIRST = 20
"""Numbers without which nothing is said."""
BOLDNESS = 8.0
"""Nothing is called rarer than once in so many times the numbers that were seen."""
PRIOR, PRIOR_SHAPE, MOST_SHAPE = 20, 0.15, 0.7
"""The shape of the tail is believed as if so many had been seen of one a little heavier than exponential."""
LEAST_SPREAD = 0.05
"""The tail is never thinner than this share of where it begins."""
EXPONENTIAL = 1e-3
"""A smaller shape is none."""


class Tail:
    """The numbers of the past, and how seldom one goes beyond them."""

    def __init__(self) -> None:
        self._order: deque[float] = deque()
        self._sorted: list[float] = []
        self._edge = 0.0
        self._spread = 1.0
        self._shape = 0.1
        self._since = EVERY

    def chance(self, value: float) -> float:
        """The share of ordinary numbers that is at least so large, from 0 to 1."""
        count = len(self._sorted)
        if count < FIRST:
            return 1.0
        if self._since >= EVERY:
            self._fit()
        rank = (count - bisect_left(self._sorted, value) + 0.5) / (count + 1)
        if value <= self._edge:
            return max(rank, TAIL)
        over = (value - self._edge) / self._spread
        shape = self._shape
        far = (1.0 + shape * over) ** (-1.0 / shape) if shape > EXPONENTIAL else exp(-over)
        return max(TAIL * far, 1.0 / (BOLDNESS * count))

    def learn(self, value: float) -> None:
        """Take a number in."""
        self._order.append(value)
        insort(self._sorted, value)
        self._since += 1
        if len(self._order) > KEPT:
            old = self._order.popleft()
            del self._sorted[bisect_left(self._sorted, old)]

    def _fit(self) -> None:
        self._since = 0
        count = len(self._sorted)
        first = min(count - 2, int(count * (1 - TAIL)))
        self._edge = self._sorted[first]
        over = [one - self._edge for one in self._sorted[first + 1 :]]
        many = len(over)
        mean = sum(over) / many
        half = sum((many - 1 - k) / max(many - 1, 1) * one for k, one in enumerate(over)) / many
        shape = 2.0 - mean / (mean - 2.0 * half) if mean > 2.0 * half else 0.0
        shape = (many * shape + PRIOR * PRIOR_SHAPE) / (many + PRIOR)
        self._shape = min(max(shape, 0.0), MOST_SHAPE)
        self._spread = max(mean * (1.0 - self._shape), LEAST_SPREAD * max(self._edge, 1e-9))
