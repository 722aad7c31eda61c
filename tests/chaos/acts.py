"""How each kind of fault is begun and ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.chaos.faults import Fault
    from tests.chaos.plant import Plant
    from tests.chaos.surroundings import Surroundings


def begin(plant: Plant, fault: Fault) -> None:
    """Let a fault befall its part."""
    part = fault.part
    match fault.kind:
        case "killed":
            plant.kill(part)
        case "restarted":
            plant.terminate(part)
        case "stopped":
            plant.freeze(part)
        case "cut off":
            _around(plant).network.cut(part)
        case "slowed":
            _around(plant).network.slow(part, fault.much)
        case "filled":
            _around(plant).disks[part].fill()
        case "stepped":
            _around(plant).clocks.set(part, fault.much)


def end(plant: Plant, fault: Fault) -> None:
    """Let it be over."""
    part = fault.part
    match fault.kind:
        case "killed" | "restarted":
            plant.start(part)
        case "stopped":
            plant.thaw(part)
        case "cut off":
            _around(plant).network.join(part)
        case "slowed":
            _around(plant).network.quicken(part)
        case "filled":
            _around(plant).disks[part].free()
        case "stepped":
            _around(plant).clocks.set(part, 0)


def _around(plant: Plant) -> Surroundings:
    assert plant.around is not None, "faults of wires, disks and clocks need surroundings of the plant's own"
    return plant.around
