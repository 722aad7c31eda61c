"""Micro-stops that repeat: so many within so many minutes."""

from collections import Counter
from typing import NamedTuple

from dashboard.calls.lasting import stretches
from dashboard.calls.rules import MicroStops
from dashboard.calls.signs import Clear, Ready, Signs
from dashboard.calls.view import View
from protocol.states import State

STATES = frozenset({State.DOWN})
"""What a micro-stop is in. Of a machine of which only power is known, a change of parts looks the same."""
_RUNNING = frozenset({State.RUNNING})


class _Stop(NamedTuple):
    start_ms: int
    end_ms: int


def signs_of(rule: MicroStops, view: View) -> Signs:
    """When micro-stops repeat, and when they no longer do.

    A stop counts from the moment at which the machine runs again; that it does is known a millisecond
    later. A call is right at such moments alone.
    """
    stops = _micro_stops(rule, view)
    ready: list[Ready] = []
    for place in range(rule.count - 1, len(stops)):
        first, last = stops[place - rule.count + 1], stops[place]
        if last.end_ms - first.end_ms < rule.within_ms:
            at_ms = last.end_ms + 1
            ready.append(
                Ready(
                    at_ms,
                    at_ms,
                    first.start_ms,
                    _words(rule, view, stops[place - rule.count + 1 : place + 1]),
                )
            )
    return Signs(ready=ready, clear=_clear(rule, view, stops))


def _micro_stops(rule: MicroStops, view: View) -> list[_Stop]:
    """The stops that are shorter than the threshold, in planned time, with running behind them."""
    found = []
    running = {start for start, _ in stretches(view.intervals, _RUNNING)}
    for start, end in stretches(view.intervals, STATES):
        short = end - start < rule.shorter_ms and end in running and start > view.from_ms
        if short and view.planned(start, end) == [(start, end)]:
            found.append(_Stop(start, end))
    return found


def _clear(rule: MicroStops, view: View, stops: list[_Stop]) -> list[Clear]:
    """When no more than `falls_to` of them lie within the time."""
    found: list[Clear] = []
    from_ms = view.from_ms + rule.within_ms
    for place, stop in enumerate(stops):
        # With this one there are too many, until the oldest of them that are too many is old.
        if place < rule.falls_to:
            continue
        begin, end = stop.end_ms + 1, stops[place - rule.falls_to].end_ms + rule.within_ms
        if end <= begin:
            continue
        if begin > from_ms:
            found.append(Clear(from_ms, begin, from_ms))
        from_ms = max(from_ms, end)
    if from_ms < view.to_ms:
        found.append(Clear(from_ms, view.to_ms, from_ms))
    return found


def _words(rule: MicroStops, view: View, stops: list[_Stop]) -> str:
    causes = Counter(view.state_at(stop.start_ms)[1] for stop in stops)
    cause, times = max(causes.items(), key=lambda one: (one[1], one[0]))
    words = f"{len(stops)} stops in {rule.within_ms // 60_000} min"
    return f"{words}, {times} of them: {cause}" if cause else words
