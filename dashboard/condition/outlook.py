"""What is foreseen of a signal at a moment of the plant's clock: a function of the window before it alone.

It is asked at moments a fixed time apart, which lie on the clock and not on ticks, so that everybody who has
the same minutes and intervals foresees the same.
"""

import numpy as np

from dashboard.condition.forecast import Forecast, forecast
from dashboard.condition.regime import MINUTE_MS, blocks, ran
from dashboard.intervals import Intervals
from protocol.readings import Float64s, Int64s

HOUR_MS = 60 * MINUTE_MS
WINDOW_MS = 12 * HOUR_MS
"""How far back a trend is looked for."""
EVERY_MS = 10 * MINUTE_MS
"""How often it is asked."""
LONGEST_H = 10.0
"""Shorter times are told with half hours."""


def moments(after_ms: int, until_ms: int) -> range:
    """The moments in (`after_ms`, `until_ms`] at which it is asked.

    >>> [ms // 60_000 for ms in moments(0, 25 * 60_000)]
    [10, 20]
    """
    return range((after_ms // EVERY_MS + 1) * EVERY_MS, until_ms + 1, EVERY_MS)


def outlook(
    now_ms: int,
    minute_ms: Int64s,
    means: Float64s,
    intervals: Intervals,
    *,
    low: float | None,
    high: float | None,
) -> Forecast | None:
    """What is foreseen of a signal at a moment; None where nothing is.

    Args:
        now_ms: The moment; what is later is not looked at.
        minute_ms: Beginning of each minute in which the signal was read, increasing.
        means: Its mean in each.
        intervals: What the machine did, up to the moment at least.
        low: The lower end of its normal range; None without one.
        high: The upper end.
    """
    first, last = np.searchsorted(minute_ms, (now_ms - WINDOW_MS, now_ms - MINUTE_MS + 1)).tolist()
    minute_ms, means = minute_ms[first:last], means[first:last]
    whole = ran(minute_ms, intervals) & ~np.isnan(means)
    return forecast(blocks(minute_ms[whole], means[whole]), low=low, high=high)


def words(signal: str, unit: str, one: Forecast, now_ms: int) -> str:
    """A forecast for people: `vibration_mm_s reaches 4.5 mm/s in 6 h (4 to 9 h)`."""
    limit = f"{one.limit:.4g} {unit}".rstrip()
    if one.at_ms <= now_ms:
        return f"{signal} has reached {limit}"
    most = "later" if one.high_ms is None else f"{_hours(one.high_ms - now_ms)} h"
    until = "or" if one.high_ms is None else "to"
    return (
        f"{signal} reaches {limit} in {_hours(one.at_ms - now_ms)} h "
        f"({_hours(one.low_ms - now_ms)} {until} {most})"
    )


def how(unit: str, one: Forecast) -> str:
    """How a forecast was found, for people."""
    way = (one.now - one.baseline) / (one.limit - one.baseline)
    return (
        f"The means of its running minutes of the last {WINDOW_MS // HOUR_MS} h, five by five, follow a "
        f"curve from {one.baseline:.3g} to {one.now:.3g} {unit}".rstrip()
        + f": {way:.0%} of the way to the limit, and it goes on. The curve is drawn on, over running hours, "
        "at the share of the time that it ran; nine in ten such intervals hold the moment, if it goes on so."
    )


def _hours(length_ms: int) -> str:
    hours = max(length_ms, 0) / HOUR_MS
    return f"{round(hours * 2) / 2:g}" if hours < LONGEST_H else f"{hours:.0f}"
