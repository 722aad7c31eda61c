"""The crew: people who notice stopped machines, walk to them and mend them, one after the other.

Where a call speaks of a trend they look at the machine before it fails: when they tend it anyway, or after a
while between two parts.
"""

from collections.abc import Callable
from functools import partial

from protocol.states import State
from simulator.behaviour.agenda import Agenda, Days
from simulator.behaviour.job import TREND, Hand, Job, Response, Step, Visit, inspection
from simulator.behaviour.machine import Machine, Stoppage
from simulator.behaviour.rota import Rota
from simulator.phase import STATE_OF, Phase
from simulator.specs.assumptions import Assumptions
from simulator.specs.people import People

KEPT_MS = 86_400_000
"""What was done about a stop is remembered for so long."""


class Crew:
    """All people of the plant.

    Args:
        people: The persons and the rules.
        agenda: The agenda of the plant.
        epoch_ms: From here on rounds are counted, ms since 1970.
        locations: Where each machine stands, by its name.
    """

    def __init__(
        self, people: People, agenda: Agenda, *, epoch_ms: int, locations: Callable[[str], tuple[str, ...]]
    ) -> None:
        self.responses: list[Response] = []
        """All that was done, in order."""
        self._rota = Rota(people, epoch_ms=epoch_ms, locations=locations)
        self._agenda = agenda
        self._jobs: dict[Machine, Job] = {}
        self._queue: list[Job] = []
        self._visits: dict[Machine, Visit] = {}
        self._arrivals: dict[str, int] = {}
        self._hearing_since_ms = 0

    @property
    def _rules(self) -> People:
        return self._rota.rules

    # --- what they are told -----------------------------------------------------------------------

    def tend(self, machine: Machine) -> bool:
        """Whether anybody ever comes to a machine."""
        return bool(self._rota.who(machine))

    def assume(self, assumptions: Assumptions) -> None:
        """Work by other rules from now on: what is not noticed yet is noticed by them."""
        before = self._rules
        self._rota.rules = before.assuming(assumptions)
        if before.hears == "nothing":
            # Whoever hears from now on hears the calls that are open now.
            self._hearing_since_ms = self._agenda.now_ms
        for job in self._jobs.values():
            if not job.noticed:
                self._await_notice(job)
        for visit in list(self._visits.values()):
            if visit.hand is None and not self._rules.condition:
                self._drop(visit)
            else:
                self._await_word(visit)
                self._put_off(visit)
        self._assign()

    def report(self, machine: Machine, stoppage: Stoppage, *, present: bool) -> None:
        """A machine has stopped; `present` when somebody stands before it, who sees it at once."""
        visit = self._visits.get(machine)
        if visit is not None and visit.hand is not None and visit.stoppage is not None:
            if stoppage is visit.stoppage:
                if visit.hand.process is not None:
                    visit.hand.process.wake()
                return
            # Whoever waits there for the end of the cycle sees to this first.
            machine.withdraw(visit.stoppage)
            visit.hand.let_go()
            visit.hand = visit.stoppage = None
            present = True
        state = STATE_OF[stoppage.phase]
        job = Job(machine=machine, stoppage=stoppage, state=state, stopped_ms=self._agenda.now_ms)
        self._jobs[machine] = job
        if present or self._noticed_ms(job) == self._agenda.now_ms:
            self._notice(job)
            return
        self._enter(job, Phase.UNNOTICED)
        self._await_notice(job)

    def heeding(self) -> list[str]:
        """The machines of whose stop a call that is raised from now on could tell people sooner."""
        unheard = [one for one in self._jobs.values() if not one.noticed and one.raised_ms is None]
        return [one.machine.name for one in unheard] if self._rules.hears == "calls" else []

    def hear(self, machine: Machine, raised_ms: int, rule: str = "") -> None:
        """A call for a machine was raised; whoever tends it hears it, if calls are heard."""
        if rule == TREND:
            self._hear_trend(machine, raised_ms)
            return
        job = self._jobs.get(machine)
        if job is not None and job.stopped_ms <= raised_ms:
            job.raised_ms = raised_ms if job.raised_ms is None else job.raised_ms
            if not job.noticed:
                self._await_notice(job)
        elif self._rules.hears == "calls":
            self._acknowledge_at(
                machine, raised_ms, lambda: self._say_called(machine, raised_ms, "acknowledged", trend=False)
            )

    def leave(self, machine: Machine) -> None:
        """A machine is taken away, and whoever is at it is free."""
        self._rota.leave(machine)
        visit = self._visits.get(machine)
        if visit is not None:
            self._drop(visit)
        job = self._jobs.pop(machine, None)
        if job is not None and job.notice is not None:
            job.notice.call_off()
        if job in self._queue:
            self._queue.remove(job)
        for hand in self._rota.hands:
            if hand.job is not None and hand.job.machine is machine:
                hand.let_go()
        self._assign()

    def forget(self, before_ms: int) -> None:
        """Drop the responses before a moment, but for those that a call under way may be about."""
        self.responses = [one for one in self.responses if one.at_ms >= before_ms - KEPT_MS]

    # --- when they notice -------------------------------------------------------------------------

    def _noticed_ms(self, job: Job) -> int | None:
        """When a stop is noticed as things stand: on a round, or by what is heard of it."""
        round_ms = self._rota.round_ms(job.machine, self._agenda.now_ms)
        told_ms = self._told_ms(job)
        job.called_ms = None
        if told_ms is None or (round_ms is not None and round_ms <= told_ms):
            return round_ms
        if self._rules.hears == "calls":
            job.called_ms = job.raised_ms
        return told_ms

    def _told_ms(self, job: Job) -> int | None:
        """When what is heard of a stop has it noticed; None for never."""
        if self._rules.hears == "at once":
            heard_ms = self._heard_ms(job, job.stopped_ms)
        elif self._rules.hears == "nothing" or job.raised_ms is None:
            return None
        else:
            heard_ms = self._heard_ms(job, max(job.raised_ms, self._hearing_since_ms))
        return None if heard_ms is None else max(heard_ms, self._agenda.now_ms)

    def _await_notice(self, job: Job) -> None:
        """Put down when a stop will be noticed, as things stand."""
        noticed_ms = self._noticed_ms(job)
        if job.notice is not None:
            # What stays keeps its place before all that was put down later for the same moment.
            if job.notice.at_ms == noticed_ms:
                return
            job.notice.call_off()
        job.notice = None if noticed_ms is None else self._agenda.at(noticed_ms, lambda: self._notice(job))

    def _heard_ms(self, job: Job, raised_ms: int) -> int | None:
        """When a call is noticed: after a reaction, and once somebody is on duty."""
        rules = self._rules
        heard_ms = raised_ms + rules.reaction_ms + round(rules.reaction_mean_ms * job.stoppage.reaction)
        return self._rota.on_duty_ms(job.machine, heard_ms)

    def _acknowledge_at(self, machine: Machine, raised_ms: int, acknowledge: Callable[[], object]) -> None:
        """Have somebody acknowledge a call that is about no stop."""
        begun_ms = max(raised_ms, self._hearing_since_ms)
        heard_ms = self._rota.on_duty_ms(machine, begun_ms + self._rules.reaction_ms)
        if heard_ms is not None:
            self._agenda.at(max(heard_ms, self._agenda.now_ms), acknowledge)

    # --- what they do about a stop ----------------------------------------------------------------

    def _notice(self, job: Job) -> None:
        job.noticed = True
        if job.notice is not None:
            job.notice.call_off()
        job.notice = None
        self._say(job, "acknowledged")
        self._enter(job, Phase.WAITING_FOR_PERSON)
        self._queue.append(job)
        self._assign()

    def _assign(self) -> None:
        """Send whoever is free and on duty: to the stop that was noticed first, and then to trends."""
        for job in list(self._queue):
            hand = self._free(job.machine)
            if hand is not None:
                self._queue.remove(job)
                hand.job = job
                hand.process = self._agenda.start(self._attend(hand, job))
        for visit in self._visits.values():
            # Where the machine stands already, whoever mends it looks into the trend as well.
            if visit.is_due and visit.hand is None and visit.machine not in self._jobs:
                hand = self._free(visit.machine)
                if hand is not None:
                    hand.job, visit.hand = visit, hand
                    hand.process = self._agenda.start(self._call_on(hand, visit))

    def _free(self, machine: Machine) -> Hand | None:
        """Who is free to go to a machine; where nobody is, look again when somebody's duty begins."""
        now_ms = self._agenda.now_ms
        hands = self._rota.on_shift(machine)
        free = [hand for hand in hands if hand.job is None and hand.duty.is_on(now_ms)]
        if free:
            # Whoever stands there already goes first, then the first of the file.
            return next((one for one in free if one.where == machine.name), free[0])
        for hand in hands:
            self._await(hand)
        return None

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
        visit = self._visits.get(job.machine)
        if visit is not None and visit.acknowledged_ms:
            yield from self._look_into(hand, visit, after=stoppage)
        self._leave_running(hand, job.machine)

    def _leave_running(self, hand: Hand, machine: Machine) -> None:
        """A person is done with a machine, which goes on."""
        hand.job = None
        del self._jobs[machine]
        machine.mended()
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

    # --- what they do about a trend ---------------------------------------------------------------

    def _hear_trend(self, machine: Machine, raised_ms: int) -> None:
        """A call speaks of a trend."""
        if self._rules.hears != "calls" or not self._rules.condition:
            return
        if not machine.components:
            # Nothing of it can be seen to wear.
            self._acknowledge_at(
                machine, raised_ms, lambda: self._say_called(machine, raised_ms, "acknowledged")
            )
            return
        visit = self._visits.setdefault(machine, Visit(machine=machine))
        visit.raised_ms.append(raised_ms)
        self._await_word(visit)

    def _await_word(self, visit: Visit) -> None:
        """Have somebody acknowledge the calls that nobody has heard yet; said twice it changes nothing."""
        for raised_ms in visit.raised_ms:
            if raised_ms not in visit.acknowledged_ms:
                self._acknowledge_at(visit.machine, raised_ms, partial(self._take_on, visit, raised_ms))

    def _take_on(self, visit: Visit, raised_ms: int) -> None:
        """A call about a trend is heard, perhaps when somebody looks into it already."""
        heard = self._rules.hears == "calls" and self._visits.get(visit.machine) is visit
        if heard and raised_ms not in visit.acknowledged_ms:
            visit.acknowledged_ms.append(raised_ms)
            self._say_called(visit.machine, raised_ms, "acknowledged")
            self._put_off(visit)

    def _put_off(self, visit: Visit) -> None:
        """Wait for an opportunity, but not for too long."""
        if not visit.acknowledged_ms or visit.is_due or visit.hand is not None:
            return
        if visit.due is not None:
            visit.due.call_off()
        due_ms = visit.acknowledged_ms[0] + self._rules.planned_within_ms
        visit.due = self._agenda.at(max(due_ms, self._agenda.now_ms), lambda: self._fall_due(visit))

    def _fall_due(self, visit: Visit) -> None:
        visit.is_due = True
        self._assign()

    def _drop(self, visit: Visit) -> None:
        """Nobody looks into a trend any more."""
        del self._visits[visit.machine]
        if visit.due is not None:
            visit.due.call_off()
        if visit.stoppage is not None:
            visit.machine.withdraw(visit.stoppage)

    def _call_on(self, hand: Hand, visit: Visit) -> Days:
        """How a person goes to a machine that runs, and has it stand between two parts."""
        machine = visit.machine
        if hand.where != machine.name and self._rules.walk_ms:
            yield self._agenda.now_ms + self._rules.walk_ms
        hand.where = machine.name
        job = self._jobs.get(machine)
        if job is not None:
            # It has stopped meanwhile, and whoever is here sees it: that first.
            hand.job = visit.hand = None
            if job.noticed:
                self._assign()
            else:
                self._notice(job)
            return
        visit.stoppage = inspection()
        machine.ask(visit.stoppage)
        yield None
        yield from self._look_into(hand, visit)
        self._leave_running(hand, machine)

    def _look_into(self, hand: Hand, visit: Visit, *, after: Stoppage | None = None) -> Days:
        """How a person who stands before a machine finds what is worn, and renews it; or finds nothing."""
        machine, rules = visit.machine, self._rules
        if visit.hand is not None and visit.hand is not hand:
            visit.hand.let_go()
        visit.hand, visit.stoppage = hand, None
        self._say_visit(visit, "at the machine", hand)
        # A failure that shows beforehand is what the trend spoke of.
        if after is None or after.clock is None or not after.clock.stop.shows:
            job = self._begin_visit(hand, machine)
            worn = machine.most_worn(rules.worn_share)
            length_ms = rules.inspection_ms
            if worn is None:
                machine.enter(Phase.FALSE_ALARM, job.stoppage.cause)
            else:
                mended_ms = machine.forestall(worn)
                length_ms += max(1, round(mended_ms * rules.planned_share / hand.person.skill))
                machine.enter(Phase.PLANNED_WORK, f"planned work: {worn.stop.name}")
            yield self._agenda.now_ms + length_ms
            if worn is not None:
                machine.renew(worn)
            self._say(job, "restored", hand)
        self._say_visit(visit, "restored", hand)
        self._drop(visit)

    def _begin_visit(self, hand: Hand, machine: Machine) -> Job:
        """The machine stands because of a person who looks at it: whoever calls for it is told so."""
        job = Job(
            machine=machine,
            stoppage=inspection(),
            state=State.DOWN,
            stopped_ms=self._agenda.now_ms,
            noticed=True,
        )
        self._jobs[machine] = hand.job = job
        self._say(job, "acknowledged")
        self._say(job, "at the machine", hand)
        return job

    def _say_visit(self, visit: Visit, step: Step, hand: Hand) -> None:
        for raised_ms in visit.raised_ms:
            if raised_ms not in visit.acknowledged_ms:
                visit.acknowledged_ms.append(raised_ms)
                self._say_called(visit.machine, raised_ms, "acknowledged")
            self._say_called(visit.machine, raised_ms, step, hand)

    def _say_called(
        self, machine: Machine, raised_ms: int, step: Step, hand: Hand | None = None, *, trend: bool = True
    ) -> None:
        """Say how far people are with a call that is about no stop."""
        self.responses.append(
            Response(
                machine=machine.name,
                stopped_ms=raised_ms,
                step=step,
                at_ms=self._agenda.now_ms,
                person=hand.person.name if hand else "",
                called_ms=raised_ms,
                trend=trend,
            )
        )
