"""The imperfections of one sensor that come by chance, and those that its settings lay down."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from simulator.sensing.imperfections import Occurrences, Span, drifted, dropped, quantised, spiked, stuck
from simulator.specs.flaws import Flaws
from simulator.streams import Float64s, Stream

Int64s = npt.NDArray[np.int64]
What = Literal["stuck", "spike", "dropout"]
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Imperfection:
    """What was wrong with a sensor for a while."""

    signal: str
    """Name of the signal."""
    what: What
    """What was wrong."""
    begin_ms: int
    """Since when, ms since 1970."""
    end_ms: int
    """Until when, ms since 1970; of a value that comes once a cycle, when it came."""


class Chances:
    """What is wrong with one sensor, along the numbers of its values.

    What began before the machine was put up never was.
    """

    def __init__(
        self, flaws: Flaws, stream: Callable[[str], Stream], *, step_ms: float, born: int, born_ms: int
    ) -> None:
        """Lay them out.

        Args:
            flaws: The settings.
            stream: Where the numbers for a purpose come from.
            step_ms: Time from one value to the next, in milliseconds.
            born: Number of the sensor's first value.
            born_ms: When the machine was put up, ms since 1970.
        """
        self._flaws = flaws
        self._born = born
        self._since = Span(first=born_ms, end=None)
        self._calm = 0, 0
        self._kinds: dict[What, Occurrences] = {}
        self._lengths: dict[What, int] = {}

        def come(what: What, per_day: float, length_ms: float) -> None:
            length = max(1, round(length_ms / step_ms))
            self._lengths[what] = length
            self._kinds[what] = Occurrences(stream(what), rate=per_day * step_ms / DAY_MS, length=length)

        if flaws.stuck is not None:
            come("stuck", flaws.stuck.per_day, flaws.stuck.length_ms)
        if flaws.spike is not None:
            come("spike", flaws.spike.per_day, step_ms)
        if flaws.dropout is not None:
            come("dropout", flaws.dropout.per_day, flaws.dropout.length_ms)

    def calm(self, first: int, end: int) -> int | None:
        """Up to which value nothing comes by chance, if nothing does from number `first` up to `end`.

        Asked of one part after the other, as a machine goes on, it mostly costs two comparisons.

        Returns:
            The number of a value, at least `end`, before which nothing does; None where something does.
        """
        calm_first, calm_end = self._calm
        if calm_first <= first and end <= calm_end:
            return calm_end
        if any(kind.within(first, end) for kind in self._kinds.values()):
            return None
        calm_end = min((kind.next_after(end) for kind in self._kinds.values()), default=end)
        self._calm = first, calm_end
        return calm_end

    def spares(self, first: int, end: int) -> bool:
        """Whether the sensor shows what it measures, at the values from number `first` up to `end`."""
        flaws = self._flaws
        return not (flaws.quantisation or flaws.drift_per_day) and self.calm(first, end) is not None

    def within(self, first: int, end: int) -> list[tuple[What, int, int]]:
        """What comes by chance among the values from number `first` up to but not including `end`.

        Returns:
            What, the number of the first value that it is about, and of the first that it is not.
        """
        if self.calm(first, end) is not None:
            return []
        return [
            (what, span.first, span.first + self._lengths[what])
            for what in self._kinds
            for span, _ in self._of(what, first, end)
        ]

    def spoil(
        self, numbers: Int64s, at_ms: Int64s, values: Float64s, alone: Callable[[int], tuple[int, float]]
    ) -> Float64s:
        """What the sensor shows in place of what it measures.

        Args:
            numbers: Numbers of the values, one after the other; shape (n,).
            at_ms: When each is read, ms since 1970; shape (n,).
            values: What it measures; shape (n,).
            alone: Moment, and what it measures then, of the value of a number that may lie before these.
        """
        if not len(numbers):
            return values
        first, end = int(numbers[0]), int(numbers[-1]) + 1
        shown = self._off(numbers, at_ms, values)
        for span, _ in self._of("stuck", first, end):
            if span.first >= first:
                was = self._off(numbers, at_ms, values)[span.first - first]
            else:
                begun_ms, measured = alone(span.first)
                was = self._off(np.array([span.first]), np.array([begun_ms]), np.array([measured]))[0]
            shown = stuck(numbers, shown, span, shown=float(was))
        if self._flaws.quantisation:
            shown = quantised(shown, step=self._flaws.quantisation)
        for span, _ in self._of("dropout", first, end):
            shown = dropped(numbers, shown, span)
        return shown

    def _off(self, numbers: Int64s, at_ms: Int64s, values: Float64s) -> Float64s:
        """What it shows while it still follows: the truth, off by drift and spikes."""
        if self._flaws.drift_per_day:
            values = drifted(at_ms, values, self._since, per_step=self._flaws.drift_per_day / DAY_MS)
        if self._flaws.spike is not None:
            for span, draw in self._of("spike", int(numbers[0]), int(numbers[-1]) + 1):
                size = self._flaws.spike.size if draw > 0.5 else -self._flaws.spike.size  # noqa: PLR2004 - a coin
                values = spiked(numbers, values, span, size=size)
        return values

    def _of(self, what: What, first: int, end: int) -> list[tuple[Span, float]]:
        kind = self._kinds.get(what)
        if kind is None:
            return []
        return [(span, draw) for span, draw in kind.within(first, end) if span.first >= self._born]
