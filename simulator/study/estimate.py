"""What replications say of a figure: its mean, how far they lie apart, and how sure the mean is."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import atan, cos, fsum, pi, sin, sqrt, tan

CONFIDENCE = 0.95
"""So often the interval of an estimate holds what endless replications would say."""
_HALVINGS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One figure over replications. Undefined is None, never 0."""

    count: int
    """In how many replications the figure is defined."""
    mean: float | None
    """Mean of these."""
    sd: float | None
    """Standard deviation of one replication: sqrt(sum of squares / (count - 1)); None below two."""
    error: float | None
    """Standard error of the mean: sd / sqrt(count)."""
    low: float | None
    """Lower end of the confidence interval: mean - t x error."""
    high: float | None
    """Upper end of the confidence interval."""


def estimate(values: Iterable[float | None], *, confidence: float = CONFIDENCE) -> Estimate:
    """The estimate of a figure from its value in each replication; those without one are left out.

    >>> estimate([2.0, 4.0, None, 6.0])  # doctest: +ELLIPSIS
    Estimate(count=3, mean=4.0, sd=2.0, error=1.1547..., low=-0.968..., high=8.968...)
    """
    known = [value for value in values if value is not None]
    count = len(known)
    if not count:
        return Estimate(count=0, mean=None, sd=None, error=None, low=None, high=None)
    mean = fsum(known) / count
    if count == 1:
        return Estimate(count=1, mean=mean, sd=None, error=None, low=None, high=None)
    sd = sqrt(fsum((value - mean) ** 2 for value in known) / (count - 1))
    error = sd / sqrt(count)
    half = student_t(confidence, count - 1) * error
    return Estimate(count=count, mean=mean, sd=sd, error=error, low=mean - half, high=mean + half)


def student_t(confidence: float, degrees: int) -> float:
    """The t within which Student's distribution lies with this probability, on both sides of 0.

    >>> round(student_t(0.95, 29), 3), round(student_t(0.95, 1), 3)
    (2.045, 12.706)
    """
    low, high = 0.0, pi / 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _within(middle, degrees) < confidence:
            low = middle
        else:
            high = middle
    return sqrt(degrees) * tan(low)


def student_probability(t: float, degrees: int) -> float:
    """The probability that Student's distribution lies within t of 0."""
    return _within(atan(abs(t) / sqrt(degrees)), degrees)


def _within(angle: float, degrees: int) -> float:
    # Abramowitz and Stegun 26.7.3 and 26.7.4: a finite sum for every whole number of degrees of freedom.
    odd = degrees % 2
    term = cos(angle) if odd else 1.0
    total = term if degrees > 1 else 0.0
    for step in range(2 + odd, degrees - 1, 2):
        term *= (step - 1) / step * cos(angle) ** 2
        total += term
    return 2 / pi * (angle + sin(angle) * total) if odd else sin(angle) * total
