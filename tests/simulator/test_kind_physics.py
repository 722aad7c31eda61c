"""The shipped kinds, held against the figures of their sources."""

from functools import cache

import numpy as np
import pytest

from protocol.readings import Batch, Float64s
from protocol.states import State
from simulator.plant import Plant
from simulator.specs.kind import ATMOSPHERE_BAR, kind_of
from simulator.specs.machine import laid_over
from tests.simulator.factory import EPOCH_MS, HOUR_MS, KINDS, machine


@cache
def lived(kind: str, hours: int = 24) -> tuple[Plant, Batch, "np.ndarray[tuple[int], np.dtype[np.bool_]]"]:
    """A plant with a machine of a kind, its readings, and whether it ran at each."""
    plant = Plant(1, EPOCH_MS, "r")
    plant.add(machine(KINDS[kind]), EPOCH_MS)
    until_ms = EPOCH_MS + hours * HOUR_MS
    plant.advance(until_ms)
    batch = plant.batch("mill-1", EPOCH_MS, until_ms)
    truth = plant.truth("mill-1", EPOCH_MS, until_ms)
    assert batch is not None
    edges = [(0, truth.state), *((one.offset_ms, one.state) for one in truth.changes if one.state)]
    place = np.searchsorted([offset for offset, _ in edges], batch.offsets_ms, side="right") - 1
    return plant, batch, np.array([state is State.RUNNING for _, state in edges])[place]


def moving(plant: Plant, batch: Batch, column: str, slope: str) -> Float64s:
    """What rises in straight lines within intervals, at each reading."""
    diary = plant.machine("mill-1").diary
    at_ms = EPOCH_MS + batch.offsets_ms
    rows = diary.at(at_ms)
    since_ms = at_ms - diary.column("start_ms")[rows]
    values: Float64s = diary.column(column)[rows] + since_ms * diary.column(slope)[rows]
    return values


def worn(plant: Plant, batch: Batch, component: str) -> Float64s:
    """The share of a component's life that is used at each reading."""
    return moving(plant, batch, f"worn.{component}", f"wearing.{component}")


@pytest.mark.parametrize("kind", ["cnc-mill", "cnc-lathe"])
def test_a_spindle_warns_at_15_to_20_percent_over_its_fresh_tool_load(kind: str) -> None:
    # As [MACHALLY] says; both in the same part of the cycle, in which the load is nearly the same.
    plant, batch, runs = lived(kind, 72)
    share, load = worn(plant, batch, "tool"), batch.signals["spindle_load_pct"]
    position = moving(plant, batch, "position", "pace")
    cuts = runs & (position > 0.2) & (position < 0.4)

    fresh = load[cuts & (share < 0.05)].mean()
    end = load[cuts & (share > 0.98) & (share < 1)].mean()

    assert 1.15 < end / fresh < 1.20


def test_the_torque_of_the_mill_is_about_that_of_its_power() -> None:
    # [AI4I]: power = torque x angular speed, and 3.5 to 9 kW at the spindle in good order.
    _, batch, runs = lived("cnc-mill")
    nm, rpm = batch.signals["torque_nm"], batch.signals["spindle_rpm"]
    cuts = runs & (rpm > 3_000)

    spindle_kw = nm[cuts] * rpm[cuts] * 2 * np.pi / 60 / 1_000

    assert spindle_kw == pytest.approx(batch.signals["power_kw"][cuts] - 1.6, rel=0.35)
    assert ((spindle_kw > 3.5) & (spindle_kw < 9)).mean() > 0.95


def test_a_compressor_takes_5_to_7_kw_for_each_m3_min_and_a_quarter_of_its_power_unloaded() -> None:
    # As [BLUECAS] and [MARSHALL] say.
    _, batch, runs = lived("air-compressor")
    power, flow = batch.signals["power_kw"], batch.signals["flow_m3_min"]
    specific = batch.signals["specific_kw_m3_min"]

    assert ((power[runs] / flow[runs] > 5) & (power[runs] / flow[runs] < 7)).mean() > 0.99
    assert specific[runs].mean() == pytest.approx(6, rel=0.01)
    assert set(specific[~runs].tolist()) == {0.0}
    assert power[~runs].mean() / power[runs].mean() == pytest.approx(0.25, abs=0.01)
    # [CPM]: 1 % for 2 psi, so some 5 % from the lower end of the band to the upper.
    pressure = batch.signals["pressure_bar"]
    low, high = power[runs & (pressure < 6.97) & (pressure > 6.85)], power[runs & (pressure > 7.53)]
    assert high.mean() / low.mean() == pytest.approx(1.05, abs=0.01)


def test_pressure_follows_the_mass_balance_of_the_receiver() -> None:
    # FACTS A14: V 1 m³, a band of 0.7 bar, Q 5 and D 3 m³/min: 20.73 s loaded, 13.82 s unloaded.
    receiver = {
        "volume_m3": 1, "low_bar": 6.9, "high_bar": 7.6, "delivery_m3_min": 5, "leak_m3_min": 3,
    }  # fmt: skip
    settings = {key: value for key, value in KINDS["air-compressor"].settings.items() if key != "stops"}
    settings = laid_over(
        settings,
        {
            "receiver": receiver,
            "period_ms": 100,
            "signals": {
                "pressure_bar": {"noise": 0, "decimals": 4},
                "vibration_mm_s": {"noise": 0},
                "temperature_c": {"period_ms": 1_000},
            },
        },
    )
    del settings["signals"]["vibration_mm_s"]["growth"]
    plant = Plant(1, EPOCH_MS, "r")
    plant.add(machine(kind_of("air", settings, source="air.toml")), EPOCH_MS)
    plant.advance(EPOCH_MS + HOUR_MS)
    batch = plant.batch("mill-1", EPOCH_MS, EPOCH_MS + HOUR_MS)
    assert batch is not None

    slope = np.diff(batch.signals["pressure_bar"]) * 600
    up, down = slope[slope > 0.1], slope[slope < -0.1]

    assert np.median(up) == pytest.approx(ATMOSPHERE_BAR * (5 - 3) / 1, abs=0.06)
    assert np.median(down) == pytest.approx(-ATMOSPHERE_BAR * 3 / 1, abs=0.06)
    assert len(up) / len(slope) == pytest.approx(0.6, abs=0.01)
    assert batch.signals["pressure_bar"].max() == pytest.approx(7.6, abs=0.01)
    assert batch.signals["pressure_bar"].min() == pytest.approx(6.9, abs=0.01)


def test_a_moulder_tells_of_its_check_ring_by_cushion_and_dosing_time() -> None:
    plant, batch, _ = lived("injection-moulder", 120)
    told = ~np.isnan(batch.signals["cushion_mm"])
    share = worn(plant, batch, "check-ring")
    cushion, dosing = batch.signals["cushion_mm"], batch.signals["dosing_s"]

    fresh, end = told & (share < 0.1), told & (share > 0.95) & (share <= 1)

    assert fresh.sum() > 100
    assert end.sum() > 50
    assert cushion[end].mean() == pytest.approx(6 * (1 - 0.4 * 0.975), rel=0.03)
    assert cushion[fresh].mean() == pytest.approx(6 * (1 - 0.4 * 0.05), rel=0.03)
    assert dosing[end].mean() / dosing[fresh].mean() == pytest.approx(1.22, abs=0.03)
    # Each is told with the others of its cycle, and in a reading of its own.
    for name in ("injection_s", "cycle_time_s", "cavity_bar", "hold_bar", "dosing_s"):
        assert np.array_equal(told, ~np.isnan(batch.signals[name]))
    parts = sum(1 for change in batch.changes if change.parts is not None) - 1
    assert told.sum() == parts


def test_the_screw_shows_half_as_much_again_as_the_cavity() -> None:
    # As [VULCAN] says.
    kind = {sensor.name: sensor for sensor in KINDS["injection-moulder"].sensors}

    assert kind["melt_bar"].levels[State.RUNNING] == 1.5 * kind["cavity_bar"].levels[State.RUNNING]


def test_a_press_tells_the_highest_stroke_of_ten_seconds_while_it_strokes() -> None:
    _, batch, runs = lived("press")
    tonnage = batch.signals["tonnage_kn"]
    told = ~np.isnan(tonnage)

    assert set((batch.offsets_ms[told] % 10_000).tolist()) == {0}
    assert len(batch.offsets_ms) == 86_400
    assert told.mean() == pytest.approx(0.1 * runs.mean(), rel=0.03)
    assert 780 < tonnage[told].min() < tonnage[told].max() < 1_000


@pytest.mark.parametrize("kind", KINDS)
def test_a_bearing_that_fails_has_reached_its_boundary(kind: str) -> None:
    sensor = next(one for one in KINDS[kind].sensors if one.name == "vibration_mm_s")
    assert sensor.growth is not None
    assert sensor.high is not None
    plant, batch, runs = lived(kind, 24 * 7)
    share = worn(plant, batch, sensor.growth.component)
    vibration = batch.signals["vibration_mm_s"]

    last = runs & (share > 0.985) & (share <= 1) & ~np.isnan(vibration)
    early = runs & (share < 0.8) & ~np.isnan(vibration)

    assert last.sum() > 100
    running = sensor.levels[State.RUNNING]
    mean_shape = vibration[early].mean() / running
    # Near the end of its life, within a tenth of boundary C/D, and long past B/C.
    assert vibration[last].mean() / mean_shape == pytest.approx(sensor.growth.to, rel=0.12)
    assert sensor.growth.to > sensor.high or kind == "press"
