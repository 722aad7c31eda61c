"""The table of everything that may be asked of the plant: one row for each sort of command."""

from protocol.messages import PlantCommand
from simulator.commanding import bench
from simulator.commanding.fields import SEED, SWITCH
from simulator.commanding.form import Form

FORMS: dict[str, Form] = {
    "start-over": Form(about="run", fields={"seed": SEED.optional()}),
    "bench": Form(
        about="plant",
        fields={"on": SWITCH},
        refusal=bench.refusal,
        done=bench.done,
        enter=bench.enter,
        effect=bench.put_up_or_take_away,
        comes_or_goes=True,
    ),
}
"""The forms by what is asked."""


def form_of(command: PlantCommand) -> Form:
    """The form that a command has."""
    return FORMS[command.what]
