"""The clockwork: how plant time goes by, which never changes what happens in it."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from protocol.moments import from_ms, to_ms

SLOWEST, FASTEST = 0.1, 3_600.0
"""The speeds that may be chosen, in plant seconds per real second; beside them `max`."""
ALLOWED_SPEED = f"a number from {SLOWEST:g} to {FASTEST:g}, or max"
ALLOWED_ENDS = "times of day joined by commas, such as 06:00,14:00,22:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clockwork:
    """How plant time goes by."""

    speed: float | None
    """Plant seconds per real second; None for as fast as the office follows."""
    paused: bool = False
    """Whether it stands still, but for a step."""
    hurry_to_ms: int = 0
    """Up to this plant time it goes as fast as the office follows, paused or not; ms since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftEnds:
    """When the shifts of the plant end, by the clock on its wall."""

    times: tuple[time, ...] = (time(6), time(14), time(22))
    """The times of day."""
    zone: tzinfo = UTC
    """Where that clock hangs."""

    def after_ms(self, at_ms: int) -> int:
        """The end of the shift that is on at a moment, ms since 1970; later than the moment."""
        local = from_ms(at_ms).astimezone(self.zone)
        days = (local.date() + timedelta(days=day) for day in range(-1, 3))
        ends = (to_ms(datetime.combine(day, one, self.zone)) for day in days for one in self.times)
        return min(end_ms for end_ms in ends if end_ms > at_ms)


def shift_ends(text: str, zone: str) -> ShiftEnds:
    """The ends of shifts in a text such as `06:00,14:00,22:00`, in a zone such as `Europe/Berlin`.

    Raises:
        ValueError: One of them is not understood; says what is allowed.
    """
    try:
        times = tuple(sorted({time.fromisoformat(one.strip()) for one in text.split(",")}))
    except ValueError as error:
        raise ValueError(f"{text!r} is not allowed: {ALLOWED_ENDS}") from error
    if any(one.tzinfo for one in times):
        raise ValueError(f"{text!r} is not allowed: {ALLOWED_ENDS}, without a zone")
    try:
        return ShiftEnds(times=times, zone=ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{zone!r} is not allowed: a time zone such as Europe/Berlin or UTC") from error


def speed_in(text: str) -> float | None:
    """The speed in a text; None for `max`.

    Raises:
        ValueError: It is none; says what is allowed.
    """
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = -1.0
    if not SLOWEST <= speed <= FASTEST:
        raise ValueError(f"{text!r} is not allowed: {ALLOWED_SPEED}")
    return speed


def in_words(speed: float | None) -> str:
    """A speed in words."""
    return "as fast as the office follows" if speed is None else f"{speed:g} times real time"
