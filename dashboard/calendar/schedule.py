"""When production is planned at one place, answered in milliseconds since 1970.

Everything is worked out by production day, once, and remembered: a window is days laid side by side.
"""

from collections.abc import Collection, Iterator
from datetime import date, time
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dashboard.calendar.local import hour_starts, moment, wall_clock
from dashboard.calendar.rules import (
    DAY,
    Maintenance,
    Rules,
    ShiftRule,
    begins_on,
    end_date,
    named_after,
    worked,
)

_REMEMBERED_DAYS = 4_000
_LONGEST_PAUSE_DAYS = 400
"""How far back a shift is looked for."""
_UTC_DAY_MS = 86_400_000


class SpanKind(StrEnum):
    """What the calendar says of a stretch of time."""

    SHIFT = "shift"
    BREAK = "break"
    MAINTENANCE = "maintenance"
    HOLIDAY = "holiday"
    OFF = "off"


class Span(NamedTuple):
    """A stretch of time of one kind, [`from_ms`, `to_ms`)."""

    kind: SpanKind
    """What it is."""
    name: str
    """Name of the shift, break, maintenance or holiday; `""` for `off`."""
    from_ms: int
    """When it begins, ms since 1970."""
    to_ms: int
    """When it ends."""


class Shift(NamedTuple):
    """One shift of one day, [`from_ms`, `to_ms`), breaks included."""

    name: str
    """Its name, `early`."""
    from_ms: int
    """When it begins, ms since 1970."""
    to_ms: int
    """When it ends."""
    day: date
    """The production day to which it belongs, whole."""


class Day(NamedTuple):
    """A production day, [`from_ms`, `to_ms`)."""

    date: date
    """The date after which it is named."""
    from_ms: int
    """When it begins, ms since 1970."""
    to_ms: int
    """When it ends."""


class Schedule:
    """When production is planned at a site, in a line or for a machine.

    Args:
        zone: Time zone of the plant.
        day_starts: Local time at which a production day begins.
        rules: What is planned.
    """

    def __init__(self, zone: ZoneInfo, day_starts: time, rules: Rules) -> None:
        self.zone = zone
        """Time zone of the plant."""
        self._day_starts = day_starts
        self._rules = rules
        # Safe to share between threads, and bounded whatever is asked for.
        self._day = lru_cache(_REMEMBERED_DAYS)(self._work_out_day)
        self._started = lru_cache(_REMEMBERED_DAYS)(self._work_out_starts)
        self._shifts = lru_cache(_REMEMBERED_DAYS)(self._work_out_shifts)
        self._spans = lru_cache(_REMEMBERED_DAYS)(self._work_out_spans)
        self._hours = lru_cache(_REMEMBERED_DAYS)(self._work_out_hours)

    def spans(self, from_ms: int, to_ms: int) -> list[Span]:
        """What [from_ms, to_ms) is planned for: spans that tile it, in order, no two alike side by side."""
        found: list[Span] = []
        for day in self._days(from_ms, to_ms):
            spans = self._spans(day.date)
            if found and found[-1][:2] == spans[0][:2]:
                found[-1] = found[-1]._replace(to_ms=spans[0].to_ms)
                found.extend(spans[1:])
            else:
                found.extend(spans)
        if not found:
            return []
        first = next(i for i, span in enumerate(found) if span.to_ms > from_ms)
        last = next(i for i in range(len(found) - 1, -1, -1) if found[i].from_ms < to_ms)
        found = found[first : last + 1]
        found[0] = found[0]._replace(from_ms=from_ms)
        found[-1] = found[-1]._replace(to_ms=to_ms)
        return found

    def planned(
        self, from_ms: int, to_ms: int, kinds: Collection[str] = (SpanKind.SHIFT,)
    ) -> list[tuple[int, int]]:
        """The parts of [from_ms, to_ms) that are of the given kinds, in order, touching ones as one."""
        parts: list[tuple[int, int]] = []
        for kind, _, begun, ended in self.spans(from_ms, to_ms):
            if kind not in kinds:
                continue
            if parts and parts[-1][1] == begun:
                parts[-1] = (parts[-1][0], ended)
            else:
                parts.append((begun, ended))
        return parts

    def shift_at(self, at_ms: int) -> Shift | None:
        """The shift that is on at a moment; None when none is."""
        day = self._day_of(at_ms)
        for date_ in (day, day - DAY):
            for shift in self._shifts(date_):
                if shift.from_ms <= at_ms < shift.to_ms:
                    return shift
        return None

    def latest_shift(self, at_ms: int) -> Shift | None:
        """The shift that is on, or else the newest that has begun; None when there was none for a year."""
        if not self._rules.shifts:
            return None
        day = self._day_of(at_ms)
        for _ in range(_LONGEST_PAUSE_DAYS):
            for shift in reversed(self._shifts(day)):
                if shift.from_ms <= at_ms:
                    return shift
            day -= DAY
        return None

    def before(self, shift: Shift) -> Shift | None:
        """The shift before another one; None when there was none for a year."""
        return self.latest_shift(shift.from_ms - 1)

    def shifts(self, from_ms: int, to_ms: int) -> list[Shift]:
        """The shifts that overlap [from_ms, to_ms), whole, in order."""
        if to_ms <= from_ms:
            return []
        first, last = self._day_of(from_ms) - DAY, self._day_of(to_ms - 1)
        return [
            shift
            for number in range((last - first).days + 1)
            for shift in self._shifts(first + number * DAY)
            if shift.from_ms < to_ms and shift.to_ms > from_ms
        ]

    def days(self, from_ms: int, to_ms: int) -> list[Day]:
        """The production days that overlap [from_ms, to_ms), whole, in order."""
        return list(self._days(from_ms, to_ms))

    def hours(self, from_ms: int, to_ms: int) -> list[tuple[int, int]]:
        """The local hours that overlap [from_ms, to_ms), whole, in order."""
        if to_ms <= from_ms:
            return []
        first, last = from_ms // _UTC_DAY_MS - 1, (to_ms - 1) // _UTC_DAY_MS + 1
        starts = [start for number in range(first, last + 1) for start in self._hours(number)]
        return [(begun, ended) for begun, ended in pairwise(starts) if begun < to_ms and ended > from_ms]

    def _days(self, from_ms: int, to_ms: int) -> Iterator[Day]:
        if to_ms <= from_ms:
            return
        date_ = self._day_of(from_ms)
        while (day := self._day(date_)).from_ms < to_ms:
            # A date that a zone left out, as Samoa did in 2011, may have no time at all.
            if day.from_ms < day.to_ms:
                yield day
            date_ += DAY

    def _day_of(self, at_ms: int) -> date:
        """The production day to which a moment belongs."""
        wall = wall_clock(at_ms, self.zone)
        begun = wall.date() if wall.time() >= self._day_starts else wall.date() - DAY
        date_ = named_after(begun, self._day_starts)
        while at_ms < self._day(date_).from_ms:
            date_ -= DAY
        while at_ms >= self._day(date_).to_ms:
            date_ += DAY
        return date_

    def _moment(self, day: date, at: time) -> int:
        return moment(day, at, self.zone)

    def _work_out_day(self, date_: date) -> Day:
        begun = begins_on(date_, self._day_starts)
        return Day(date_, self._moment(begun, self._day_starts), self._moment(begun + DAY, self._day_starts))

    def _work_out_starts(self, date_: date) -> list[tuple[int, ShiftRule, date]]:
        return [
            (self._moment(begun, rule.starts), rule, begun)
            for rule, begun in worked(self._rules, date_, self._day_starts)
        ]

    def _work_out_shifts(self, date_: date) -> list[Shift]:
        started = self._started(date_)
        following = [start for start, _, _ in (*started[1:], *self._started(date_ + DAY)[:1])]
        shifts = []
        for number, (start, rule, begun) in enumerate(started):
            end = self._moment(end_date(rule.starts, rule.ends, begun), rule.ends)
            # One shift at a time: an extra one may begin before the one ahead is over. Of shifts that
            # all begin where the clock jumps, only the last has any time.
            if number < len(following):
                end = min(end, following[number])
            if start < end:
                shifts.append(Shift(rule.name, start, end, date_))
        return shifts

    def _work_out_spans(self, date_: date) -> list[Span]:
        _, from_ms, to_ms = self._day(date_)
        holiday = dict(self._rules.holidays).get(date_)
        layers = [Span(SpanKind.OFF, "", from_ms, to_ms)]
        if holiday is not None:
            layers.append(Span(SpanKind.HOLIDAY, holiday, from_ms, to_ms))
        shifts = [
            (shift, begun)
            for day in (date_ - DAY, date_)
            for shift, begun in self._dated_shifts(day)
            if shift.from_ms < to_ms and shift.to_ms > from_ms
        ]
        for shift, _ in shifts:
            layers.append(Span(SpanKind.SHIFT, shift.name, shift.from_ms, shift.to_ms))
        for shift, begun in shifts:
            layers.extend(self._breaks(shift, begun))
        for shift, begun in shifts:
            layers.extend(self._maintenance(shift, begun))
        return _laid(layers, from_ms, to_ms)

    def _dated_shifts(self, date_: date) -> Iterator[tuple[Shift, date]]:
        """The shifts of a production day with the date on which each starts on the wall."""
        begun = {start: one for start, _, one in self._started(date_)}
        for shift in self._shifts(date_):
            yield shift, begun[shift.from_ms]

    def _breaks(self, shift: Shift, begun: date) -> Iterator[Span]:
        # The first one named lies on top.
        for rule in reversed(self._rules.breaks):
            if begun.weekday() not in rule.days or rule.shift not in ("", shift.name):
                continue
            # It may have begun in the shift before, and it may come after midnight.
            for day in (begun - DAY, begun, begun + DAY):
                start, end = self._moment(day, rule.starts), self._end(rule.starts, rule.ends, day)
                yield from _within(shift, Span(SpanKind.BREAK, rule.name, start, end))

    def _maintenance(self, shift: Shift, begun: date) -> Iterator[Span]:
        for rule in reversed(self._rules.maintenance):
            if isinstance(rule, Maintenance):
                start = self._moment(rule.begins.date(), rule.begins.time())
                end = self._moment(rule.ends.date(), rule.ends.time())
                yield from _within(shift, Span(SpanKind.MAINTENANCE, rule.name, start, end))
                continue
            for day in (begun - DAY, begun, begun + DAY):
                if day.weekday() in rule.days:
                    start, end = self._moment(day, rule.starts), self._end(rule.starts, rule.ends, day)
                    yield from _within(shift, Span(SpanKind.MAINTENANCE, rule.name, start, end))

    def _end(self, starts: time, ends: time, day: date) -> int:
        return self._moment(end_date(starts, ends, day), ends)

    def _work_out_hours(self, number: int) -> list[int]:
        return list(hour_starts(number * _UTC_DAY_MS, (number + 1) * _UTC_DAY_MS, self.zone))


def _within(shift: Shift, span: Span) -> Iterator[Span]:
    begun, ended = max(span.from_ms, shift.from_ms), min(span.to_ms, shift.to_ms)
    if begun < ended:
        yield span._replace(from_ms=begun, to_ms=ended)


def _laid(layers: list[Span], from_ms: int, to_ms: int) -> list[Span]:
    """What is seen of spans that are laid over each other, the last on top, within [from_ms, to_ms)."""
    edges = sorted({min(max(edge, from_ms), to_ms) for span in layers for edge in (span.from_ms, span.to_ms)})
    seen: list[Span] = []
    for begun, ended in pairwise(edges):
        top = next(span for span in reversed(layers) if span.from_ms <= begun < span.to_ms)
        if seen and seen[-1][:2] == top[:2]:
            seen[-1] = seen[-1]._replace(to_ms=ended)
        else:
            seen.append(top._replace(from_ms=begun, to_ms=ended))
    return seen
