"""What people are at, a stop to be mended or a trend to be looked into, and what they say of it."""

from dataclasses import dataclass, field
from typing import Literal

from protocol.states import State
from simulator.behaviour.agenda import Event, Process
from simulator.behaviour.machine import Machine, Stoppage
from simulator.phase import Phase
from simulator.specs.people import Duty, Person

TREND = "trend"
"""The rule of a call that says where a signal is going."""

Step = Literal["acknowledged", "set out", "at the machine", "restored"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One step of what people did about a stop, or about a trend."""

    machine: str
    """The machine that stopped."""
    stopped_ms: int
    """When it stopped, ms since 1970; of a trend when its call was raised."""
    step: Step
    """What was done."""
    at_ms: int
    """When, ms since 1970."""
    person: str
    """By whom; empty for `acknowledged`, after which whoever is free comes."""
    called_ms: int | None
    """When the call was raised that told of it; None when a round did."""
    trend: bool = False
    """Whether it is about a trend, and not about a stop."""


@dataclass(slots=True, kw_only=True, eq=False)
class Job:
    """A stop that a person has to see to."""

    machine: Machine
    """The machine."""
    stoppage: Stoppage
    """Its stop."""
    state: State
    """Its state, up to the end."""
    stopped_ms: int
    """When it stopped."""
    raised_ms: int | None = None
    """When a call was raised that tells of it; None for none so far."""
    called_ms: int | None = None
    """The same, where it is the call that has it noticed."""
    notice: Event | None = None
    """When it will be noticed, as things stand."""
    noticed: bool = False
    """Whether it is noticed."""


@dataclass(slots=True, kw_only=True, eq=False)
class Visit:
    """A trend that a person looks into: at the next opportunity, or when it is due."""

    machine: Machine
    """The machine."""
    raised_ms: list[int] = field(default_factory=list)
    """When each of the calls was raised that speak of it."""
    acknowledged_ms: list[int] = field(default_factory=list)
    """Those of them that somebody has heard."""
    due: Event | None = None
    """When a person goes there if there was no opportunity before."""
    is_due: bool = False
    """Whether that is so."""
    hand: "Hand | None" = None
    """Who goes there, or is there."""
    stoppage: Stoppage | None = None
    """The stop that whoever is there waits for."""


class Hand:
    """A person of the crew: where they stand, and what they are at."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.duty = Duty(person)
        self.where = ""
        """The machine at which they were last."""
        self.job: Job | Visit | None = None
        """What they are at."""
        self.process: Process | None = None
        """How they are at it."""

    def let_go(self) -> None:
        """Have them be at nothing any more."""
        if self.process is not None:
            self.process.stop()
        self.job = self.process = None


def inspection() -> Stoppage:
    """The stop of a machine for as long as a person looks at it."""
    return Stoppage(phase=Phase.FALSE_ALARM, cause="inspection", length_ms=0, person=True)
