"""What the clock on the wall shows, and when: local times of a zone as moments.

All arithmetic is in UTC. Subtracting two local times gives what the clock on the wall shows, which on the
day of a change to or from summer time is an hour wrong: a night shift then lasts 7 or 9 hours.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from protocol.moments import from_ms, to_ms

HOUR_MS = 3_600_000
_MILLISECOND = timedelta(milliseconds=1)


def moment(day: date, at: time, zone: ZoneInfo) -> int:
    """A local time of a day in ms since 1970: the first of two, and the jump for one that is skipped."""
    wall = datetime.combine(day, at)
    first = to_ms(wall.replace(tzinfo=zone))
    if wall_clock(first, zone) == wall:
        return first
    # The local time is skipped: read with the later offset it lies before the jump, as `first` lies after.
    return _change(to_ms(wall.replace(tzinfo=zone, fold=1)), first, zone)


def wall_clock(at_ms: int, zone: ZoneInfo) -> datetime:
    """What the clock on the wall shows at a moment, without zone."""
    return from_ms(at_ms).astimezone(zone).replace(tzinfo=None, fold=0)


def hour_starts(from_ms: int, to_ms: int, zone: ZoneInfo) -> Iterator[int]:
    """Each moment in [from_ms, to_ms) at which a local hour begins.

    An hour ends when the clock on the wall shows a full one, or when the clocks change: the hour that
    comes twice is two, and one that is cut short by half an hour lasts the other half.
    """
    at_ms = from_ms
    offset = _offset_ms(at_ms, zone)
    if (at_ms + offset) % HOUR_MS == 0 or offset != _offset_ms(at_ms - 1, zone):
        yield at_ms
    while True:
        full = at_ms - (at_ms + offset) % HOUR_MS + HOUR_MS
        after = _offset_ms(full, zone)
        at_ms = full if after == offset else _change(at_ms, full, zone)
        if at_ms >= to_ms:
            return
        yield at_ms
        offset = after


def _offset_ms(at_ms: int, zone: ZoneInfo) -> int:
    return (from_ms(at_ms).astimezone(zone).utcoffset() or timedelta()) // _MILLISECOND


def _change(early: int, late: int, zone: ZoneInfo) -> int:
    """The moment in (early, late] from which on the clocks are no longer what they were at `early`."""
    offset = _offset_ms(early, zone)
    while late - early > 1:
        middle = (early + late) // 2
        if _offset_ms(middle, zone) == offset:
            early = middle
        else:
            late = middle
    return late
