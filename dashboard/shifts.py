"""When production is planned: named shifts by local time, from `shifts.toml`.

All arithmetic is in UTC. Subtracting two local times gives what the clock on the wall shows, which on the
day of a change to or from summer time is an hour wrong: a night shift then lasts 7 or 9 hours.
"""

import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from protocol.moments import from_ms, to_ms

DEFAULT_FILE = Path(__file__).with_name("shifts.toml")
"""The shifts of the demo, round the clock."""
_DAY = timedelta(days=1)
_SHIFT_KEYS = ("name", "starts")


class ShiftsError(ValueError):
    """Raised when the shifts cannot be understood; says which key, which value and what is allowed."""


@dataclass(frozen=True, slots=True)
class Shift:
    """One shift of one day, [`from_ms`, `to_ms`)."""

    name: str
    """Its name, `early`."""
    from_ms: int
    """When it begins, ms since 1970."""
    to_ms: int
    """When it ends, ms since 1970."""


@dataclass(frozen=True, slots=True)
class Shifts:
    """The shifts of a plant, each lasting until the next one starts."""

    zone: str
    """Time zone of the plant, an IANA name."""
    starts: tuple[tuple[time, str], ...]
    """Local start time and name of each, in order of the day."""
    _tz: ZoneInfo
    _near: dict[date, list[tuple[int, str]]] = field(default_factory=dict, compare=False, repr=False)
    """Starts around a local day, worked out once."""

    @classmethod
    def of(cls, text: str, source: str = "shifts.toml") -> "Shifts":
        """The shifts in the text of a TOML file.

        Raises:
            ShiftsError: Names the file, the key, the value and what is allowed.
        """
        try:
            fields = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ShiftsError(f"{source}: not TOML: {error}") from error
        _only(fields, ("zone", "shift"), source)
        zone = fields.get("zone", "UTC")
        tz = _zone(zone, source)
        shifts = fields.get("shift")
        if not isinstance(shifts, list) or not shifts or not all(isinstance(one, dict) for one in shifts):
            raise ShiftsError(
                f"{source}: no shift is given: allowed is one [[shift]] or more, "
                'each with a name and starts = "06:00"'
            )
        starts: dict[time, str] = {}
        for number, shift in enumerate(shifts, start=1):
            where = f"{source}: shift {number}"
            _only(shift, _SHIFT_KEYS, where)
            at, name = _start(shift.get("starts"), where), _name(shift.get("name"), where)
            if at in starts:
                raise ShiftsError(
                    f"{where}: key 'starts': {at:%H:%M} is taken by {starts[at]!r}: "
                    "allowed is a time at which no other shift starts"
                )
            starts[at] = name
        return cls(zone, tuple(sorted(starts.items())), tz)

    @classmethod
    def read(cls, file: Path = DEFAULT_FILE) -> "Shifts":
        """The shifts in a TOML file.

        Raises:
            ShiftsError: Names the file, the key, the value and what is allowed.
            OSError: The file cannot be read.
        """
        return cls.of(file.read_text(encoding="utf-8"), file.name)

    def shift_at(self, at_ms: int) -> Shift:
        """The shift to which a moment belongs."""
        starts = self._starts_near(from_ms(at_ms).astimezone(self._tz).date())
        index = bisect_right(starts, at_ms, key=lambda start: start[0])
        (begin, name), (end, _) = starts[index - 1], starts[index]
        return Shift(name, begin, end)

    def before(self, shift: Shift) -> Shift:
        """The shift that ended when this one began."""
        return self.shift_at(shift.from_ms - 1)

    def planned(self, from_ms: int, to_ms: int) -> list[tuple[int, int]]:
        """The parts of [from_ms, to_ms) in which production is planned, in order.

        Shifts that last until the next one starts leave no part out.
        """
        return [(from_ms, to_ms)] if from_ms < to_ms else []

    def _starts_near(self, day: date) -> list[tuple[int, str]]:
        """Every start from two days before a local day to two days after it, in order."""
        starts = self._near.get(day)
        if starts is None:
            found: dict[int, str] = {}
            for offset in range(-2, 3):
                for at, name in self.starts:
                    # Of shifts that all begin where the clock jumps, only the last has any time.
                    found[_moment(day + offset * _DAY, at, self._tz)] = name
            starts = self._near[day] = sorted(found.items())
            if len(self._near) > 1_000:  # noqa: PLR2004 - bounded, whatever is asked for
                self._near.pop(next(iter(self._near)))
        return starts


def _moment(day: date, at: time, zone: ZoneInfo) -> int:
    """A local time of a day in ms since 1970: the first of two, and the jump for one that is skipped."""
    first = to_ms(datetime.combine(day, at, zone))
    if from_ms(first).astimezone(zone).time() == at:
        return first
    # The local time is skipped: read with the later offset it lies before the jump, as `first` lies after.
    early, late = to_ms(datetime.combine(day, at, zone).replace(fold=1)), first
    offset = from_ms(early).astimezone(zone).utcoffset()
    while late - early > 1:
        middle = (early + late) // 2
        if from_ms(middle).astimezone(zone).utcoffset() == offset:
            early = middle
        else:
            late = middle
    return late


def _only(fields: Mapping[str, Any], allowed: tuple[str, ...], where: str) -> None:
    for key in fields:
        if key not in allowed:
            raise ShiftsError(f"{where}: unknown key {key!r}: allowed are {', '.join(allowed)}")


def _zone(value: object, where: str) -> ZoneInfo:
    try:
        return ZoneInfo(value if isinstance(value, str) else "")
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ShiftsError(
            f"{where}: key 'zone': {value!r} is no time zone: allowed is an IANA name such as "
            '"UTC" or "Europe/Berlin"'
        ) from error


def _start(value: object, where: str) -> time:
    if isinstance(value, time):
        at = value
    else:
        try:
            at = time.fromisoformat(value if isinstance(value, str) else "")
        except ValueError:
            at = time.max
    if at.second or at.microsecond or at.tzinfo is not None:
        raise ShiftsError(
            f"{where}: key 'starts': {str(value)!r} is no start: "
            'allowed is a local time from "00:00" to "23:59"'
        )
    return at


def _name(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable() or len(value) > 40:  # noqa: PLR2004
        raise ShiftsError(f"{where}: key 'name': {value!r} is no name: allowed is text of 1 to 40 characters")
    return value
