"""A plant whose diaries keep labels and parts alone: the same truth as that of one that keeps everything."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from simulator.faults.spells import Spell
from simulator.plant import Plant
from simulator.specs.machine import Feed, MachineSpec
from simulator.specs.people import People, load_people
from tests.simulator.factory import EPOCH_MS, HERE, HOUR_MS, MACHINES, MINUTE_MS, machine, plain
from tests.simulator.test_air import compressor

PEOPLE = replace(load_people(HERE / "people.toml", HERE / "assumptions.toml"), hears="at once")
STOPS: dict[str, Any] = {
    "jam": {
        "phase": "repair",
        "every_h": 0.2,
        "mean_s": 60,
        "cv": 1,
        "person": False,
        "causes": {"jam": 1},
    },
    "tool": {
        "phase": "setup",
        "every_parts": [30, 80],
        "mean_s": 90,
        "cv": 0.4,
        "symptom": "tool",
        "causes": {"tool change": 1},
    },
}
SPAN_MS = 15 * HOUR_MS


def fed(name: str, after: str, buffer: int, container: int = 1, **settings: Any) -> MachineSpec:
    feed = Feed(after=after, buffer_parts=buffer, container_parts=container)
    return replace(machine(plain(**settings), name), feed=feed)


LINE = (
    machine(plain(cycle_s=9, cycle_cv=0.3, scrap=0.1, scrap_worn=0.3, handling_s=3, stops=STOPS), "saw"),
    fed("drill", "saw", 0, cycle_s=10, scrap=0.05, air_m3_min=1.5, stops=STOPS),
    fed("press", "drill", 12, 4, cycle_s=9, scrap=0.02, handling_s=1, air_m3_min=0.7, stops=STOPS),
    fed("packer", "press", 3, cycle_s=10, air_m3_min=0.4, stops={"jam": STOPS["jam"]}),
    compressor(leak=0.3, stops={"jam": STOPS["jam"]}),
    compressor(leak=0.1, name="air-2"),
)
PLANTS = {
    "shipped": (tuple(MACHINES.values()), PEOPLE),
    "a line, and two compressors": (LINE, None),
}


def lived(
    specs: Sequence[MachineSpec], people: People | None, *, bare: bool, every_ms: int, ordered: bool
) -> list[Any]:
    """The truth of all machines, span by span."""
    plant = Plant(3, EPOCH_MS, "r", people=people, sensors=False, bare=bare)
    for spec in specs:
        plant.add(spec, EPOCH_MS)
    if ordered:
        for place, name in enumerate(plant.names()):
            _order(plant, name, EPOCH_MS + HOUR_MS + place * 3_654_321)
    told: list[Any] = []
    for from_ms in range(EPOCH_MS, EPOCH_MS + SPAN_MS, every_ms):
        to_ms = min(from_ms + every_ms, EPOCH_MS + SPAN_MS)
        plant.advance(to_ms)
        told += [plant.truth(name, from_ms, to_ms) for name in plant.names()]
        plant.forget(to_ms)
    return told


def _order(plant: Plant, name: str, at_ms: int) -> None:
    """Hold a machine for a while, break something of it, and have a fault in it."""
    plant.hold(name, "inventory", at_ms)
    plant.let_go(name, at_ms + 20 * MINUTE_MS + 123)
    for stop in plant.machine(name).kind.stops[:1]:
        plant.strike(name, stop.name, at_ms + 40 * MINUTE_MS + 321)
    begin_ms = at_ms + HOUR_MS
    plant.spells.begin(
        Spell(
            machine=name,
            fault="jam",
            severity=0.7,
            from_ms=begin_ms,
            until_ms=begin_ms + HOUR_MS,
            planned_ms=begin_ms + HOUR_MS,
        )
    )
    plant.mind_faults(name, EPOCH_MS)


@pytest.mark.parametrize("ordered", [False, True], ids=["left alone", "ordered about"])
@pytest.mark.parametrize("every_ms", [SPAN_MS, 3_456_789])
@pytest.mark.parametrize("which", PLANTS)
def test_a_bare_plant_tells_the_same_truth(which: str, every_ms: int, *, ordered: bool) -> None:
    specs, people = PLANTS[which]

    bare = lived(specs, people, bare=True, every_ms=every_ms, ordered=ordered)

    assert bare == lived(specs, people, bare=False, every_ms=every_ms, ordered=ordered)
