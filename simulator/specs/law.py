"""Laws of chance: how long a life, a repair or a cycle lasts, as a file says it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from simulator.specs.settings import Section
from simulator.streams import (
    Float64s,
    exponential,
    geometric,
    lognormal,
    median_and_sigma,
    weibull,
)

DAY_S = 86_400
Name = Literal["lognormal", "weibull", "exponential", "geometric", "fixed", "uniform"]
NAMES: tuple[Name, ...] = ("weibull", "exponential", "lognormal", "geometric", "fixed")
"""The laws that a file may name; a uniform number of parts is said by its ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """A distribution of lengths, in milliseconds or in parts."""

    name: Name
    """Which distribution."""
    scale: float
    """Its mean; of a lognormal its median; of a uniform its least."""
    spread: float = 0.0
    """Lognormal: sigma of the logarithm. Weibull: shape. Geometric: its step. Uniform: its most."""

    @property
    def counted(self) -> bool:
        """Whether it counts parts, and not milliseconds."""
        return self.name == "uniform"

    def values(self, uniforms: Float64s) -> Float64s:
        """The lengths that go with numbers spread evenly over (0, 1): whole, and at least 1."""
        return np.maximum(np.rint(self._values(uniforms)), 1.0)

    def _values(self, uniforms: Float64s) -> Float64s:
        if self.name == "lognormal":
            return lognormal(uniforms, median=self.scale, sigma=self.spread)
        if self.name == "weibull" and self.spread != 1:
            return weibull(uniforms, mean=self.scale, shape=self.spread)
        if self.name == "geometric":
            return self.spread * geometric(uniforms, mean=self.scale / self.spread)
        if self.name == "uniform":
            least: Float64s = np.floor(self.scale + uniforms * (self.spread - self.scale + 1))
            return least
        if self.name == "fixed":
            return np.full_like(uniforms, self.scale)
        return exponential(uniforms, mean=self.scale)


def mean_law(mean_s: float, cv: float) -> Law:
    """The lognormal law of a mean in seconds and a coefficient of variation."""
    median_ms, sigma = median_and_sigma(mean=mean_s * 1000, cv=cv)
    return Law(name="lognormal", scale=median_ms, spread=sigma)


def life_law(table: Section, *, cycle_s: float) -> Law:
    """How long a life lasts: `every_h`, `life` and what goes with it.

    Raises:
        SpecError: A key is missing or has a value that is not allowed.
    """
    mean_s = table.number("every_h", least=0.001, most=1e6) * 3_600
    name = _name(table, "life", default="weibull")
    if name == "weibull":
        return Law(
            name=name, scale=mean_s * 1000, spread=table.number("shape", least=0.2, most=20, default=1)
        )
    law = _law(table, name, mean_s, cycle_s=cycle_s, cv="life_cv", shape="shape", every="every_h")
    # A geometric life is counted in cycles, whatever each of them takes.
    return Law(name=name, scale=mean_s / cycle_s, spread=1.0) if name == "geometric" else law


def length_law(table: Section, *, cycle_s: float) -> Law:
    """How long a stop lasts: `mean_s` and `cv`, or `median_s` and `sigma`, or another law by `length`.

    Raises:
        SpecError: A key is missing or has a value that is not allowed.
    """
    if ("mean_s" in table) == ("median_s" in table):
        raise table.missing("mean_s", "either this with cv, or median_s with sigma, and not both")
    name = _name(table, "length", default="lognormal")
    if "median_s" in table:
        if name != "lognormal":
            raise table.refusal("length", "lognormal beside median_s; the others have mean_s")
        return Law(
            name=name,
            scale=table.number("median_s", above=0, most=30 * DAY_S) * 1000,
            spread=table.number("sigma", least=0, most=3),
        )
    mean_s = table.number("mean_s", above=0, most=30 * DAY_S)
    return _law(table, name, mean_s, cycle_s=cycle_s, cv="cv", shape="length_shape", every="mean_s")


def _law(
    table: Section, name: Name, mean_s: float, *, cycle_s: float, cv: str, shape: str, every: str
) -> Law:
    if name == "lognormal":
        return mean_law(mean_s, table.number(cv, least=0, most=3))
    if name == "weibull":
        return Law(name=name, scale=mean_s * 1000, spread=table.number(shape, least=0.2, most=20))
    if name == "geometric" and mean_s < cycle_s:
        raise table.refusal(every, f"at least one cycle of {cycle_s:g} s, for a geometric number of cycles")
    return Law(name=name, scale=mean_s * 1000, spread=cycle_s * 1000 if name == "geometric" else 0.0)


def _name(table: Section, key: str, *, default: Name) -> Name:
    word = table.text(key, default=default)
    for name in NAMES:
        if name == word:
            return name
    raise table.refusal(key, f"one of {', '.join(NAMES)}")
