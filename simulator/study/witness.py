"""A plant that is lived for its truth alone, and what a witness sees of it: columns, and stocks of parts."""

from collections.abc import Iterable
from dataclasses import dataclass

from simulator.behaviour.machine import Machine
from simulator.behaviour.stretch import Labels
from simulator.plant import Plant
from simulator.specs.machine import MachineSpec
from simulator.specs.people import People
from simulator.study.tally import Lived


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """The parts of one buffer, counted at a moment."""

    level: int
    """Parts in it."""
    came: int
    """Parts that ever came in."""
    went: int
    """Parts that ever went out."""
    part_ms: int
    """Parts times milliseconds, up to that moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The parts of one machine, counted at a moment."""

    parts: int
    """Parts ever made, rejects included."""
    rejects: int
    """Parts ever rejected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """The parts within machines that are coupled rigidly, or within a single one, at a moment."""

    begun: int
    """Taken, and not finished."""
    finished: int
    """Finished, and not passed on."""


class Witness:
    """Sees one plant live, from its epoch on."""

    def __init__(
        self, specs: Iterable[MachineSpec], *, seed: int, epoch_ms: int, people: People | None = None
    ) -> None:
        self._plant = Plant(seed, epoch_ms, "study", people=people, bare=True)
        self.specs = {spec.name: spec for spec in specs}
        # A machine is put up after the one it follows.
        for spec in _in_order(self.specs):
            self._plant.add(spec, epoch_ms)

    def labels(self, name: str) -> Labels:
        """What the numbers of a machine's labels stand for; grows."""
        return self._plant.machine(name).labels

    def advance(self, to_ms: int) -> None:
        """Live on, up to and including a moment."""
        self._plant.advance(to_ms)

    def forget(self, before_ms: int) -> None:
        """Drop what lies before a moment."""
        self._plant.forget(before_ms)

    def lived(self, name: str, from_ms: int, to_ms: int) -> Lived:
        """What a machine did in [from_ms, to_ms), lived and not forgotten."""
        return lived(self._plant.machine(name), from_ms, to_ms)

    def count(self, name: str, at_ms: int) -> Count:
        """The parts of a machine, up to and including the present."""
        parts, rejects = self._plant.machine(name).diary.counts(at_ms)
        return Count(parts=parts, rejects=rejects)

    def buffers(self) -> dict[str, Stock]:
        """The stock of each buffer now, by the machine that it feeds."""
        stocks: dict[str, Stock] = {}
        for name, spec in self.specs.items():
            buffer = self._plant.buffer(spec.feed.after, name) if spec.feed else None
            if buffer is not None:
                size = buffer.container_parts
                stocks[name] = Stock(
                    level=buffer.level * size,
                    came=buffer.came * size,
                    went=buffer.went * size,
                    part_ms=buffer.filled_ms * size,
                )
        return stocks

    def trains(self) -> dict[tuple[str, ...], Inside]:
        """The parts within each machine now, or within those that are coupled rigidly together."""
        trains: dict[tuple[str, ...], Inside] = {}
        for name in self.specs:
            train = self._plant.train(name)
            if train is not None:
                members = tuple(member.name for member in train.members)
                trains[members] = Inside(begun=train.begun, finished=train.finished)
        return trains


def lived(machine: Machine, from_ms: int, to_ms: int) -> Lived:
    """What a machine did in [from_ms, to_ms), lived and not forgotten."""
    diary = machine.diary
    begun = diary.begun_within(from_ms, to_ms - 1)
    rows = slice(begun.start - 1, begun.stop)
    start_ms = diary.column("start_ms")[rows].copy()
    start_ms[0] = from_ms
    before, after = diary.counts(from_ms), diary.counts(to_ms)
    return Lived(
        from_ms=from_ms,
        to_ms=to_ms,
        start_ms=start_ms,
        label=diary.column("label")[rows].copy(),
        parts=after[0] - before[0],
        rejects=after[1] - before[1],
    )


def _in_order(specs: dict[str, MachineSpec]) -> list[MachineSpec]:
    """The machines, each after the one it follows."""
    ordered: dict[str, MachineSpec] = {}
    for spec in specs.values():
        chain = [spec]
        while (feed := chain[-1].feed) and feed.after in specs and specs[feed.after] not in chain:
            chain.append(specs[feed.after])
        for one in reversed(chain):
            ordered.setdefault(one.name, one)
    return list(ordered.values())
