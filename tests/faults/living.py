"""A plant in memory with faults, and what a machine of it went through."""

from collections.abc import Sequence

from simulator.faults.catalogue import fault
from simulator.faults.spells import Spell, Spells
from simulator.plant import Plant
from simulator.specs.machine import parse_machine
from tests.simulator.factory import KINDS, machine, plain

EPOCH_MS = 1_767_225_600_000
MINUTE_MS = 60_000
PRESS = 'kind = "press"\nline = "forming"\ncontroller = false\n'
Stretch = tuple[float, float, str, str, str]


def spell(
    name: str,
    from_s: float,
    until_s: float,
    severity: float = 1.0,
    *,
    machine: str = "mill-1",
    signal: str = "",
) -> Spell:
    """A fault from a second after the epoch to another."""
    until_ms = EPOCH_MS + round(until_s * 1_000)
    return Spell(
        machine=machine,
        fault=fault(name).name,
        severity=severity,
        signal=signal,
        from_ms=EPOCH_MS + round(from_s * 1_000),
        until_ms=until_ms,
        planned_ms=until_ms,
    )


def lived(
    spells: Sequence[Spell] = (), *, minutes: float = 60, steps: int = 1, text: str = "", name: str = "mill-1"
) -> Plant:
    """A plant of one machine that has lived so long, each fault having come when it began.

    Without a text it is one without chance: a cycle of 10 s after the other, and no stops.
    """
    known = Spells()
    plant = Plant(1, EPOCH_MS, "run-1", spells=known)
    spec = parse_machine(text, f"{name}.toml", KINDS) if text else machine(plain(fresh=True), name)
    plant.add(spec, EPOCH_MS)
    end_ms = EPOCH_MS + round(minutes * MINUTE_MS)
    moments = {EPOCH_MS + round(step * minutes * MINUTE_MS / steps) for step in range(1, steps + 1)}
    begins = {one.from_ms: one for one in spells}
    for moment_ms in sorted(one for one in moments | begins.keys() if one <= end_ms):
        plant.advance(moment_ms)
        if moment_ms in begins:
            known.begin(begins[moment_ms])
            plant.mind_faults(name, moment_ms)
    return plant


def truth_of(
    plant: Plant, from_s: float = 0, to_s: float = 3_600, name: str = "mill-1"
) -> tuple[list[Stretch], int, int]:
    """What a machine went through, in seconds after the epoch, and the parts and rejects it made."""
    from_ms, to_ms = EPOCH_MS + round(from_s * 1_000), EPOCH_MS + round(to_s * 1_000)
    told = plant.truth(name, from_ms, to_ms)
    found = [(from_s, str(told.state), told.phase, told.cause)]
    parts, rejects = told.parts, told.rejects
    for one in told.changes:
        if one.state is not None:
            found.append((from_s + one.offset_ms / 1_000, str(one.state), one.phase, one.cause))
        parts = one.parts if one.parts is not None else parts
        rejects = one.rejects if one.rejects is not None else rejects
    ends = [one[0] for one in found[1:]] + [to_s]
    stretches = [(begin, end, *rest) for (begin, *rest), end in zip(found, ends, strict=True)]
    return stretches, parts - told.parts, rejects - told.rejects  # type: ignore[return-value]


def seconds(stretches: Sequence[Stretch], *, cause: str) -> float:
    """For how long a cause held."""
    return round(sum(end - begin for begin, end, _, _, one in stretches if one == cause), 3)
