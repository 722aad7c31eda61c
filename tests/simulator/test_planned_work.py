"""Planned work: what people do about a call that speaks of a trend, and what it costs."""

from dataclasses import replace
from typing import Any

import pytest

from simulator.behaviour.job import TREND
from simulator.plant import Plant
from simulator.specs.assumptions import parse_assumptions
from simulator.specs.machine import MachineSpec
from simulator.specs.people import people_of, persons_in
from tests.simulator.factory import (
    EPOCH_MS,
    HOUR_MS,
    MACHINES,
    MINUTE_MS,
    machine,
    plain,
    story,
    time_in_phase,
)

ANNA = "[persons.anna]\n"
DORA = "[persons.dora]\nskill = 2\n"
QUICK: dict[str, Any] = {"reaction_s": 60, "walk_s": 20, "inspection_s": 600, "planned_within_s": 3600}


def bearing(after_s: float, mended_s: float = 4000, **over: Any) -> dict[str, Any]:
    """A bearing that fails after so many seconds of running, and shows it beforehand."""
    return {
        "phase": "repair",
        "every_h": after_s / 3600,
        "life": "fixed",
        "mean_s": mended_s,
        "length": "fixed",
        "causes": {"bearing": 1},
        "symptom": "bearing",
        **over,
    }


def unseen(after_s: float, mended_s: float, **over: Any) -> dict[str, Any]:
    """A stop that comes after so many seconds of running, and does not show beforehand."""
    stop = bearing(after_s, mended_s, causes={"broken": 1}, **over)
    del stop["symptom"]
    return stop


def mill(name: str = "m1", *, cycle_s: float = 10, **stops: dict[str, Any]) -> MachineSpec:
    """A new machine with cycles of ten seconds that has these stops alone."""
    return machine(plain(cycle_s=cycle_s, fresh=True, stops=stops), name)


def plant_of(*specs: MachineSpec, people: str = ANNA, twin: bool = False, **assumed: Any) -> Plant:
    """A plant in which calls are heard, under these assumptions."""
    assumptions = parse_assumptions("").changed({**QUICK, **assumed})
    crowd = people_of(persons_in(people), assumptions)
    plant = Plant(1, EPOCH_MS, "r", people=crowd.of_twin() if twin else crowd, sensors=False, watched=True)
    for spec in specs:
        plant.add(spec, EPOCH_MS)
    return plant


def call(plant: Plant, at_s: float, name: str = "m1") -> None:
    """A trend of a machine is called, as the office would after its lookahead."""
    plant.advance(EPOCH_MS + round(at_s * 1_000))
    plant.hear_call(name, plant.now_ms, TREND)


def phases(plant: Plant, hours: float, name: str = "m1") -> list[tuple[int, str]]:
    plant.advance(EPOCH_MS + round(hours * HOUR_MS))
    lived = story(plant, name, EPOCH_MS, EPOCH_MS + round(hours * HOUR_MS))
    return [(at_s, phase) for at_s, phase, _ in lived]


def said(plant: Plant, hours: float) -> list[tuple[str, int, str]]:
    """What people say of calls about trends."""
    plant.advance(EPOCH_MS + round(hours * HOUR_MS))
    found = plant.responses(EPOCH_MS, plant.now_ms)
    return [(one.step, (one.at_ms - EPOCH_MS) // 1_000, one.person) for one in found if one.trend]


def test_a_worn_bearing_is_renewed_between_two_parts_when_nobody_came_before() -> None:
    plant = plant_of(mill(bearing=bearing(10_000)))
    call(plant, 6_005)

    # An hour after the call Anna sets out while it runs, and is there when 9,625 of 10,000 s are used.
    assert phases(plant, 5)[:3] == [(0, "cycle"), (9_630, "planned work"), (9_630 + 600 + 2_000, "cycle")]
    assert said(plant, 5) == [
        ("acknowledged", 6_065, ""),
        ("at the machine", 9_630, "anna"),
        ("restored", 12_230, "anna"),
    ]


def test_what_is_not_worn_is_a_false_alarm_that_costs_the_inspection_and_no_more() -> None:
    plant = plant_of(mill(bearing=bearing(100_000)))
    call(plant, 5)

    assert phases(plant, 3) == [(0, "cycle"), (3_630, "false alarm"), (4_230, "cycle")]
    spent = time_in_phase(plant, "m1", EPOCH_MS, EPOCH_MS + 3 * HOUR_MS)
    assert spent["false alarm"] == 600_000
    assert sum(spent.values()) == 3 * HOUR_MS


def test_an_inspection_takes_anybody_as_long_and_a_planned_repair_the_skilled_less() -> None:
    alarm = plant_of(mill(bearing=bearing(100_000)), people=DORA)
    worn = plant_of(mill(bearing=bearing(10_000)), people=DORA, planned_share=0.3)
    for plant in (alarm, worn):
        call(plant, 6_005)

    assert time_of(alarm, "false alarm") == 600
    assert time_of(worn, "planned work") == 600 + 4_000 * 0.3 / 2


def time_of(plant: Plant, phase: str, hours: float = 5, name: str = "m1") -> float:
    plant.advance(EPOCH_MS + round(hours * HOUR_MS))
    return time_in_phase(plant, name, EPOCH_MS, plant.now_ms).get(phase, 0) / 1_000


def test_whoever_tends_the_machine_anyway_looks_into_the_trend_before_it_goes_on() -> None:
    setup = unseen(8_000, 900, phase="setup")
    plant = plant_of(
        mill(bearing=bearing(12_000), setup=setup), planned_within_s=14_400, rounds_s=600, walk_s=0
    )
    call(plant, 6_005)

    assert phases(plant, 5)[:5] == [
        (0, "cycle"),
        (8_000, "unnoticed"),
        (8_400, "setup"),
        (9_300, "planned work"),
        (9_300 + 600 + 2_000, "cycle"),
    ]


def test_a_failure_that_comes_first_is_taken_for_what_the_trend_spoke_of() -> None:
    plant = plant_of(mill(bearing=bearing(8_000)), planned_within_s=14_400, rounds_s=600, walk_s=0)
    call(plant, 6_005)

    assert phases(plant, 5)[:4] == [
        (0, "cycle"),
        (8_000, "unnoticed"),
        (8_400, "repair"),
        (12_400, "cycle"),
    ]
    assert time_of(plant, "false alarm", 10) == 0
    assert said(plant, 5)[1:] == [("at the machine", 12_400, "anna"), ("restored", 12_400, "anna")]


def test_a_machine_that_fails_under_the_eyes_of_who_waits_for_its_part_is_mended_first() -> None:
    jam = unseen(9_700, 300)
    # A cycle of 1,000 s: Anna is there at 9,625 s, its end would be at 10,000 s.
    plant = plant_of(mill(cycle_s=1_000, bearing=bearing(20_000), jam=jam), worn_share=0.4)
    call(plant, 6_005)

    assert phases(plant, 5)[:4] == [
        (0, "cycle"),
        (9_700, "repair"),
        (10_000, "planned work"),
        (10_000 + 600 + 2_000, "cycle"),
    ]
    # The cycle that was interrupted ends as late as it was held up.
    parts = [
        one.offset_ms
        for one in plant.truth("m1", EPOCH_MS, EPOCH_MS + 4 * HOUR_MS).changes
        if one.parts == 10
    ]
    assert parts == [(10_000 + 300 + 2_600) * 1_000]


def test_who_is_alone_sees_to_stops_before_trends() -> None:
    stop = unseen(9_600, 3_000)
    plant = plant_of(mill("m1", bearing=bearing(100_000)), mill("m2", broken=stop), rounds_s=60, walk_s=0)
    call(plant, 6_005)

    assert phases(plant, 4, "m2")[1] == (9_600, "repair")
    assert phases(plant, 4)[1] == (12_600, "false alarm")


@pytest.mark.parametrize("key", ["condition", "calls"])
def test_who_acts_on_no_trend_says_nothing_and_does_nothing(key: str) -> None:
    assumed: dict[str, Any] = {key: False}
    called, quiet = (plant_of(mill(bearing=bearing(10_000)), **assumed) for _ in range(2))
    call(called, 6_005)

    assert phases(called, 5) == phases(quiet, 5)
    assert said(called, 5) == []


def test_the_twin_acts_on_no_trend() -> None:
    called, quiet = (plant_of(mill(bearing=bearing(10_000)), twin=True) for _ in range(2))
    call(called, 6_005)

    assert phases(called, 5) == phases(quiet, 5)


def test_a_machine_of_which_nothing_is_seen_to_wear_is_not_stopped_for_a_trend() -> None:
    plant = plant_of(mill(broken=unseen(100_000, 60)))
    call(plant, 5)

    assert phases(plant, 3) == [(0, "cycle")]
    assert said(plant, 3) == [("acknowledged", 65, "")]


def test_a_second_call_for_the_same_machine_is_answered_by_the_same_visit() -> None:
    plant = plant_of(mill(bearing=bearing(100_000)))
    call(plant, 5)
    call(plant, 1_005)

    assert phases(plant, 5)[1:] == [(3_630, "false alarm"), (4_230, "cycle")]
    assert [(step, at_s) for step, at_s, _ in said(plant, 5)] == [
        ("acknowledged", 65),
        ("acknowledged", 1_065),
        ("at the machine", 3_630),
        ("at the machine", 3_630),
        ("restored", 4_230),
        ("restored", 4_230),
    ]


def test_who_comes_to_a_machine_that_is_held_does_not_wait_for_its_part() -> None:
    plant = plant_of(mill(cycle_s=1_000, bearing=bearing(100_000)))
    call(plant, 5)
    plant.advance(EPOCH_MS + 3_627_000)
    plant.hold("m1", "paused", plant.now_ms)

    lived = phases(plant, 3)
    assert lived[1:] == [(3_627, "false alarm"), (4_227, "waiting for material")]


def test_who_waits_for_a_part_of_a_machine_that_is_taken_away_is_free_again() -> None:
    stop = unseen(9_700, 300)
    plant = plant_of(
        mill("m1", cycle_s=1_000, bearing=bearing(100_000)), mill("m2", broken=stop), rounds_s=60
    )
    call(plant, 6_005)
    plant.advance(EPOCH_MS + 9_650_000)
    plant.retire("m1", plant.now_ms)

    assert (9_720 + 20, "repair") in phases(plant, 4, "m2")


def test_lives_are_counted_however_they_end_so_both_plants_draw_the_same() -> None:
    assumed: dict[str, Any] = {
        "reaction_s": 60,
        "planned_within_s": 600,
        "worn_share": 0.3,
        "inspection_s": 300,
    }
    people = "[persons.anna]\n[persons.ben]\n"
    hours = 120
    with_trends = plant_of(*MACHINES.values(), people=people, **assumed)
    twin = plant_of(*MACHINES.values(), people=people, twin=True, **assumed)
    for hour in range(0, hours, 6):
        for name in MACHINES:
            call(with_trends, hour * 3_600, name)
    for plant in (with_trends, twin):
        plant.advance(EPOCH_MS + hours * HOUR_MS)

    renewed, compared = 0, 0
    for name in MACHINES:
        one, other = with_trends.draws(name), twin.draws(name)
        renewed += time_of(with_trends, "planned work", hours, name) > 0
        for purpose in one.keys() & other.keys():
            common = one[purpose].keys() & other[purpose].keys()
            assert [one[purpose][k] for k in common] == [other[purpose][k] for k in common]
            compared += len(common)
            if purpose.endswith(".life"):
                # Each life was begun once, whether the one before failed or was renewed.
                assert sorted(one[purpose]) == list(range(len(one[purpose])))
    assert renewed >= len(MACHINES) // 2
    assert compared > 1_000
    lives = {
        plant: sum(
            len(plant.draws(name)["bearing.life"]) for name in MACHINES if "bearing.life" in plant.draws(name)
        )
        for plant in (with_trends, twin)
    }
    assert lives[with_trends] > lives[twin]


def test_a_coupled_machine_waits_while_the_one_beside_it_is_looked_at() -> None:
    specs = (mill("m1", bearing=bearing(100_000)), mill("m2", broken=unseen(1_000_000, 60)))
    feed = (
        replace(MACHINES["packer-2"].feed, after="m1", buffer_parts=0) if MACHINES["packer-2"].feed else None
    )
    assert feed is not None
    plant = plant_of(specs[0], replace(specs[1], feed=feed))
    call(plant, 5)

    assert phases(plant, 3)[1:] == [(3_630, "false alarm"), (4_230, "cycle")]
    assert phases(plant, 3, "m2")[1:] == [(3_630, "starved"), (4_230, "cycle")]


def test_trends_give_one_history_however_time_is_cut() -> None:
    assumed: dict[str, Any] = {"planned_within_s": 1_800, "worn_share": 0.3}
    plants = [plant_of(*MACHINES.values(), people=ANNA + DORA, **assumed) for _ in range(2)]
    for plant, step_s in zip(plants, (3_600, 97), strict=True):
        for hour in range(24):
            for at_s in range(hour * 3_600, (hour + 1) * 3_600, step_s):
                plant.advance(EPOCH_MS + at_s * 1_000)
                if at_s == hour * 3_600:
                    call(plant, at_s, sorted(MACHINES)[hour % len(MACHINES)])
        plant.advance(EPOCH_MS + 24 * HOUR_MS)

    one, other = (
        [plant.truth(name, EPOCH_MS, EPOCH_MS + 24 * HOUR_MS) for name in plant.names()] for plant in plants
    )
    assert one == other
    found = {change.phase for truth in one for change in truth.changes}
    assert {"planned work", "false alarm"} <= found
    assert plants[0].responses(EPOCH_MS, plants[0].now_ms) == plants[1].responses(EPOCH_MS, plants[1].now_ms)


def test_an_hour_of_a_plant_with_trends_tiles_to_the_millisecond() -> None:
    plant = plant_of(*MACHINES.values(), people=ANNA, planned_within_s=300)
    for minute in range(0, 600, 40):
        for name in MACHINES:
            call(plant, minute * 60, name)
    plant.advance(EPOCH_MS + 10 * HOUR_MS)

    for name in MACHINES:
        spent = time_in_phase(plant, name, EPOCH_MS, EPOCH_MS + 10 * HOUR_MS)
        assert sum(spent.values()) == 600 * MINUTE_MS


def test_a_tool_that_is_more_worn_than_the_bearing_is_left_to_be_changed_in_its_turn() -> None:
    tool = bearing(3_000, 30, phase="setup", symptom="tool", person=False, causes={"tool change": 1})
    plant = plant_of(mill(bearing=bearing(20_000), tool=tool), planned_within_s=5_000, worn_share=0.5)
    call(plant, 6_600)

    # At 11,620 s nearly nine tenths of the fourth tool are used, and a little more than half of the bearing.
    assert [
        one for one in story(plant_at(plant, 5), "m1", EPOCH_MS, plant.now_ms) if "planned" in one[1]
    ] == [(11_620, "planned work", "planned work: bearing")]


def plant_at(plant: Plant, hours: float) -> Plant:
    plant.advance(EPOCH_MS + round(hours * HOUR_MS))
    return plant
