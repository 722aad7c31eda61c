"""Whether a series grows: a robust slope with an interval that saws and slow swings do not fool."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

BLOCKS = 12
"""So many blocks the time is divided into; what swings within one does not count."""
LEAST_BLOCKS = 6
SETTLING = 1 / 3
"""This share of the time at the beginning says nothing: what is filled once is filled then."""
Z = 1.96
"""Of a normal distribution 95 % lie within so many standard deviations."""
MOST_ALIKE = 0.8
"""How alike neighbouring blocks are taken to be at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slope:
    """How a series grows by the unit of its time."""

    slope: float
    """The median of the slopes between all pairs of blocks (Theil and Sen)."""
    low: float
    """Lower end of its interval of 95 %."""
    high: float
    """Upper end."""
    level: float
    """Median of the blocks."""
    span: float
    """The time over which it was measured."""

    @property
    def growth(self) -> float:
        """What it has grown by in that time."""
        return self.slope * self.span

    def within(self, bound: float) -> bool:
        """Whether it does not grow for certain, or by no more than a bound in that time."""
        return self.low <= 0 or self.growth <= bound


def slope_of(times: Floats, values: Floats, *, settling: float = SETTLING) -> Slope | None:
    """The slope of a series after it has settled; None where there is too little of it.

    Each block of the time counts with its median. Where neighbouring blocks are alike beyond what the slope
    explains, there are in truth fewer of them, and the interval is so much wider.

    Args:
        times: When each value was measured, rising.
        values: The values; those that are no number do not count.
        settling: Share of the time at the beginning that is left out.
    """
    if not len(times):
        return None
    begun = times[0] + settling * (times[-1] - times[0])
    kept = (times >= begun) & np.isfinite(values)
    times, values = times[kept], values[kept]
    if len(times) < LEAST_BLOCKS:
        return None
    edges = np.linspace(times[0], times[-1], BLOCKS + 1)
    places = np.minimum(np.searchsorted(edges, times, side="right") - 1, BLOCKS - 1)
    filled = [places == one for one in range(BLOCKS) if np.any(places == one)]
    if len(filled) < LEAST_BLOCKS:
        return None
    at = np.array([times[one].mean() for one in filled])
    level = np.array([np.median(values[one]) for one in filled])
    count = len(at)
    first, second = np.triu_indices(count, 1)
    slopes = np.sort((level[second] - level[first]) / (at[second] - at[first]))
    slope = float(np.median(slopes))
    reach = Z * np.sqrt(_fewer(level - slope * at) * count * (count - 1) * (2 * count + 5) / 18)
    low = max(0, round((len(slopes) - reach) / 2) - 1)
    high = min(len(slopes) - 1, round((len(slopes) + reach) / 2))
    return Slope(
        slope=slope,
        low=float(slopes[low]),
        high=float(slopes[high]),
        level=float(np.median(level)),
        span=float(times[-1] - times[0]),
    )


def _fewer(left: Floats) -> float:
    """By how much more the slope varies than with blocks that know nothing of each other."""
    left = left - left.mean()
    total = float(np.dot(left, left))
    if total <= 0:
        return 1.0
    # Of a few blocks this comes out too low by about one over their number.
    alike = float(np.dot(left[1:], left[:-1])) / total + 1 / len(left)
    alike = min(max(alike, 0.0), MOST_ALIKE)
    return (1 + alike) / (1 - alike)


def rate_of(times: Floats, totals: Floats, *, over: float) -> Floats:
    """How much a total rises by the unit of time, of late.

    Args:
        times: When each was measured, rising.
        totals: The totals.
        over: Of how much time before each moment; not a number where there is no such time yet.
    """
    before = np.searchsorted(times, times - over, side="right") - 1
    known = before >= 0
    rates = np.full(len(times), np.nan)
    passed = times[known] - times[before[known]]
    rates[known] = (totals[known] - totals[before[known]]) / np.where(passed > 0, passed, np.nan)
    return rates
