"""The chronicle: a run lived from its seed and its inputs, span by span, as often as it takes.

It has a cursor. What lies before the cursor has been told, the plant stands as it did at that moment,
and the inputs up to there have taken effect. Going back lives the run again where it has to.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import count

from protocol.messages import Birth
from protocol.topics import MachineTopic
from simulator.chorus import Told
from simulator.histories.run import Run
from simulator.plant import Plant
from simulator.specs.kind import Kind
from simulator.specs.machine import MachineSpec, parse_machine
from simulator.specs.people import parse_people

ROOT = "shopfloor"
"""Root of every topic of the monitored plant."""


class Chronicle:
    """The plant of a run at its cursor.

    Args:
        run: The run; its log may grow while the chronicle stands.
        kinds: The kinds by name.
        bench: The machines of the calibration bench, there when an input says so.

    Raises:
        SpecError: The run holds a machine that these kinds do not allow, or people that are not.
    """

    def __init__(self, run: Run, kinds: Mapping[str, Kind], bench: Sequence[MachineSpec] = ()) -> None:
        self.run = run
        self.times_lived = 0
        """How often the run has been lived from its beginning."""
        self._kinds = kinds
        self.bench = tuple(bench)
        """The machines of the calibration bench, whether they stand or not."""
        self._specs: dict[tuple[str, str], MachineSpec] = {}
        self._numbers: defaultdict[str, count[int]] = defaultdict(count)
        text = run.head.settings.people
        self._people = parse_people(text) if text else None
        self._applied = 0
        self._changed_ms = run.epoch_ms
        self._kept_from_ms = run.epoch_ms
        self._cursor_ms = run.epoch_ms
        self._live_again(run.epoch_ms)

    @property
    def cursor_ms(self) -> int:
        """Plant time up to which everything has been told, ms since 1970."""
        return self._cursor_ms

    def machines(self) -> dict[str, tuple[MachineTopic, Birth]]:
        """The machines at the cursor by name: where each publishes, and its birth."""
        return {
            name: (
                MachineTopic(root=ROOT, location=self._plant.location(name), machine=name, kind="birth"),
                self._plant.birth(name),
            )
            for name in self._plant.names()
        }

    def clip(self, until_ms: int) -> int:
        """The end of the next span, so that no input lies within it."""
        inputs = self.run.inputs
        return min(until_ms, inputs[self._applied].at_ms) if self._applied < len(inputs) else until_ms

    def tell(self, until_ms: int) -> Iterator[Told]:
        """What each machine says of the span from the cursor to a moment; may be asked again."""
        from_ms = self._cursor_ms
        self._plant.advance(until_ms)
        return self._plant.tell(from_ms, until_ms, lambda name: next(self._numbers[name]))

    def go_to(self, cursor_ms: int) -> bool:
        """Move the cursor, back or forth; what lies between counts as told.

        Returns:
            Whether machines came or went on the way.
        """
        if cursor_ms < max(self._changed_ms, self._kept_from_ms):
            self._live_again(cursor_ms)
            return True
        self._cursor_ms = cursor_ms
        return self.take_in()

    def take_in(self) -> bool:
        """Let the inputs up to the cursor take effect; says whether machines came or went."""
        changed = False
        inputs = self.run.inputs
        while self._applied < len(inputs) and inputs[self._applied].at_ms <= self._cursor_ms:
            one = inputs[self._applied]
            self._applied += 1
            if one.what == "added":
                self._plant.advance(one.at_ms)
                self._plant.add(self._spec(one.machine, one.text), one.at_ms)
            elif one.what == "retired":
                self._plant.advance(one.at_ms)
                self._plant.retire(one.machine, one.at_ms)
            elif one.what == "bench":
                self._plant.advance(one.at_ms)
                self._put_up_bench(one.at_ms, on=one.on is True)
            else:
                continue
            self._changed_ms = one.at_ms
            changed = True
        self._plant.advance(self._cursor_ms)
        return changed

    def forget(self, before_ms: int) -> None:
        """Give up what lies before a moment; going back there lives the run again."""
        if before_ms > self._kept_from_ms:
            self._kept_from_ms = before_ms
            self._plant.forget(before_ms)

    def _put_up_bench(self, at_ms: int, *, on: bool) -> None:
        there = self._plant.names()
        for spec in self.bench:
            if on and spec.name not in there:
                self._plant.add(spec, at_ms)
            elif not on and spec.name in there:
                self._plant.retire(spec.name, at_ms)

    def _live_again(self, cursor_ms: int) -> None:
        run = self.run
        self.times_lived += 1
        self._plant = Plant(run.head.seed, run.epoch_ms, run.id, people=self._people)
        self._applied = 0
        self._kept_from_ms = run.epoch_ms
        self._changed_ms = run.epoch_ms
        for name, text in run.head.settings.machines.items():
            self._plant.add(self._spec(name, text), run.epoch_ms)
        self._cursor_ms = cursor_ms
        self.take_in()

    def _spec(self, name: str, text: str) -> MachineSpec:
        spec = self._specs.get((name, text))
        if spec is None:
            spec = self._specs[name, text] = parse_machine(text, f"{name}.toml", self._kinds)
        return spec
