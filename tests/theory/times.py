"""How long something lasts: a distribution with its mean and its spread, in hours."""

from dataclasses import dataclass
from math import exp, expm1, log1p, sqrt
from typing import Self

from tests.theory.formulas import Spread, weibull_cv


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """A random time."""

    law: str
    """`exponential`, `weibull`, `lognormal`, `geometric` or `fixed`."""
    mean: float
    """Mean, in hours."""
    shape: float = 1.0
    """Shape of a Weibull time."""
    cv: float = 1.0
    """Coefficient of variation of a lognormal time."""
    step: float = 0.0
    """What a geometric time is a number of, in hours."""

    def __str__(self) -> str:
        more = {"weibull": f"({self.shape:g})", "lognormal": f"(CV {self.cv:.3g})"}.get(self.law, "")
        return f"{self.law}{more} {self.mean:.4g} h"

    @property
    def spread(self) -> Spread:
        """Its mean and coefficient of variation."""
        cv = {
            "exponential": 1.0,
            "weibull": weibull_cv(self.shape),
            "lognormal": self.cv,
            "fixed": 0.0,
            "geometric": sqrt(1 - self.step / self.mean),
        }
        return Spread(mean=self.mean, cv=cv[self.law])

    @property
    def sigma(self) -> float:
        """Standard deviation of the logarithm of a lognormal time."""
        return sqrt(log1p(self.cv**2))

    @property
    def median(self) -> float:
        """Median of a lognormal time."""
        return self.mean / sqrt(1 + self.cv**2)

    @classmethod
    def of_median(cls, median: float, sigma: float) -> Self:
        """The lognormal time with this median and sigma."""
        return cls(law="lognormal", mean=median * exp(sigma**2 / 2), cv=sqrt(expm1(sigma**2)))


def exponential(mean: float) -> Time:
    """An exponential time."""
    return Time(law="exponential", mean=mean)


def weibull(mean: float, shape: float) -> Time:
    """A Weibull time."""
    return Time(law="weibull", mean=mean, shape=shape)


def lognormal(mean: float, cv: float) -> Time:
    """A lognormal time."""
    return Time(law="lognormal", mean=mean, cv=cv)


def geometric(mean: float, step: float) -> Time:
    """So many steps as it takes until something of chance step / mean comes true, the last one included."""
    return Time(law="geometric", mean=mean, step=step)


def fixed(mean: float) -> Time:
    """Always the same time."""
    return Time(law="fixed", mean=mean)
