"""Sensors that are imperfect as their settings say, and what the truth says of it."""

from itertools import pairwise
from math import exp
from typing import Any

import numpy as np
import pytest

from protocol.messages import Truth, decode, encode
from protocol.moments import to_ms
from protocol.readings import Batch
from protocol.states import State
from simulator.plant import Plant
from tests.simulator.factory import EPOCH_MS, HOUR_MS, KINDS, MINUTE_MS, SECOND_MS, machine, plain

DAY_MS = 24 * HOUR_MS


def lived(hours: int = 24, **keys: Any) -> tuple[Plant, Batch]:
    """A machine whose vibration has such settings, and what it sent."""
    plant = Plant(1, EPOCH_MS, "r")
    plant.add(machine(plain(signals={"vibration_mm_s": {"decimals": 6, "idle": 1, **keys}})), EPOCH_MS)
    plant.advance(EPOCH_MS + hours * HOUR_MS)
    batch = plant.batch("mill-1", EPOCH_MS, EPOCH_MS + hours * HOUR_MS)
    assert batch is not None
    return plant, batch


def shown(hours: int = 24, **keys: Any) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return lived(hours, **keys)[1].signals["vibration_mm_s"]


def test_quantised_values_are_multiples_of_the_step() -> None:
    values = shown(1, noise=0.1, quantisation=0.125)

    assert (values / 0.125 == np.rint(values / 0.125)).all()
    assert len(set(values.tolist())) > 4


def test_a_drift_is_so_much_a_day_from_the_day_the_machine_was_put_up() -> None:
    values = shown(drift_per_day=2.4)

    assert values[[3_599, 43_199, 86_399]] == pytest.approx([1.1, 2.2, 3.4], abs=1e-6)


def test_the_share_of_dropouts_is_the_rate_times_their_length() -> None:
    silent = np.isnan(shown(24 * 7, dropout={"per_day": 400, "length_s": 20}))

    # Where two meet they count once: 1 - exp(-rate * length). 2,800 of them: 4 sd are 8 %.
    assert silent.mean() == pytest.approx(1 - exp(-400 * 20 / 86_400), rel=0.08)
    begins = np.flatnonzero(np.diff(silent.astype(int)) > 0)
    ends = np.flatnonzero(np.diff(silent.astype(int)) < 0)
    assert min(ends[1:] - begins[: len(ends) - 1]) >= 20


def test_spikes_are_of_their_size_in_both_directions_and_one_reading_long() -> None:
    values = shown(24 * 7, spike={"per_day": 100, "size": 5})

    up, down = np.flatnonzero(values == 6), np.flatnonzero(values == -4)
    assert len(up) + len(down) == np.count_nonzero(values != 1) == pytest.approx(700, abs=4 * 700**0.5)
    assert len(up) == pytest.approx(350, abs=4 * (700 / 4) ** 0.5)


def test_a_stuck_sensor_holds_its_last_value_for_its_length() -> None:
    plant, batch = lived(24, noise=0.1, stuck={"per_day": 50, "length_s": 60})
    values = batch.signals["vibration_mm_s"]
    truth = plant.truth("mill-1", EPOCH_MS, EPOCH_MS + DAY_MS).sensors

    assert len(truth) == pytest.approx(50, abs=4 * 50**0.5)
    followed = 0
    for one, after in pairwise(truth):
        assert (one.signal, one.what) == ("vibration_mm_s", "stuck")
        first = (to_ms(one.begin) - EPOCH_MS) // SECOND_MS - 1
        assert to_ms(one.end) - to_ms(one.begin) == 60_000
        if after.begin >= one.end:
            assert len(set(values[first : first + 60].tolist())) == 1
            followed += values[first + 60] != values[first]
    assert followed > 40


def test_the_truth_of_a_span_names_what_touches_it_and_no_reading_says_it() -> None:
    plant, batch = lived(24, dropout={"per_day": 20, "length_s": 300})
    whole = plant.truth("mill-1", EPOCH_MS, EPOCH_MS + DAY_MS)
    silent = np.isnan(batch.signals["vibration_mm_s"])

    told = np.zeros_like(silent)
    for one in whole.sensors:
        first = (to_ms(one.begin) - EPOCH_MS) // SECOND_MS - 1
        told[max(first, 0) : max(first + 300, 0)] = True
    assert np.array_equal(told, silent)

    one = whole.sensors[3]
    middle_ms = to_ms(one.begin) + 100_000
    second = plant.truth("mill-1", middle_ms, middle_ms + SECOND_MS)
    assert one in second.sensors
    assert decode(encode(second), Truth) == second
    assert one not in plant.truth("mill-1", to_ms(one.end), to_ms(one.end) + SECOND_MS).sensors
    assert batch.state is not None
    assert {change.cause for change in batch.changes} == {""}


def test_what_is_wrong_with_every_sensor_of_a_machine_is_said_once() -> None:
    kind = plain(
        imperfections={"dropout": {"per_day": 500, "length_s": 30}},
        signals={"power_kw": {"dropout": {"per_day": 0, "length_s": 1}}},
    )
    plant = Plant(1, EPOCH_MS, "r")
    plant.add(machine(kind), EPOCH_MS)
    plant.advance(EPOCH_MS + DAY_MS)
    batch = plant.batch("mill-1", EPOCH_MS, EPOCH_MS + DAY_MS)
    assert batch is not None

    silent = {name: np.isnan(values) for name, values in batch.signals.items()}

    assert not silent["power_kw"].any()
    assert silent["vibration_mm_s"].mean() == pytest.approx(0.16, abs=0.03)
    assert silent["temperature_c"].mean() == pytest.approx(0.16, abs=0.03)
    assert not np.array_equal(silent["vibration_mm_s"], silent["temperature_c"])


def test_what_began_before_a_machine_was_put_up_never_was() -> None:
    kind = plain(signals={"vibration_mm_s": {"noise": 0.1, "stuck": {"per_day": 9_000, "length_s": 3_600}}})
    plant = Plant(1, EPOCH_MS, "r")
    plant.advance(EPOCH_MS + HOUR_MS)
    plant.add(machine(kind), EPOCH_MS + HOUR_MS)
    plant.advance(EPOCH_MS + HOUR_MS + MINUTE_MS)

    truth = plant.truth("mill-1", EPOCH_MS + HOUR_MS, EPOCH_MS + HOUR_MS + MINUTE_MS)

    assert truth.sensors
    assert all(to_ms(one.begin) > EPOCH_MS + HOUR_MS for one in truth.sensors)


def test_a_value_a_cycle_can_be_lost_or_far_off_and_the_truth_says_which() -> None:
    signals = {
        "cushion_mm": {
            "title": "cushion",
            "unit": "mm",
            "per": "cycle",
            "running": 6,
            "spike": {"per_day": 500, "size": 2},
            "dropout": {"per_day": 300, "length_s": 30},
        }
    }
    plant = Plant(1, EPOCH_MS, "r")
    plant.add(machine(plain(signals=signals)), EPOCH_MS)
    plant.advance(EPOCH_MS + DAY_MS)
    batch = plant.batch("mill-1", EPOCH_MS, EPOCH_MS + DAY_MS)
    truth = plant.truth("mill-1", EPOCH_MS, EPOCH_MS + DAY_MS)
    assert batch is not None

    values = dict(zip(batch.offsets_ms.tolist(), batch.signals["cushion_mm"].tolist(), strict=True))
    lost = {to_ms(one.begin) - EPOCH_MS for one in truth.sensors if one.what == "dropout"}
    off = {to_ms(one.begin) - EPOCH_MS for one in truth.sensors if one.what == "spike"}
    ends = {change.offset_ms for change in truth.changes if change.parts is not None}

    assert lost | off <= ends
    # 300 dropouts of three cycles each.
    assert len(lost) == pytest.approx(900, rel=0.25)
    assert len(off) == pytest.approx(500, rel=0.25)
    for end in ends:
        value = values[end]
        if end in lost:
            assert np.isnan(value)
        else:
            assert value in ((4, 8) if end in off else (6,))


@pytest.mark.parametrize("kind", KINDS)
def test_power_of_the_shipped_kinds_is_said_in_every_reading_and_keeps_its_margin(kind: str) -> None:
    power = KINDS[kind].power
    plant = Plant(2, EPOCH_MS, "r")
    plant.add(machine(KINDS[kind], controller=False), EPOCH_MS)
    plant.advance(EPOCH_MS + DAY_MS)
    batch = plant.batch("mill-1", EPOCH_MS, EPOCH_MS + DAY_MS)
    truth = plant.truth("mill-1", EPOCH_MS, EPOCH_MS + DAY_MS)
    assert batch is not None

    changes = [(0, truth.state), *((one.offset_ms, one.state) for one in truth.changes if one.state)]
    begun = np.array([offset for offset, _ in changes])
    runs = np.array([state is State.RUNNING for _, state in changes])
    running = runs[np.searchsorted(begun, batch.offsets_ms, side="right") - 1]
    values = batch.signals["power_kw"]

    assert not np.isnan(values).any()
    assert values[running].min() > KINDS[kind].threshold.above
    assert values[~running].max() < KINDS[kind].threshold.below
    assert (power.flaws.stuck, power.flaws.spike, power.flaws.dropout) == (None, None, None)


@pytest.mark.parametrize("period_s", [1, 10])
def test_what_is_wrong_is_the_same_second_by_second_and_hour_by_hour(period_s: int) -> None:
    plant, _ = lived(
        6,
        period_ms=period_s * SECOND_MS,
        dropout={"per_day": 300, "length_s": 20},
        spike={"per_day": 200, "size": 5},
        stuck={"per_day": 100, "length_s": 60},
    )
    end_ms = EPOCH_MS + 6 * HOUR_MS

    def wrong(span_ms: int) -> set[tuple[str, int, int]]:
        return {
            (one.what, to_ms(one.begin), to_ms(one.end))
            for from_ms in range(EPOCH_MS, end_ms, span_ms)
            for one in plant.truth("mill-1", from_ms, from_ms + span_ms).sensors
        }

    by_hour = wrong(HOUR_MS)

    assert wrong(period_s * SECOND_MS) == by_hour
    assert wrong(SECOND_MS) == by_hour
    assert len(by_hour) > 100
