"""Orders about the calibration bench."""

from protocol.messages import PlantCommand
from simulator.commanding.form import Grounds
from simulator.commanding.roster import Roster
from simulator.plant import Plant


def refusal(command: PlantCommand, grounds: Grounds) -> str:
    """Why the bench cannot be put up; empty when it can."""
    taken = sorted({one.name for one in grounds.bench} & grounds.roster.machines.keys())
    if command.on and taken:
        return f"machines of the plant are called as those of the bench: {', '.join(taken)}"
    return ""


def done(command: PlantCommand, _grounds: Grounds) -> str:
    """What came of it."""
    return f"the calibration bench is {'put up' if command.on else 'taken away'}"


def enter(command: PlantCommand, roster: Roster, _at_ms: int) -> None:
    """The bench stands, or does not."""
    roster.bench = command.on is True


def put_up_or_take_away(command: PlantCommand, grounds: Grounds, plant: Plant) -> None:
    """Bring the machines of the bench in line with the order."""
    there = plant.names()
    for spec in grounds.bench:
        if command.on and spec.name not in there:
            plant.add(spec, grounds.at_ms)
        elif not command.on and spec.name in there:
            plant.retire(spec.name, grounds.at_ms)
