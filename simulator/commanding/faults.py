"""Orders about faults: one begins, one ends, all of a machine end, or all."""

from protocol.messages import PlantCommand
from protocol.moments import to_text
from simulator.commanding.form import Grounds
from simulator.commanding.roster import Roster
from simulator.faults.catalogue import CATALOGUE, OF_PARTS, SEVERITY
from simulator.faults.catalogue import fault as entry
from simulator.faults.spells import Spell
from simulator.specs.machine import MachineSpec


def refusal(command: PlantCommand, grounds: Grounds) -> str:
    """Why a fault cannot begin; empty when it can."""
    wrong = _machine_wrong(command, grounds)
    if wrong:
        return wrong
    about = entry(command.fault).about
    if about != "sensor" and command.signal:
        return f"key 'signal' is not allowed beside {command.fault!r}, which is a fault of the {about}"
    if about == "machine":
        return _without_parts(command, grounds)
    if about == "link":
        return ""
    return _signal_wrong(command, grounds)


def clear_refusal(command: PlantCommand, grounds: Grounds) -> str:
    """Why a fault cannot be cleared; empty when it can, even if none is on."""
    if not command.machine:
        if command.fault or command.signal:
            return "key 'machine' is missing: without one every fault of every machine is cleared"
        return ""
    wrong = _machine_wrong(command, grounds)
    if wrong or not command.signal:
        return wrong
    if command.fault and entry(command.fault).about != "sensor":
        return f"key 'signal' is not allowed beside {command.fault!r}"
    return _signal_wrong(command, grounds)


def done(command: PlantCommand, grounds: Grounds) -> str:
    """What came of a fault that was asked for."""
    known = _known(command, grounds.roster, grounds.at_ms)
    if known is not None:
        return (
            f"{command.machine} has {_named(known)} already, until {to_text(known.until_ms)}: "
            "nothing changes; clear it first to begin another"
        )
    spell = spell_of(command, grounds.at_ms)
    return (
        f"{command.machine} has {_named(spell)} of severity {spell.severity:g} ({spell.severity_in_words}) "
        f"from {to_text(spell.from_ms)} to {to_text(spell.until_ms)}"
    )


def cleared(command: PlantCommand, grounds: Grounds) -> str:
    """What came of clearing."""
    ended = [f"{one.machine}: {_named(one)}" for one in _to_clear(command, grounds.roster, grounds.at_ms)]
    if ended:
        return f"cleared {', '.join(ended)}"
    if not command.machine:
        return "no machine has a fault: nothing changes"
    return f"{command.machine} has no {_title(command)}: nothing changes"


def enter(command: PlantCommand, roster: Roster, at_ms: int) -> None:
    """The fault is on from now on, unless it was already."""
    if _known(command, roster, at_ms) is None:
        roster.spells.begin(spell_of(command, at_ms))


def enter_clear(command: PlantCommand, roster: Roster, at_ms: int) -> None:
    """Faults end."""
    for one in _to_clear(command, roster, at_ms):
        roster.spells.end(one.machine, at_ms, one.fault, one.signal)


def spell_of(command: PlantCommand, at_ms: int) -> Spell:
    """The spell that begins with a command."""
    asked = entry(command.fault)
    seconds = asked.duration_s if command.duration_s is None else command.duration_s
    until_ms = at_ms + round(seconds * 1_000)
    return Spell(
        machine=command.machine,
        fault=command.fault,
        severity=SEVERITY if command.severity is None else command.severity,
        signal=command.signal,
        from_ms=at_ms,
        until_ms=until_ms,
        planned_ms=until_ms,
    )


def without(spec: MachineSpec) -> dict[str, str]:
    """The faults that a machine cannot have, each with the reason."""
    if spec.settings.makes_parts:
        return {}
    return {name: "it makes no parts" for name in CATALOGUE if name in OF_PARTS}


def _known(command: PlantCommand, roster: Roster, at_ms: int) -> Spell | None:
    """The same fault of the same machine, if it is on."""
    found = roster.spells.on(command.machine, at_ms, command.fault, command.signal)
    return found[0] if found else None


def _to_clear(command: PlantCommand, roster: Roster, at_ms: int) -> list[Spell]:
    machines = [command.machine] if command.machine else sorted(roster.machines)
    return [one for name in machines for one in roster.spells.on(name, at_ms, command.fault, command.signal)]


def _named(spell: Spell) -> str:
    return f"{spell.entry.title} of {spell.signal}" if spell.signal else spell.entry.title


def _title(command: PlantCommand) -> str:
    which = entry(command.fault).title if command.fault else "fault"
    return f"{which} of {command.signal}" if command.signal else which


def _machine_wrong(command: PlantCommand, grounds: Grounds) -> str:
    there = grounds.roster.machines
    if command.machine in there:
        return ""
    if grounds.roster.bench and any(one.name == command.machine for one in grounds.bench):
        return (
            f"key 'machine': {command.machine!r} is of the calibration bench, whose KPIs are known beforehand"
        )
    return (
        f"key 'machine': {command.machine!r} is not in the plant: {', '.join(sorted(there)) or 'it is empty'}"
    )


def _without_parts(command: PlantCommand, grounds: Grounds) -> str:
    spec = grounds.spec(command.machine, grounds.roster.machines[command.machine])
    if command.fault not in without(spec):
        return ""
    others = [name for name, one in CATALOGUE.items() if one.about == "machine" and name not in OF_PARTS]
    return (
        f"key 'fault': {command.fault!r} is not allowed for {command.machine}, which makes no parts: "
        f"{', '.join(others)}"
    )


def _signal_wrong(command: PlantCommand, grounds: Grounds) -> str:
    spec = grounds.spec(command.machine, grounds.roster.machines[command.machine])
    names = [one.name for one in spec.sensors]
    if command.signal in names:
        return ""
    if not command.signal:
        return f"key 'signal' is missing beside {command.fault!r}: {', '.join(names)}"
    return f"key 'signal': {command.signal!r} is no signal of {command.machine}: {', '.join(names)}"
