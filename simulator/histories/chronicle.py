"""The chronicle: a run lived from its seed and its inputs, span by span, as often as it takes.

It has a cursor. What lies before the cursor has been told, the plant stands as it did at that moment,
and the inputs up to there have taken effect. Going back lives the run again where it has to.
"""

from collections.abc import Iterator, Mapping, Sequence

from protocol.messages import Birth
from protocol.moments import to_ms
from protocol.topics import MachineTopic
from simulator.behaviour.job import Response
from simulator.chorus import Told
from simulator.commanding.form import Grounds
from simulator.commanding.roster import Roster
from simulator.commanding.table import form_of
from simulator.faults.links import AWAY
from simulator.faults.spells import Spell
from simulator.histories.outbox import Outbox
from simulator.histories.run import Input, Run, roster_of
from simulator.plant import Plant
from simulator.specs.kind import Kind
from simulator.specs.machine import MachineSpec
from simulator.specs.people import People, rules_of

ROOT = "shopfloor"
"""Root of every topic of the monitored plant."""


class Chronicle:
    """The plant of a run at its cursor.

    Args:
        run: The run; its log may grow while the chronicle stands.
        kinds: The kinds by name.
        bench: The machines of the calibration bench, there when an input says so.
        beside: Another plant that is lived from the same run, whose cursor is never further than this one's.

    Raises:
        SpecError: The run holds a machine that these kinds do not allow, or people that are not.
    """

    root = ROOT
    """Root of every topic of the plant."""

    def __init__(
        self,
        run: Run,
        kinds: Mapping[str, Kind],
        bench: Sequence[MachineSpec] = (),
        *,
        beside: "Chronicle | None" = None,
    ) -> None:
        self.run = run
        self.beside = beside
        """The other plant; None for none."""
        self.times_lived = 0
        """How often the run has been lived from its beginning."""
        self._kinds = kinds
        self._outbox = Outbox()
        self.bench = tuple(bench)
        """The machines of the calibration bench, whether they stand or not."""
        self._specs: dict[tuple[str, str], MachineSpec] = {}
        self._people = self._people_of(run)
        self._applied = 0
        self._changed_ms = run.epoch_ms
        self._kept_from_ms = self._told_from_ms = run.epoch_ms
        self._cursor_ms = run.epoch_ms
        self._live_again(run.epoch_ms)

    @property
    def cursor_ms(self) -> int:
        """Plant time up to which everything has been told, ms since 1970."""
        return self._cursor_ms

    @property
    def roster(self) -> Roster:
        """What stands in the plant at the cursor, by the word of the log."""
        return self._roster

    def machines(self) -> dict[str, tuple[MachineTopic, Birth]]:
        """The machines at the cursor by name: where each publishes, and its birth."""
        return {
            name: (
                MachineTopic(root=self.root, location=self._plant.location(name), machine=name, kind="birth"),
                self._plant.birth(name),
            )
            for name in self._plant.names()
        }

    def clip(self, until_ms: int) -> int:
        """The end of the next span: no input lies within it, no return of a link, no end of a relived run."""
        inputs, relives = self.run.inputs, self.run.head.relives
        if self._applied < len(inputs):
            until_ms = min(until_ms, inputs[self._applied].at_ms)
        if relives is not None and self._cursor_ms < relives.until_ms:
            until_ms = min(until_ms, relives.until_ms)
        return min([until_ms, *(one.until_ms for one in self._away())])

    def away(self) -> set[str]:
        """The machines that have no connection at the cursor."""
        return {one.machine for one in self._away()}

    def tell(self, until_ms: int) -> Iterator[Told]:
        """What each machine says of the span from the cursor to a moment; may be asked again."""
        from_ms = self._cursor_ms
        self._plant.advance(until_ms)
        return self._outbox.tell(self._plant, from_ms, until_ms)

    def responses(self, from_ms: int, until_ms: int) -> list[Response]:
        """What people did about stops in (`from_ms`, `until_ms`], as far as it was lived."""
        return self._plant.responses(from_ms, until_ms)

    def go_to(self, cursor_ms: int, *, beside_ms: int | None = None) -> bool:
        """Move the cursor, back or forth; what lies between counts as told.

        Args:
            cursor_ms: Where to, ms since 1970.
            beside_ms: Where the cursor of the plant beside it goes; None for the same moment.

        Returns:
            Whether machines came or went on the way, in this plant or beside it.
        """
        beside = self.beside is not None and self.beside.go_to(cursor_ms if beside_ms is None else beside_ms)
        if cursor_ms < self._cursor_ms:
            self._outbox.rewind()
        if cursor_ms < max(self._changed_ms, self._told_from_ms):
            self._live_again(cursor_ms)
            return True
        self._cursor_ms = cursor_ms
        return self.take_in() or beside

    def take_in(self) -> bool:
        """Let the inputs up to the cursor take effect; says whether machines came or went."""
        changed = self.beside is not None and self.beside.take_in()
        inputs = self.run.inputs
        while self._applied < len(inputs) and inputs[self._applied].at_ms <= self._cursor_ms:
            one = inputs[self._applied]
            self._applied += 1
            self._plant.advance(one.at_ms)
            if self._takes_effect(one):
                self._changed_ms = one.at_ms
                changed = True
            one.enter(self._roster)
            for name in self._plant.names():
                if self._roster.spells.of(name, "machine"):
                    self._plant.mind_faults(name, one.at_ms)
        self._plant.advance(self._cursor_ms)
        return changed

    def grounds_of_log(self) -> Grounds:
        """What a command is judged by now: all that the log says, also what lies beyond the cursor."""
        return self.grounds_of(self.run.roster())

    def grounds_of(self, roster: Roster) -> Grounds:
        """The same where what stands in the plant is known."""
        return self._grounds(roster, self.run.position_ms)

    def forget(self, before_ms: int) -> None:
        """Give up what lies before a moment; going back there lives the run again."""
        if self.beside is not None:
            self.beside.forget(before_ms)
        self._told_from_ms = max(self._told_from_ms, before_ms)
        # What is still held up by a fault of a link is needed once more.
        kept_ms = self._outbox.needs_from_ms(self._plant, before_ms)
        if kept_ms > self._kept_from_ms:
            self._kept_from_ms = kept_ms
            self._plant.forget(kept_ms)

    def _people_of(self, run: Run) -> People | None:
        """Those who tend the plant as its run begins; None when every stop is mended at once."""
        return rules_of(run.head.settings.people, run.head.settings.assumptions)[0]

    def _plant_of(self, run: Run) -> Plant:
        """The plant at the epoch, with no machine in it yet."""
        return Plant(run.head.seed, run.epoch_ms, run.id, people=self._people, spells=self._roster.spells)

    def _away(self) -> list[Spell]:
        spells = self._roster.spells
        return [one for name in spells.machines() for one in spells.on(name, self._cursor_ms, AWAY)]

    def _takes_effect(self, one: Input) -> bool:
        """Let an input change the plant; says whether a machine came or went."""
        if one.what == "added":
            # A file that says what stands already changes nothing.
            if self._roster.machines.get(one.machine) == one.text:
                return False
            if one.machine in self._roster.machines:
                self._plant.retire(one.machine, one.at_ms)
            self._plant.add(self._spec(one.machine, one.text), one.at_ms)
            return True
        if one.what == "retired":
            if one.machine not in self._roster.machines:
                return False
            self._plant.retire(one.machine, one.at_ms)
            return True
        if one.call is not None and one.machine in self._plant.names():
            self._plant.hear_call(one.machine, to_ms(one.call.raised), one.call.rule)
        if one.order is None:
            return False
        form = form_of(one.order)
        form.effect(one.order, self._grounds(self._roster, one.at_ms), self._plant)
        return form.comes_or_goes

    def _live_again(self, cursor_ms: int) -> None:
        run = self.run
        self.times_lived += 1
        self._roster = roster_of(run.head)
        self._plant = self._plant_of(run)
        self._applied = 0
        self._kept_from_ms = self._told_from_ms = run.epoch_ms
        self._changed_ms = run.epoch_ms
        for name, text in run.head.settings.machines.items():
            self._plant.add(self._spec(name, text), run.epoch_ms)
        self._cursor_ms = cursor_ms
        self.take_in()

    def _grounds(self, roster: Roster, at_ms: int) -> Grounds:
        return Grounds(roster=roster, at_ms=at_ms, kinds=self._kinds, bench=self.bench, specs=self._specs)

    def _spec(self, name: str, text: str) -> MachineSpec:
        return self._grounds(self._roster, self._cursor_ms).spec(name, text)
