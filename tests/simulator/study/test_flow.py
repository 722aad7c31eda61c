"""Every part is somewhere: lines with buffers, containers and rigid couplings, and what breaks the books."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from simulator.specs.machine import Feed, MachineSpec
from simulator.study.conservation import ConservationError, Stocktaking, check_flow
from simulator.study.replication import HOUR_MS, Plan, replicate
from simulator.study.witness import Count, Inside, Stock
from tests.simulator.factory import machine, plain

STOPS = {
    "jam": {"phase": "repair", "every_h": 0.2, "mean_s": 60, "cv": 1, "person": False, "causes": {"jam": 1}}
}


def fed(name: str, after: str, buffer: int, container: int = 1, **settings: Any) -> MachineSpec:
    feed = Feed(after=after, buffer_parts=buffer, container_parts=container)
    return replace(machine(plain(**settings), name), feed=feed)


def line() -> tuple[MachineSpec, ...]:
    """Three stations: two coupled rigidly, then a buffer of containers; all of them make scrap."""
    return (
        machine(plain(cycle_s=9, scrap=0.1, stops=STOPS), "saw"),
        fed("drill", "saw", 0, cycle_s=10, scrap=0.05, stops=STOPS),
        fed("press", "drill", 12, 4, cycle_s=9, scrap=0.02, stops=STOPS),
    )


@pytest.mark.parametrize("seed", range(5))
def test_a_line_with_scrap_couplings_and_containers_loses_no_part(seed: int) -> None:
    plan = Plan(machines=line(), warm_up_ms=HOUR_MS, length_ms=50 * HOUR_MS + 12_345)

    figures = replicate(plan, seed)

    level = figures["buffers", "press", "mean_level"]
    assert level is not None
    assert 0 < level < 12
    assert figures["lines", "machining", "parts_per_hour"] == figures["machines", "press", "parts_per_hour"]
    assert figures["plant", "good_per_hour"] == figures["machines", "press", "good_per_hour"]


def test_the_order_of_the_files_changes_nothing() -> None:
    there = Plan(machines=line(), warm_up_ms=0, length_ms=5 * HOUR_MS)
    back = Plan(machines=line()[::-1], warm_up_ms=0, length_ms=5 * HOUR_MS)

    assert replicate(there, 7) == replicate(back, 7)


SPECS: Mapping[str, MachineSpec] = {spec.name: spec for spec in line()}
BEFORE = Stocktaking(
    machines={name: Count(parts=0, rejects=0) for name in SPECS},
    buffers={"press": Stock(level=0, came=0, went=0, part_ms=0)},
    trains={("saw", "drill"): Inside(begun=0, finished=0), ("press",): Inside(begun=0, finished=0)},
)
AFTER = Stocktaking(
    machines={
        "saw": Count(parts=20, rejects=1),
        "drill": Count(parts=19, rejects=1),
        "press": Count(parts=9, rejects=0),
    },
    buffers={"press": Stock(level=4, came=16, went=12, part_ms=0)},
    trains={("saw", "drill"): Inside(begun=1, finished=2), ("press",): Inside(begun=3, finished=0)},
)


def test_books_that_hold_pass() -> None:
    check_flow(SPECS, BEFORE, AFTER)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (
            {"machines": {**AFTER.machines, "saw": Count(parts=-1, rejects=0)}},
            "saw: its counters rose by -1 parts and 0 rejects",
        ),
        (
            {"machines": {**AFTER.machines, "drill": Count(parts=18, rejects=0)}},
            "drill: it made 18 parts of 19 good ones of saw",
        ),
        (
            {"buffers": {"press": Stock(level=4, came=16, went=8, part_ms=0)}},
            "buffer before press: 16 parts came and 8 went, and it holds 4 more",
        ),
        (
            {"buffers": {"press": Stock(level=16, came=28, went=12, part_ms=0)}},
            "buffer before press: it holds 16 parts, of at most 12",
        ),
        (
            {"trains": {**AFTER.trains, ("saw", "drill"): Inside(begun=1, finished=3)}},
            "saw and drill: 18 good parts were made, 16 passed on, and 3 more are kept",
        ),
        (
            {"trains": {**AFTER.trains, ("press",): Inside(begun=2, finished=0)}},
            "press: 12 parts were taken, 9 made, and 2 more are begun",
        ),
    ],
)
def test_a_part_that_appears_or_vanishes_is_found(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConservationError, match=sentence):
        check_flow(SPECS, BEFORE, replace(AFTER, **wrong))
