"""Orders about the machines of the plant: they come, go, become others, and are held.

A machine that an order put up is one of this run alone: a new run begins with those of the folder,
so what is to stay is saved as a file.
"""

import re

from msgspec.structs import replace

from protocol.messages import PlantCommand
from simulator.commanding.form import Grounds
from simulator.commanding.roster import Roster
from simulator.plant import Plant
from simulator.specs.check import wrong_place
from simulator.specs.settings import SpecError

PAUSED = "paused"
"""What a machine says that is held."""
MAX_MACHINES = 3_000
"""So many machines one process can connect."""
SHOWN = 12
"""So many names a sentence lists."""
NAME_LINE = re.compile(r"""^[ \t]*(?:name|"name"|'name')[ \t]*=.*\n?""", re.MULTILINE)
"""Where a machine's file says its own name, which it need not."""


def copied(text: str) -> str:
    r"""The text of a machine's file without the machine's own name, so that it fits another.

    >>> copied('kind = "press"\nname = "press-1"\nline = "forming"\n')
    'kind = "press"\nline = "forming"\n'
    """
    return NAME_LINE.sub("", text, count=1)


def not_there(command: PlantCommand, grounds: Grounds) -> str:
    """Why a machine cannot be meant; empty when it is one of the plant."""
    machines = grounds.roster.machines
    if command.machine in machines:
        return ""
    if any(command.machine == one.name for one in grounds.bench):
        return (
            f"key 'machine': {command.machine!r} is not allowed: a machine of the calibration bench stays "
            "as it is"
        )
    names = ", ".join(sorted(machines)[:SHOWN]) or "none yet"
    more = f" and {len(machines) - SHOWN} more" if len(machines) > SHOWN else ""
    return f"key 'machine': {command.machine!r} is not allowed: the machines of the plant are {names}{more}"


def cannot_come(command: PlantCommand, grounds: Grounds) -> str:
    """Why a machine cannot be put up; empty when it can."""
    return _unfit("machine", command.machine, command.text, grounds)


def cannot_be_cloned(command: PlantCommand, grounds: Grounds) -> str:
    """Why a machine cannot be cloned; empty when it can."""
    text = grounds.roster.machines.get(command.machine, "")
    return not_there(command, grounds) or _unfit("name", command.name, copied(text), grounds)


def cannot_change(command: PlantCommand, grounds: Grounds) -> str:
    """Why a machine cannot become another; empty when it can."""
    wrong = not_there(command, grounds)
    if not wrong and grounds.roster.machines[command.machine] == command.text:
        wrong = f"key 'text': {command.machine} is so already: allowed is another text"
    return wrong or _wrong_text(command.machine, command.text, grounds)


def would_not_fit(command: PlantCommand, grounds: Grounds) -> str:
    """Why a machine could not be put up, or take the place of the one that is named; empty when it could."""
    aside = grounds.aside()
    if not command.name:
        return cannot_come(command, aside)
    there = not_there(replace(command, machine=command.name), grounds)
    if not there and command.name != command.machine:
        there = f"key 'machine': {command.machine!r} is not allowed: {command.name!r}, whose place it takes"
    return there or _wrong_text(command.machine, command.text, aside)


def cannot_be_held(command: PlantCommand, grounds: Grounds) -> str:
    """Why a machine cannot be held; empty when it can."""
    wrong = not_there(command, grounds)
    if not wrong and command.machine in grounds.roster.held:
        wrong = f"{command.machine} is paused already"
    return wrong


def cannot_be_released(command: PlantCommand, grounds: Grounds) -> str:
    """Why a machine cannot go on; empty when it can."""
    wrong = not_there(command, grounds)
    if not wrong and command.machine not in grounds.roster.held:
        wrong = f"{command.machine} is not paused"
    return wrong


def enter_added(command: PlantCommand, roster: Roster, _at_ms: int) -> None:
    """A machine stands, or is another one."""
    roster.put_up(command.machine, command.text)


def enter_cloned(command: PlantCommand, roster: Roster, _at_ms: int) -> None:
    """A machine stands that is like another."""
    roster.put_up(command.name, copied(roster.machines[command.machine]))


def enter_removed(command: PlantCommand, roster: Roster, _at_ms: int) -> None:
    """A machine is gone."""
    roster.take_away(command.machine)


def enter_held(command: PlantCommand, roster: Roster, _at_ms: int) -> None:
    """A machine is held."""
    roster.held.add(command.machine)


def enter_released(command: PlantCommand, roster: Roster, _at_ms: int) -> None:
    """A machine is held no longer."""
    roster.held.discard(command.machine)


def add(command: PlantCommand, grounds: Grounds, plant: Plant) -> None:
    """Put up a machine."""
    plant.add(grounds.spec(command.machine, command.text), grounds.at_ms)


def clone(command: PlantCommand, grounds: Grounds, plant: Plant) -> None:
    """Put up a machine with all settings of another; chance is its own, by its name."""
    plant.add(grounds.spec(command.name, copied(grounds.roster.machines[command.machine])), grounds.at_ms)


def change(command: PlantCommand, grounds: Grounds, plant: Plant) -> None:
    """Take a machine away, and put another up under its name."""
    plant.retire(command.machine, grounds.at_ms)
    add(command, grounds, plant)


def remove(command: PlantCommand, grounds: Grounds, plant: Plant) -> None:
    """Take a machine away."""
    plant.retire(command.machine, grounds.at_ms)


def hold(command: PlantCommand, grounds: Grounds, plant: Plant) -> None:
    """Hold a machine where it is."""
    plant.hold(command.machine, PAUSED, grounds.at_ms)


def release(command: PlantCommand, grounds: Grounds, plant: Plant) -> None:
    """Let a machine go on from where it was held."""
    plant.let_go(command.machine, grounds.at_ms)


def text_of(command: PlantCommand, grounds: Grounds) -> dict[str, str]:
    """The text of a machine's file that would do the same at the start."""
    return {"text": grounds.roster.machines[command.machine]}


def _unfit(key: str, name: str, text: str, grounds: Grounds) -> str:
    machines = grounds.roster.machines
    if name in machines or any(name == one.name for one in grounds.bench):
        taken = "a machine of the plant" if name in machines else "a machine of the calibration bench"
        return f"key {key!r}: {name!r} is not allowed: {taken} is called so, and a name is used once"
    if len(machines) >= MAX_MACHINES:
        return f"there are {len(machines):,} machines already: allowed are {MAX_MACHINES:,}"
    return _wrong_text(name, text, grounds)


def _wrong_text(name: str, text: str, grounds: Grounds) -> str:
    try:
        return wrong_place(grounds.spec(name, text), [*grounds.standing(), *grounds.bench])
    except SpecError as error:
        return str(error)
