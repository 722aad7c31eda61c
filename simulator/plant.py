"""All machines of the plant, and what they send: births, batches of readings, and the truth."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from msgspec.structs import replace as with_fields

from protocol.messages import Birth, Truth
from protocol.moments import from_ms as moment
from protocol.readings import Batch, WrittenBatch, joined, write_signals
from simulator.account import Account
from simulator.behaviour.agenda import FIRST, Agenda
from simulator.behaviour.buffer import Buffer
from simulator.behaviour.crew import Crew
from simulator.behaviour.floor import Floor
from simulator.behaviour.job import Response
from simulator.behaviour.machine import Machine
from simulator.behaviour.stretch import Labels, labels_of
from simulator.behaviour.train import Train
from simulator.chorus import Chorus, Leaving, Told
from simulator.faults.links import LinkFaults, Trouble, troubles
from simulator.faults.machines import edges_ms, trouble_at
from simulator.faults.sensors import COOL_MS, SensorFaults
from simulator.faults.spells import Spell, Spells
from simulator.sensing.sensors import Sensors
from simulator.specs.assumptions import Assumptions
from simulator.specs.check import clashes
from simulator.specs.machine import MachineSpec, birth_of
from simulator.specs.people import People
from simulator.streams import Dice


class Plant:
    """The machines of one run. A function of seed, epoch, people, and of what was ordered when.

    What is ordered from outside at a moment changes nothing that was told up to that moment: a machine that
    is added begins then, and everything else takes effect with the next millisecond.
    """

    def __init__(
        self,
        seed: int,
        epoch_ms: int,
        run: str,
        *,
        people: People | None = None,
        sensors: bool = True,
        bare: bool = False,
        watched: bool = False,
        spells: Spells | None = None,
        brief: bool = False,
    ) -> None:
        """Build an empty plant.

        Args:
            seed: Seed of all random numbers.
            epoch_ms: Plant time at which the run begins, ms since 1970; readings count from here.
            run: Name of the run.
            people: Those who tend the machines; None when every stop is mended at once.
            sensors: Whether readings will be asked for; without, a year is lived faster.
            bare: Whether its diaries keep labels and parts alone, without sensors: what the truth is made of.
            watched: Whether the random numbers that are used are kept, for `draws`.
            spells: The faults of its machines, which may grow while the plant stands.
            brief: Whether its machines send nothing but what their states and parts are known by.
        """
        self.seed = seed
        self.epoch_ms = epoch_ms
        self.run = run
        self.now_ms = epoch_ms
        self.spells = Spells() if spells is None else spells
        self._minded: dict[str, tuple[Account, tuple[Spell, ...]]] = {}
        self._troubles: dict[str, tuple[tuple[Spell, ...], int, list[Trouble]]] = {}
        """Of each machine the faults of its link and its period, and what follows from the two."""
        self._sensors = sensors and not bare
        self._bare = bare
        self._watched = watched
        self._brief = brief
        self._agenda = Agenda(epoch_ms)
        self._floor = Floor(self._agenda)
        self._accounts: dict[str, list[Account]] = {}
        self._chorus = Chorus(seed, epoch_ms, run)
        self._links: Counter[int] = Counter()
        self._taken: set[str] = set()
        """Every place, and every machine after which another comes, that has been named so far."""
        self._crew = (
            Crew(people, self._agenda, epoch_ms=epoch_ms, locations=self.location) if people else None
        )

    def add(self, spec: MachineSpec, at_ms: int) -> None:
        """Put up a machine at a moment, from which on it can be asked for once the plant has advanced.

        Raises:
            ValueError: One of that name is at work, or was until later; or it does not fit into its line.
        """
        accounts = self._accounts.get(spec.name, [])
        if accounts and (accounts[-1].retired_ms is None or accounts[-1].retired_ms > at_ms):
            raise ValueError(f"{spec.name} is at work at {moment(at_ms)}")
        if at_ms < self.now_ms:
            raise ValueError(f"{moment(at_ms)} is past: the plant has lived up to {moment(self.now_ms)}")
        present = self._concerned(spec)
        for problem in clashes([*present, spec]):
            raise ValueError(problem)
        self._taken.update(spec.location, [spec.feed.after] if spec.feed else [])
        account = self._account(replace(spec, brief=True) if self._brief else spec, at_ms)
        # Whom it joins may have told already what they do at this moment.
        joins = at_ms + (1 if any(one.name in self._neighbours(spec, present) for one in present) else 0)
        self._accounts.setdefault(spec.name, []).append(account)
        self._chorus.join(account)
        self._agenda.at(at_ms, lambda: self._floor.arrive(account.machine, spec.feed))
        self._links[joins] += 1
        self._agenda.at(joins, lambda: self._link(joins))

    def retire(self, name: str, at_ms: int) -> None:
        """Take a machine away at a moment. What it sent before can be asked for until it is forgotten.

        Raises:
            ValueError: There is none of that name at work.
        """
        account = self._newest(name)
        if account.retired_ms is not None:
            raise ValueError(f"{name} was retired already")
        account.retired_ms = max(at_ms, account.added_ms)
        self._chorus.leave(account)

        def leave() -> None:
            self._floor.leave(account.machine)
            self._floor.link()

        self._order(account.retired_ms, leave)

    def hold(self, name: str, cause: str, at_ms: int) -> None:
        """Have a machine wait from a moment on, saying why, until it is let go.

        Raises:
            ValueError: There is no machine of that name.
        """
        machine = self._newest(name).machine

        def hold() -> None:
            machine.held = cause
            if machine.drive is not None:
                machine.drive.interrupt()

        self._order(at_ms, hold)

    def let_go(self, name: str, at_ms: int) -> None:
        """Have a machine that is held go on.

        Raises:
            ValueError: There is no machine of that name.
        """
        self.hold(name, "", at_ms)

    def strike(self, name: str, stop: str, at_ms: int) -> None:
        """End the life of a component at a moment: the stop that it ends in comes now.

        Raises:
            ValueError: There is no machine of that name, or no such stop.
        """
        machine = self._newest(name).machine
        clock = next((one for one in machine.clocks if one.stop.name == stop), None)
        if clock is None:
            raise ValueError(f"{name} has no stop {stop!r}")

        def strike() -> None:
            if not clock.mending:
                machine.strike(clock)

        self._order(at_ms, strike)

    def mind_faults(self, name: str, at_ms: int) -> None:
        """Take note of the faults of a machine as they are at a moment, up to which the plant has lived.

        Raises:
            ValueError: There is no machine of that name.
        """
        account, spells = self._newest(name), self.spells
        machine, known = account.machine, spells.of(name, "machine")
        if self._minded.get(name) == (account, known):
            return
        self._minded[name] = account, known

        def mind(edge_ms: int) -> None:
            trouble = trouble_at(spells.of(name, "machine"), edge_ms)
            if trouble != machine.trouble and account.retired_ms is None:
                machine.trouble = trouble
                if machine.drive is not None:
                    machine.drive.interrupt()

        edges = {edge for one in known for edge in edges_ms(one) if edge >= at_ms}
        for edge_ms in sorted(edges | {at_ms}):
            self._order(edge_ms, partial(mind, edge_ms))

    def hear_call(self, name: str, raised_ms: int, rule: str = "") -> None:
        """The office calls for a person, because it has seen that a machine stands or that a signal drifts.

        Args:
            name: The machine that it is about.
            raised_ms: When it was raised, ms since 1970.
            rule: By which rule; one of a trend is answered with planned work.

        Raises:
            ValueError: There is no machine of that name.
        """
        machine = self._newest(name).machine
        if self._crew is not None:
            crew = self._crew
            self._order(self.now_ms, lambda: crew.hear(machine, raised_ms, rule))

    def assume(self, assumptions: Assumptions, at_ms: int) -> None:
        """Have people work by other rules from a moment on."""
        if self._crew is not None:
            crew = self._crew
            self._order(at_ms, lambda: crew.assume(assumptions))

    def heeding(self) -> list[str]:
        """The machines of whose stop a call that is raised from now on could tell people sooner."""
        return self._crew.heeding() if self._crew else []

    @property
    def next_ms(self) -> int | None:
        """When the next thing happens of itself, as things stand; None when nothing does."""
        return self._agenda.next_ms

    def responses(self, from_ms: int, to_ms: int) -> list[Response]:
        """What people did about stops in (`from_ms`, `to_ms`], in order."""
        return [one for one in self._crew.responses if from_ms < one.at_ms <= to_ms] if self._crew else []

    def names(self) -> list[str]:
        """The machines at work, in the order in which they came."""
        return [name for name, accounts in self._accounts.items() if accounts[-1].retired_ms is None]

    def period_ms(self, name: str) -> int:
        """Sampling period of a machine, in milliseconds."""
        return self._newest(name).spec.settings.period_ms

    def location(self, name: str) -> tuple[str, ...]:
        """Where a machine stands, from the largest level to the smallest."""
        return self._newest(name).spec.location

    def machine(self, name: str) -> Machine:
        """What a machine goes through.

        Raises:
            ValueError: There is no machine of that name.
        """
        return self._newest(name).machine

    def buffer(self, before: str, after: str) -> Buffer | None:
        """What lies between two machines now; None when nothing can."""
        return self._floor.buffer(self.machine(before), self.machine(after))

    def train(self, name: str) -> Train | None:
        """A machine and those coupled to it rigidly; None for a compressor, or one that follows a pattern."""
        return self._floor.train(self.machine(name))

    def inside(self, name: str) -> int:
        """Parts within a machine and those coupled to it rigidly, taken and not passed on yet."""
        train = self.train(name)
        return train.inside if train else 0

    def draws(self, name: str) -> Mapping[str, Mapping[int, float]]:
        """The random numbers that a machine has used, by purpose and k, in a plant that is watched."""
        return self._newest(name).machine.dice.used()

    def advance(self, to_ms: int) -> None:
        """Live on, up to and including a moment."""
        if to_ms >= self.now_ms:
            self._agenda.run(to_ms)
            self.now_ms = to_ms

    def birth(self, name: str) -> Birth:
        """What a machine says of itself."""
        account = self._newest(name)
        return birth_of(account.spec, at_ms=account.added_ms, run=self.run)

    def batch(self, name: str, from_ms: int, to_ms: int) -> Batch | None:
        """What a machine sent in (`from_ms`, `to_ms`]; None when that was nothing.

        The same readings and changes however the time is cut into spans; can be asked again.
        Where a machine was retired and put up anew within the span, only the new one answers: cut there.

        Raises:
            ValueError: The span is not within what was lived and not forgotten.
        """
        account = self._account_of(name, to_ms)
        span = account.span(from_ms, to_ms, now_ms=self.now_ms)
        return account.batch(*span) if span else None

    def truth(self, name: str, from_ms: int, to_ms: int) -> Truth:
        """What a machine really did in (`from_ms`, `to_ms`], or in the part of it in which it was there.

        Raises:
            ValueError: It was not there, or the span is not within what was lived and not forgotten.
        """
        account = self._account_of(name, to_ms)
        span = account.span(from_ms, to_ms, now_ms=self.now_ms)
        if span is None:
            raise ValueError(f"{name} was not there from {moment(from_ms)} to {moment(to_ms)}")
        return account.truth(*span)

    def tell(
        self,
        from_ms: int,
        to_ms: int,
        *,
        number: Callable[[str], int],
        leaving: Callable[[str], Sequence[Leaving]],
    ) -> Iterator[Told]:
        """What each machine at work says of (`from_ms`, `to_ms`], and what it really did; can be asked again.

        Args:
            from_ms: Beginning of the span, ms since 1970.
            to_ms: End of the span.
            number: The number of the next message of a machine, by its name.
            leaving: What leaves a machine that is not told together with others, by its name.
        """
        together = self._chorus.read(from_ms, to_ms, self._at_fault(from_ms, to_ms))
        at, until = moment(from_ms), moment(to_ms)
        for name in self.names():
            account = self._accounts[name][-1]
            read = together.get(account)
            if read is not None and account.span(from_ms, to_ms, now_ms=self.now_ms) == (from_ms, to_ms):
                own, truth = account.said(from_ms, to_ms)
                own = joined(b'{"seq":%d}' % number(name), joined(own, write_signals(read.signals)))
                yield Told(
                    machine=name,
                    leaving=[WrittenBatch(read.moments, own)],
                    truth=with_fields(truth, at=at, until=until),
                )
            else:
                yield Told(machine=name, leaving=leaving(name), truth=self.truth(name, from_ms, to_ms))

    def forget(self, before_ms: int) -> None:
        """Drop what lies before a moment, and the machines that were retired by then."""
        before_ms = min(before_ms, self.now_ms)
        for name, accounts in list(self._accounts.items()):
            kept = [one for one in accounts if one.retired_ms is None or one.retired_ms > before_ms]
            if kept:
                self._accounts[name] = kept
            else:
                del self._accounts[name]
            for one in kept:
                one.forget(before_ms)
        if self._crew is not None:
            self._crew.forget(before_ms)

    def link_faults(self, name: str, from_ms: int) -> LinkFaults | None:
        """What becomes of the messages of a machine; None where no fault of its link has a say in it.

        Args:
            name: Name of the machine.
            from_ms: Only in what leaves after this moment, ms since 1970.
        """
        spells = self.spells.of(name, "link")
        if not spells:
            return None
        period_ms = self.period_ms(name)
        known = self._troubles.get(name)
        if known is None or known[:2] != (spells, period_ms):
            known = self._troubles[name] = spells, period_ms, troubles(spells, period_ms=period_ms)
        still = [one for trouble in known[2] if trouble.over_ms >= from_ms for one in trouble.spells]
        return LinkFaults(still, seed=self.seed, period_ms=period_ms) if still else None

    def _at_fault(self, from_ms: int, to_ms: int) -> set[str]:
        """The machines of which a fault has a say in what leaves them in a span, or in its truth."""
        return {
            name
            for name in self.spells.machines()
            if self._accounts.get(name)
            and (
                self.spells.during(name, from_ms - COOL_MS, to_ms)
                or ((link := self.link_faults(name, from_ms)) and link.touch(from_ms, to_ms))
            )
        }

    def _order(self, at_ms: int, act: Callable[[], None]) -> None:
        """Have an order take effect in the millisecond after a moment, before all else in it."""
        self._agenda.at(max(at_ms, self.now_ms) + 1, act, rank=FIRST)

    def _account(self, spec: MachineSpec, at_ms: int) -> Account:
        labels = Labels(labels_of(spec.settings))
        sensors = (
            Sensors(
                spec.sensors,
                labels,
                spec.settings,
                seed=self.seed,
                machine=spec.name,
                epoch_ms=self.epoch_ms,
                added_ms=at_ms,
            )
            if self._sensors
            else None
        )
        machine = Machine(
            name=spec.name,
            kind=spec.settings,
            agenda=self._agenda,
            dice=Dice(self.seed, spec.name, watched=self._watched),
            start_ms=at_ms,
            people=self._crew,
            labels=labels,
            lag=sensors,
            bare=self._bare,
        )
        wrong = SensorFaults(
            spec.sensors,
            self.spells,
            machine=spec.name,
            seed=self.seed,
            step_ms=round(spec.settings.cycle_s * 1_000),
        )
        return Account(spec, machine, sensors, added_ms=at_ms, run=self.run, faults=self.spells, wrong=wrong)

    def _link(self, at_ms: int) -> None:
        """Bring the lines in order once all machines that come at a moment are there, and not after each."""
        self._links[at_ms] -= 1
        if not self._links[at_ms]:
            del self._links[at_ms]
            self._floor.link()

    def _concerned(self, spec: MachineSpec) -> list[MachineSpec]:
        """The machines at work, where one of them may have to do with a new one; else none.

        Most machines have to do with no other: to compare all with each that comes would take minutes for
        thousands.
        """
        named = spec.name in self._taken or any(level in self._accounts for level in spec.location)
        if not named and spec.feed is None:
            return []
        return [one[-1].spec for one in self._accounts.values() if one[-1].retired_ms is None]

    def _neighbours(self, spec: MachineSpec, present: list[MachineSpec]) -> set[str]:
        """Those at work already whom a new machine is to take parts from, or to give parts to."""
        after = {spec.feed.after} if spec.feed else set()
        after |= {one.name for one in present if one.feed and one.feed.after == spec.name}
        return {name for name in after if name in self._accounts and self._begun(name)}

    def _begun(self, name: str) -> bool:
        return self._accounts[name][-1].added_ms < self.now_ms

    def _newest(self, name: str) -> Account:
        accounts = self._accounts.get(name)
        if not accounts:
            raise ValueError(f"there is no {name!r} in the plant")
        return accounts[-1]

    def _account_of(self, name: str, to_ms: int) -> Account:
        """The machine of a name that was at work just before a moment, else the newest."""
        newest = self._newest(name)
        return next((one for one in reversed(self._accounts[name]) if one.added_ms < to_ms), newest)
