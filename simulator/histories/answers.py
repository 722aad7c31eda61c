"""What the files of a run tell of the commands that were done: after a crash each is answered as before."""

from collections.abc import Iterator, Mapping

from protocol.messages import PlantCommand, PlantResult
from protocol.moments import from_ms, to_text
from simulator.commanding.form import Grounds
from simulator.commanding.table import form_of
from simulator.histories.run import Run, roster_of
from simulator.specs.kind import Kind
from simulator.specs.machine import MachineSpec


def results_of(run: Run, kinds: Mapping[str, Kind], bench: tuple[MachineSpec, ...]) -> Iterator[PlantResult]:
    """The results of the commands that a run's files tell of, in order."""
    if run.head.command:
        yield begun_result(run)
    roster = roster_of(run.head)
    for one in run.inputs:
        if one.order is not None:
            grounds = Grounds(roster=roster, at_ms=one.at_ms, kinds=kinds, bench=bench)
            yield done_result(one.order, grounds)
        one.enter(roster)


def done_result(command: PlantCommand, grounds: Grounds) -> PlantResult:
    """What came of a command that was done on these grounds."""
    form = form_of(command)
    return PlantResult(
        id=command.id,
        at=from_ms(grounds.at_ms),
        ok=True,
        what=command.what,
        message=form.done(command, grounds),
        **form.more(command, grounds),
    )


def begun_result(run: Run) -> PlantResult:
    """What came of a command that opened a run."""
    return PlantResult(
        id=run.head.command,
        at=run.head.epoch,
        ok=True,
        what="start-over",
        message=f"run {run.id} begins with seed {run.head.seed} at {to_text(run.epoch_ms)}",
    )
