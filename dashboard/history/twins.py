"""The machines that stand in both plants: in a run, and in its twin's."""

from dataclasses import dataclass

from dashboard.gain.order import place_of_machine
from dashboard.history.reader import Reader
from dashboard.history.rows import MachineRow, RunRow
from protocol.twin import twin_run


@dataclass(frozen=True, slots=True, kw_only=True)
class Both:
    """One machine in both plants."""

    monitored: MachineRow
    """Where calls are heard."""
    twin: MachineRow
    """Where they are not."""

    @property
    def name(self) -> str:
        """Its name, which is the same in both."""
        return self.monitored.name

    @property
    def line(self) -> str:
        """Its line."""
        return self.monitored.path

    @property
    def after(self) -> str:
        """The machine whose parts it takes, as its birth says; `""` for none."""
        return self.monitored.birth.after if self.monitored.birth else ""

    @property
    def rows(self) -> tuple[MachineRow, MachineRow]:
        """The monitored one and its twin."""
        return self.monitored, self.twin

    def lifetime(self, from_ms: int, to_ms: int) -> tuple[int, int]:
        """The part of [from_ms, to_ms) in which it stood in both; its end is never before its beginning."""
        from_ms = max(from_ms, self.monitored.since_ms, self.twin.since_ms)
        retired = [one.retired_ms for one in self.rows if one.retired_ms is not None]
        return from_ms, max(from_ms, min([to_ms, *retired]))


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinPlants:
    """A run and its twin."""

    run: RunRow
    """The monitored one."""
    twin: RunRow
    """Its twin."""
    machines: tuple[Both, ...]
    """What stands in both, in the order of the floor page; retired ones too."""
    outside: tuple[str, ...]
    """Machines of the monitored plant without a twin: real, replayed, or of the calibration bench."""

    @property
    def now_ms(self) -> int:
        """Plant time up to which both are in the history."""
        return min(self.run.now_ms, self.twin.now_ms)


def twin_plants(reader: Reader, run: RunRow) -> TwinPlants | None:
    """Both plants of a run; None where it has no twin."""
    twin = reader.run(twin_run(run.run)) if run.run else None
    if twin is None:
        return None
    others = {one.name: one for one in reader.machines(twin.run, retired=True)}
    both: list[Both] = []
    outside: list[str] = []
    for machine in reader.machines(run.run, retired=True):
        other = others.get(machine.name)
        if other is None or not machine.simulated or getattr(machine.birth, "answer", None):
            outside.append(machine.name)
        else:
            both.append(Both(monitored=machine, twin=other))
    both.sort(key=lambda one: place_of_machine(one.line, one.name))
    return TwinPlants(run=run, twin=twin, machines=tuple(both), outside=tuple(outside))
