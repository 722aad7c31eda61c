"""The signals of one machine in which a trend is looked for, minute by minute, and what is foreseen of them.

What is foreseen at a moment follows from the minutes before it, in whatever pieces and order these came.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from dashboard.condition.forecast import Forecast
from dashboard.condition.outlook import EVERY_MS, outlook
from dashboard.condition.regime import LEAST, MINUTE_MS, ran
from dashboard.intervals import Intervals
from protocol.readings import Float64s, Int64s

DIGITS = 9
"""A sum is good to so many digits: the last ones depend on the order in which it was added up."""


class Limits(NamedTuple):
    """What a birth says of a signal."""

    unit: str
    """Unit of its values."""
    low: float | None
    """Lower end of its normal range; None without one."""
    high: float | None
    """Upper end."""


class Part(NamedTuple):
    """A minute of a signal, or a part of one."""

    minute_ms: int
    """Beginning of the minute, ms since 1970."""
    sum: float
    """Sum of the values."""
    values: int
    """Their number."""


class Foreseen(NamedTuple):
    """What is foreseen of a signal."""

    signal: str
    """Its name."""
    unit: str
    """Its unit."""
    forecast: Forecast
    """When it reaches its limit."""


@dataclass(slots=True)
class _Minutes:
    """The minutes of one signal, in order."""

    at_ms: "array[int]" = field(default_factory=lambda: array("q"))
    sums: "array[float]" = field(default_factory=lambda: array("d"))
    counts: "array[float]" = field(default_factory=lambda: array("d"))

    def put(self, part: Part, *, whole: bool) -> None:
        """Take in a minute in place of what is there, or a part of one on top of it."""
        place = len(self.at_ms)
        if place and self.at_ms[-1] >= part.minute_ms:
            place = bisect_left(self.at_ms, part.minute_ms)
        if place == len(self.at_ms) or self.at_ms[place] != part.minute_ms:
            self.at_ms.insert(place, part.minute_ms)
            self.sums.insert(place, part.sum)
            self.counts.insert(place, part.values)
        elif whole:
            self.sums[place], self.counts[place] = part.sum, part.values
        else:
            self.sums[place] += part.sum
            self.counts[place] += part.values

    def between(self, from_ms: int, to_ms: int) -> tuple[Int64s, Float64s]:
        """The minutes that begin in [`from_ms`, `to_ms`), and their means."""
        first, last = bisect_left(self.at_ms, from_ms), bisect_left(self.at_ms, to_ms)
        sums = np.array(self.sums[first:last], np.float64)
        return np.array(self.at_ms[first:last], np.int64), _rounded(sums) / np.array(self.counts[first:last])

    def forget(self, before_ms: int) -> None:
        """Drop the minutes before a moment."""
        count = bisect_left(self.at_ms, before_ms)
        del self.at_ms[:count], self.sums[:count], self.counts[:count]


class Followed:
    """The signals that are followed, and what was foreseen of them so far."""

    def __init__(self) -> None:
        self._limits: dict[str, Limits] = {}
        self._minutes: dict[str, _Minutes] = {}
        self._known: dict[int, tuple[Foreseen, ...] | None] = {}
        self._asked_ms = 0

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._limits)

    @property
    def names(self) -> Collection[str]:
        """Their names."""
        return self._minutes.keys()

    def follow(self, limits: Mapping[str, Limits]) -> list[str]:
        """Follow these signals and no others from now on; those of which nothing is known yet, by name."""
        if limits == self._limits:
            return []
        fresh = [name for name in limits if name not in self._minutes]
        self._limits = dict(limits)
        self._minutes = {name: self._minutes.get(name) or _Minutes() for name in limits}
        self.changed(0)
        return fresh

    def add(self, parts: Mapping[str, Iterable[Part]], *, whole: bool = False) -> None:
        """Take in parts of minutes, by signal; those of others are left.

        Args:
            parts: The parts.
            whole: Whether each is all that there is of its minute, and not something new of it.
        """
        for name, mine in self._minutes.items():
            for part in parts.get(name, ()):
                mine.put(part, whole=whole)
                if part.minute_ms < self._asked_ms:
                    self.changed(part.minute_ms)

    def changed(self, from_ms: int) -> None:
        """What the machine did, or what was read, is not what it was from a moment on."""
        if from_ms < self._asked_ms:
            self._known = {at_ms: known for at_ms, known in self._known.items() if at_ms <= from_ms}
            self._asked_ms = from_ms

    def forget(self, before_ms: int) -> None:
        """Hold nothing from before a moment."""
        for mine in self._minutes.values():
            mine.forget(before_ms)
        self._known = {at_ms: known for at_ms, known in self._known.items() if at_ms >= before_ms}

    def foreseen(
        self, now_ms: int, window: Callable[[int, int], Intervals], *, window_ms: int
    ) -> tuple[Foreseen, ...] | None:
        """What is foreseen at a moment, by signal; None where the machine has hardly run just before it.

        Args:
            now_ms: The moment.
            window: What the machine did in a stretch.
            window_ms: How far back it is looked, in milliseconds.
        """
        if now_ms not in self._known:
            self._known[now_ms] = self._look(now_ms, window(now_ms - window_ms, now_ms))
            self._asked_ms = max(self._asked_ms, now_ms)
        return self._known[now_ms]

    def _look(self, now_ms: int, intervals: Intervals) -> tuple[Foreseen, ...] | None:
        found: list[Foreseen] = []
        told = False
        for name, (unit, low, high) in self._limits.items():
            minute_ms, means = self._minutes[name].between(intervals.from_ms, now_ms - MINUTE_MS + 1)
            newest = minute_ms[np.searchsorted(minute_ms, now_ms - EVERY_MS) :]
            if np.count_nonzero(ran(newest, intervals)) < LEAST:
                continue
            told = True
            one = outlook(now_ms, minute_ms, means, intervals, low=low, high=high)
            if one is not None:
                found.append(Foreseen(name, unit, one))
        return tuple(found) if told else None


def _rounded(sums: Float64s) -> Float64s:
    """The same to so many digits that it does not tell in which order they were added up."""
    sizes = np.abs(sums)
    scale = 10.0 ** (DIGITS - 1 - np.floor(np.log10(np.where(sizes > 0, sizes, 1.0))))
    found: Float64s = np.round(sums * scale) / scale
    return found
