"""The crew: people who notice stopped machines, walk to them and mend them, one after the other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from protocol.states import State
from simulator.behaviour.agenda import Agenda, Days, Event, Process
from simulator.behaviour.machine import Machine, Stoppage
from simulator.phase import STATE_OF, Phase
from simulator.specs.people import Duty, People, Person

ROUNDS_LOOKED_AHEAD = 10_000
"""So many rounds on which nobody is on duty are tried before it is said that nobody comes."""

KEPT_MS = 86_400_000
"""What was done about a stop is remembered for so long."""

Step = Literal["acknowledged", "set out", "at the machine", "restored"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One step of what people did about a stop."""

    machine: str
    """The machine that stopped."""
    stopped_ms: int
    """When it stopped, ms since 1970."""
    step: Step
    """What was done."""
    at_ms: int
    """When, ms since 1970."""
    person: str
    """By whom; empty for `acknowledged`, after which whoever is free comes."""
    called_ms: int | None
    """When the call was raised that told of it; None when a round did."""


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
    called_ms: int | None = None
    """When the call was raised that told of it."""
    notice: Event | None = None
    """When it will be noticed, as things stand."""
    noticed: bool = False
    """Whether it is noticed."""


class Hand:
    """A person of the crew: where they stand, and what they are at."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.duty = Duty(person)
        self.where = ""
        """The machine at which they were last."""
        self.job: Job | None = None
        """What they are at."""
        self.process: Process | None = None
        """How they are at it."""


class Crew:
    """All people of the plant.

    Args:
        people: The persons and the rules.
        agenda: The agenda of the plant.
        epoch_ms: From here on rounds are counted, ms since 1970.
        locations: Where each machine stands, by its name.
    """

    def __init__(
        self,
        people: People,
        agenda: Agenda,
        *,
        epoch_ms: int,
        locations: Callable[[str], tuple[str, ...]],
    ) -> None:
        self.responses: list[Response] = []
        """All that was done, in order."""
        self._rules = people
        self._agenda = agenda
        self._epoch_ms = epoch_ms
        self._locations = locations
        self._hands = [Hand(person) for person in people.persons]
        self._jobs: dict[Machine, Job] = {}
        self._queue: list[Job] = []
        self._tenders: dict[Machine, list[Hand]] = {}
        self._arrivals: dict[str, int] = {}

    def tend(self, machine: Machine) -> bool:
        """Whether anybody ever comes to a machine."""
        return bool(self._who(machine))

    def report(self, machine: Machine, stoppage: Stoppage, *, present: bool) -> None:
        """A machine has stopped; `present` when somebody stands before it, who sees it at once."""
        now_ms = self._agenda.now_ms
        job = Job(machine=machine, stoppage=stoppage, state=STATE_OF[stoppage.phase], stopped_ms=now_ms)
        self._jobs[machine] = job
        rules = self._rules
        noticed_ms = self._round_ms(machine, now_ms)
        if rules.hears == "at once":
            noticed_ms = _earlier(noticed_ms, self._heard_ms(job, now_ms))
        if present:
            noticed_ms = now_ms
        if noticed_ms == now_ms:
            self._notice(job)
            return
        self._enter(job, Phase.UNNOTICED)
        if noticed_ms is not None:
            job.notice = self._agenda.at(noticed_ms, lambda: self._notice(job))

    def heeding(self) -> Iterator[str]:
        """The machines of which a call raised from now on, of what is the case now, could change anything."""
        if self._rules.hears == "calls":
            for job in self._jobs.values():
                if not job.noticed and job.called_ms is None:
                    yield job.machine.name

    def hear(self, machine: Machine, raised_ms: int) -> None:
        """A call for a machine was raised; whoever tends it hears it, if calls are heard."""
        job = self._jobs.get(machine)
        if self._rules.hears != "calls":
            return
        if job is None or job.stopped_ms > raised_ms:
            self._look(machine, raised_ms)
            return
        if job.noticed:
            return
        heard_ms = self._heard_ms(job, raised_ms)
        if heard_ms is None:
            return
        heard_ms = max(heard_ms, self._agenda.now_ms)
        if job.notice is not None and job.notice.at_ms <= heard_ms:
            return
        if job.notice is not None:
            job.notice.call_off()
        job.called_ms = raised_ms
        job.notice = self._agenda.at(heard_ms, lambda: self._notice(job))

    def _look(self, machine: Machine, raised_ms: int) -> None:
        """Acknowledge a call about something that nobody has to mend."""
        heard_ms = self._on_duty_ms(machine, raised_ms + self._rules.reaction_ms)
        if heard_ms is None:
            return

        def acknowledge() -> None:
            self.responses.append(
                Response(
                    machine=machine.name,
                    stopped_ms=raised_ms,
                    step="acknowledged",
                    at_ms=self._agenda.now_ms,
                    person="",
                    called_ms=raised_ms,
                )
            )

        self._agenda.at(max(heard_ms, self._agenda.now_ms), acknowledge)

    def leave(self, machine: Machine) -> None:
        """A machine is taken away, and whoever is at it is free."""
        self._tenders.pop(machine, None)
        job = self._jobs.pop(machine, None)
        if job is None:
            return
        if job.notice is not None:
            job.notice.call_off()
        if job in self._queue:
            self._queue.remove(job)
        for hand in self._hands:
            if hand.job is job:
                if hand.process is not None:
                    hand.process.stop()
                hand.job = None
        self._assign()

    def forget(self, before_ms: int) -> None:
        """Drop the responses before a moment, but for those that a call under way may be about."""
        self.responses = [one for one in self.responses if one.at_ms >= before_ms - KEPT_MS]

    def _who(self, machine: Machine) -> list[Hand]:
        hands = self._tenders.get(machine)
        if hands is None:
            where = self._locations(machine.name)
            hands = [hand for hand in self._hands if hand.person.tends_machine(machine.name, where)]
            self._tenders[machine] = hands
        return hands

    def _round_ms(self, machine: Machine, from_ms: int) -> int | None:
        """The next round on which somebody sees a machine."""
        every_ms = self._rules.rounds_ms
        if not every_ms:
            return None
        number = -((self._epoch_ms - from_ms) // every_ms)
        for _ in range(ROUNDS_LOOKED_AHEAD):
            at_ms = self._epoch_ms + number * every_ms
            nexts = [hand.duty.next_ms(at_ms) for hand in self._who(machine)]
            known = [one for one in nexts if one is not None]
            if not known:
                return None
            if min(known) == at_ms:
                return at_ms
            number = -((self._epoch_ms - min(known)) // every_ms)
        return None

    def _heard_ms(self, job: Job, raised_ms: int) -> int | None:
        """When a call is noticed: after a reaction, and once somebody is on duty."""
        rules = self._rules
        heard_ms = raised_ms + rules.reaction_ms + round(rules.reaction_mean_ms * job.stoppage.reaction)
        return self._on_duty_ms(job.machine, heard_ms)

    def _on_duty_ms(self, machine: Machine, from_ms: int) -> int | None:
        """The first moment at which somebody who tends a machine is on duty."""
        nexts = [hand.duty.next_ms(from_ms) for hand in self._who(machine)]
        return min((one for one in nexts if one is not None), default=None)

    def _notice(self, job: Job) -> None:
        job.noticed = True
        job.notice = None
        self._say(job, "acknowledged")
        self._enter(job, Phase.WAITING_FOR_PERSON)
        self._queue.append(job)
        self._assign()

    def _assign(self) -> None:
        """Send whoever is free and on duty, to the stop that was noticed first."""
        now_ms = self._agenda.now_ms
        for job in list(self._queue):
            hands = self._who(job.machine)
            free = [hand for hand in hands if hand.job is None and hand.duty.is_on(now_ms)]
            if free:
                # Whoever stands there already goes first, then the first of the file.
                hand = next((one for one in free if one.where == job.machine.name), free[0])
                self._queue.remove(job)
                hand.job = job
                hand.process = self._agenda.start(self._attend(hand, job))
                continue
            for hand in hands:
                self._await(hand)

    def _await(self, hand: Hand) -> None:
        """Look again when a person's duty begins."""
        next_ms = hand.duty.next_ms(self._agenda.now_ms)
        if next_ms is None or next_ms <= self._agenda.now_ms:
            return
        if self._arrivals.get(hand.person.name) != next_ms:
            self._arrivals[hand.person.name] = next_ms
            self._agenda.at(next_ms, self._assign)

    def _attend(self, hand: Hand, job: Job) -> Days:
        """How a person sees to a stop."""
        self._say(job, "set out", hand)
        if hand.where != job.machine.name and self._rules.walk_ms:
            self._enter(job, Phase.WALKING)
            yield self._agenda.now_ms + self._rules.walk_ms
        hand.where = job.machine.name
        self._say(job, "at the machine", hand)
        stoppage = job.stoppage
        job.machine.enter(stoppage.phase, stoppage.cause, job.state)
        yield self._agenda.now_ms + max(1, round(stoppage.length_ms / hand.person.skill))
        self._say(job, "restored", hand)
        hand.job = None
        del self._jobs[job.machine]
        job.machine.mended()
        # After the machine has gone on: should another stop be due, it is noticed first.
        self._agenda.at(self._agenda.now_ms, self._assign)

    def _enter(self, job: Job, phase: Phase) -> None:
        job.machine.enter(phase, job.stoppage.cause, job.state)

    def _say(self, job: Job, step: Step, hand: Hand | None = None) -> None:
        self.responses.append(
            Response(
                machine=job.machine.name,
                stopped_ms=job.stopped_ms,
                step=step,
                at_ms=self._agenda.now_ms,
                person=hand.person.name if hand else "",
                called_ms=job.called_ms,
            )
        )


def _earlier(one: int | None, other: int | None) -> int | None:
    """The earlier of two moments, either of which may never come."""
    moments = [moment for moment in (one, other) if moment is not None]
    return min(moments, default=None)
