"""The machines of a plan, lived without sensors, and what each did in a span."""

from collections.abc import Iterable, Iterator

from simulator.behaviour.diary import Diary
from simulator.behaviour.life import Label, Stretch, labels_of, live
from simulator.behaviour.routine import follow
from simulator.specs.machine import MachineSpec
from simulator.study.tally import Lived


class Floor:
    """All machines of one replication."""

    def __init__(self, specs: Iterable[MachineSpec], *, seed: int, epoch_ms: int) -> None:
        self._machines = {spec.name: (spec, _days(spec, seed, epoch_ms), Diary(epoch_ms)) for spec in specs}
        self._labels = {name: labels_of(spec.settings) for name, (spec, _, _) in self._machines.items()}

    def labels(self, name: str) -> tuple[Label, ...]:
        """What the numbers of a machine's labels stand for."""
        return self._labels[name]

    def advance(self, to_ms: int) -> None:
        """Live on, up to and including a moment."""
        for _, days, diary in self._machines.values():
            while diary.end_ms <= to_ms:
                diary.write(next(days), {})

    def lived(self, name: str, from_ms: int, to_ms: int) -> Lived:
        """What a machine did in a span."""
        diary = self._machines[name][2]
        begun = diary.begun_within(from_ms, to_ms - 1)
        first = begun.start - 1
        start_ms = diary.column("start_ms")[first : begun.stop].copy()
        start_ms[0] = from_ms
        parts, rejects = diary.counts(to_ms)
        parts_before, rejects_before = diary.counts(from_ms)
        return Lived(
            from_ms=from_ms,
            to_ms=to_ms,
            start_ms=start_ms,
            label=diary.column("label")[first : begun.stop],
            parts=parts - parts_before,
            rejects=rejects - rejects_before,
        )

    def forget(self, before_ms: int) -> None:
        """Drop what lies before a moment."""
        for _, _, diary in self._machines.values():
            diary.forget(before_ms)


def _days(spec: MachineSpec, seed: int, epoch_ms: int) -> Iterator[Stretch]:
    kind = spec.settings
    if kind.pattern:
        return follow(kind, kind.pattern, start_ms=epoch_ms)
    return live(kind, seed=seed, machine=spec.name, start_ms=epoch_ms)
