"""When signals have a value: at every reading, at every so manieth, or once a cycle."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.messages import Signal
from protocol.readings import MAX_READINGS, Batch, decode_batch, encode_batch
from simulator.plant import Plant
from simulator.sensing.cycles import highest
from simulator.specs.kind import Kind
from tests.simulator.factory import EPOCH_MS, HOUR_MS, KINDS, MINUTE_MS, SECOND_MS, machine, plain

NAN = float("nan")


def signal(**keys: Any) -> dict[str, Any]:
    """The table of a signal."""
    return {"title": "a signal", "unit": "x", **keys}


def read(kind: Kind, from_ms: int, to_ms: int, *, added_ms: int = EPOCH_MS) -> Batch:
    """What a machine of a kind sent in a span."""
    plant = Plant(1, EPOCH_MS, "r")
    plant.advance(added_ms)
    plant.add(machine(kind), added_ms)
    plant.advance(to_ms)
    batch = plant.batch("mill-1", from_ms, to_ms)
    assert batch is not None
    return batch


def said(batch: Batch, name: str) -> tuple[list[int], list[float]]:
    """Moments, in ms after the epoch, and values of what a signal said."""
    assert batch.at_ms is not None
    values = batch.signals[name]
    known = ~np.isnan(values)
    return (batch.at_ms - EPOCH_MS + batch.offsets_ms[known]).tolist(), values[known].tolist()


def test_a_signal_with_a_longer_period_says_nothing_in_between() -> None:
    kind = plain(signals={"temperature_c": {"period_ms": 10_000}})

    batch = read(kind, EPOCH_MS, EPOCH_MS + MINUTE_MS)

    assert len(batch.offsets_ms) == 60
    assert said(batch, "temperature_c")[0] == [10_000, 20_000, 30_000, 40_000, 50_000, 60_000]
    assert not np.isnan(batch.signals["power_kw"]).any()


def test_a_signal_read_less_often_shows_what_it_would_have_shown() -> None:
    often = read(plain(), EPOCH_MS, EPOCH_MS + MINUTE_MS)
    seldom = read(plain(signals={"temperature_c": {"period_ms": 7_000}}), EPOCH_MS, EPOCH_MS + MINUTE_MS)

    assert said(seldom, "temperature_c")[1] == often.signals["temperature_c"][6::7].tolist()


def test_a_value_a_cycle_comes_in_a_reading_of_its_own_at_the_moment_the_cycle_ends() -> None:
    kind = plain(signals={"cushion_mm": signal(per="cycle", running=6, noise=0.05)})

    batch = read(kind, EPOCH_MS, EPOCH_MS + MINUTE_MS)

    ends = [change.offset_ms for change in batch.changes if change.parts is not None][1:]
    moments, values = said(batch, "cushion_mm")
    assert moments == ends
    assert len(ends) == 6
    assert len(set(values)) > 3
    # The machine was put up in the middle of a cycle, so cycles end between two readings.
    assert len(batch.offsets_ms) == 66
    assert said(batch, "power_kw")[0] == list(range(1_000, MINUTE_MS + 1, 1_000))
    assert (np.diff(batch.offsets_ms) > 0).all()


def test_a_cycle_that_ends_at_a_reading_shares_it() -> None:
    kind = plain(
        pattern={"steps": [{"phase": "cycle", "length_s": 60}]},
        signals={"cushion_mm": signal(per="cycle", running=6)},
    )

    batch = read(kind, EPOCH_MS, EPOCH_MS + MINUTE_MS)

    assert len(batch.offsets_ms) == 60
    assert said(batch, "cushion_mm") == ([10_000, 20_000, 30_000, 40_000, 50_000, 60_000], [6] * 6)


def test_the_length_of_a_cycle_is_told_to_the_millisecond() -> None:
    kind = plain(cycle_cv=0.3, signals={"cycle_s": signal(per="cycle", of_cycle=1.0, decimals=3)})

    batch = read(kind, EPOCH_MS, EPOCH_MS + HOUR_MS)

    ends, values = said(batch, "cycle_s")
    # One cycle follows the other, so that it took the time since the end of the one before.
    assert values[1:] == pytest.approx((np.diff(ends) / 1000).tolist(), abs=5e-4)
    assert np.std(values) == pytest.approx(3, rel=0.3)


def test_short_cycles_are_reduced_to_the_highest_of_a_period() -> None:
    every_cycle = plain(
        cycle_s=12, signals={"tonnage_kn": signal(per="cycle", running=800, noise=0.05, decimals=0)}
    )
    every_minute = plain(
        cycle_s=12,
        signals={"tonnage_kn": signal(per="cycle", running=800, noise=0.05, decimals=0, period_ms=60_000)},
    )
    single = read(every_cycle, EPOCH_MS, EPOCH_MS + 10 * MINUTE_MS)
    reduced = read(every_minute, EPOCH_MS, EPOCH_MS + 10 * MINUTE_MS)

    ends, peaks = said(single, "tonnage_kn")
    minutes, told = said(reduced, "tonnage_kn")

    assert len(ends) == 50
    assert len(reduced.offsets_ms) == 600
    assert minutes == [minute * MINUTE_MS for minute in range(1, 11)]
    assert told == [
        max(peak for end, peak in zip(ends, peaks, strict=True) if minute - MINUTE_MS < end <= minute)
        for minute in minutes
    ]


def test_a_period_without_a_cycle_says_nothing() -> None:
    at_ms, ends_ms = np.array([5, 10, 11, 45]), np.array([10, 20, 30, 40, 50])

    found = highest(at_ms, np.array([3.0, 2.0, NAN, 7.0]), ends_ms, 10)

    assert np.array_equal(found, [3, NAN, NAN, NAN, 7], equal_nan=True)


def test_a_kind_whose_cycles_would_be_a_flood_is_refused_a_reading_for_each() -> None:
    fastest = plain(cycle_s=10, signals={"peak_kn": signal(per="cycle", running=800)})

    batch = read(fastest, EPOCH_MS, EPOCH_MS + HOUR_MS)

    # A reading more for ten: hours of them still fit into one message.
    assert len(batch.offsets_ms) <= 1.1 * 3_600 < MAX_READINGS
    assert len(decode_batch(encode_batch(batch)).offsets_ms) == len(batch.offsets_ms)


def test_what_was_not_said_is_null_on_the_wire_and_comes_back() -> None:
    kind = plain(
        signals={"cushion_mm": signal(per="cycle", running=6), "temperature_c": {"period_ms": 5_000}}
    )
    batch = read(kind, EPOCH_MS, EPOCH_MS + MINUTE_MS)

    payload = encode_batch(batch)
    back = decode_batch(payload)

    assert b'"cushion_mm":[null,' in payload
    for name, values in batch.signals.items():
        assert np.array_equal(back.signals[name], values, equal_nan=True)


def test_a_birth_says_how_often_a_signal_comes() -> None:
    kind = plain(
        signals={
            "cushion_mm": signal(per="cycle", running=6),
            "tonnage_kn": signal(per="cycle", running=800, period_ms=10_000),
            "temperature_c": {"period_ms": 5_000},
        }
    )
    plant = Plant(1, EPOCH_MS, "r")
    plant.add(machine(kind), EPOCH_MS)

    signals = plant.birth("mill-1").signals

    def said(one: Signal) -> tuple[int | None, str]:
        return one.period_ms, one.per

    assert {name: said(one) for name, one in signals.items()} == {
        "power_kw": (None, "reading"),
        "vibration_mm_s": (None, "reading"),
        "temperature_c": (5_000, "reading"),
        "cushion_mm": (None, "cycle"),
        "tonnage_kn": (10_000, "cycle"),
    }


EVERYTHING = plain(
    cycle_cv=0.2,
    stops={
        "jam": {"phase": "micro-stop", "every_h": 0.05, "mean_s": 20, "cv": 1, "causes": {"jam": 1}},
    },
    signals={
        "power_kw": {"noise": 0.02, "running": 12},
        "vibration_mm_s": {"noise": 0.1, "period_ms": 3_000, "dropout": {"per_day": 2_000, "length_s": 20}},
        "temperature_c": {
            "noise": 0.01,
            "period_ms": 10_000,
            "ambient": {"swing": 4},
            "stuck": {"per_day": 800, "length_s": 90},
            "spike": {"per_day": 500, "size": 30},
            "drift_per_day": 5,
            "quantisation": 0.25,
        },
        "cushion_mm": signal(
            per="cycle",
            running=6,
            noise=0.05,
            spike={"per_day": 2_000, "size": 3},
            dropout={"per_day": 500, "length_s": 60},
        ),
        "cycle_s": signal(per="cycle", of_cycle=1),
        "peak_kn": signal(per="cycle", running=800, noise=0.05, period_ms=30_000),
        "torque_nm": signal(quotient={"of": "power_kw", "by": "speed_rpm", "times": 9549, "less": 2}),
        "speed_rpm": signal(running=2_000, idle=0, noise=0.01, shape=[[0, 0], [0.1, 1], [1, 1]]),
    },
)
"""A kind that has every key."""
SPAN_MS = 30 * MINUTE_MS


def told(plant: Plant, cuts: list[int]) -> dict[str, dict[int, float]]:
    """Everything that was said between the cuts, by signal and moment; NaN where a reading said nothing."""
    found: dict[str, dict[int, float]] = {}
    for from_ms, to_ms in pairwise(cuts):
        batch = plant.batch("mill-1", from_ms, to_ms)
        if batch is not None:
            assert batch.at_ms is not None
            for name, values in batch.signals.items():
                moments = (batch.at_ms + batch.offsets_ms).tolist()
                shown = ["-" if np.isnan(value) else value for value in values.tolist()]
                found.setdefault(name, {}).update(zip(moments, shown, strict=True))  # type: ignore[arg-type]
    return found


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    cuts=st.lists(st.integers(0, SPAN_MS), max_size=25).map(sorted),
    added_ms=st.sampled_from([0, 1, 61_234]),
    forgets=st.booleans(),
)
def test_any_cut_gives_the_same_values_of_every_sort_of_signal(
    cuts: list[int], added_ms: int, *, forgets: bool
) -> None:
    whole, cut = Plant(1, EPOCH_MS, "r"), Plant(1, EPOCH_MS, "r")
    for plant in (whole, cut):
        plant.advance(EPOCH_MS + added_ms)
        plant.add(machine(EVERYTHING), EPOCH_MS + added_ms)
        plant.advance(EPOCH_MS + SPAN_MS)
    moments = [EPOCH_MS, *(EPOCH_MS + moment for moment in cuts), EPOCH_MS + SPAN_MS]

    expected = told(whole, [EPOCH_MS, EPOCH_MS + SPAN_MS])
    found: dict[str, dict[int, float]] = {}
    for one in pairwise(moments):
        if forgets:
            cut.forget(one[0])
        for name, values in told(cut, list(one)).items():
            found.setdefault(name, {}).update(values)

    assert found == expected
    assert len(expected["cushion_mm"]) > 30 * 60


@pytest.mark.parametrize("kind", KINDS)
def test_no_shipped_kind_floods_its_messages(kind: str) -> None:
    batch = read(KINDS[kind], EPOCH_MS, EPOCH_MS + HOUR_MS)

    assert len(batch.offsets_ms) <= 1.1 * HOUR_MS / SECOND_MS
