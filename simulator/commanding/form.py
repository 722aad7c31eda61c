"""The form of a command: what it may say, what stands against it, how it is done, what its result says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from protocol.messages import PlantCommand
from simulator.commanding.clockwork import Clockwork, ShiftEnds
from simulator.commanding.fields import Field
from simulator.commanding.roster import Roster
from simulator.plant import Plant
from simulator.specs.kind import Kind
from simulator.specs.machine import MachineSpec, parse_machine

About = Literal["run", "clock", "plant", "nothing"]
"""What a command changes: which run is on, how plant time goes by, the plant itself, or nothing at all.

Only what changes the plant is an **order**: it is written into the run's input log with the plant time
at which it takes effect, because a history is a function of it.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What a command is judged by, and done on."""

    roster: Roster
    """What stands in the plant just before it."""
    at_ms: int
    """Plant time of the command, ms since 1970."""
    kinds: Mapping[str, Kind]
    """The kinds by name."""
    bench: tuple[MachineSpec, ...]
    """The machines of the calibration bench, whether they stand or not."""
    clockwork: Clockwork = field(default_factory=lambda: Clockwork(speed=None))
    """How plant time goes by; nothing that changes the plant looks at it."""
    shifts: ShiftEnds = field(default_factory=ShiftEnds)
    """When the shifts end; nothing that changes the plant looks at it."""
    specs: dict[tuple[str, str], MachineSpec] = field(default_factory=dict)
    """The machines that were read already, by name and text."""

    def spec(self, name: str, text: str) -> MachineSpec:
        """The machine of a name that a TOML text describes.

        Raises:
            SpecError: Names file, key, value and what is allowed.
        """
        spec = self.specs.get((name, text))
        if spec is None:
            spec = self.specs[name, text] = parse_machine(text, f"{name}.toml", self.kinds)
        return spec

    def aside(self) -> "Grounds":
        """The same grounds, where what is read is not remembered: it may be read at each key typed."""
        return replace(self, specs=dict(self.specs))

    def standing(self) -> list[MachineSpec]:
        """The machines of the plant, but for the bench."""
        return [self.spec(name, text) for name, text in self.roster.machines.items()]


def _nothing_stands_against_it(_command: PlantCommand, _grounds: Grounds) -> str:
    return ""


def _says_nothing(_command: PlantCommand, _grounds: Grounds) -> str:
    return ""


def _brings_nothing(_command: PlantCommand, _grounds: Grounds) -> Mapping[str, Any]:
    return {}


def _enters_nothing(_command: PlantCommand, _roster: Roster, _at_ms: int) -> None:
    pass


def _turns_nothing(_command: PlantCommand, grounds: Grounds) -> Clockwork:
    return grounds.clockwork


def _changes_nothing(_command: PlantCommand, _grounds: Grounds, _plant: Plant) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One row of the table: everything about one sort of command."""

    about: About
    """What it changes."""
    fields: Mapping[str, Field]
    """What it may say beside `id` and `what`."""
    done: Callable[[PlantCommand, Grounds], str] = _says_nothing
    """What its result says once it is done. A function of the log, so that a repeat is told the same."""
    more: Callable[[PlantCommand, Grounds], Mapping[str, Any]] = _brings_nothing
    """What else its result brings, by the names of its fields: a machine's file, or the kinds."""
    refusal: Callable[[PlantCommand, Grounds], str] = _nothing_stands_against_it
    """Why it cannot be done as the plant stands, with key, value and what is allowed; empty when it can."""
    enter: Callable[[PlantCommand, Roster, int], None] = _enters_nothing
    """Of an order: how it changes the roster, at a plant time in ms."""
    effect: Callable[[PlantCommand, Grounds, Plant], None] = _changes_nothing
    """Of an order: how it changes the plant, which has lived up to the moment of the grounds."""
    turn: Callable[[PlantCommand, Grounds], Clockwork] = _turns_nothing
    """Of a command about the clock: how plant time goes by from now on."""
    comes_or_goes: bool = False
    """Of an order: whether machines come or go by it, or become others."""
