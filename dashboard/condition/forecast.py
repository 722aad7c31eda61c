"""When a signal that wears reaches its limit, with an interval.

Wear goes on while the machine runs, so a rise is fitted over running hours, and the hours that are left are
turned into time of the clock by the share of the time in which the machine ran. A rise is a trend once its
F ratio over a flat level is large, it goes on, it has come a good part of the way to the limit, and it is not
asked for more than a few times as far as it was seen.
"""

from dataclasses import dataclass

import numpy as np

from dashboard.condition.regime import BLOCK_MS, MINUTE_MS, Blocks
from dashboard.condition.rise import RISING, Rise, rise_of
from protocol.readings import Float64s

LEAST = 18
"""Blocks without which nothing is said: an hour and a half."""
RATIO = 25.0
"""The F ratio from which a rise is one: high, as its beginning was sought."""
WAY = 0.35
"""The share of the way from baseline to limit that is behind it."""
GOES_ON = 0.4
"""The last third of a rise is at least so steep as the curve says: what warms up, or was a step, is not."""
AHEAD = 3.0
"""How far it is looked ahead, in lengths of the rise so far."""
SURE = 1.645
"""Standard errors to either side: nine in ten intervals hold the moment, if the rise goes on as it does."""
STOPS = 0.25
"""The share of running time to come is that of the past, more or less by so much of it: stops are chance."""
NEARLY = 1.5
"""A scale with so many times the sum of squares of the better one is likely too."""
HOUR_MS = 60 * MINUTE_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """When a signal reaches its limit."""

    baseline: float
    """Its level before it began to rise, in its unit."""
    now: float
    """Its level now, of the fitted curve."""
    limit: float
    """Its limit."""
    begun_ms: int
    """When it began to rise, ms since 1970."""
    at_ms: int
    """When it reaches the limit, if it goes on so."""
    low_ms: int
    """The earliest moment of the interval."""
    high_ms: int | None
    """The latest one; None when it may never."""


def forecast(seen: Blocks, *, low: float | None, high: float | None) -> Forecast | None:
    """When a signal reaches one of its limits; None when nothing says that it will.

    Args:
        seen: Its level in running time; the last block is now.
        low: The lower end of its normal range; None without one.
        high: The upper end.
    """
    if len(seen.level) < LEAST:
        return None
    values = _middles(seen.level)
    ran = np.cumsum(seen.minutes)
    hours = (ran - ran[-1]) / 60.0
    fits = [rise_of(hours, values, logarithmic=False)]
    if values.min() > 0 and (high is None or high > 0):
        fits.append(rise_of(hours, np.log(values), logarithmic=True))
    left = [float(((one.curve(hours, hours[one.begin]) - values) ** 2).sum()) for one in fits]
    best = fits[left.index(min(left))]
    limit = high if best.slope > 0 else low
    if limit is None or best.ratio < RATIO or (best.logarithmic and limit <= 0):
        return None
    begin_h = float(hours[best.begin])
    curve = best.curve(hours, begin_h)
    baseline, now = float(curve[0]), float(curve[-1])
    way = limit - baseline
    if way * best.slope <= 0 or (now - baseline) / way < WAY or not _goes_on(hours, values, curve, begin_h):
        return None
    ahead_h = max((_scaled(limit, best) - best.level) / best.slope + begin_h, 0.0)
    if ahead_h > AHEAD * -begin_h:
        return None
    # Straight or exponential is often not told apart before the end: then the interval holds both.
    likely = [one for one, squares in zip(fits, left, strict=True) if squares <= NEARLY * min(left)]
    likely = [one for one in likely if one.slope * best.slope > 0 and (limit > 0 or not one.logarithmic)]
    spans = [_interval(one, limit) for one in likely]
    first_h, last_h = min(span[0] for span in spans), max(span[1] for span in spans)
    span_ms = int(seen.at_ms[-1] - seen.at_ms[0]) + BLOCK_MS
    share = min(float(ran[-1]) * MINUTE_MS / span_ms, 1.0)
    now_ms = int(seen.at_ms[-1])
    least = min(first_h, ahead_h) / min(share * (1.0 + STOPS), 1.0)
    most = max(last_h, ahead_h) / (share * (1.0 - STOPS))
    return Forecast(
        baseline=baseline,
        now=now,
        limit=limit,
        begun_ms=int(seen.at_ms[best.begin]),
        at_ms=now_ms + round(ahead_h / share * HOUR_MS),
        low_ms=now_ms + round(least * HOUR_MS),
        high_ms=None if np.isinf(most) else now_ms + round(most * HOUR_MS),
    )


def _interval(rise: Rise, limit: float) -> tuple[float, float]:
    """The least and the most running hours, over all likely beginnings and slopes."""
    way = _scaled(limit, rise) - rise.levels
    sign = np.sign(rise.slope)
    steep = (rise.slopes * sign) + SURE * rise.errors
    shallow = (rise.slopes * sign) - SURE * rise.errors
    first = np.maximum(way * sign / steep + rise.begins_h, 0.0)
    last = np.where(shallow > 0, way * sign / np.where(shallow > 0, shallow, 1.0) + rise.begins_h, np.inf)
    return float(first.min()), float(np.maximum(last, 0.0).max())


def _scaled(value: float, rise: Rise) -> float:
    return float(np.log(value)) if rise.logarithmic else value


def _goes_on(hours: Float64s, values: Float64s, curve: Float64s, begin_h: float) -> bool:
    """Whether the last third of the rise is as steep as the fitted curve, or nearly."""
    last = hours >= begin_h / 3.0
    last[-RISING:] = True
    off = hours[last] - hours[last].mean()
    steep = float(off @ curve[last])
    return float(off @ values[last]) * float(np.sign(steep)) >= GOES_ON * abs(steep)


def _middles(values: Float64s) -> Float64s:
    """Each value, or the middle one of it and its neighbours: a single outlier is no trend."""
    three = np.stack([np.append(values[:1], values[:-1]), values, np.append(values[1:], values[-1:])])
    found: Float64s = np.sort(three, axis=0)[1]
    return found
