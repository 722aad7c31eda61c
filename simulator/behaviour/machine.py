"""One machine of the plant: its diary, its clocks, and its stops one after the other."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from protocol.states import State
from simulator.behaviour.agenda import Agenda, Days, Process
from simulator.behaviour.clock import Clock
from simulator.behaviour.cycles import Cycles
from simulator.behaviour.diary import NOTHING, Diary, Lag
from simulator.behaviour.stretch import Labels, labels_of
from simulator.behaviour.trouble import NO_TROUBLE
from simulator.phase import STATE_OF, Phase
from simulator.specs.kind import Kind
from simulator.streams import Dice, exponential

PRESSURE = ("pressure_bar", "pressure_bar_per_ms")
"""The columns of a compressor: pressure of its receiver when an interval begins, and the slope."""


@dataclass(slots=True, kw_only=True, eq=False)
class Stoppage:
    """A stop that has begun, or will when the one before it is over."""

    phase: Phase
    """What is done about it."""
    cause: str
    """What the machine says of it."""
    length_ms: int
    """How long that takes a person of skill 1, or no person."""
    person: bool
    """Whether a person has to come."""
    reaction: float = 0.0
    """Drawn part of a reaction to a call, as a multiple of its mean."""
    clock: Clock | None = None
    """The clock that struck; None for a stop that was ordered."""


class People(Protocol):
    """Those who come when a machine stops."""

    def tend(self, machine: "Machine") -> bool:
        """Whether anybody ever comes to a machine."""

    def report(self, machine: "Machine", stoppage: Stoppage, *, present: bool) -> None:
        """A machine has stopped; `present` when somebody stands before it. They say when it is over."""

    def leave(self, machine: "Machine") -> None:
        """A machine is taken away."""


class Drive(Protocol):
    """What makes a machine work: with others that are coupled to it, or as a compressor."""

    def interrupt(self) -> None:
        """Settle what was done up to now, and go on from here as things stand."""


class Machine:
    """A machine from the day it is put up.

    Args:
        name: Its name.
        kind: Its settings.
        agenda: The agenda of the plant.
        dice: Its draws.
        start_ms: When it is put up.
        people: Those who come when it stops; None when stops are mended at once.
        lag: Its signals that follow slowly; None for none.
        bare: Whether its diary keeps labels and parts alone.
    """

    def __init__(
        self,
        *,
        name: str,
        kind: Kind,
        agenda: Agenda,
        dice: Dice,
        start_ms: int,
        people: People | None,
        labels: Labels | None = None,
        lag: Lag | None = None,
        bare: bool = False,
    ) -> None:
        self.name = name
        self.kind = kind
        self.dice = dice
        self.labels = labels or Labels(labels_of(kind))
        self.clocks = (
            () if kind.pattern else tuple(Clock(stop, dice, fresh=kind.fresh) for stop in kind.stops)
        )
        self.within = tuple(clock for clock in self.clocks if not clock.between)
        """The clocks of stops that interrupt a cycle."""
        self.between = tuple(clock for clock in self.clocks if clock.between)
        """The clocks of stops that let it finish."""
        self.used = tuple(clock for clock in self.clocks if not clock.timed)
        """The clocks that go by what is run."""
        self.wears = {clock.stop.symptom: clock for clock in self.clocks if clock.stop.symptom}
        self.components = tuple(clock for clock in self.clocks if clock.stop.shows)
        """The clocks of failures that show beforehand."""
        self.cycles = Cycles(kind, dice)
        self.diary = Diary(
            start_ms,
            lag=lag,
            wears=self.wears,
            more=PRESSURE if kind.receiver is not None else (),
            bare=bare,
        )
        self.drive: Drive | None = None
        """What makes it work; None while it is put up."""
        self.more: Callable[[], Mapping[str, float]] = lambda: NOTHING
        """Further columns of its diary as of now."""
        self.stopped = False
        """Whether it stands, and mending it is what it waits for."""
        self.held = ""
        """The cause for which it is held; empty while it may work."""
        self.trouble = NO_TROUBLE
        """What a fault from outside does to it."""
        self.part = 0
        """Count of the cycle under way."""
        self.asked: Stoppage | None = None
        """The stop that begins with the end of the cycle under way, because somebody waits for it."""
        self.slow = 1.0
        """By how much its cycles take longer."""
        self.position = 0.0
        """How far the cycle under way has come, from 0 to 1."""
        self._agenda = agenda
        self._people = people
        self._stops: deque[Stoppage] = deque()
        self._reactions = {
            clock: dice.draws(f"{clock.stop.name}.reaction", _reaction)
            for clock in self.clocks
            if clock.stop.person
        }
        self._mending: Process | None = None
        self._mended = False
        self._label = -1

    @property
    def agenda(self) -> Agenda:
        """The agenda of the plant."""
        return self._agenda

    @property
    def hindered(self) -> bool:
        """Whether it may not work, because it is held or in trouble."""
        return bool(self.held) or self.trouble.phase is not None

    def stand_by(self) -> None:
        """Begin the interval of what hinders it."""
        if self.trouble.phase is not None:
            self.enter(self.trouble.phase, self.trouble.cause)
        else:
            self.enter(Phase.WAITING, self.held)

    def start(self) -> None:
        """Set the clocks that go by time, from now on."""
        for clock in self.clocks:
            if clock.timed:
                clock.begun_ms = self._agenda.now_ms - (clock.life - clock.left)
                self._wind(clock, clock.left)

    def leave(self) -> None:
        """Be taken away: nothing happens to it any more."""
        for clock in self.clocks:
            if clock.due is not None:
                clock.due.call_off()
        if self._mending is not None:
            self._mending.stop()
        if self._people is not None:
            self._people.leave(self)

    def strike(self, clock: Clock) -> None:
        """Stop now, because the life of a component has ended."""
        length_ms, cause = clock.strike()
        if clock.due is not None:
            clock.due.call_off()
        stop = clock.stop
        reaction = self._reactions[clock][clock.k] if clock in self._reactions else 0.0
        self.stop(
            Stoppage(
                phase=stop.phase,
                cause=cause,
                length_ms=length_ms,
                person=stop.person,
                reaction=reaction,
                clock=clock,
            )
        )

    def stop(self, stoppage: Stoppage) -> None:
        """Stop now, or as soon as the stop under way is over."""
        self._stops.append(stoppage)
        if not self.stopped:
            self.stopped = True
            if self.drive is not None:
                self.drive.interrupt()
            self._mending = self._agenda.start(self._stand())

    def ask(self, stoppage: Stoppage) -> None:
        """Stop between two parts; at once where it stands, or makes none."""
        if self.stopped or self.hindered or self.kind.receiver is not None:
            self.stop(stoppage)
            return
        self.asked = stoppage
        if self.drive is not None:
            self.drive.interrupt()

    def stop_as_asked(self) -> None:
        """Stop now, if somebody waits for that."""
        stoppage, self.asked = self.asked, None
        if stoppage is not None:
            self.stop(stoppage)

    def withdraw(self, stoppage: Stoppage) -> None:
        """Do not stop because of this, unless it has begun."""
        if self.asked is stoppage:
            self.asked = None
        elif stoppage in self._stops:
            self._stops.remove(stoppage)

    def most_worn(self, share: float) -> Clock | None:
        """The component of which the largest share of its life is used, if that is more than this share."""
        now_ms = self._agenda.now_ms
        worn = {clock: clock.worn(now_ms, self.position) for clock in self.components if not clock.mending}
        most = max(worn, key=lambda clock: worn[clock], default=None)
        return most if most is not None and worn[most] > share else None

    def forestall(self, clock: Clock) -> int:
        """Begin to renew a component before it fails; how long its repair would take, in milliseconds."""
        if clock.due is not None:
            clock.due.call_off()
        return clock.forestall()

    def renew(self, clock: Clock) -> None:
        """A component is as new, and its next life begins."""
        clock.renew(self._agenda.now_ms)
        if clock.timed:
            self._wind(clock, clock.life)

    def mended(self) -> None:
        """What it waits for is done."""
        self._mended = True
        if self._mending is not None:
            self._mending.wake()

    def enter(self, phase: Phase, cause: str, state: State | None = None) -> None:
        """Begin an interval without running, unless it is in such a one already."""
        label = self.labels.number(phase, cause, state)
        if label != self._label:
            self.begin(label)

    def begin(self, label: int, *, pace: float = 0.0, position: float | None = None) -> None:
        """Begin an interval whose end is not known."""
        now_ms = self._agenda.now_ms
        self._label = label
        if self.diary.bare:
            self.diary.begin(now_ms, label)
            return
        worn: dict[str, float] = {}
        wearing: dict[str, float] = {}
        for symptom, clock in self.wears.items():
            worn[symptom] = clock.worn(now_ms, self.position)
            goes = clock.timed or (pace and not clock.counted)
            wearing[symptom] = 1 / clock.life if goes and not clock.mending else 0.0
        self.diary.begin(
            now_ms,
            label,
            position=self.position if position is None else position,
            pace=pace,
            worn=worn,
            wearing=wearing,
            more=self.more(),
        )

    def begin_again(self) -> None:
        """Cut the interval without running that is under way, because what its columns say has changed."""
        if self._label >= 0:
            self.begin(self._label)

    def works(self) -> None:
        """It works, and what it does is written by what drives it."""
        self._label = -1

    def _stand(self) -> Days:
        present = False
        while self._stops:
            stoppage = self._stops.popleft()
            state = STATE_OF[stoppage.phase]
            if stoppage.person and self._people is not None and self._people.tend(self):
                self._mended = False
                self._people.report(self, stoppage, present=present)
                while not self._mended:
                    yield None
                present = True
            else:
                self.enter(stoppage.phase, stoppage.cause, state)
                yield self._agenda.now_ms + stoppage.length_ms
                present = False
            if stoppage.clock is not None:
                self.renew(stoppage.clock)
            self._label = -1
        self.stopped = False
        self._mending = None
        if self.drive is not None:
            self.drive.interrupt()

    def _wind(self, clock: Clock, left_ms: int) -> None:
        clock.due = self._agenda.at(self._agenda.now_ms + left_ms, lambda: self._run_out(clock))

    def _run_out(self, clock: Clock) -> None:
        if self.drive is None or not clock.between:
            self.strike(clock)
            return
        # The cycle under way is let finish; when there is none, it is due now.
        clock.overdue = True
        self.drive.interrupt()


def _reaction(
    uniforms: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return exponential(uniforms, mean=1.0)
