"""How numbers are written in a report: a dash for what is undefined, and never a rounded 0 or 100 %."""

from datetime import date
from zoneinfo import ZoneInfo

from protocol.moments import from_ms

DASH = "–"
_SECOND_MS, _MINUTE_MS, _HOUR_MS = 1_000, 60_000, 3_600_000


def share(value: float | None) -> str:
    """A fraction in percent.

    >>> share(0.72449), share(0.9999), share(1.0), share(None)
    ('72.4 %', '99.9 %', '100.0 %', '–')
    """
    if value is None:
        return DASH
    percent = round(value * 100, 1)
    # What is not quite all, or not quite nothing, is not written as if it were.
    if percent == 100.0 and value < 1.0:  # noqa: PLR2004 - all of it
        percent = 99.9
    if percent == 0.0 and value > 0.0:
        percent = 0.1
    return f"{percent:.1f} %"


def bounds(low: float | None, high: float | None) -> str:
    """Between what a share lies.

    >>> bounds(0.5, 0.75)
    '50.0 to 75.0 %'
    """
    if low is None or high is None:
        return DASH
    return f"{share(low).removesuffix(' %')} to {share(high)}"


def duration(ms: float | None) -> str:
    """A length of time.

    >>> duration(5 * 3_600_000 + 65_000), duration(65_500), duration(2_345), duration(0)
    ('5:01:05', '0:01:05.5', '2.345 s', '0')
    """
    if ms is None:
        return DASH
    whole = round(ms)
    if whole == 0:
        return "0"
    if abs(whole) < _MINUTE_MS:
        return f"{whole / _SECOND_MS:.3f}".rstrip("0").rstrip(".") + " s"
    sign, whole = "-" if whole < 0 else "", abs(whole)
    hours, rest = divmod(whole, _HOUR_MS)
    minutes, rest = divmod(rest, _MINUTE_MS)
    seconds, left = divmod(rest, _SECOND_MS)
    tail = f".{left:03d}".rstrip("0") if left else ""
    # Hours always, even none: 2:04 would be hours to one reader and minutes to another.
    return f"{sign}{hours:,}:{minutes:02d}:{seconds:02d}{tail}"


def cycle(ms: float | None) -> str:
    """How long a part takes, in seconds, however long it is: cycles are compared.

    >>> cycle(74_587), cycle(3_840), cycle(None)
    ('74.587 s', '3.84 s', '–')
    """
    if ms is None:
        return DASH
    return f"{round(ms) / _SECOND_MS:,.3f}".rstrip("0").rstrip(".") + " s"


def length(ms: float | None) -> str:
    """A length of time within a sentence, with its units.

    >>> length(5 * 3_600_000 + 65_000), length(60_000), length(2_345), length(0)
    ('5 h 1 min 5 s', '1 min', '2.345 s', '0 s')
    """
    if ms is None:
        return DASH
    minutes, rest_ms = divmod(round(ms), _MINUTE_MS)
    hours, minutes = divmod(minutes, 60)
    said = [f"{value:,} {unit}" for value, unit in ((hours, "h"), (minutes, "min")) if value]
    if rest_ms or not said:
        said.append(f"{rest_ms / _SECOND_MS:.3f}".rstrip("0").rstrip(".") + " s")
    return " ".join(said)


def count(value: float | None) -> str:
    """A number of things.

    >>> count(1234), count(12.5), count(None)
    ('1,234', '12.5', '–')
    """
    if value is None:
        return DASH
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def moment(at_ms: int, zone: str) -> str:
    """A moment on the clock of the plant.

    >>> moment(1_767_592_800_000, "Europe/Berlin")
    'Mon 5 Jan 2026 07:00:00 +01:00'
    """
    at = from_ms(at_ms).astimezone(ZoneInfo(zone))
    offset = at.strftime("%z")
    return f"{at:%a} {at.day} {at:%b %Y %H:%M:%S} {offset[:3]}:{offset[3:]}"


def day(at: date) -> str:
    """A day as people say it.

    >>> day(date(2026, 1, 5))
    'Mon 5 Jan 2026'
    """
    return f"{at:%a} {at.day} {at:%b %Y}"


def clock(at_ms: int, zone: str) -> str:
    """The time of day of a moment, with its date: what a table of stops needs.

    >>> clock(1_767_592_800_250, "UTC")
    'Mon 5 Jan 06:00:00'
    """
    at = from_ms(at_ms).astimezone(ZoneInfo(zone))
    return f"{at:%a} {at.day} {at:%b %H:%M:%S}"
