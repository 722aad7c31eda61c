"""The people of the plant: who tends what, and when they are there. One TOML file.

By which rules they notice, walk and mend is assumed: those stand in a file of their own.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from protocol.moments import from_ms, to_ms
from simulator.specs.assumptions import (
    ALL,
    LEAST_REACTION_S,
    Assumptions,
    Value,
    load_assumptions,
    parse_assumptions,
)
from simulator.specs.settings import ALLOWED_NAME, NAME, Section, SpecError, parse_toml, read_text

Hears = Literal["calls", "at once", "nothing"]
HEARS: tuple[Hears, ...] = ("calls", "at once", "nothing")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
RULES = ("hears", "rounds_s", "reaction_s", "reaction_mean_s", "walk_s")
"""What stood in the people's file before the assumptions had one, and stands there in the records of then."""
LOOKED_AHEAD_DAYS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """A part of the day, in local time; past midnight where it ends before it begins."""

    begin: time
    """When it begins."""
    end: time
    """When it ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One who tends machines."""

    name: str
    """Name, `anna`."""
    tends: frozenset[str]
    """The lines and machines that the person tends; empty for all."""
    skill: float
    """A repair takes its length divided by this."""
    zone: str
    """Time zone of shifts and breaks."""
    days: frozenset[int]
    """Days of the week on which a shift begins, 0 for Monday."""
    shifts: tuple[Hours, ...]
    """When the person is there; none for always."""
    breaks: tuple[Hours, ...]
    """When the person is away from the machines, every day."""

    def tends_machine(self, machine: str, location: tuple[str, ...]) -> bool:
        """Whether a machine is among those that the person tends."""
        return not self.tends or machine in self.tends or not self.tends.isdisjoint(location)


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """All persons, and the rules by which they notice, walk and look after what wears."""

    persons: tuple[Person, ...]
    """The persons, in the order of the file."""
    hears: Hears
    """What tells them of a stop between their rounds."""
    rounds_ms: int
    """From one glance at everything to the next, in milliseconds; 0 for none."""
    reaction_ms: int
    """From a call to its being noticed at least, in milliseconds."""
    reaction_mean_ms: float
    """Mean of what comes on top of that, exponential, in milliseconds."""
    walk_ms: int
    """From one machine to another, in milliseconds."""
    condition: bool = True
    """Whether they act on calls that speak of a trend."""
    on_shift: frozenset[str] | None = None
    """Names of those who are there; None for all."""
    inspection_ms: int = 600_000
    """How long they look for what a trend speaks of, in milliseconds."""
    planned_share: float = 0.5
    """Length of a planned repair, as a share of what it takes after a failure."""
    planned_within_ms: int = 3_600_000
    """At most so long after a trend was called they look into it, in milliseconds."""
    worn_share: float = 0.6
    """A component of which more than this share of its life is used is seen to be worn."""
    deaf: bool = False
    """Whether they hear nothing and act on no trend, whatever is assumed: the people of the twin."""

    def assuming(self, assumptions: Assumptions) -> "People":
        """The same people by these rules. Who hears at once goes on to."""
        persons = assumptions["on_shift"]
        return replace(
            self,
            hears=self._hearing(assumptions),
            rounds_ms=assumptions.ms("rounds_s"),
            reaction_ms=assumptions.ms("reaction_s"),
            reaction_mean_ms=assumptions.number("reaction_mean_s") * 1_000,
            walk_ms=assumptions.ms("walk_s"),
            condition=bool(assumptions["condition"]) and not self.deaf,
            on_shift=frozenset(persons) if isinstance(persons, tuple) else None,
            inspection_ms=assumptions.ms("inspection_s"),
            planned_share=assumptions.number("planned_share"),
            planned_within_ms=assumptions.ms("planned_within_s"),
            worn_share=assumptions.number("worn_share"),
        )

    def of_twin(self) -> "People":
        """The same people in a plant in which nobody hears anything, whatever is assumed later."""
        return replace(self, hears="nothing", condition=False, deaf=True)

    def is_on_shift(self, name: str) -> bool:
        """Whether a person is among those who are there."""
        return self.on_shift is None or name in self.on_shift

    def _hearing(self, assumptions: Assumptions) -> Hears:
        if self.deaf:
            return "nothing"
        if self.hears == "at once":
            return "at once"
        return "calls" if assumptions["calls"] else "nothing"


def load_people(people: Path, assumptions: Path) -> People:
    """The people in a file, by the rules that are assumed in another.

    Raises:
        SpecError: A file cannot be read, or is wrong; or somebody is to be on shift who is not there.
    """
    persons = persons_in(read_text(people), people.name)
    return people_of(persons, load_assumptions(assumptions, names_of(persons)))


def people_of(persons: tuple[Person, ...], assumptions: Assumptions) -> People:
    """These persons, by the rules that are assumed."""
    people = People(
        persons=persons, hears="calls", rounds_ms=0, reaction_ms=0, reaction_mean_ms=0.0, walk_ms=0
    )
    return people.assuming(assumptions)


def persons_in(text: str, source: str = "people.toml") -> tuple[Person, ...]:
    """The persons in a TOML text.

    Raises:
        SpecError: Names file, key, value and what is allowed.
    """
    table = Section(parse_toml(text, source), source=source)
    for key in RULES:
        if key in table:
            stands = "calls" if key == "hears" else key
            raise SpecError(f"{source}: key {key!r} is not known: {stands!r} stands in assumptions.toml")
    persons = _persons(table)
    table.close()
    return persons


@lru_cache(maxsize=16)
def rules_of(
    people: str, assumptions: str, *, sources: tuple[str, str] = ("people.toml", "assumptions.toml")
) -> tuple[People | None, Assumptions]:
    """The people of a run and what is assumed at its beginning, from the texts of both files.

    Args:
        people: Text of the people's file; empty for nobody.
        assumptions: Text of the assumptions' file; empty in a run from before there was one, whose people's
            file says by which rules they work.
        sources: What to call the two.

    Raises:
        SpecError: Names file, key, value and what is allowed.
    """
    if not people:
        return None, parse_assumptions(assumptions, (), sources[1])
    if not assumptions:
        found = parse_people(people, sources[0])
        return found, parse_assumptions("").changed(_assumed(found))
    persons = persons_in(people, sources[0])
    assumed = parse_assumptions(assumptions, names_of(persons), sources[1])
    return people_of(persons, assumed), assumed


def load_rules(people: Path | None, assumptions: Path) -> tuple[People | None, Assumptions]:
    """The people and what is assumed at the beginning, from both files; None for nobody.

    Raises:
        SpecError: A file cannot be read, or is wrong.
    """
    text = "" if people is None else read_text(people)
    sources = ("people.toml" if people is None else people.name, assumptions.name)
    return rules_of(text, assumptions_text(assumptions), sources=sources)


def assumptions_text(file: Path) -> str:
    """The text of a file of assumptions, never empty: that would stand for a run without one.

    Raises:
        SpecError: It cannot be read.
    """
    return read_text(file) or "\n"


def names_of(persons: Iterable[Person]) -> tuple[str, ...]:
    """Their names, in order."""
    return tuple(person.name for person in persons)


def parse_people(text: str, source: str = "people.toml") -> People:
    """The people in a TOML text that has the rules beside the persons, as before these had their own file.

    Raises:
        SpecError: Names file, key, value and what is allowed.
    """
    table = Section(parse_toml(text, source), source=source)
    hears = _hears(table)
    least = LEAST_REACTION_S if hears == "calls" else 0.0
    people = People(
        persons=_persons(table),
        hears=hears,
        rounds_ms=round(table.number("rounds_s", least=0, most=86_400, default=0) * 1_000),
        reaction_ms=round(table.number("reaction_s", least=least, most=86_400, default=60) * 1_000),
        reaction_mean_ms=table.number("reaction_mean_s", least=0, most=86_400, default=0) * 1_000,
        walk_ms=round(table.number("walk_s", least=0, most=3_600, default=0) * 1_000),
    )
    table.close()
    if people.hears == "nothing" and not people.rounds_ms:
        raise table.refusal("rounds_s", "more than 0 where people hear nothing: nobody would ever come")
    return people


def _assumed(people: People) -> dict[str, Value]:
    """The values by which people work."""
    return {
        "calls": people.hears != "nothing",
        "rounds_s": people.rounds_ms / 1_000,
        "reaction_s": people.reaction_ms / 1_000,
        "reaction_mean_s": people.reaction_mean_ms / 1_000,
        "walk_s": people.walk_ms / 1_000,
        "on_shift": ALL,
    }


def _persons(table: Section) -> tuple[Person, ...]:
    persons = tuple(_person(name, part) for name, part in table.section("persons").sections().items())
    if not persons:
        raise table.missing("persons", "at least one, as a table [persons.anna]")
    return persons


def _hears(table: Section) -> Hears:
    word = table.text("hears", default="calls")
    for one in HEARS:
        if one == word:
            return one
    raise table.refusal("hears", f"one of {', '.join(HEARS)}")


def _person(name: str, table: Section) -> Person:
    if not NAME.fullmatch(name):
        raise table.named(f"a name of {ALLOWED_NAME}")
    person = Person(
        name=name,
        tends=frozenset(_names(table)),
        skill=table.number("skill", least=0.1, most=10, default=1),
        zone=_zone(table),
        days=_days(table),
        shifts=_hours(table, "shifts"),
        breaks=_hours(table, "breaks"),
    )
    table.close()
    return person


def _names(table: Section) -> list[str]:
    allowed = "a list of lines and machines; without the key, all of them"
    rows = table.rows("tends", default=[], allowed=allowed)
    if not all(isinstance(row, str) and NAME.fullmatch(row) for row in rows) or (
        "tends" in table and not rows
    ):
        raise table.refusal("tends", allowed)
    return rows


def _zone(table: Section) -> str:
    zone = table.text("time_zone", default="UTC")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise table.refusal("time_zone", "a name such as UTC or Europe/Berlin") from None
    return zone


def _days(table: Section) -> frozenset[int]:
    allowed = f"a list of {', '.join(DAYS)}"
    rows = table.rows("days", default=list(DAYS), allowed=allowed)
    if not rows or not all(row in DAYS for row in rows):
        raise table.refusal("days", allowed)
    return frozenset(DAYS.index(row) for row in rows)


def _hours(table: Section, key: str) -> tuple[Hours, ...]:
    allowed = 'a list of hours such as "06:00-14:00"; past midnight where they end before they begin'
    hours: list[Hours] = []
    for row in table.rows(key, default=[], allowed=allowed):
        try:
            begin, end = (time.fromisoformat(word.strip()) for word in row.split("-"))
        except (AttributeError, ValueError):
            raise table.refusal(key, allowed) from None
        if begin == end or begin.tzinfo or end.tzinfo:
            raise table.refusal(key, allowed)
        hours.append(Hours(begin=begin, end=end))
    return tuple(hours)


class Duty:
    """When a person is on duty, in plant time."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self._zone = ZoneInfo(person.zone)
        self._days: dict[date, list[tuple[int, int]]] = {}

    def is_on(self, at_ms: int) -> bool:
        """Whether the person is on duty at a moment."""
        return self.next_ms(at_ms) == at_ms

    def next_ms(self, at_ms: int) -> int | None:
        """The first moment from one on at which the person is on duty; None for none in two weeks."""
        if not self._person.shifts and not self._person.breaks and len(self._person.days) == len(DAYS):
            return at_ms
        today = from_ms(at_ms).astimezone(self._zone).date()
        for day in range(-1, LOOKED_AHEAD_DAYS):
            for begin_ms, end_ms in self._spans(today + timedelta(days=day)):
                if at_ms < end_ms:
                    return max(at_ms, begin_ms)
        return None

    def _spans(self, day: date) -> list[tuple[int, int]]:
        """When the person is on duty in the shifts that begin on a day, in order."""
        spans = self._days.get(day)
        if spans is None:
            whole = (Hours(begin=time(0), end=time(0)),)
            spans = (
                [self._span(day, hours) for hours in self._person.shifts or whole]
                if day.weekday() in self._person.days
                else []
            )
            for pause in (
                self._span(day + timedelta(days=shift), one)
                for shift in (-1, 0, 1)
                for one in self._person.breaks
            ):
                spans = [part for span in spans for part in _without(span, pause)]
            spans.sort()
            if len(self._days) > 2 * LOOKED_AHEAD_DAYS:
                self._days.clear()
            self._days[day] = spans
        return spans

    def _span(self, day: date, hours: Hours) -> tuple[int, int]:
        past = hours.end <= hours.begin
        end_day = day + timedelta(days=1) if past else day
        begin = datetime.combine(day, hours.begin, tzinfo=self._zone)
        end = datetime.combine(end_day, hours.end, tzinfo=self._zone)
        return to_ms(begin), to_ms(end)


def _without(span: tuple[int, int], pause: tuple[int, int]) -> list[tuple[int, int]]:
    """What is left of a span without a pause."""
    parts = [(span[0], min(span[1], pause[0])), (max(span[0], pause[1]), span[1])]
    return [(begin, end) for begin, end in parts if begin < end]
