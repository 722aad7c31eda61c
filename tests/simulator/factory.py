"""What the tests of the simulator build with: the shipped kinds and machines, and a kind without chance."""

from pathlib import Path
from typing import Any

from simulator.specs.kind import Kind, kind_of, load_kinds
from simulator.specs.machine import MachineSpec, laid_over, load_machine

HERE = Path(__file__).parents[2] / "simulator"
KINDS = load_kinds(HERE / "kinds")
MACHINES_FOLDER = HERE / "machines"
MACHINES = {file.stem: load_machine(file, KINDS) for file in sorted(MACHINES_FOLDER.glob("*.toml"))}

EPOCH_MS = 1_767_600_000_000
"""2026-01-05 08:00 UTC."""
SECOND_MS = 1_000
MINUTE_MS = 60_000
HOUR_MS = 3_600_000

PLAIN: dict[str, Any] = {
    "title": "plain",
    "cycle_s": 10,
    "cycle_cv": 0,
    "speed_loss": 0,
    "signals": {
        "power_kw": {"title": "power", "unit": "kW", "running": 10, "idle": 2},
        "vibration_mm_s": {"title": "vibration", "unit": "mm/s", "running": 1, "idle": 0},
        "temperature_c": {"title": "temperature", "unit": "°C", "running": 60, "idle": 20, "tau_s": 100},
    },
}
"""Cycles of exactly 10 s, one after the other, without stops or noise."""


def plain(**settings: Any) -> Kind:
    """The kind without chance, with some settings laid over."""
    return kind_of("plain", laid_over(PLAIN, settings), source="plain.toml")


def machine(kind: Kind, name: str = "mill-1", *, controller: bool = True) -> MachineSpec:
    """A machine of a kind."""
    return MachineSpec(
        name=name, location=("machining",), kind=kind.name, settings=kind, controller=controller, text=""
    )
