"""A compressor and what draws air from it: the isothermal balance of a receiver, exactly."""

from typing import Any

import numpy as np
import pytest

from protocol.states import State
from simulator.plant import Plant
from simulator.specs.kind import Kind, kind_of
from simulator.specs.machine import MachineSpec, laid_over
from simulator.specs.settings import SpecError
from tests.simulator.factory import (
    EPOCH_MS,
    HOUR_MS,
    MINUTE_MS,
    PLAIN,
    machine,
    plain,
    plant_of,
    time_in_phase,
)

RECEIVER: dict[str, Any] = {"volume_m3": 1, "low_bar": 7.0, "high_bar": 7.7, "delivery_m3_min": 5}
BASE = {key: value for key, value in PLAIN.items() if key not in {"cycle_s", "cycle_cv", "speed_loss"}}


def compressor(*, leak: float = 0.0, name: str = "air-1", **over: Any) -> MachineSpec:
    """A new compressor of 1 m³, 0.7 bar and 5 m³/min."""
    settings = laid_over(BASE, {"receiver": {**RECEIVER, "leak_m3_min": leak}, "fresh": True, **over})
    return machine(kind_of("compressor", settings, source="compressor.toml"), name)


def drawing(air: float, **over: Any) -> Kind:
    """A machine that draws so much air while at work."""
    return plain(fresh=True, air_m3_min=air, **over)


def columns(plant: Plant, name: str = "air-1") -> tuple[Any, Any, Any]:
    """When each interval of a compressor begins, its pressure then, and its slope."""
    diary = plant.machine(name).diary
    return diary.column("start_ms"), diary.column("pressure_bar"), diary.column("pressure_bar_per_ms")


def test_a_published_receiver_loads_and_unloads_as_published() -> None:
    # FACTS A14: V 1 m³, 0.7 bar, Q 5, D 3 m³/min: 20.73 s, 13.82 s, loaded for 0.6 of the time.
    plant = plant_of(compressor(leak=3))
    plant.advance(EPOCH_MS + 100 * HOUR_MS)

    begins, pressure, _ = columns(plant)
    lengths = np.diff(begins)

    assert lengths[2::2] == pytest.approx(20_731, abs=2)
    assert lengths[1::2] == pytest.approx(13_821, abs=2)
    assert pressure[1::2] == pytest.approx(7.7, abs=1e-4)
    assert pressure[2::2] == pytest.approx(7.0, abs=1e-4)
    time = time_in_phase(plant, "air-1", EPOCH_MS, EPOCH_MS + 100 * HOUR_MS)
    assert time["cycle"] / (100 * HOUR_MS) == pytest.approx(0.6, abs=1e-3)
    # 1.737 cycles a minute.
    assert len(lengths) / 2 / 6000 == pytest.approx(1.737, abs=1e-3)


def test_pressure_moves_in_straight_lines_from_edge_to_edge() -> None:
    stops = {
        "wait": {"phase": "waiting for material", "every_h": 0.05, "mean_s": 60, "cv": 1, "causes": {"x": 1}}
    }
    plant = plant_of(
        compressor(leak=0.5),
        machine(drawing(2, stops=stops), "m1"),
        machine(drawing(1, stops=stops), "m2"),
    )
    plant.advance(EPOCH_MS + 10 * HOUR_MS)

    begins, pressure, slope = columns(plant)

    reached = pressure[:-1] + slope[:-1] * np.diff(begins)
    assert reached == pytest.approx(pressure[1:], abs=1e-9)
    assert pressure.min() > 6.999
    assert pressure.max() < 7.701


def test_the_loaded_share_is_what_is_drawn_over_what_is_delivered() -> None:
    quiet = plant_of(compressor(), machine(drawing(2), "m1"))
    leaking = plant_of(compressor(leak=1), machine(drawing(2), "m1"))

    shares = []
    for plant in (quiet, leaking):
        plant.advance(EPOCH_MS + 100 * HOUR_MS)
        time = time_in_phase(plant, "air-1", EPOCH_MS, EPOCH_MS + 100 * HOUR_MS)
        shares.append(time["cycle"] / (100 * HOUR_MS))

    # A leak of a fifth of the delivery is seen as a fifth of the time.
    assert shares == pytest.approx([0.4, 0.6], abs=1e-3)


def test_a_machine_draws_air_while_it_works_and_none_while_it_stands() -> None:
    # Works for 100 s, stands for 100 s.
    stops = {
        "broken": {
            "phase": "repair",
            "every_h": 100 / 3600,
            "life": "fixed",
            "mean_s": 100,
            "length": "fixed",
            "causes": {"x": 1},
        }
    }
    plant = plant_of(compressor(), machine(drawing(3, stops=stops), "m1"))
    plant.advance(EPOCH_MS + 100 * HOUR_MS)

    time = time_in_phase(plant, "air-1", EPOCH_MS, EPOCH_MS + 100 * HOUR_MS)

    assert time["cycle"] / (100 * HOUR_MS) == pytest.approx(0.3, abs=2e-3)
    begins, pressure, slope = columns(plant)
    idle = (slope == 0) & (begins > EPOCH_MS)
    assert idle.any()  # unloaded, and nobody draws
    assert pressure.max() < 7.71


def test_two_compressors_share_what_is_drawn_by_what_they_deliver() -> None:
    large = compressor(name="air-2", receiver={**RECEIVER, "delivery_m3_min": 15})
    plant = plant_of(compressor(), large, machine(drawing(8), "m1"))
    plant.advance(EPOCH_MS + 100 * HOUR_MS)

    for name in ("air-1", "air-2"):
        time = time_in_phase(plant, name, EPOCH_MS, EPOCH_MS + 100 * HOUR_MS)
        assert time["cycle"] / (100 * HOUR_MS) == pytest.approx(0.4, abs=1e-3)


def test_a_compressor_that_stands_leaves_its_share_to_the_other_and_alone_its_pressure_falls_to_nothing() -> (
    None
):
    broken = {"phase": "repair", "every_h": 0.1, "mean_s": 3600, "cv": 0, "life": "fixed", "causes": {"x": 1}}
    plant = plant_of(
        compressor(stops={"broken": broken}), compressor(name="air-2"), machine(drawing(4), "m1")
    )
    plant.advance(EPOCH_MS + 2 * HOUR_MS)
    alone = plant_of(compressor(stops={"broken": broken}), machine(drawing(2), "m1"))
    alone.advance(EPOCH_MS + 2 * HOUR_MS)

    # Two m³/min each are 0.4; all four are 0.8 of what one of them delivers.
    begin_ms = EPOCH_MS + 30 * MINUTE_MS
    time = time_in_phase(plant, "air-2", begin_ms, begin_ms + 30 * MINUTE_MS)
    assert time["cycle"] / (30 * MINUTE_MS) == pytest.approx(0.8, abs=0.02)
    _, pressure, slope = columns(alone)
    assert pressure.min() == 0.0
    assert (slope[pressure == 0.0] >= 0).all()


def test_a_service_waits_for_the_end_of_the_loaded_time_and_a_fault_does_not() -> None:
    def broken(phase: str) -> dict[str, Any]:
        return {
            "broken": {
                "phase": phase,
                "every_h": 30 / 3600,
                "life": "fixed",
                "mean_s": 60,
                "length": "fixed",
                "causes": {"x": 1},
            }
        }

    at: dict[str, float] = {}
    for phase in ("setup", "repair"):
        plant = plant_of(compressor(leak=3, stops=broken(phase)))
        plant.advance(EPOCH_MS + HOUR_MS)
        truth = plant.truth("air-1", EPOCH_MS, EPOCH_MS + HOUR_MS)
        at[phase] = next(one.offset_ms for one in truth.changes if one.phase == phase)

    # 20.731 s loaded, 13.821 s unloaded; 30 s of running are full 9.269 s into the next loaded time.
    assert at["repair"] == pytest.approx(43_821, abs=3)
    assert at["setup"] == pytest.approx(20_731 + 13_821 + 20_731, abs=3)


def test_loaded_is_running_and_unloaded_is_idle() -> None:
    plant = plant_of(compressor(leak=3))
    plant.advance(EPOCH_MS + MINUTE_MS)

    truth = plant.truth("air-1", EPOCH_MS, EPOCH_MS + MINUTE_MS)

    assert truth.state == State.RUNNING
    assert [(one.state, one.cause) for one in truth.changes][:2] == [("idle", "unloaded"), ("running", "")]


LAGGING = {"title": "pressure", "unit": "bar", "running": 1, "idle": 1, "tau_s": 3}


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"receiver": {**RECEIVER, "high_bar": 7.0}}, "'receiver.high_bar': 7.0 is not allowed: more than 7"),
        ({"receiver": {**RECEIVER, "volume_m3": 0}}, "'receiver.volume_m3': 0 is not allowed: more than 0"),
        ({"receiver": {**RECEIVER, "delivery_m3_min": 0}}, "'receiver.delivery_m3_min': 0 is not allowed"),
        ({"receiver": {**RECEIVER, "leak_m3_min": -1}}, "'receiver.leak_m3_min': -1 is not allowed: from 0"),
        ({"receiver": {**RECEIVER, "colour": 1}}, "key 'receiver.colour' is not known"),
        ({"receiver": {"low_bar": 7.0}}, "key 'receiver.volume_m3' is missing"),
        ({"receiver": 3}, "key 'receiver': 3 is not allowed: a table"),
        ({"receiver": RECEIVER, "cycle_s": 3}, "key 'cycle_s': 3 is not allowed: none beside"),
        ({"receiver": RECEIVER, "air_m3_min": 3}, "key 'air_m3_min': 3 is not allowed: none beside"),
        ({"receiver": RECEIVER, "handling_s": 3}, "key 'handling_s': 3 is not allowed: none beside"),
        (
            {"receiver": RECEIVER, "signals": {"pressure_bar": LAGGING}},
            "key 'signals.pressure_bar.tau_s': 3 is not allowed: none beside",
        ),
        ({"cycle_s": 3, "cycle_cv": 0, "speed_loss": 0, "air_m3_min": -1}, "'air_m3_min': -1"),
    ],
)
def test_a_wrong_receiver_is_refused(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SpecError) as caught:
        kind_of("pump", laid_over(BASE, settings), source="pump.toml")

    assert sentence in str(caught.value)
