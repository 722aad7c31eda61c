"""The table of everything that may be asked of the plant: one row for each sort of command."""

from protocol.messages import PlantCommand
from simulator.commanding import assumptions, bench, clock, faults, machines, offers
from simulator.commanding.fields import MACHINE, SEED, SIGNAL, SWITCH, TEXT, number, one_of
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
    "speed": Form(about="clock", fields={"speed": clock.SPEED}, turn=clock.set_speed, done=clock.speed_set),
    "pause": Form(about="clock", fields={"machine": MACHINE.optional()}, turn=clock.pause, done=clock.paused),
    "resume": Form(
        about="clock", fields={"machine": MACHINE.optional()}, turn=clock.resume, done=clock.resumed
    ),
    "step": Form(
        about="clock",
        fields={"seconds": clock.SECONDS},
        refusal=clock.no_step,
        turn=clock.step,
        done=clock.stepped,
    ),
    "jump": Form(about="clock", fields={}, turn=clock.jump, done=clock.jumped),
    "add": Form(
        about="plant",
        fields={"machine": MACHINE, "text": TEXT},
        refusal=machines.cannot_come,
        done=lambda command, _: f"{command.machine} is put up",
        enter=machines.enter_added,
        effect=machines.add,
        comes_or_goes=True,
    ),
    "clone": Form(
        about="plant",
        fields={"machine": MACHINE, "name": MACHINE},
        refusal=machines.cannot_be_cloned,
        done=lambda command, _: f"{command.name} is put up, with all settings of {command.machine}",
        enter=machines.enter_cloned,
        effect=machines.clone,
        comes_or_goes=True,
    ),
    "change": Form(
        about="plant",
        fields={"machine": MACHINE, "text": TEXT},
        refusal=machines.cannot_change,
        done=lambda command, _: f"{command.machine} is another one from now on",
        enter=machines.enter_added,
        effect=machines.change,
        comes_or_goes=True,
    ),
    "remove": Form(
        about="plant",
        fields={"machine": MACHINE},
        refusal=machines.not_there,
        done=lambda command, _: f"{command.machine} is taken away",
        enter=machines.enter_removed,
        effect=machines.remove,
        comes_or_goes=True,
    ),
    "save": Form(
        about="nothing",
        fields={"machine": MACHINE},
        refusal=machines.not_there,
        done=lambda command, _: f"{command.machine}.toml would do the same at the start of a run",
        more=machines.text_of,
    ),
    "check": Form(
        about="nothing",
        fields={"machine": MACHINE, "text": TEXT, "name": MACHINE.optional()},
        refusal=machines.would_not_fit,
        done=offers.in_words,
    ),
    "kinds": Form(
        about="nothing",
        fields={},
        done=lambda _, grounds: f"the plant knows {len(grounds.kinds)} kinds",
        more=offers.kinds,
    ),
    "machines": Form(
        about="nothing",
        fields={},
        done=lambda _, grounds: f"{len(grounds.roster.machines)} machines stand in the plant",
        more=offers.standing,
    ),
    "assume": Form(
        about="plant",
        fields={"values": assumptions.VALUES},
        refusal=assumptions.refusal,
        done=assumptions.done,
        enter=assumptions.enter,
        effect=assumptions.effect,
    ),
}
"""The forms by what is asked."""

FORMS_WITH_MACHINE = {
    "pause": Form(
        about="plant",
        fields=FORMS["pause"].fields,
        refusal=machines.cannot_be_held,
        done=lambda command, _: f"{command.machine} is paused",
        enter=machines.enter_held,
        effect=machines.hold,
    ),
    "resume": Form(
        about="plant",
        fields=FORMS["resume"].fields,
        refusal=machines.cannot_be_released,
        done=lambda command, _: f"{command.machine} goes on",
        enter=machines.enter_released,
        effect=machines.release,
    ),
}
"""What is asked of one machine where the same word, without one, is about the plant's clock."""


def form_of(command: PlantCommand) -> Form:
    """The form that a command has."""
    if command.machine and command.what in FORMS_WITH_MACHINE:
        return FORMS_WITH_MACHINE[command.what]
    return FORMS[command.what]
