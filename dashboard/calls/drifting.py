"""Trends: a signal goes towards the end of its normal range, and is foreseen to reach it."""

from dashboard.calls.rules import Trend
from dashboard.calls.signs import Clear, Ready, Signs
from dashboard.calls.view import View
from dashboard.condition.followed import Foreseen
from dashboard.condition.outlook import EVERY_MS, WINDOW_MS, moments, words


def lookback_ms(rule: Trend) -> int:
    """How much of the time before a moment is looked at, in milliseconds."""
    return WINDOW_MS + rule.moments * EVERY_MS


def signs_of(rule: Trend, view: View) -> Signs:
    """When a limit is foreseen within the horizon, and when for some time nothing has been.

    It is asked at moments a fixed time apart. One before which the machine hardly ran says nothing.
    """
    ready: list[Ready] = []
    clear: list[Clear] = []
    for now_ms in moments(view.judged_from_ms - 1, view.to_ms):
        near = _near(rule, view, now_ms)
        if near:
            one = min(near, key=lambda one: (one.forecast.at_ms, one.signal))
            if view.planned(now_ms - 1, now_ms):
                cause = words(one.signal, one.unit, one.forecast, now_ms)
                ready.append(Ready(now_ms, now_ms, one.forecast.begun_ms, cause))
        elif all(_near(rule, view, now_ms - k * EVERY_MS) == [] for k in range(rule.moments)):
            clear.append(Clear(now_ms, now_ms + 1, now_ms))
    return Signs(ready=ready, clear=clear)


def _near(rule: Trend, view: View, now_ms: int) -> list[Foreseen] | None:
    """The signals that reach a limit within the horizon; None where the machine hardly ran."""
    foreseen = view.foreseen(now_ms)
    if foreseen is None:
        return None
    return [one for one in foreseen if one.forecast.at_ms <= now_ms + rule.horizon_ms]
