"""What is wrong with a sensor: pure functions from what it would have shown to what it shows.

Each takes an axis and the values along it. The axis is increasing whole numbers: numbers of readings, or
moments in milliseconds; a span lies on the same axis. So any part of a history can be computed alone, and the
same functions serve imperfections that come by chance and faults that somebody asks for, which begin and end
at a moment of plant time.

>>> at, values = np.arange(5), np.array([1.0, 2.0, 3.0, 4.0, 5.0])
>>> stuck(at, values, Span(first=1, end=4), shown=2.0).tolist()
[1.0, 2.0, 2.0, 2.0, 5.0]
"""

from collections import deque
from dataclasses import dataclass
from math import exp

import numpy as np
import numpy.typing as npt

from simulator.streams import Float64s, Stream

Int64s = npt.NDArray[np.int64]

MEAN_A_BLOCK = 4.0
"""About so many occurrences are drawn at once."""
MOST_A_BLOCK = 31
"""Of a mean of 4 more than this many come once in 10^17 blocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of an axis, from `first` up to but not including `end`."""

    first: int
    """Where it begins."""
    end: int | None
    """Where it is over; None while nobody knows."""

    def covers(self, at: Int64s) -> slice:
        """The part of an axis that lies within."""
        first = int(np.searchsorted(at, self.first))
        return slice(first, len(at) if self.end is None else max(first, int(np.searchsorted(at, self.end))))


def stuck(at: Int64s, values: Float64s, span: Span, *, shown: float) -> Float64s:
    """The sensor goes on to show what it showed at the beginning of the span, and is silent where it was.

    Args:
        at: The axis, increasing; shape (n,).
        values: What it would have shown; shape (n,).
        span: Where it is stuck.
        shown: What it showed at `span.first`, which may lie before the axis begins.
    """
    inside = span.covers(at)
    return _replaced(values, inside, np.where(np.isnan(values[inside]), np.nan, shown))


def dropped(at: Int64s, values: Float64s, span: Span) -> Float64s:
    """The sensor shows nothing (NaN) within the span."""
    return _replaced(values, span.covers(at), np.nan)


def spiked(at: Int64s, values: Float64s, span: Span, *, size: float) -> Float64s:
    """The sensor shows so much more within the span, or less if `size` is negative."""
    inside = span.covers(at)
    return _replaced(values, inside, values[inside] + size)


def drifted(at: Int64s, values: Float64s, span: Span, *, per_step: float) -> Float64s:
    """What the sensor shows runs away from what is: by so much a step of the axis since the span began."""
    inside = span.covers(at)
    return _replaced(values, inside, values[inside] + (at[inside] - span.first) * per_step)


def quantised(values: Float64s, *, step: float) -> Float64s:
    """What a sensor shows that knows only whole multiples of a step."""
    steps: Float64s = np.rint(values / step) * step
    return steps


def _replaced(values: Float64s, inside: slice, by: Float64s | float) -> Float64s:
    if inside.start == inside.stop:
        return values
    changed = values.copy()
    changed[inside] = by
    return changed


class Occurrences:
    """Where something happens by chance along an axis: a Poisson process, drawn block by block.

    What lies in a block is a function of its number alone, so that any part of the axis can be asked alone.
    """

    def __init__(self, stream: Stream, *, rate: float, length: int) -> None:
        """Lay them out.

        Args:
            stream: Where the numbers come from; its own for every purpose.
            rate: Mean number of occurrences on one step of the axis, more than 0.
            length: Steps that each lasts, at least 1.
        """
        self._stream = stream
        self._length = length
        self._block = max(1, round(MEAN_A_BLOCK / rate))
        mean = rate * self._block
        masses = [exp(-mean)]
        for count in range(1, MOST_A_BLOCK):
            masses.append(masses[-1] * mean / count)
        self._shares = np.cumsum(masses)
        self._known: deque[tuple[int, list[tuple[Span, float]]]] = deque(maxlen=4)

    def within(self, first: int, end: int) -> list[tuple[Span, float]]:
        """Those that touch a part of the axis, in order, each with a number of its own from 0 to 1.

        Args:
            first: Where the part begins; what began before and still lasts belongs to it.
            end: Where it is over.
        """
        if first >= end:
            return []
        blocks = range((first - self._length + 1) // self._block, (end - 1) // self._block + 1)
        return [
            (span, draw)
            for block in blocks
            for span, draw in self._in_block(block)
            if span.first < end and (span.end is None or span.end > first)
        ]

    def next_after(self, number: int) -> int:
        """Where the next begins, from a number on; where its block is over, when none does before that."""
        block = number // self._block
        begins = (span.first for span, _ in self._in_block(block) if span.first >= number)
        return next(begins, (block + 1) * self._block)

    def _in_block(self, block: int) -> list[tuple[Span, float]]:
        for number, known in self._known:
            if number == block:
                return known
        if block < 0:
            return []  # an axis counts from 0 on
        draws = self._stream.uniforms(block * (2 * MOST_A_BLOCK + 2), 2 * MOST_A_BLOCK + 2)
        count = min(int(np.searchsorted(self._shares, draws[0], side="right")), MOST_A_BLOCK)
        begins = block * self._block + np.floor(draws[2 : 2 + count] * self._block).astype(np.int64)
        own = draws[2 + MOST_A_BLOCK : 2 + MOST_A_BLOCK + count]
        # Two that begin on one step are one.
        begun = dict(zip(begins.tolist(), own.tolist(), strict=True))
        found = [(Span(first=first, end=first + self._length), draw) for first, draw in sorted(begun.items())]
        self._known.append((block, found))
        return found
