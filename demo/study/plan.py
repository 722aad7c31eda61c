"""What is lived in every pair: machines, people, the office's rules, and for how long."""

import hashlib
from dataclasses import dataclass, field, fields

import msgspec

from dashboard.calendar.places import Calendar
from dashboard.calls.rules import CallRules
from dashboard.states.rules import StateRules
from simulator.specs.machine import MachineSpec
from simulator.specs.people import People

EPOCH_MS = 1_767_592_800_000
"""2026-01-05T06:00:00Z, a Monday at the beginning of the early shift: when every pair begins."""
HOUR_MS = 3_600_000
FARTHEST_MS = 60_000
"""So far a plant is ahead of its office where people take no less to hear a call."""
LEAST_LOOKAHEAD_MS = 1_000
"""The office of a plant in the same process answers at once, and still answers only what has been."""

Absence = tuple[int, int]
"""A stretch without an office, from and to, in milliseconds after the epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One experiment, to be lived from as many seeds as one likes."""

    machines: tuple[MachineSpec, ...]
    """The machines, in the order in which they are put up."""
    people: People
    """Who tends them in the monitored plant; in its twin the same people hear nothing."""
    calls: CallRules = field(default_factory=CallRules)
    """When the office calls for a person."""
    states: StateRules = field(default_factory=StateRules)
    """How the readings of a retrofit become states."""
    calendar: str = ""
    """Text of the calendar: nobody is called outside planned time; empty for the demo's."""
    length_ms: int
    """How much of a pair's time is counted, in milliseconds."""
    warm_up_ms: int = 0
    """Time that is lived before that and not counted."""
    epoch_ms: int = EPOCH_MS
    """When it begins, ms since 1970."""
    longest_lookahead_ms: int = FARTHEST_MS
    """How far the plant is ahead of its office at most, in milliseconds."""
    absent: tuple[Absence, ...] = ()
    """When there is no office."""
    alike: bool = False
    """Whether both plants live by the twin's rule: then nothing may be gained."""

    @property
    def end_ms(self) -> int:
        """When a pair ends, ms since 1970."""
        return self.epoch_ms + self.warm_up_ms + self.length_ms

    @property
    def lookahead_ms(self) -> int:
        """How far the plant is ahead of its office: no further than people take to hear a call."""
        return max(LEAST_LOOKAHEAD_MS, min(self.longest_lookahead_ms, self.people.reaction_ms))

    @property
    def lines(self) -> dict[str, list[MachineSpec]]:
        """The machines by the place where they stand."""
        lines: dict[str, list[MachineSpec]] = {}
        for spec in self.machines:
            lines.setdefault("/".join(spec.location), []).append(spec)
        return lines

    @property
    def last(self) -> dict[str, list[str]]:
        """The machines whose parts leave each line that makes any, by name."""
        found: dict[str, list[str]] = {}
        for line, specs in self.lines.items():
            followed = {spec.feed.after for spec in specs if spec.feed}
            names = [one.name for one in specs if one.settings.makes_parts and one.name not in followed]
            if names:
                found[line] = names
        return found

    @property
    def digest(self) -> str:
        """Digest of all this; with another one it is another experiment."""
        machines = [(one.name, one.location, one.controller, one.feed, one.settings) for one in self.machines]
        told = [getattr(self, one.name) for one in fields(self) if one.name != "machines"]
        # Sorted, because sets have no order that another process would share.
        text = msgspec.json.encode((machines, told), order="sorted")
        return hashlib.blake2b(text, digest_size=8).hexdigest()

    def calendar_of(self) -> Calendar:
        """The calendar.

        Raises:
            CalendarError: It cannot be understood.
        """
        return Calendar.of(self.calendar) if self.calendar else Calendar.read()
