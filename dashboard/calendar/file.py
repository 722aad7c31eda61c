"""The calendar file: what may stand in it, and one clear sentence for whatever may not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import pairwise
from typing import Any, NoReturn, TypedDict, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dashboard.calendar.rules import (
    EVERY_DAY,
    WEEK,
    BreakRule,
    Days,
    Maintenance,
    MaintenanceRule,
    Rules,
    ShiftRule,
    end_date,
)
from dashboard.settings import fields_of
from protocol.sentences import RefusalError

LISTS = ("shift", "break", "holiday", "maintenance", "override")
_TIMES = 'a local time from "00:00" to "23:59"'
_DATES = 'a date such as "2026-12-25"'
_MOMENTS = 'a local date and time such as "2026-12-25 06:00", to the second, without zone'
_NAME_CHARACTERS = 40
_T = TypeVar("_T")


class CalendarError(RefusalError):
    """Raised when a calendar cannot be understood; says which key, which value and what is allowed."""


class Lists(TypedDict, total=False):
    """The lists that are given for a site, a line or a machine, as fields of `Rules`."""

    shifts: tuple[ShiftRule, ...]
    breaks: tuple[BreakRule, ...]
    holidays: tuple[tuple[date, str], ...]
    maintenance: tuple[Maintenance | MaintenanceRule, ...]
    overrides: tuple[tuple[date, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """All that a calendar file says."""

    zone: ZoneInfo
    """Time zone of the plant."""
    day_starts: time
    """Local time at which a production day begins."""
    site: Lists
    """What holds where nothing else is said."""
    lines: dict[str, Lists]
    """What holds instead in a line."""
    machines: dict[str, Lists]
    """What holds instead for a machine."""


def contents(text: str, source: str) -> Contents:
    """What the text of a calendar file says.

    Raises:
        CalendarError: Names the file, the key, the value and what is allowed.
    """
    fields = fields_of(text, source, CalendarError)
    _only(fields, ("zone", "day_starts", *LISTS, "line", "machine"), source)
    zone = _zone(fields.get("zone", "UTC"), source)
    site = _lists(fields, source)
    if not site.get("shifts"):
        raise CalendarError(
            f"{source}: no shift is given: allowed is one [[shift]] or more, "
            'each with a name and starts = "06:00"'
        )
    day_starts = min(rule.starts for rule in site["shifts"])
    if "day_starts" in fields:
        day_starts = _time(fields, "day_starts", source)
    lines = _narrower(fields, "line", site, source)
    machines = _narrower(fields, "machine", site, source)
    return Contents(zone=zone, day_starts=day_starts, site=site, lines=lines, machines=machines)


def _narrower(fields: Mapping[str, Any], kind: str, site: Lists, source: str) -> dict[str, Lists]:
    """The lists of each line or machine."""
    sections = fields.get(kind, {})
    if not isinstance(sections, dict) or not all(isinstance(one, dict) for one in sections.values()):
        raise CalendarError(
            f'{source}: key {kind!r}: allowed is [{kind}."name"] with lists of its own: {", ".join(LISTS)}'
        )
    found = {}
    for name, section in sections.items():
        where = f'{source}: {kind} "{name}"'
        _only(section, LISTS, where)
        found[name] = _lists(section, where, site)
    return found


def _lists(fields: Mapping[str, Any], where: str, wider: Lists | None = None) -> Lists:
    """The lists that are given; names of shifts must be among its shifts, or the wider ones."""
    lists = Lists()
    if "shift" in fields:
        lists["shifts"] = _shifts(fields, where)
    if "break" in fields:
        lists["breaks"] = _every(fields, "break", where, _break)
    if "holiday" in fields:
        lists["holidays"] = _every(fields, "holiday", where, _holiday)
        _once(lists["holidays"], where, "holiday")
    if "maintenance" in fields:
        lists["maintenance"] = _every(fields, "maintenance", where, _maintenance)
    if "override" in fields:
        lists["overrides"] = _every(fields, "override", where, _override)
        _once(lists["overrides"], where, "override")
    rules = Rules(**((wider or Lists()) | lists))
    names = {rule.name for rule in rules.shifts}
    if not names:
        return lists
    wanted = [("break", "shift", rule.shift) for rule in rules.breaks if rule.shift]
    wanted += [("override", "shifts", name) for _, given in rules.overrides for name in given]
    for kind, key, name in wanted:
        if name not in names:
            raise CalendarError(
                f"{where}: {kind}: key {key!r}: {name!r} is no shift here: "
                f"allowed are {', '.join(sorted(names))}, or a list of its own"
            )
    return lists


def _every(
    fields: Mapping[str, Any], key: str, where: str, one: Callable[[Mapping[str, Any], str], _T]
) -> tuple[_T, ...]:
    given = fields[key]
    if not isinstance(given, list) or not all(isinstance(entry, dict) for entry in given):
        raise CalendarError(f"{where}: key {key!r}: allowed is one [[{key}]] for each, or {key} = []")
    return tuple(one(entry, f"{where}: {key} {number}") for number, entry in enumerate(given, start=1))


def _shifts(fields: Mapping[str, Any], where: str) -> tuple[ShiftRule, ...]:
    given = _every(fields, "shift", where, _shift)
    rules = []
    for number, (rule, said) in enumerate(given):
        # Until the next start, by the clock, of a shift that is worked on one of its days.
        starts = [other.starts for other, _ in given if other.days & rule.days]
        until = min((one for one in starts if one > rule.starts), default=min(starts))
        rules.append(ShiftRule(rule.name, rule.starts, until if said is None else said, rule.days))
        for other, _ in given[:number]:
            shared = other.days & rule.days
            if shared and other.starts == rule.starts:
                raise CalendarError(
                    f"{where}: shift {number + 1}: key 'starts': {rule.starts:%H:%M} is taken by "
                    f"{other.name!r}: allowed is a time at which no other shift of these days starts"
                )
            if shared and other.name == rule.name:
                raise CalendarError(
                    f"{where}: shift {number + 1}: key 'name': {rule.name!r} is taken on {_said(shared)}: "
                    "allowed is one shift of a name on a day"
                )
    _one_at_a_time(rules, where)
    return tuple(rules)


def _one_at_a_time(rules: list[ShiftRule], where: str) -> None:
    """Refuse shifts of which one starts before the one ahead has ended."""
    monday = date(2024, 1, 1)  # any Monday
    week = sorted(
        (
            datetime.combine(on, rule.starts),
            datetime.combine(end_date(rule.starts, rule.ends, on), rule.ends),
            rule.name,
        )
        for rule in rules
        for number in range(8)
        if number % 7 in rule.days
        for on in (monday.replace(day=1 + number),)
    )
    for (_, ended, ahead), (begun, _, name) in pairwise(week):
        if begun < ended:
            raise CalendarError(
                f"{where}: shift {name!r} starts on {WEEK[begun.weekday()]} at {begun:%H:%M}, when {ahead!r} "
                f"lasts until {ended:%H:%M}: allowed is one shift at a time"
            )


def _shift(fields: Mapping[str, Any], where: str) -> tuple[ShiftRule, time | None]:
    _only(fields, ("name", "starts", "ends", "days"), where)
    starts = _time(fields, "starts", where)
    ends = _time(fields, "ends", where) if "ends" in fields else None
    return ShiftRule(_name(fields, where), starts, starts, _days(fields, where)), ends


def _break(fields: Mapping[str, Any], where: str) -> BreakRule:
    _only(fields, ("name", "starts", "ends", "days", "shift"), where)
    starts, ends = _stretch(fields, where)
    shift = _name(fields, where, "shift") if "shift" in fields else ""
    return BreakRule(_name(fields, where), starts, ends, _days(fields, where), shift)


def _holiday(fields: Mapping[str, Any], where: str) -> tuple[date, str]:
    _only(fields, ("date", "name"), where)
    return _date(fields, where), _name(fields, where)


def _maintenance(fields: Mapping[str, Any], where: str) -> Maintenance | MaintenanceRule:
    _only(fields, ("name", "from", "to", "days", "starts", "ends"), where)
    name = _name(fields, where)
    if "from" not in fields and "to" not in fields:
        starts, ends = _stretch(fields, where)
        return MaintenanceRule(name, starts, ends, _days(fields, where))
    _only(fields, ("name", "from", "to"), f"{where}, which happens once")
    begins, done = _moment(fields, "from", where), _moment(fields, "to", where)
    if done <= begins:
        _refuse(where, "to", fields["to"], "no end", f"a moment after {begins}")
    return Maintenance(name, begins, done)


def _override(fields: Mapping[str, Any], where: str) -> tuple[date, tuple[str, ...]]:
    _only(fields, ("date", "shifts"), where)
    names = fields.get("shifts")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        _refuse(where, "shifts", names, "no list", 'the names of shifts, as in ["early"], or []')
    if len(set(names)) < len(names):
        _refuse(where, "shifts", names, "no list", "each shift once")
    return _date(fields, where), tuple(names)


def _only(fields: Mapping[str, Any], allowed: tuple[str, ...], where: str) -> None:
    for key in fields:
        if key not in allowed:
            raise CalendarError(f"{where}: unknown key {key!r}: allowed are {', '.join(allowed)}")


def _once(dated: tuple[tuple[date, object], ...], where: str, kind: str) -> None:
    days = [day for day, _ in dated]
    for number, day in enumerate(days):
        if day in days[:number]:
            raise CalendarError(
                f"{where}: {kind} {number + 1}: key 'date': {day} is given twice: allowed is one {kind} a day"
            )


def _refuse(where: str, key: str, value: object, what: str, allowed: str) -> NoReturn:
    shown = value if isinstance(value, list) else "nothing" if value is None else repr(str(value))
    raise CalendarError(f"{where}: key {key!r}: {shown} is {what}: allowed is {allowed}")


def _zone(value: object, where: str) -> ZoneInfo:
    try:
        return ZoneInfo(value if isinstance(value, str) else "")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        _refuse(where, "zone", value, "no time zone", 'an IANA name such as "UTC" or "Europe/Berlin"')


def _time(fields: Mapping[str, Any], key: str, where: str) -> time:
    value = fields.get(key)
    at = value if isinstance(value, time) else None
    if isinstance(value, str):
        try:
            at = time.fromisoformat(value)
        except ValueError:
            at = None
    if at is None or at.second or at.microsecond or at.tzinfo is not None:
        _refuse(where, key, value, "no time of day", _TIMES)
    return at


def _stretch(fields: Mapping[str, Any], where: str) -> tuple[time, time]:
    starts, ends = _time(fields, "starts", where), _time(fields, "ends", where)
    if starts == ends:
        _refuse(where, "ends", fields["ends"], "its start", f"another time than {starts:%H:%M}")
    return starts, ends


def _date(fields: Mapping[str, Any], where: str) -> date:
    value = fields.get("date")
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        _refuse(where, "date", value, "no date", _DATES)


def _moment(fields: Mapping[str, Any], key: str, where: str) -> datetime:
    value = fields.get(key)
    at = value if isinstance(value, datetime) else None
    if isinstance(value, str) and len(value) > len("2026-12-25"):
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            at = None
    if at is None or at.microsecond or at.tzinfo is not None:
        _refuse(where, key, value, "no moment", _MOMENTS)
    return at


def _days(fields: Mapping[str, Any], where: str) -> Days:
    value = fields.get("days")
    if "days" not in fields:
        return EVERY_DAY
    if not isinstance(value, list) or not value or not all(day in WEEK for day in value):
        _refuse(where, "days", value, "no list of days", f"one or more of {', '.join(WEEK)}")
    return frozenset(WEEK.index(day) for day in value)


def _said(days: Days) -> str:
    return ", ".join(WEEK[day] for day in sorted(days))


def _name(fields: Mapping[str, Any], where: str, key: str = "name") -> str:
    value = fields.get(key)
    if (
        not isinstance(value, str)
        or not value.strip()
        or not value.isprintable()
        or len(value) > _NAME_CHARACTERS
    ):
        raise CalendarError(
            f"{where}: key {key!r}: {value!r} is no name: "
            f"allowed is text of 1 to {_NAME_CHARACTERS} characters"
        )
    return value
