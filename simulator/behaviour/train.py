"""A train: machines that are coupled rigidly, and so work together or not at all; mostly a single one."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from simulator.behaviour.agenda import Agenda, Days, Event, Process
from simulator.behaviour.buffer import Buffer
from simulator.behaviour.cycles import rejected
from simulator.behaviour.machine import Machine
from simulator.behaviour.plan import COUNTS, Plan, Written, plan
from simulator.behaviour.stretch import Bools, Int64s
from simulator.phase import Phase
from simulator.specs.kind import TOOL
from simulator.streams import Float64s

NOTHING = np.empty(0, dtype=np.int64)


class Ahead(NamedTuple):
    """The cycles to come of a train, as far as they are drawn."""

    lengths: Int64s
    """Of each cycle, that of its slowest machine."""
    handling: Int64s | None
    """Of each handling, the same; None for none."""
    chances: list[Float64s]
    """Of each machine, the numbers that decide on rejects."""


class Underway(NamedTuple):
    """A plan that is being carried out."""

    plan: Plan
    """The plan."""
    good: Int64s
    """Good parts that leave the train, counted from the plan's beginning to the end of each cycle."""
    moves: list[Event]
    """The containers that will come and go in it."""


class Train:
    """Machines that make each cycle together, at the pace of the slowest.

    Args:
        members: The machines, in the order of the parts.
        agenda: The agenda of the plant.
        at_work: Told whenever they begin to work, and whenever they cease.
    """

    def __init__(
        self, members: Sequence[Machine], agenda: Agenda, at_work: Callable[[Sequence[Machine], bool], None]
    ) -> None:
        self.members = tuple(members)
        self.source: Buffer | None = None
        """Where its material comes from; None for material without end."""
        self.sinks: tuple[Buffer, ...] = ()
        """Where its parts go to; none for room without end."""
        self._agenda = agenda
        self._at_work = at_work
        self._underway: Underway | None = None
        self._rest_ms = 0
        self._done_ms = 0
        self._loaded = False
        self._hand = 0
        self._out = 0
        self._sent = 0
        self._deciding = False
        self._waits_for = ""
        self._works = False
        if len(self.members) == 1:
            one = self.members[0]
            lengths, _, _ = one.cycles.ahead(one.part)
            self._done_ms = int(
                int(lengths[0]) * (one.position or (one.cycles.begun if not one.part else 0.0))
            )
            self._loaded = self._done_ms > 0
        for member in self.members:
            member.drive = self
            if len(self.members) > 1:
                member.position = 0.0
        self._process: Process = agenda.start(self._days())

    @property
    def begun(self) -> int:
        """Parts within it now that are not finished: in the container at hand, and the one under way."""
        cycles, done_ms = self._come_so_far()
        loaded = done_ms > 0 if cycles else self._loaded
        return self._hand - self._taken(cycles, done_ms) + loaded

    @property
    def finished(self) -> int:
        """Good parts within it now that are finished: in the container that is not passed on yet."""
        cycles, _ = self._come_so_far()
        if self._underway is None or not cycles or not self.sinks:
            return self._out
        return self._out + int(self._underway.good[cycles - 1]) - self._sent

    @property
    def inside(self) -> int:
        """Parts within it now: taken and not yet passed on."""
        return self.begun + self.finished

    def interrupt(self) -> None:
        """Settle what was done up to now, and go on from here as things stand."""
        self._settle()
        self._strike_between()
        if not self._deciding:
            self._process.wake()

    def dissolve(self) -> None:
        """Settle what was done up to now, and do nothing any more."""
        self._settle()
        self._process.stop()

    def material_came(self) -> None:
        """A container has come in before it."""
        if self._waits_for == Phase.STARVED:
            self._process.wake()

    def room_came(self) -> None:
        """A container has left behind it."""
        self._pass_on()
        if self._waits_for == Phase.BLOCKED:
            self._process.wake()

    def _days(self) -> Days:
        while True:
            self._deciding = True
            self._settle()
            self._strike_between()
            next_ms = None
            if not self._stand():
                self._load()
                if self._strike_within():
                    continue
                self._go()
                next_ms = self._end_ms()
            self._deciding = False
            yield next_ms

    def _end_ms(self) -> int:
        return self._underway.plan.end_ms if self._underway else self._agenda.now_ms

    def _stand(self) -> bool:
        """Whether it cannot work, because of one of its machines, of material or of room."""
        hindered = [one.stopped or one.hindered for one in self.members]
        self._waits_for = ""
        if True in hindered:
            for one in self.members:
                # Whoever waits for the end of a cycle would wait for long.
                one.stop_as_asked()
            for place, one in enumerate(self.members):
                if not one.stopped:
                    self._wait(one, place, hindered)
        elif (full := self._blocked()) is not None:
            self._waits_for = Phase.BLOCKED
            for one in self.members:
                one.enter(
                    Phase.BLOCKED, f"blocked by {full.after.members[0].name}" if full.after else "blocked"
                )
        elif self._starved():
            self._waits_for = Phase.STARVED
            before = self.source.before if self.source else None
            for one in self.members:
                one.enter(Phase.STARVED, f"starved by {before.members[-1].name}" if before else "starved")
        else:
            return False
        self._tell(works=False)
        return True

    def _wait(self, one: Machine, place: int, hindered: Sequence[bool]) -> None:
        """Have a machine wait for the nearest of its train that cannot work."""
        if one.hindered:
            one.stand_by()
            return
        before = [n for n in range(place) if hindered[n]]
        behind = [n for n in range(place + 1, len(hindered)) if hindered[n]]
        if before and (not behind or place - before[-1] <= behind[0] - place):
            one.enter(Phase.STARVED, f"starved by {self.members[before[-1]].name}")
        else:
            one.enter(Phase.BLOCKED, f"blocked by {self.members[behind[0]].name}")

    def _blocked(self) -> Buffer | None:
        """The buffer that has no room for the full container before it."""
        return self.sinks[0] if self.sinks and self._out >= self.sinks[0].container_parts else None

    def _pass_on(self) -> None:
        """Put a full container into the emptiest buffer behind, if there is one with room."""
        if self._blocked() is None:
            return
        sink = min(self.sinks, key=lambda one: one.level / one.room)
        if sink.free:
            self._out -= sink.container_parts
            sink.put()

    def _starved(self) -> bool:
        return not self._loaded and not self._hand and self.source is not None and not self.source.level

    def _load(self) -> None:
        """Take the part that the next cycle works on."""
        if self._loaded:
            return
        if self.source is not None:
            if not self._hand:
                self._fetch(self.source)
            self._hand -= 1
        self._loaded = True

    def _fetch(self, source: Buffer) -> None:
        self._hand += source.container_parts
        source.take()

    def _strike_between(self) -> None:
        """At the end of a cycle: the stops that let it finish. They take the place of the handling."""
        if self._done_ms or self._underway is not None:
            return
        for member in self.members:
            for clock in member.between:
                if clock.is_due:
                    self._rest_ms = 0
                    member.strike(clock)
            if member.asked is not None:
                self._rest_ms = 0
                member.stop_as_asked()

    def _strike_within(self) -> bool:
        """Where a cycle would go on, or begin: the stops whose time has come. Whether there was one."""
        struck = False
        if not self._rest_ms:
            for member in self.members:
                for clock in member.within:
                    if clock.is_due:
                        member.strike(clock)
                        struck = True
        return struck

    def _ahead(self) -> Ahead:
        ahead = [one.cycles.ahead(one.part) for one in self.members]
        lengths, handling, _ = ahead[0]
        for other, after, _ in ahead[1:]:
            count = min(len(lengths), len(other))
            lengths = np.maximum(lengths[:count], other[:count])
            if after is not None:
                handling = after[:count] if handling is None else np.maximum(handling[:count], after[:count])
        slow = max([one.slow * one.trouble.slow for one in self.members])
        if slow != 1 or lengths[0] <= self._done_ms:
            lengths = np.rint(lengths * slow).astype(np.int64)
            # Begun when it was slower, the one under way may be beyond its end: it is over at once.
            lengths[0] = max(int(lengths[0]), self._done_ms + 1)
        return Ahead(lengths=lengths, handling=handling, chances=[chances for _, _, chances in ahead])

    def _go(self) -> None:
        """Plan the cycles up to the next thing that is foreseen, and write them down."""
        ahead = self._ahead()
        lengths = ahead.lengths
        if self.source is not None:
            lengths = lengths[: 1 + self._hand + self.source.level * self.source.container_parts]
        ends = lengths.cumsum()
        ends -= self._done_ms
        due_ms = int(ends[-1])
        for member in self.members:
            for clock in member.clocks:
                due_ms = clock.due_ms(ends, self._done_ms, due_ms)
            if member.asked is not None:
                due_ms = min(due_ms, int(ends[0]))
        complete = int(ends.searchsorted(due_ms, side="right"))
        rejects, missing = self._rejects(ahead, ends[:complete])
        good = NOTHING
        if self.sinks:
            bad = rejects[-1] if missing[-1] is None else rejects[-1] | missing[-1]
            good = (~bad).cumsum(dtype=np.int64)
            size = self.sinks[0].container_parts
            most = (1 + sum(sink.free for sink in self.sinks)) * size - self._out
            fits = int(good.searchsorted(most)) + 1
            if fits <= complete:
                complete, due_ms = fits, int(ends[fits - 1])
                good = good[:fits]
        made = plan(
            start_ms=self._agenda.now_ms,
            rest_ms=self._rest_ms,
            done_ms=self._done_ms,
            lengths=lengths,
            handling=ahead.handling,
            ran=ends[:complete],
            ran_ms=due_ms,
        )
        for member, rejected_, missing_ in zip(self.members, rejects, missing, strict=True):
            self._write(member, made, rejected_[:complete], None if missing_ is None else missing_[:complete])
        self._underway = Underway(plan=made, good=good, moves=self._moves(made, good))
        self._tell(works=True)

    def _rejects(self, ahead: Ahead, ends: Int64s) -> tuple[list[Bools], list[Bools | None]]:
        """Of each machine, which cycles make a reject, and which miss their part; None for none."""
        rejects: list[Bools] = []
        missing: list[Bools | None] = []
        gone: Bools | None = None
        for member, chances in zip(self.members, ahead.chances, strict=True):
            tool = member.wears.get(TOOL) if member.kind.scrap_worn != member.kind.scrap else None
            worn = None
            if tool is not None:
                worn = tool.wear().shares(ends + self._agenda.now_ms, ends, COUNTS[: len(ends)])
            bad = rejected(chances[: len(ends)], member.kind, worn)
            if member.trouble.scrap:
                bad = bad | (chances[: len(ends)] < member.trouble.scrap)
            missing.append(gone)
            if gone is not None:
                bad = bad & ~gone
                gone = gone | bad
            else:
                gone = bad
            rejects.append(bad)
        return rejects, missing

    def _write(self, member: Machine, made: Plan, rejects: Bools, missing: Bools | None) -> None:
        part_ms = made.cycle_end_ms if member.kind.makes_parts else made.cycle_end_ms[:0]
        rejects = rejects[: len(part_ms)]
        if missing is not None:
            there = ~missing[: len(part_ms)]
            part_ms, rejects = part_ms[there], rejects[there]
        diary = member.diary
        wears = {} if diary.bare else {symptom: clock.wear() for symptom, clock in member.wears.items()}
        member.works()
        diary.plan(Written(made, wears, part_ms, rejects))

    def _moves(self, made: Plan, good: Int64s) -> list[Event]:
        """Put down when containers come and go in a plan."""
        moves: list[Event] = []
        if self.source is not None:
            source = self.source
            # One part is loaded: cycle j works on the j-th of those at hand.
            moves += [
                self._agenda.at(begin_ms, lambda: self._fetch(source))
                for begin_ms in made.begin_ms[self._hand + 1 :: source.container_parts].tolist()
            ]
        if self.sinks and len(good):
            size = self.sinks[0].container_parts
            full = np.arange(size - self._out, int(good[-1]) + 1, size)[
                : sum(sink.free for sink in self.sinks)
            ]
            moves += [
                self._agenda.at(end_ms, self._deliver)
                for end_ms in made.cycle_end_ms[good.searchsorted(full)].tolist()
            ]
        return moves

    def _deliver(self) -> None:
        self._sent += self.sinks[0].container_parts
        min(self.sinks, key=lambda one: one.level / one.room).put()

    def _come_so_far(self) -> tuple[int, int]:
        """How many cycles of the plan under way are done, and how much of the next one."""
        if self._underway is None:
            return 0, 0
        done = self._underway.plan.progress(self._agenda.now_ms)
        return done.cycles, done.done_ms

    def _taken(self, cycles: int, done_ms: int) -> int:
        """Parts that were taken from the container at hand since the plan under way began."""
        begun = cycles if done_ms else max(cycles - 1, 0)
        return begun if self.source is not None else 0

    def _settle(self) -> None:
        """Count what was done of the plan under way up to now, and give up the rest of it."""
        underway, self._underway = self._underway, None
        if underway is None:
            return
        for move in underway.moves:
            move.call_off()
        done = underway.plan.progress(self._agenda.now_ms)
        self._hand -= self._taken(done.cycles, done.done_ms)
        if done.cycles:
            self._loaded = done.done_ms > 0
            if self.sinks:
                self._out += int(underway.good[done.cycles - 1]) - self._sent
        self._sent = 0
        self._rest_ms, self._done_ms = done.rest_ms, done.done_ms
        length_ms = int(underway.plan.lengths[done.cycles]) if done.done_ms else 1
        for member in self.members:
            member.part += done.cycles
            member.position = done.done_ms / length_ms
            for clock in member.used:
                clock.ran(done.ran_ms, done.cycles)
        # Where the end of a cycle and of its plan meet, its container still stands here.
        self._pass_on()

    def _tell(self, *, works: bool) -> None:
        if works != self._works:
            self._works = works
            self._at_work(self.members, works)
