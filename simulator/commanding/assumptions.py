"""Orders about what is assumed of the plant."""

from protocol.messages import PlantCommand
from protocol.moments import to_text
from simulator.commanding.fields import Field
from simulator.commanding.form import Grounds
from simulator.commanding.roster import Roster
from simulator.plant import Plant
from simulator.specs.assumptions import FORMS
from simulator.specs.segments import label_of

VALUES = Field(
    allowed='an object of assumptions and their values, such as {"rounds_s": 600, "calls": false}; known are '
    f"{', '.join(FORMS)}",
    right=lambda value: isinstance(value, dict) and bool(value),
)


def refusal(command: PlantCommand, grounds: Grounds) -> str:
    """Why it cannot be assumed; empty when it can."""
    return grounds.roster.assumptions.wrong(command.values, grounds.roster.persons)


def done(command: PlantCommand, grounds: Grounds) -> str:
    """What came of it."""
    before = grounds.roster.assumptions
    after = before.changed(command.values)
    if after.values == before.values:
        return "it is assumed already: nothing changes"
    return f"a new segment from {to_text(grounds.at_ms + 1)} on: {label_of(before.values, after.values)}"


def enter(command: PlantCommand, roster: Roster, at_ms: int) -> None:
    """Other things are assumed from now on."""
    roster.assume(command.values, at_ms)


def effect(command: PlantCommand, grounds: Grounds, plant: Plant) -> None:
    """Have the people of the plant work by other rules."""
    plant.assume(grounds.roster.assumptions.changed(command.values), grounds.at_ms)
