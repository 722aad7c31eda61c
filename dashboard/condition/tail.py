"""How seldom a number is, after all those before it: a rank among them, and beyond them a fitted tail."""

from bisect import bisect_left, insort
from collections import deque
from math import exp, log

KEPT = 4_000
TAIL = 0.05
EVERY = 25


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
        if count < 20:
            return 1.0
        if self._since >= EVERY:
            self._fit()
        rank = (count - bisect_left(self._sorted, value) + 0.5) / (count + 1)
        if value <= self._edge:
            return max(rank, TAIL)
        over = (value - self._edge) / self._spread
        far = (1 + self._shape * over) ** (-1 / self._shape) if self._shape > 1e-3 else exp(-over)
        return TAIL * far

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
        m = len(over)
        mean = sum(over) / m if m else 0.0
        # Probability-weighted moments; a prior of some excesses of an exponential tail steadies the first ones.
        b1 = sum((m - 1 - k) / max(m - 1, 1) * one for k, one in enumerate(over)) / m if m else 0.0
        shape = 2 - mean / (mean - 2 * b1) if mean > 2 * b1 else 0.0
        weight = m / (m + 20)
        self._shape = min(max(weight * shape + (1 - weight) * 0.15, 0.0), 0.7)
        floor = 0.05 * max(self._edge, 1e-9)
        self._spread = max(mean * (1 - self._shape), floor)
