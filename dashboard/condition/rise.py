"""A level that begins to rise or to fall, fitted to a signal on a straight or a logarithmic scale.

    y(t) = y0 + a max(0, t - t0)          or the same of ln y:  v0 exp((t - t0) / tau)

The beginning t0 is sought among the moments, y0 and a come by least squares.
"""

from dataclasses import dataclass

import numpy as np

from protocol.readings import Float64s

RISING = 4
"""Moments that have to rise."""
MOST_ALIKE = 0.9
LIKELY = 4.6
"""Beginnings whose sum of squares is larger by so many variances are likely too: 90 % of chi²(2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """The best fit, and all that are nearly as good."""

    logarithmic: bool
    """Whether it is of the logarithm."""
    level: float
    """Before it begins."""
    slope: float
    """After that, per hour; of one that falls it is negative."""
    begin: int
    """Number of the moment at which it begins."""
    ratio: float
    """F ratio over a flat level, lowered where neighbours are alike."""
    begins_h: Float64s
    """Likely beginnings, in hours, now is 0; shape (m,)."""
    levels: Float64s
    """The level before each."""
    slopes: Float64s
    """The slope after each."""
    errors: Float64s
    """Standard error of each slope."""

    def curve(self, hours: Float64s, begin_h: float) -> Float64s:
        """The fitted level at some moments."""
        line = self.level + self.slope * np.maximum(hours - begin_h, 0.0)
        found: Float64s = np.exp(line) if self.logarithmic else line
        return found


def rise_of(hours: Float64s, values: Float64s, *, logarithmic: bool) -> Rise:
    """The rise that fits best.

    Args:
        hours: Moments, increasing, the last one 0; shape (n,).
        values: The level at each, or its logarithm.
        logarithmic: Whether it is that.
    """
    count = len(values)
    begins = hours[: count - RISING]
    since = np.maximum(hours[None, :] - begins[:, None], 0.0)
    since_off = since - since.mean(axis=1, keepdims=True)
    off = values - values.mean()
    spread = np.maximum((since_off**2).sum(axis=1), 1e-12)
    slopes = since_off @ off / spread
    levels = values.mean() - slopes * since.mean(axis=1)
    flat = float(off @ off)
    left = np.maximum(flat - slopes**2 * spread, 0.0)
    best = int(left.argmin())
    variance = max(float(left[best]) / (count - 3), 1e-9 * flat, 1e-300)
    residual = off - slopes[best] * since_off[best]
    # Neighbours are alike: what is known is less than their number says.
    alike = float(residual[1:] @ residual[:-1]) / max(float(residual @ residual), 1e-300)
    alike = min(max(alike, 0.0), MOST_ALIKE)
    variance *= (1.0 + alike) / (1.0 - alike)
    likely = left <= left[best] + LIKELY * variance
    return Rise(
        logarithmic=logarithmic,
        level=float(levels[best]),
        slope=float(slopes[best]),
        begin=best,
        ratio=(flat - float(left[best])) / 2.0 / variance,
        begins_h=begins[likely],
        levels=levels[likely],
        slopes=slopes[likely],
        errors=np.sqrt(variance / spread[likely]),
    )
