from functools import cache
from math import exp

import numpy as np
import pytest

from protocol.readings import Batch
from protocol.states import State
from simulator.plant import Plant
from simulator.specs.kind import RETROFIT_SIGNALS
from simulator.specs.sensor import lowest_running
from tests.simulator.factory import EPOCH_MS, HOUR_MS, KINDS, SECOND_MS, machine, plain


def batch_of(plant: Plant, name: str, from_ms: int, to_ms: int) -> Batch:
    """What a machine sent in a span in which it sent something."""
    plant.advance(to_ms)
    batch = plant.batch(name, from_ms, to_ms)
    assert batch is not None
    return batch


@cache
def day_of_kind(kind: str, hours: int = 24) -> tuple[Plant, Batch, np.ndarray[tuple[int], np.dtype[np.str_]]]:
    """A plant with a machine of a kind, its readings, and its true state at each of them."""
    plant = Plant(1, EPOCH_MS, "r")
    plant.add(machine(KINDS[kind]), EPOCH_MS)
    until_ms = EPOCH_MS + hours * HOUR_MS
    batch = batch_of(plant, "mill-1", EPOCH_MS, until_ms)
    truth = plant.truth("mill-1", EPOCH_MS, until_ms)
    changes = [(0, truth.state)]
    changes += [(change.offset_ms, change.state) for change in truth.changes if change.state]
    begun = np.array([offset for offset, _ in changes])
    states = np.array([str(state) for _, state in changes])
    return plant, batch, states[np.searchsorted(begun, batch.offsets_ms, side="right") - 1]


def test_power_is_at_its_level_in_each_state() -> None:
    plant = Plant(1, EPOCH_MS, "r")
    plant.add(machine(plain(handling_s=5)), EPOCH_MS)

    power = batch_of(plant, "mill-1", EPOCH_MS, EPOCH_MS + 60 * SECOND_MS).signals["power_kw"]

    assert set(power.tolist()) == {2.0, 10.0}
    assert (power[15:] == power[:-15]).all()


def test_the_shape_of_the_cycle_is_followed_from_its_beginning_to_its_end() -> None:
    ramp = {"signals": {"power_kw": {"shape": [[0, 1], [1, 2]]}}}
    plant = Plant(1, EPOCH_MS, "r")
    plant.add(machine(plain(**ramp)), EPOCH_MS)
    plant.advance(EPOCH_MS + HOUR_MS)
    made_ms = plant.truth("mill-1", EPOCH_MS, EPOCH_MS + HOUR_MS).changes[0].offset_ms

    power = batch_of(plant, "mill-1", EPOCH_MS, EPOCH_MS + 60 * SECOND_MS)

    into_cycle = ((power.offsets_ms - made_ms) % 10_000) / 10_000
    assert power.signals["power_kw"] == pytest.approx(10 * (1 + into_cycle), abs=0.005)


def test_temperature_follows_the_first_order_law_exactly() -> None:
    # FACTS A15: T(t) = T_end + (T_0 - T_end) exp(-t / tau), with tau = 100 s, from 20 to 60 °C.
    settings = {"signals": {"temperature_c": {"decimals": 6}}}
    plant = Plant(1, EPOCH_MS, "r")
    plant.add(machine(plain(**settings)), EPOCH_MS)

    batch = batch_of(plant, "mill-1", EPOCH_MS, EPOCH_MS + 300 * SECOND_MS)

    assert batch.signals["temperature_c"][99] == pytest.approx(60 - 40 * exp(-1), abs=1e-6)
    expected = 60 - 40 * np.exp(-batch.offsets_ms / 100_000)
    assert batch.signals["temperature_c"] == pytest.approx(expected, abs=1e-6)


def test_a_published_motor_warms_to_its_published_temperature() -> None:
    # FACTS A15: tau 3 h, from 40 to 120 °C: 90.57 °C after 3 h.
    settings = {"signals": {"temperature_c": {"idle": 40, "running": 120, "tau_s": 10_800}}}
    plant = Plant(1, EPOCH_MS, "r")
    plant.add(machine(plain(**settings)), EPOCH_MS)

    batch = batch_of(plant, "mill-1", EPOCH_MS + 3 * HOUR_MS - SECOND_MS, EPOCH_MS + 3 * HOUR_MS)

    assert batch.signals["temperature_c"].tolist() == [90.57]


def test_a_slow_signal_falls_while_the_machine_stands() -> None:
    settings = {"cycle_s": 1000, "handling_s": 1000, "signals": {"temperature_c": {"decimals": 6}}}
    plant = Plant(1, EPOCH_MS, "r")
    plant.add(machine(plain(**settings)), EPOCH_MS)
    plant.advance(EPOCH_MS + HOUR_MS)
    stops_ms = EPOCH_MS + plant.truth("mill-1", EPOCH_MS, EPOCH_MS + HOUR_MS).changes[0].offset_ms

    temperature = batch_of(plant, "mill-1", stops_ms, stops_ms + 500 * SECOND_MS).signals["temperature_c"]

    assert np.diff(np.log(temperature - 20)) == pytest.approx(-0.01, abs=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_power_tells_running_from_not_running_without_one_error_a_day(kind: str) -> None:
    _, batch, states = day_of_kind(kind)
    threshold = KINDS[kind].threshold
    power = batch.signals[threshold.signal]
    # A reading at the end of a cycle says nothing of power.
    power, states = power[~np.isnan(power)], states[~np.isnan(power)]

    assert power[states == State.RUNNING].min() > threshold.above
    assert power[states != State.RUNNING].max() < threshold.below


@pytest.mark.parametrize("kind", KINDS)
def test_the_gap_in_power_is_wide(kind: str) -> None:
    power = KINDS[kind].power

    assert lowest_running(power) > 1.7 * power.levels[State.IDLE]


@pytest.mark.parametrize("kind", KINDS)
def test_power_does_not_tell_idle_from_down_or_setup(kind: str) -> None:
    _, batch, states = day_of_kind(kind, 72)
    power = batch.signals["power_kw"]
    power, states = power[~np.isnan(power)], states[~np.isnan(power)]
    idle = power[states == State.IDLE]

    for state in (State.DOWN, State.SETUP):
        there = power[states == state]
        assert len(there) > 100
        # Equal means within four standard errors, and the same spread.
        error = (idle.var() / len(idle) + there.var() / len(there)) ** 0.5
        assert there.mean() == pytest.approx(idle.mean(), abs=4 * error)
        assert there.std() == pytest.approx(idle.std(), rel=0.2)


@pytest.mark.parametrize("kind", KINDS)
def test_every_sensor_moves_and_stays_in_its_normal_range_while_nothing_is_about_to_fail(kind: str) -> None:
    plant, batch, states = day_of_kind(kind)
    diary = plant.machine("mill-1").diary
    rows = diary.at(EPOCH_MS + batch.offsets_ms)

    for sensor in KINDS[kind].sensors:
        values = batch.signals[sensor.name]
        said = ~np.isnan(values)
        if sensor.growth:
            # What grows before a failure is meant to leave its range.
            said &= diary.column(f"worn.{sensor.growth.component}")[rows] < sensor.growth.begins
        if not sensor.by_cycle:
            said &= states == State.RUNNING
        assert said.sum() > 1_000
        assert np.nanstd(values) > 0
        assert sensor.low is not None
        assert sensor.high is not None
        assert (values[said] <= sensor.high).mean() > 0.99
        # What warms up, or is filled, after a repair is below its range for a while.
        assert (values[said] >= sensor.low).mean() > (0.9 if sensor.tau_ms or sensor.column else 0.99)


@pytest.mark.parametrize("kind", KINDS)
def test_an_idle_machine_shows_idle_vibration(kind: str) -> None:
    _, batch, states = day_of_kind(kind)
    sensor = next(one for one in KINDS[kind].sensors if one.name == "vibration_mm_s")
    idle = batch.signals["vibration_mm_s"][states != State.RUNNING]

    assert np.nanmean(idle) == pytest.approx(sensor.levels[State.IDLE], rel=0.02)
    assert np.nanmax(idle) < sensor.levels[State.IDLE] * (1 + 6 * sensor.noise)


@pytest.mark.parametrize("kind", KINDS)
def test_every_sensor_has_unit_title_and_a_name_that_ends_in_the_unit(kind: str) -> None:
    endings = {
        "kW": "_kw",
        "mm/s": "_mm_s",
        "°C": "_c",
        "bar": "_bar",
        "rpm": "_rpm",
        "%": "_pct",
        "kN": "_kn",
        "1/min": "_per_min",
        "m³/min": "_m3_min",
        "mm": "_mm",
        "s": "_s",
        "Nm": "_nm",
        "kW/(m³/min)": "_kw_m3_min",
    }

    for sensor in KINDS[kind].sensors:
        assert sensor.title
        assert sensor.name.endswith(endings[sensor.unit])


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_retrofit_kit_measures_does_not_tell_idle_from_down_either(kind: str) -> None:
    for sensor in KINDS[kind].sensors:
        if sensor.name in RETROFIT_SIGNALS:
            assert sensor.levels[State.DOWN] == sensor.levels[State.IDLE] == sensor.levels[State.SETUP]
