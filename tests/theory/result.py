"""A result of theory: how it is tried, where it is printed, and at which other parameters it must hold."""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Generic, TypeVar
from zlib import crc32

import numpy as np

from tests.theory.check import Check
from tests.theory.times import Time, exponential, lognormal, weibull

Case = TypeVar("Case")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(Generic[Case]):
    """One result."""

    name: str
    """As in the model's description, `A1`."""
    title: str
    """What it says, in words."""
    printed: tuple[Case, ...]
    """The parameters of its printed examples."""
    drawn: "Callable[[Draw], Case]"
    """Another set of parameters, at random within the stated ranges."""
    tried: Callable[[Case], list[Check]]
    """Simulates it and lays theory beside it."""

    def said(self, case: Case) -> str:
        """A set of parameters in words."""
        own = type(case).__str__ is not object.__str__
        return str(case) if own else ", ".join(_said(name, value) for name, value in _fields(case))

    def other(self, number: int) -> Case:
        """The other set of parameters of a number from 0 on, always the same one."""
        return self.drawn(Draw(np.random.default_rng([crc32(self.name.encode()), number])))


def _fields(case: Any) -> list[tuple[str, Any]]:
    return [(field.name, getattr(case, field.name)) for field in fields(case)]


def _said(name: str, value: Any) -> str:
    if isinstance(value, Time):
        return f"{name} {value}"
    if is_dataclass(value):
        return ", ".join(_said(*pair) for pair in _fields(value))
    return f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}"


class Draw:
    """Parameters at random within ranges."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng

    def number(self, low: float, high: float) -> float:
        """A number, evenly spread over the logarithms, with three digits."""
        value = float(np.exp(self._rng.uniform(np.log(low), np.log(high))))
        return float(f"{value:.3g}")

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high."""
        return int(self._rng.integers(low, high + 1))

    def up(self, low: float, high: float) -> Time:
        """A time to failure whose mean is in a range: Weibull, shape 0.8 to 3, or exponential."""
        mean = self.number(low, high)
        if self.whole(0, 3) == 0:
            return exponential(mean)
        return weibull(mean, self.number(0.8, 3))

    def down(self, low: float, high: float) -> Time:
        """A time to restoration whose mean is in a range: lognormal, CV up to 1.5."""
        return lognormal(self.number(low, high), self.number(0.1, 1.5))
