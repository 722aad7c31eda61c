"""The noise of sensors, by the number of the reading, so that any span can be computed alone."""

from collections import deque
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from simulator.streams import Float64s, Stream, normal

NOISE_BLOCK = 256
"""Readings whose noise is drawn at once."""


class Factors(Protocol):
    """What values are multiplied with for their noise."""

    def factors(self, first: int, count: int) -> Float64s:
        """Those of `count` values from number `first` on, or of so many machines; (sensors, n)."""


class Noise:
    """The noise of some sensors that are read at the same moments."""

    def __init__(self, streams: Sequence[Stream], shares: Sequence[float]) -> None:
        """Begin.

        Args:
            streams: Where the numbers of each sensor come from.
            shares: Standard deviation of each, as a share of the value.
        """
        self._streams = tuple(streams)
        self._shares = np.array(shares)[:, np.newaxis]
        self._blocks: deque[tuple[int, Float64s]] = deque(maxlen=2)

    def factors(self, first: int, count: int) -> Float64s:
        """What the values of `count` readings from number `first` on are multiplied with; (sensors, n)."""
        number, begins = divmod(first, NOISE_BLOCK)
        if begins + count <= NOISE_BLOCK:
            return self._block(number)[:, begins : begins + count]
        last = (first + count - 1) // NOISE_BLOCK
        joined = np.concatenate([self._block(one) for one in range(number, last + 1)], axis=1)
        return joined[:, begins : begins + count]

    def _block(self, number: int) -> Float64s:
        for known, factors in self._blocks:
            if known == number:
                return factors
        uniforms = np.concatenate([one.uniforms(number * NOISE_BLOCK, NOISE_BLOCK) for one in self._streams])
        drawn: Float64s = normal(uniforms).reshape(-1, NOISE_BLOCK)
        drawn *= self._shares
        drawn += 1.0
        self._blocks.append((number, drawn))
        return drawn
