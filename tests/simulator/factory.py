"""What the tests of the simulator build with: the shipped kinds and machines, and a kind without chance."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from simulator.plant import Plant
from simulator.specs.kind import Kind, kind_of, load_kinds
from simulator.specs.machine import Feed, MachineSpec, laid_over, load_machine
from simulator.specs.people import parse_people

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


def story(plant: Plant, name: str, from_ms: int, to_ms: int) -> list[tuple[int, str, str]]:
    """What a machine went through in a span: seconds since its beginning, phase and cause of each change."""
    truth = plant.truth(name, from_ms, to_ms)
    changes = [(0.0, truth.phase, truth.cause)]
    changes += [(one.offset_ms / 1000, one.phase, one.cause) for one in truth.changes if one.phase]
    return [(round(at_s), phase, cause) for at_s, phase, cause in changes]


def time_in_phase(plant: Plant, name: str, from_ms: int, to_ms: int) -> dict[str, int]:
    """Milliseconds in each phase in a span."""
    truth = plant.truth(name, from_ms, to_ms)
    edges = [(0, truth.phase)] + [(one.offset_ms, one.phase) for one in truth.changes if one.phase]
    ends = [at_ms for at_ms, _ in edges[1:]] + [to_ms - from_ms]
    time: dict[str, int] = {}
    for (begin_ms, phase), end_ms in zip(edges, ends, strict=True):
        time[phase] = time.get(phase, 0) + end_ms - begin_ms
    return time


def line(*kinds: Kind, buffer: int, container: int = 1) -> tuple[MachineSpec, ...]:
    """Machines `m1`, `m2` … one after the other, with room for so many parts between them."""
    feed = Feed(after="", buffer_parts=buffer, container_parts=container)
    return tuple(
        replace(machine(kind, f"m{n}"), feed=replace(feed, after=f"m{n - 1}") if n > 1 else None)
        for n, kind in enumerate(kinds, start=1)
    )


def plant_of(*specs: MachineSpec, people: str = "", seed: int = 1, watched: bool = False) -> Plant:
    """A plant of machines, with people or none."""
    plant = Plant(
        seed, EPOCH_MS, "r", people=parse_people(people) if people else None, sensors=False, watched=watched
    )
    for spec in specs:
        plant.add(spec, EPOCH_MS)
    return plant
