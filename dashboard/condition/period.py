"""The length of what repeats in a column, in rows, found from the rows themselves."""

import numpy as np

from protocol.readings import Float64s

LOOKED_AT = 8_192
"""So many of the newest rows are looked at."""
LEAST = 6
"""A shorter period is a zigzag that a level follows well enough."""
CYCLES = 3
"""So many whole cycles must have been seen."""
ALIKE = 0.4
"""So much alike must a column be to itself one period later: 1 is exactly, 0 not at all."""


def period_of(values: Float64s) -> int:
    """The period of a column in rows; 0 when there is none."""
    values = values[-LOOKED_AT:]
    known = ~np.isnan(values)
    count = len(values)
    if count < CYCLES * LEAST or known.mean() < 0.8:  # noqa: PLR2004 - holes would look like a rhythm
        return 0
    places = np.arange(count)
    values = np.interp(places, places[known], values[known])
    slope = np.polyfit(places, values, 1)
    values = values - np.polyval(slope, places)
    low, high = np.quantile(values, [0.01, 0.99])
    values = np.clip(values, low, high)
    values = values - values.mean()
    power = np.abs(np.fft.rfft(values, 2 * count)) ** 2
    alike = np.fft.irfft(power)[: count // CYCLES + 1]
    if alike[0] <= 0:
        return 0
    alike = alike / alike[0] * count / (count - np.arange(len(alike)))
    below = np.flatnonzero(alike < 0)
    if not len(below):
        return 0
    first = max(int(below[0]), LEAST)
    inner = alike[first:-1]
    if len(inner) < 3:  # noqa: PLR2004 - a peak has two sides
        return 0
    peaks = np.flatnonzero((inner[1:-1] >= inner[:-2]) & (inner[1:-1] > inner[2:])) + first + 1
    if not len(peaks):
        return 0
    best = alike[peaks].max()
    if best < ALIKE:
        return 0
    # The first peak that is nearly as high as the highest: its multiples are no periods of their own.
    return int(peaks[alike[peaks] > 0.9 * best][0])
