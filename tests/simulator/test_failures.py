"""What ends a life: clocks, laws, wear and its reset; and what is refused."""

from typing import Any

import numpy as np
import pytest

from simulator.plant import Plant
from simulator.specs.kind import Kind, kind_of
from simulator.specs.law import NAMES
from simulator.specs.machine import laid_over
from simulator.specs.settings import SpecError
from tests.simulator.factory import (
    EPOCH_MS,
    HOUR_MS,
    MINUTE_MS,
    PLAIN,
    line,
    machine,
    plain,
    plant_of,
    story,
    time_in_phase,
)


def broken(**over: Any) -> dict[str, Any]:
    """A repair of a minute after each 100 s of running, or as is said."""
    return {
        "phase": "repair",
        "every_h": 100 / 3600,
        "life": "fixed",
        "mean_s": 60,
        "length": "fixed",
        "causes": {"broken": 1},
        **over,
    }


def one(**stops: Any) -> Kind:
    return plain(fresh=True, stops=stops)


def lived(kind: Kind, minutes: int) -> list[tuple[int, str, str]]:
    plant = plant_of(machine(kind, "m1"))
    plant.advance(EPOCH_MS + minutes * MINUTE_MS)
    return story(plant, "m1", EPOCH_MS, EPOCH_MS + minutes * MINUTE_MS)


def columns(plant: Plant, symptom: str) -> dict[str, Any]:
    """The intervals of a machine with its wear, and what phase each is."""
    one = plant.machine("m1")
    return {
        "start_ms": one.diary.column("start_ms"),
        "phase": np.array([str(one.labels[label].phase) for label in one.diary.column("label")]),
        "worn": one.diary.column(f"worn.{symptom}"),
        "wearing": one.diary.column(f"wearing.{symptom}"),
    }


def test_a_life_in_running_time_stands_still_with_the_machine_and_one_by_the_clock_does_not() -> None:
    often = broken(every_h=50 / 3600, phase="micro-stop", causes={"jam": 1})

    running = lived(one(jam=often, broken=broken()), 8)
    by_time = lived(one(jam=often, broken=broken(clock="time")), 8)

    assert running[:6] == [
        (0, "cycle", ""),
        (50, "micro-stop", "jam"),
        (110, "cycle", ""),
        (160, "micro-stop", "jam"),
        (220, "repair", "broken"),
        (280, "cycle", ""),
    ]
    # It ends at 100 s, in the jam, and is seen to after it; the next life begins when it is mended, at 170 s,
    # and ends at 270 s, in the jam that came after 50 s of running.
    assert by_time[:6] == [
        (0, "cycle", ""),
        (50, "micro-stop", "jam"),
        (110, "repair", "broken"),
        (170, "cycle", ""),
        (220, "micro-stop", "jam"),
        (280, "repair", "broken"),
    ]


def test_a_life_by_the_clock_ends_while_the_machine_starves_too() -> None:
    slow, fast = plain(fresh=True, cycle_s=90), one(broken=broken(clock="time"))
    plant = plant_of(*line(slow, fast, buffer=3))
    plant.advance(EPOCH_MS + 5 * MINUTE_MS)

    assert story(plant, "m2", EPOCH_MS, EPOCH_MS + 5 * MINUTE_MS) == [
        (0, "starved", "starved by m1"),
        (90, "cycle", ""),
        (100, "repair", "broken"),
        (160, "starved", "starved by m1"),
        (180, "cycle", ""),
        (190, "starved", "starved by m1"),
        (260, "repair", "broken"),
    ]


def test_planned_work_by_the_clock_lets_the_cycle_finish() -> None:
    service = broken(phase="setup", clock="time", every_h=95 / 3600, causes={"service": 1})

    assert lived(one(service=service), 5)[:3] == [
        (0, "cycle", ""),
        (100, "setup", "service"),
        (160, "cycle", ""),
    ]


def test_a_geometric_life_is_a_whole_number_of_cycles_and_strikes_when_the_next_would_begin() -> None:
    kind = plain(
        fresh=True,
        handling_s=5,
        stops={"broken": broken(life="geometric", every_h=5 * 10 / 3600, length="geometric")},
    )
    plant = plant_of(machine(kind, "m1"), watched=True)
    plant.advance(EPOCH_MS + 200 * HOUR_MS)
    draws = plant.draws("m1")

    lives = np.array(list(draws["broken.life"].values()))
    repairs = np.array(list(draws["broken.length"].values()))

    assert (lives == np.floor(lives)).all()
    assert lives.min() == 1
    assert lives.mean() == pytest.approx(5, abs=4 * (5 * 4) ** 0.5 / len(lives) ** 0.5)
    # Mean 60 s in steps of a cycle: 6, with a standard deviation of sqrt(30).
    assert set(repairs % 10_000) == {0.0}
    assert repairs.mean() == pytest.approx(60_000, abs=4 * 54_772 / len(repairs) ** 0.5)
    starts = plant.machine("m1").diary.column("start_ms")
    labels = [plant.machine("m1").labels[label] for label in plant.machine("m1").diary.column("label")]
    struck = [n for n, label in enumerate(labels) if label.phase == "repair"]
    assert all(labels[n - 1].phase == "handling" for n in struck)
    assert all((starts[n] - starts[n - 1]) == 5_000 for n in struck)


@pytest.mark.parametrize(
    ("settings", "cv"),
    [
        ({"life": "exponential"}, 1.0),
        ({"life": "weibull", "shape": 2}, 0.5227),
        ({"shape": 1}, 1.0),
        ({"life": "lognormal", "life_cv": 0.7}, 0.7),
        ({"life": "fixed"}, 0.0),
    ],
)
def test_lives_have_the_mean_and_the_spread_that_the_file_says(settings: dict[str, Any], cv: float) -> None:
    stop = broken(every_h=0.5, mean_s=1, **settings)
    if "life" not in settings:
        del stop["life"]
    plant = plant_of(machine(plain(cycle_s=3000, stops={"broken": stop}), "m1"), watched=True)
    plant.advance(EPOCH_MS + 2000 * HOUR_MS)

    lives = np.array(list(plant.draws("m1")["broken.life"].values())) / HOUR_MS

    assert len(lives) > 3_500
    assert lives.mean() == pytest.approx(0.5, abs=4 * 0.5 * cv / len(lives) ** 0.5 + 1e-6)
    assert lives.std() / lives.mean() == pytest.approx(cv, rel=0.15)


def test_wear_rises_with_running_from_nothing_to_a_whole_life_and_is_reset_by_the_repair() -> None:
    plant = plant_of(machine(one(broken=broken(symptom="bearing")), "m1"))
    plant.advance(EPOCH_MS + 5 * MINUTE_MS)

    seen = columns(plant, "bearing")

    # Ten cycles of 10 s, the repair, and again.
    assert seen["worn"][:11] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    assert seen["phase"][10] == "repair"
    assert seen["wearing"][:11] == pytest.approx([1e-5] * 10 + [0])
    assert seen["worn"][11:13] == pytest.approx([0, 0.1])


def test_wear_counted_in_parts_rises_within_each_cycle() -> None:
    stops = {"tool": broken(phase="setup", symptom="tool")}
    del stops["tool"]["every_h"], stops["tool"]["life"]
    stops["tool"]["every_parts"] = [4, 4]
    plant = plant_of(machine(one(**stops), "m1"))
    plant.advance(EPOCH_MS + 3 * MINUTE_MS)

    seen = columns(plant, "tool")

    assert seen["phase"][:6].tolist() == ["cycle"] * 4 + ["setup", "cycle"]
    assert seen["worn"][:6] == pytest.approx([0, 0.25, 0.5, 0.75, 1, 0])
    assert seen["wearing"][:5] == pytest.approx([0.25 / 10_000] * 4 + [0])


def test_wear_by_the_clock_rises_whatever_the_machine_does() -> None:
    jam = broken(phase="micro-stop", every_h=50 / 3600, causes={"jam": 1})
    plant = plant_of(
        machine(one(jam=jam, broken=broken(clock="time", every_h=200 / 3600, symptom="seal")), "m1")
    )
    plant.advance(EPOCH_MS + 5 * MINUTE_MS)

    seen = columns(plant, "seal")

    standing = int(np.flatnonzero(seen["phase"] == "micro-stop")[0])
    assert seen["worn"][standing : standing + 2] == pytest.approx([0.25, 0.55])
    assert seen["wearing"][standing] == pytest.approx(1 / 200_000)


def test_wear_goes_on_where_it_was_whatever_cuts_the_plan() -> None:
    # A part is ready every 3 s for a machine that needs 10 s each and is jammed, starved and repaired.
    jam = broken(phase="micro-stop", every_h=37 / 3600, mean_s=5, causes={"jam": 1})
    kind = one(
        jam=jam, clock=broken(clock="time", every_h=91 / 3600), broken=broken(symptom="bearing", every_h=1)
    )
    plant = plant_of(*line(plain(cycle_s=3), kind, buffer=2))
    plant.advance(EPOCH_MS + 5 * HOUR_MS)
    two = plant.machine("m2").diary
    starts, worn, wearing = (two.column(name) for name in ("start_ms", "worn.bearing", "wearing.bearing"))

    reached = worn[:-1] + wearing[:-1] * np.diff(starts)

    reset = worn[1:] == 0
    assert reached[~reset] == pytest.approx(worn[1:][~reset], abs=1e-9)
    assert reached.max() == pytest.approx(1.0)


def test_scrap_rises_with_the_wear_of_the_tool() -> None:
    stops = {"tool": broken(phase="setup", every_h=1000 * 10 / 3600, symptom="tool")}
    plant = plant_of(machine(plain(fresh=True, scrap=0.1, scrap_worn=0.5, stops=stops), "m1"))
    end_ms = EPOCH_MS + 2000 * HOUR_MS
    plant.advance(end_ms)
    made = plant.machine("m1").diary.made_within(EPOCH_MS, end_ms)
    rejects = np.diff([0, *(rejected for _, _, rejected in made)])[: len(made) // 1000 * 1000].reshape(
        -1, 1000
    )

    # A share of 0.1 + 0.4 w at a wear w from 0 to 1: 0.14 in the first fifth of a life, 0.46 in the last.
    parts = rejects[:, :200].size
    assert rejects[:, :200].mean() == pytest.approx(0.14, abs=4 * (0.25 / parts) ** 0.5)
    assert rejects[:, 800:].mean() == pytest.approx(0.46, abs=4 * (0.25 / parts) ** 0.5)
    assert rejects.mean() == pytest.approx(0.3, abs=4 * (0.25 / rejects.size) ** 0.5)


def test_a_component_that_is_struck_early_has_used_up_its_kth_life() -> None:
    kind = plain(
        fresh=True, stops={"broken": broken(every_h=2, life="weibull", shape=2, length="lognormal", cv=1)}
    )
    plants = [plant_of(machine(kind, "m1"), watched=True) for _ in range(2)]
    struck, left = plants
    struck.advance(EPOCH_MS + 10 * MINUTE_MS)
    struck.strike("m1", "broken", EPOCH_MS + 10 * MINUTE_MS)
    for plant in plants:
        plant.advance(EPOCH_MS + 50 * HOUR_MS)

    assert story(struck, "m1", EPOCH_MS, EPOCH_MS + HOUR_MS)[1] == (600, "repair", "broken")
    for purpose, values in struck.draws("m1").items():
        others = left.draws("m1")[purpose]
        assert all(others[k] == value for k, value in values.items() if k in others)
    with pytest.raises(ValueError, match="m1 has no stop 'flood'"):
        struck.strike("m1", "flood", EPOCH_MS + 50 * HOUR_MS)


def test_a_machine_that_is_held_waits_in_the_middle_of_its_cycle_and_says_why() -> None:
    plant = plant_of(machine(one(), "m1"))
    plant.advance(EPOCH_MS + 15_000)
    plant.hold("m1", "held by hand", EPOCH_MS + 15_000)
    plant.advance(EPOCH_MS + 40_000)
    plant.let_go("m1", EPOCH_MS + 40_000)
    plant.advance(EPOCH_MS + 2 * MINUTE_MS)

    assert story(plant, "m1", EPOCH_MS, EPOCH_MS + 2 * MINUTE_MS) == [
        (0, "cycle", ""),
        (15, "waiting for material", "held by hand"),
        (40, "cycle", ""),
    ]
    # 120 s less 25 s are nine cycles and a half.
    assert plant.truth("m1", EPOCH_MS + 2 * MINUTE_MS, EPOCH_MS + 2 * MINUTE_MS).parts == 9


def test_nothing_can_be_added_to_the_past() -> None:
    plant = plant_of(machine(one(), "m1"))
    plant.advance(EPOCH_MS + MINUTE_MS)

    with pytest.raises(ValueError, match="is past: the plant has lived up to"):
        plant.add(machine(one(), "m2"), EPOCH_MS)


def test_a_new_machine_begins_new_and_another_somewhere_in_its_life() -> None:
    stops = {"broken": broken(every_h=1, symptom="bearing")}
    new, used = (
        plant_of(machine(plain(fresh=True, stops=stops), "m1")),
        plant_of(machine(plain(stops=stops), "m1")),
    )

    for plant in (new, used):
        plant.advance(EPOCH_MS + HOUR_MS)

    assert columns(new, "bearing")["worn"][0] == 0
    assert new.machine("m1").diary.column("position")[0] == 0
    assert 0 < columns(used, "bearing")["worn"][0] < 1
    assert 0 < used.machine("m1").diary.column("position")[0] < 1


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"clock": "sun"}, "key 'stops.broken.clock': 'sun' is not allowed: one of running, time"),
        ({"life": "normal"}, f"key 'stops.broken.life': 'normal' is not allowed: one of {', '.join(NAMES)}"),
        ({"length": "long"}, "key 'stops.broken.length': 'long' is not allowed: one of weibull"),
        ({"life": "lognormal"}, "key 'stops.broken.life_cv' is missing"),
        ({"life": "exponential", "shape": 2}, "key 'stops.broken.shape' is not known"),
        ({"length": "weibull"}, "key 'stops.broken.length_shape' is missing"),
        ({"length": "exponential", "cv": 1}, "key 'stops.broken.cv' is not known"),
        (
            {"life": "geometric", "every_h": 0.001},
            "key 'stops.broken.every_h': 0.001 is not allowed: at least one",
        ),
        (
            {"length": "geometric", "mean_s": 1},
            "key 'stops.broken.mean_s': 1 is not allowed: at least one cycle",
        ),
        ({"life": "geometric", "clock": "time"}, "key 'stops.broken.clock': 'time' is not allowed: running"),
        ({"person": "anna"}, "key 'stops.broken.person': 'anna' is not allowed: true or false"),
        ({"symptom": "a b"}, "key 'stops.broken.symptom': 'a b' is not allowed: 1 to 40"),
        ({"every_h": 0}, "key 'stops.broken.every_h': 0 is not allowed: from 0.001"),
    ],
)
def test_a_wrong_stop_is_refused(over: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SpecError) as caught:
        plain(stops={"broken": broken(**over)})

    assert sentence in str(caught.value)
    assert str(caught.value).startswith("plain.toml: ")


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"scrap": 0.2, "scrap_worn": 0.1}, "key 'scrap_worn': 0.1 is not allowed: from 0.2, up to 1"),
        (
            {"scrap_worn": 0.1},
            "key 'scrap_worn': 0.1 is not allowed: only beside a stop with symptom = \"tool\"",
        ),
        ({"fresh": 1}, "key 'fresh': 1 is not allowed: true or false"),
        (
            {"stops": {"a": broken(symptom="x"), "b": broken(symptom="x")}},
            "key 'stops.a.symptom': 'x' is not allowed: the wearing of one stop alone",
        ),
    ],
)
def test_a_wrong_kind_is_refused(over: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SpecError) as caught:
        kind_of("plain", laid_over(PLAIN, over), source="plain.toml")

    assert sentence in str(caught.value)


def test_time_in_phase_of_a_day_is_a_day() -> None:
    plant = plant_of(machine(one(broken=broken()), "m1"))
    plant.advance(EPOCH_MS + 24 * HOUR_MS)

    assert sum(time_in_phase(plant, "m1", EPOCH_MS, EPOCH_MS + 24 * HOUR_MS).values()) == 24 * HOUR_MS
