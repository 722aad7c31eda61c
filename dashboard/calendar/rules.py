"""What a calendar says, in nouns of the shop floor and local times, and the shifts of one day."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""Days as they are written in the file, in the order of `date.weekday`."""
EVERY_DAY = frozenset(range(7))
DAY = timedelta(days=1)
_NOON = time(12)

Days = frozenset[int]
"""Days of the week, 0 for Monday."""


@dataclass(frozen=True, slots=True)
class ShiftRule:
    """A shift of the week."""

    name: str
    """Its name, `early`; two may have the same one if they share no day."""
    starts: time
    """Local time."""
    ends: time
    """Local time; of the next day unless it is later than `starts`."""
    days: Days = EVERY_DAY
    """On which days of the week it starts."""


@dataclass(frozen=True, slots=True)
class BreakRule:
    """A break in shifts."""

    name: str
    """Its name, `lunch`."""
    starts: time
    """Local time."""
    ends: time
    """Local time; of the next day unless it is later than `starts`."""
    days: Days = EVERY_DAY
    """On which days of the week its shift starts."""
    shift: str = ""
    """The shift it belongs to; `""` for every one that it falls into."""


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Planned maintenance, once."""

    name: str
    """Its name."""
    begins: datetime
    """Local time, without zone."""
    ends: datetime
    """Local time, without zone."""


@dataclass(frozen=True, slots=True)
class MaintenanceRule:
    """Planned maintenance that comes every week."""

    name: str
    """Its name."""
    starts: time
    """Local time."""
    ends: time
    """Local time; of the next day unless it is later than `starts`."""
    days: Days = EVERY_DAY
    """On which days of the week it starts."""


@dataclass(frozen=True, slots=True)
class Rules:
    """All that is said of a site, a line or a machine."""

    shifts: tuple[ShiftRule, ...] = ()
    """The shifts of the week."""
    breaks: tuple[BreakRule, ...] = ()
    """Their breaks; where two overlap, the one named first."""
    holidays: tuple[tuple[date, str], ...] = ()
    """Production days without a shift, and their names."""
    maintenance: tuple[Maintenance | MaintenanceRule, ...] = ()
    """Planned maintenance, which counts within shifts; where two overlap, the one named first."""
    overrides: tuple[tuple[date, tuple[str, ...]], ...] = ()
    """Production days on which other shifts are worked than the week and the holidays say."""


def begins_on(day: date, day_starts: time) -> date:
    """The date on which a production day begins: its own, or the one before for a start after noon."""
    return day - DAY if day_starts > _NOON else day


def named_after(begun: date, day_starts: time) -> date:
    """The date after which a production day that begins on a date is named: the one with most of it."""
    return begun + DAY if day_starts > _NOON else begun


def worked(rules: Rules, day: date, day_starts: time) -> list[tuple[ShiftRule, date]]:
    """The shifts of a production day with the date on which each starts, in order of their starts."""
    begun = begins_on(day, day_starts)
    dated = [(rule, begun if rule.starts >= day_starts else begun + DAY) for rule in rules.shifts]
    wanted = dict(rules.overrides).get(day)
    if wanted is not None:
        chosen = [one for name in wanted for one in _named(name, dated)]
    elif any(holiday == day for holiday, _ in rules.holidays):
        chosen = []
    else:
        chosen = [(rule, date) for rule, date in dated if date.weekday() in rule.days]
    return sorted(chosen, key=lambda one: (one[1], one[0].starts))


def _named(name: str, dated: list[tuple[ShiftRule, date]]) -> list[tuple[ShiftRule, date]]:
    """The shift of a name as it is on this day of the week; as it is first described where it is extra."""
    same = [(rule, date) for rule, date in dated if rule.name == name]
    return [(rule, date) for rule, date in same if date.weekday() in rule.days] or same[:1]


def end_date(starts: time, ends: time, date: date) -> date:
    """The date on which something ends that starts on a date."""
    return date if ends > starts else date + DAY
