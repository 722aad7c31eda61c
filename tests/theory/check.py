"""One number of theory beside the same number simulated, and how sure that one is."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev

ALLOWED = 4.0
"""So many standard errors may lie between the two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A claim of theory, tried."""

    what: str
    """What is compared, in words."""
    theory: float
    """What theory says."""
    simulated: float
    """What came of the simulation."""
    error: float
    """Standard error of what was simulated; 0 where nothing is left to chance."""
    within: float = 0.0
    """Where nothing is left to chance: what rounding to milliseconds or decimals may change."""

    @property
    def away(self) -> float:
        """By how many standard errors the two lie apart."""
        apart = self.simulated - self.theory
        if self.error:
            return apart / self.error
        return 0.0 if abs(apart) <= self.within else float("inf")

    @property
    def holds(self) -> bool:
        """Whether they lie within what is allowed."""
        return abs(self.away) <= ALLOWED

    def __str__(self) -> str:
        return (
            f"{self.what}: theory {self.theory:.6f}, simulated {self.simulated:.6f} ± {self.error:.6f}, "
            f"{self.away:+.2f} standard errors away"
        )


def mean_check(what: str, theory: float, values: Sequence[float]) -> Check:
    """The mean over replications against theory; its error is estimated from them."""
    error = stdev(values) / sqrt(len(values))
    return Check(what=what, theory=theory, simulated=fmean(values), error=error)


def ratio_check(what: str, theory: float, above: Sequence[float], below: Sequence[float]) -> Check:
    """A ratio of sums over replications against theory; its error by the usual first-order formula."""
    ratio = sum(above) / sum(below)
    left = [a - ratio * b for a, b in zip(above, below, strict=True)]
    return Check(
        what=what, theory=theory, simulated=ratio, error=stdev(left) / sqrt(len(left)) / fmean(below)
    )


def sd_check(what: str, theory: float, values: Sequence[float]) -> Check:
    """The standard deviation over replications against theory.

    The error of an sd of n normal values is sd / sqrt(2 (n - 1)), here with the sd that theory claims.
    """
    return Check(
        what=what, theory=theory, simulated=stdev(values), error=theory / sqrt(2 * (len(values) - 1))
    )


def variance_check(what: str, theory: float, values: Sequence[float], *, fourth: float) -> Check:
    """The variance over replications against theory.

    The variance of a sample variance is (m4 - (n - 3)/(n - 1) m2**2) / n, with the moments theory claims.
    """
    n = len(values)
    error = sqrt((fourth - (n - 3) / (n - 1) * theory**2) / n)
    return Check(what=what, theory=theory, simulated=stdev(values) ** 2, error=error)
