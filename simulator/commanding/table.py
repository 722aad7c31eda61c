"""The table of everything that may be asked of the plant: one row for each sort of command."""

from protocol.messages import PlantCommand
from simulator.commanding import bench, faults
from simulator.commanding.fields import MACHINE, SEED, SIGNAL, SWITCH, number, one_of
from simulator.commanding.form import Form
from simulator.faults.catalogue import CATALOGUE, LONGEST_S, SHORTEST_S

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
    "fault": Form(
        about="plant",
        fields={
            "machine": MACHINE,
            "fault": one_of(*CATALOGUE),
            "severity": number(0.0, 1.0).optional(),
            "duration_s": number(SHORTEST_S, LONGEST_S).optional(),
            "signal": SIGNAL.optional(),
        },
        refusal=faults.refusal,
        done=faults.done,
        enter=faults.enter,
    ),
    "clear": Form(
        about="plant",
        fields={
            "machine": MACHINE.optional(),
            "fault": one_of(*CATALOGUE).optional(),
            "signal": SIGNAL.optional(),
        },
        refusal=faults.clear_refusal,
        done=faults.cleared,
        enter=faults.enter_clear,
    ),
}
"""The forms by what is asked."""


def form_of(command: PlantCommand) -> Form:
    """The form that a command has."""
    return FORMS[command.what]
