"""What signals tell of wear, of the air around and of each other: each law by its numbers."""

from math import cos, log, pi
from typing import Any

import numpy as np
import pytest

from protocol.readings import Batch, Float64s
from protocol.states import State
from simulator.plant import Plant
from simulator.sensing.physics import growth, swing, wear
from simulator.specs.kind import Kind
from simulator.specs.sensor import Ambient
from simulator.specs.wear import ZONES, Growth
from tests.simulator.factory import EPOCH_MS, HOUR_MS, SECOND_MS, machine, plain

LIFE_S = 3_600


def wears(name: str, **keys: Any) -> dict[str, Any]:
    """A stop at the end of an hour of running, to the second, that mends what wears within a minute."""
    stop = {
        "phase": "repair",
        "every_h": 1,
        "life": "fixed",
        "mean_s": 60,
        "length": "fixed",
        "causes": {f"{name} worn": 1},
        "symptom": name,
    }
    return {name: {**stop, **keys}}


def lived(kind: Kind, hours: float) -> tuple[Batch, Float64s]:
    """What a machine sent in its first hours, and the hour of each reading."""
    plant = Plant(1, EPOCH_MS, "r")
    plant.add(machine(kind), EPOCH_MS)
    until_ms = EPOCH_MS + round(hours * HOUR_MS)
    plant.advance(until_ms)
    batch = plant.batch("mill-1", EPOCH_MS, until_ms)
    assert batch is not None
    return batch, batch.offsets_ms / HOUR_MS


def test_spindle_load_is_15_to_20_percent_higher_at_the_end_of_a_tools_life() -> None:
    # FACTS 4.3 [MACHALLY]: shops warn at 15 to 20 % above the load of a fresh tool.
    load = {
        "title": "load", "unit": "%", "running": 60, "idle": 0, "decimals": 3,
        "worn": {"component": "tool", "gain": 0.18, "shape": "end"},
    }  # fmt: skip
    kind = plain(fresh=True, stops=wears("tool", phase="setup"), signals={"load_pct": load})

    batch, _ = lived(kind, 2)
    values = batch.signals["load_pct"]

    rise = values / 60 - 1
    assert rise[0] == pytest.approx(0, abs=0.001)
    assert rise[LIFE_S // 2] == pytest.approx(0.03, abs=0.001)
    assert rise[LIFE_S * 8 // 10] == pytest.approx(0.068, abs=0.001)
    assert 0.15 < rise[LIFE_S - 5] < 0.20
    # Sharply at the end: more in the last fifth of the life than in all of it before.
    assert rise[LIFE_S - 5] - rise[LIFE_S * 8 // 10] > rise[LIFE_S * 8 // 10]
    # The change is a setup of a minute; a fresh tool cuts as the first one did.
    assert values[LIFE_S + 30] == 0
    assert rise[LIFE_S + 62] == pytest.approx(0, abs=0.001)


def test_wear_is_even_or_sharp_at_the_end_and_whole_at_the_end_of_the_life() -> None:
    share = np.array([0.0, 0.5, 1.0])

    assert wear(share, "linear").tolist() == [0, 0.5, 1]
    assert wear(share, "end") == pytest.approx([0, 0.5 / 3 + 2 / 3 * 0.5**8, 1])


def test_a_signal_may_fall_with_wear() -> None:
    cushion = {
        "title": "cushion", "unit": "mm", "per": "cycle", "running": 6,
        "worn": {"component": "check-ring", "gain": -0.5},
    }  # fmt: skip
    batch, hours = lived(plain(fresh=True, stops=wears("check-ring"), signals={"cushion_mm": cushion}), 1)

    told = ~np.isnan(batch.signals["cushion_mm"])

    assert told.sum() == 360
    assert batch.signals["cushion_mm"][told] == pytest.approx(6 * (1 - 0.5 * hours[told]), abs=0.006)


VIBRATION = {
    "vibration_mm_s": {
        "running": 1.3,
        "idle": 0.2,
        "decimals": 4,
        "zones": "2-rigid",
        "growth": {"component": "bearing", "begins": 0.6},
    }
}


def test_vibration_is_flat_then_grows_exponentially_to_boundary_c_d_at_the_end_of_the_life() -> None:
    # FACTS 4.2, group 2 rigid: B/C 2.8 and C/D 4.5 mm/s.
    batch, hours = lived(plain(fresh=True, stops=wears("bearing"), signals=VIBRATION), 1)
    values = batch.signals["vibration_mm_s"]

    flat, grown = hours < 0.6, hours > 0.6
    tau_h = 0.4 / log(4.5 / 1.3)
    assert values[flat].tolist() == [1.3] * int(flat.sum())
    assert values[grown][:-1] == pytest.approx(1.3 * np.exp((hours[grown] - 0.6) / tau_h)[:-1], abs=1e-4)
    assert values[-2] == pytest.approx(4.5, rel=0.001)
    # Boundary B/C, at which it is detected, is crossed at 0.6 + tau ln(2.8 / 1.3) of the life.
    crossed = int(np.argmax(values > 2.8)) / LIFE_S
    assert crossed == pytest.approx(0.6 + tau_h * log(2.8 / 1.3), abs=0.001)


def test_vibration_reaches_the_boundary_within_its_noise() -> None:
    noisy = plain(
        fresh=True,
        stops=wears("bearing"),
        signals={"vibration_mm_s": {**VIBRATION["vibration_mm_s"], "noise": 0.08}},
    )
    batch, hours = lived(noisy, 1)
    clean, _ = lived(plain(fresh=True, stops=wears("bearing"), signals=VIBRATION), 1)

    ratio = batch.signals["vibration_mm_s"] / clean.signals["vibration_mm_s"]

    # Multiplicative: the same share of the value at the end as at the beginning.
    for part in (hours < 0.2, (hours > 0.9) & (hours < 1)):
        assert ratio[part].mean() == pytest.approx(1, abs=4 * 0.08 / part.sum() ** 0.5)
        assert ratio[part].std() == pytest.approx(0.08, rel=0.15)
    last = batch.signals["vibration_mm_s"][3_570:3_599]
    assert last.mean() == pytest.approx(4.5, rel=4 * 0.08 / 29**0.5)


def test_a_standing_machine_vibrates_as_one_that_stands_however_worn_it_is() -> None:
    kind = plain(fresh=True, handling_s=10, stops=wears("bearing"), signals=VIBRATION)
    plant = Plant(1, EPOCH_MS, "r")
    plant.add(machine(kind), EPOCH_MS)
    until_ms = EPOCH_MS + 4 * HOUR_MS
    plant.advance(until_ms)
    batch = plant.batch("mill-1", EPOCH_MS, until_ms)
    truth = plant.truth("mill-1", EPOCH_MS, until_ms)
    assert batch is not None

    edges = [(0, truth.state), *((one.offset_ms, one.state) for one in truth.changes if one.state)]
    place = np.searchsorted([offset for offset, _ in edges], batch.offsets_ms, side="right") - 1
    runs = np.array([state is State.RUNNING for _, state in edges])[place]

    assert set(batch.signals["vibration_mm_s"][~runs].tolist()) == {0.2}
    assert batch.signals["vibration_mm_s"][runs].min() == 1.3
    assert 0.4 < runs.mean() < 0.6


def test_after_the_repair_a_bearing_is_new() -> None:
    batch, _ = lived(plain(fresh=True, stops=wears("bearing"), signals=VIBRATION), 1.5)

    after = batch.signals["vibration_mm_s"][LIFE_S + 60 :]

    assert set(after.tolist()) == {1.3}
    assert len(after) > 1_700


@pytest.mark.parametrize(("zones", "boundaries"), ZONES.items())
def test_growth_reaches_the_last_boundary_of_every_group(zones: str, boundaries: tuple[float, ...]) -> None:
    signals = {"vibration_mm_s": {**VIBRATION["vibration_mm_s"], "zones": zones}}

    batch, _ = lived(plain(fresh=True, stops=wears("bearing"), signals=signals), 1)

    assert batch.signals["vibration_mm_s"][-2] == pytest.approx(boundaries[2], rel=0.002)


def test_growth_is_one_before_it_begins() -> None:
    law = Growth(component="bearing", begins=0.9, to=4.5)

    assert growth(np.array([0.0, 0.9, 0.95, 1.0]), law, level=1.0) == pytest.approx([1, 1, 4.5**0.5, 4.5])


def test_torque_times_angular_speed_is_the_power_of_the_spindle() -> None:
    # FACTS 4.3 [AI4I]: P = torque x omega.
    torque = {
        "title": "torque", "unit": "Nm", "decimals": 4,
        "quotient": {"of": "power_kw", "less": 2, "by": "speed_rpm", "least": 500, "times": 9549.2966},
    }  # fmt: skip
    speed = {
        "title": "speed", "unit": "rpm", "running": 1_500, "idle": 0,
        "shape": [[0, 0.1], [0.1, 1], [0.5, 0.8], [1, 1]],
    }  # fmt: skip
    batch, _ = lived(plain(handling_s=5, signals={"torque_nm": torque, "speed_rpm": speed}), 1)
    rpm, nm = batch.signals["speed_rpm"], batch.signals["torque_nm"]

    turns = rpm > 500
    assert nm[turns] * rpm[turns] * 2 * pi / 60 == pytest.approx(8_000, rel=1e-4)
    assert set(nm[~turns].tolist()) == {0.0}
    assert turns.any()
    assert (~turns).any()


def test_the_air_around_swings_once_a_day_and_is_warmest_when_it_is_said() -> None:
    air = {
        "temperature_c": {"idle": 20, "running": 20, "decimals": 6, "ambient": {"swing": 3, "warmest_h": 15}}
    }

    batch, hours = lived(plain(signals={"temperature_c": {**air["temperature_c"], "tau_s": 0.001}}), 24)

    # The epoch is at 08:00.
    expected = 20 + 3 * np.cos((hours + 8 - 15) * 2 * pi / 24)
    assert batch.signals["temperature_c"] == pytest.approx(expected, abs=1e-5)


def test_a_slow_body_follows_the_air_later_and_less_as_the_first_order_law_says() -> None:
    # Integrated step by step: dT/dt = (air(t) - T) / tau, with tau of 3 h, from a day before.
    ambient, tau_ms = Ambient(swing=3, warmest_ms=15 * HOUR_MS), 3 * HOUR_MS
    step_ms = 10 * SECOND_MS
    at_ms = EPOCH_MS + np.arange(-10 * 8_640, 8_640, dtype=np.int64) * step_ms
    air = swing(at_ms, ambient, tau_ms=None)
    body, followed = 0.0, []
    for one in air.tolist():
        followed.append(body)
        body += (one - body) * step_ms / tau_ms
    day = slice(-8_640, None)

    found = swing(at_ms, ambient, tau_ms=tau_ms)

    assert found[day] == pytest.approx(followed[day], abs=0.003)
    lag = np.arctan(2 * pi * 3 / 24)
    assert found[day].max() == pytest.approx(3 * cos(lag), abs=1e-3)


def test_a_warm_machine_is_as_much_warmer_as_the_air_is_at_last() -> None:
    # Process temperature over ambient [AI4I]: the swing is added to what the machine warms itself.
    calm = {"temperature_c": {"decimals": 6, "tau_s": 600}}
    windy = {"temperature_c": {**calm["temperature_c"], "ambient": {"swing": 4, "warmest_h": 12}}}

    still, _ = lived(plain(handling_s=7, signals=calm), 24)
    swung, _ = lived(plain(handling_s=7, signals=windy), 24)

    away = swung.signals["temperature_c"] - still.signals["temperature_c"]
    assert away.max() == pytest.approx(4, abs=0.01)
    assert away.min() == pytest.approx(-4, abs=0.01)


def test_a_first_order_step_is_at_63_percent_after_tau() -> None:
    batch, _ = lived(plain(fresh=True, signals={"temperature_c": {"decimals": 6, "tau_s": 500}}), 0.2)

    assert (batch.signals["temperature_c"][499] - 20) / 40 == pytest.approx(0.632, abs=0.0005)
