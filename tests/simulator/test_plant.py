from dataclasses import replace
from functools import cache
from itertools import pairwise
from math import isnan
from time import process_time
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.messages import Birth, Truth, decode, encode
from protocol.moments import from_ms
from protocol.readings import decode_batch, encode_batch
from protocol.states import State
from simulator.plant import Plant
from simulator.specs.machine import parse_machine
from simulator.specs.people import Hears, load_people
from tests.simulator.factory import (
    EPOCH_MS,
    HERE,
    HOUR_MS,
    KINDS,
    MACHINES,
    MINUTE_MS,
    machine,
    plain,
)


def fleet(seed: int = 1) -> Plant:
    """The shipped fleet from the epoch on."""
    plant = Plant(seed, EPOCH_MS, "run-1")
    for spec in MACHINES.values():
        plant.add(spec, EPOCH_MS)
    return plant


@cache
def day() -> Plant:
    """The shipped fleet after its first day. Tests only ask it."""
    plant = fleet()
    plant.advance(EPOCH_MS + 24 * HOUR_MS)
    return plant


def told(plant: Plant, name: str, cuts: list[int]) -> dict[str, Any]:
    """Everything a machine sent and truly did between the cuts, as moments and not as offsets."""
    readings: dict[str, dict[int, float | None]] = {}
    reported: list[tuple[Any, ...]] = []
    true: list[tuple[Any, ...]] = []
    for from_at, to_at in pairwise(cuts):
        batch = plant.batch(name, from_at, to_at)
        if batch is not None:
            for signal, values in batch.signals.items():
                moments = (batch.offsets_ms + from_at).tolist()
                # Nothing said is nothing, not a number that differs from itself.
                shown = [None if isnan(value) else value for value in values.tolist()]
                readings.setdefault(signal, {}).update(zip(moments, shown, strict=True))
            reported += [
                (from_at + change.offset_ms, *msgspec.structs.astuple(change)[1:])
                for change in batch.changes
                if change.offset_ms  # the one at 0 only says how the counters stand
            ]
        truth = plant.truth(name, from_at, to_at)
        true += [
            (from_at + change.offset_ms, *msgspec.structs.astuple(change)[1:]) for change in truth.changes
        ]
    return {"readings": readings, "reported": reported, "true": true}


SPAN_MS = 2 * HOUR_MS


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    name=st.sampled_from(sorted(MACHINES)),
    cuts=st.lists(st.integers(0, SPAN_MS), max_size=30).map(sorted),
    advances=st.lists(st.integers(0, SPAN_MS), max_size=5).map(sorted),
)
def test_any_cut_of_time_gives_the_same_readings_changes_and_truth(
    name: str, cuts: list[int], advances: list[int]
) -> None:
    whole, cut = Plant(1, EPOCH_MS, "r"), Plant(1, EPOCH_MS, "r")
    for plant in (whole, cut):
        plant.add(MACHINES[name], EPOCH_MS)
    whole.advance(EPOCH_MS + SPAN_MS)
    for moment in (*advances, SPAN_MS):
        cut.advance(EPOCH_MS + moment)

    moments = [EPOCH_MS, *(EPOCH_MS + moment for moment in cuts), EPOCH_MS + SPAN_MS]
    expected = told(whole, name, [EPOCH_MS, EPOCH_MS + SPAN_MS])

    assert told(cut, name, moments) == expected
    assert told(cut, name, moments) == expected  # asked again


def test_a_span_gives_the_same_after_what_lay_before_is_forgotten() -> None:
    until = EPOCH_MS + 30 * HOUR_MS
    kept, forgetful = fleet(), fleet()
    kept.advance(until)
    for hour in range(1, 31):
        forgetful.advance(EPOCH_MS + hour * HOUR_MS)
        forgetful.forget(EPOCH_MS + (hour - 1) * HOUR_MS)

    for name in MACHINES:
        for asked in (kept.batch, forgetful.batch):
            assert asked(name, until - MINUTE_MS, until) is not None
        assert forgetful.truth(name, until - HOUR_MS, until) == kept.truth(name, until - HOUR_MS, until)
        spans = [until - HOUR_MS, until - 17 * MINUTE_MS, until]
        assert told(forgetful, name, spans) == told(kept, name, spans)
    with pytest.raises(ValueError, match="forgotten"):
        forgetful.batch("mill-1", until - 2 * HOUR_MS, until)


def test_adding_a_machine_changes_nothing_for_the_others() -> None:
    alone = fleet()
    crowded = fleet()
    crowded.advance(EPOCH_MS + HOUR_MS)
    crowded.add(
        parse_machine('kind = "press"\nline = "machining"\n', "press-9.toml", KINDS), EPOCH_MS + HOUR_MS
    )
    for plant in (alone, crowded):
        plant.advance(EPOCH_MS + 3 * HOUR_MS)

    cuts = [EPOCH_MS, EPOCH_MS + 3 * HOUR_MS]
    # All but the one that compresses the air which the new press draws.
    same = [name for name in MACHINES if told(alone, name, cuts) == told(crowded, name, cuts)]
    assert same == [name for name, spec in MACHINES.items() if spec.settings.receiver is None]


def test_another_seed_gives_another_history_and_the_same_seed_the_same() -> None:
    cuts = [EPOCH_MS, EPOCH_MS + HOUR_MS]
    plants = [fleet(1), fleet(1), fleet(2)]
    for plant in plants:
        plant.advance(cuts[1])

    one, again, other = (told(plant, "mill-1", cuts) for plant in plants)

    assert one == again
    assert one != other


@pytest.mark.parametrize("name", MACHINES)
def test_counters_never_decrease_and_rejects_are_among_the_parts(name: str) -> None:
    plant = day()
    truth = plant.truth(name, EPOCH_MS, EPOCH_MS + 24 * HOUR_MS)

    counts = [(truth.parts, truth.rejects)]
    counts += [(c.parts, c.rejects or 0) for c in truth.changes if c.parts is not None]

    assert counts[0] == (0, 0)
    assert all(two[0] == one[0] + 1 for one, two in pairwise(counts))
    assert all(0 <= two[1] - one[1] <= 1 for one, two in pairwise(counts))
    assert (len(counts) > 1) == MACHINES[name].settings.makes_parts


@pytest.mark.parametrize("name", MACHINES)
def test_no_change_repeats_the_state_before_it(name: str) -> None:
    plant = day()
    truth = plant.truth(name, EPOCH_MS, EPOCH_MS + 8 * HOUR_MS)

    lived = [(truth.state, truth.phase, truth.cause)]
    lived += [(c.state, c.phase, c.cause) for c in truth.changes if c.state is not None]

    assert len(lived) > 1
    assert all(one != two for one, two in pairwise(lived))
    assert [c.offset_ms for c in truth.changes] == sorted({c.offset_ms for c in truth.changes})


@pytest.mark.parametrize("name", MACHINES)
def test_parts_take_a_little_longer_than_the_ideal_cycle(name: str) -> None:
    kind = MACHINES[name].settings
    plant = day()
    parts = plant.truth(name, EPOCH_MS + 24 * HOUR_MS, EPOCH_MS + 24 * HOUR_MS).parts

    running_ms = running(plant.truth(name, EPOCH_MS, EPOCH_MS + 24 * HOUR_MS), 24 * HOUR_MS)

    if kind.makes_parts:
        assert 0.85 < kind.ideal_cycle_s * 1000 * parts / running_ms < 1


def running(truth: Truth, span_ms: int) -> int:
    """Milliseconds running in a span that begins with the truth."""
    edges = [(0, truth.state)]
    edges += [(change.offset_ms, change.state) for change in truth.changes if change.state]
    ends = [offset for offset, _ in edges[1:]] + [span_ms]
    return sum(end - at for (at, state), end in zip(edges, ends, strict=True) if state is State.RUNNING)


@pytest.mark.parametrize("name", [name for name, spec in MACHINES.items() if spec.controller])
def test_a_control_reports_exactly_the_truth(name: str) -> None:
    plant = day()
    spans = range(EPOCH_MS, EPOCH_MS + 8 * HOUR_MS, 5 * MINUTE_MS)

    for from_at in spans:
        batch = plant.batch(name, from_at, from_at + 5 * MINUTE_MS)
        truth = plant.truth(name, from_at, from_at + 5 * MINUTE_MS)
        assert batch is not None
        assert batch.at_ms == from_at
        assert (batch.state, batch.cause) == (truth.state, truth.cause)
        first, *others = batch.changes
        assert (first.offset_ms, first.parts, first.rejects) == (0, truth.parts, truth.rejects)
        assert [msgspec.structs.astuple(change) for change in others] == [
            (change.offset_ms, change.state, change.cause, change.parts, change.rejects)
            for change in truth.changes
        ]


@pytest.mark.parametrize("name", [name for name, spec in MACHINES.items() if not spec.controller])
def test_a_retrofit_sends_readings_alone(name: str) -> None:
    plant = day()

    batch = plant.batch(name, EPOCH_MS, EPOCH_MS + MINUTE_MS)

    assert batch is not None
    assert (batch.state, batch.cause, batch.changes, batch.parts, batch.rejects) == (None, "", (), None, None)
    assert list(batch.signals) == ["power_kw", "vibration_mm_s", "temperature_c"]


@pytest.mark.parametrize("name", [name for name, spec in MACHINES.items() if not spec.controller])
def test_the_utilization_of_a_retrofit_is_right_to_a_tenth_of_a_point_over_eight_hours(name: str) -> None:
    plant = day()
    threshold = plant.birth(name).threshold
    assert threshold is not None

    for begin in range(EPOCH_MS, EPOCH_MS + 17 * HOUR_MS, 4 * HOUR_MS):
        batch = plant.batch(name, begin, begin + 8 * HOUR_MS)
        assert batch is not None
        sensed = (batch.signals["power_kw"] >= threshold.above).mean()
        true = running(plant.truth(name, begin, begin + 8 * HOUR_MS), 8 * HOUR_MS) / (8 * HOUR_MS)
        assert sensed == pytest.approx(true, abs=0.001)


@pytest.mark.parametrize("name", MACHINES)
def test_what_every_machine_sends_is_understood(name: str) -> None:
    plant = day()
    batch = plant.batch(name, EPOCH_MS, EPOCH_MS + HOUR_MS)
    assert batch is not None

    read = decode_batch(encode_batch(batch))

    assert read.offsets_ms.tolist() == batch.offsets_ms.tolist()
    assert set(range(1000, HOUR_MS + 1, 1000)) <= set(read.offsets_ms.tolist())
    assert (read.run, read.at_ms, read.changes) == ("run-1", EPOCH_MS, batch.changes)
    for signal, values in batch.signals.items():
        assert np.array_equal(read.signals[signal], np.round(values, 3), equal_nan=True)
    truth = plant.truth(name, EPOCH_MS, EPOCH_MS + HOUR_MS)
    assert decode(encode(truth), Truth) == truth
    birth = plant.birth(name)
    assert decode(encode(birth), Birth) == birth
    assert list(birth.signals) == list(batch.signals)


def test_a_birth_says_how_the_state_is_known() -> None:
    plant = fleet()

    reported, sensed = plant.birth("mill-1"), plant.birth("mill-3")

    assert (reported.states, reported.threshold) == ("reported", None)
    assert set(reported.tells) == {State.RUNNING, State.IDLE, State.DOWN, State.SETUP}
    assert (sensed.states, sensed.tells) == ("sensed", (State.RUNNING, State.STOPPED))
    assert sensed.threshold is not None
    assert sensed.threshold.signal == "power_kw"
    assert (reported.at, reported.run, reported.simulated) == (from_ms(EPOCH_MS), "run-1", True)
    assert reported.ideal_cycle_s == pytest.approx(180 * 0.94)
    assert plant.birth("compressor-1").ideal_cycle_s is None
    assert plant.location("mill-1") == ("machining",)


def test_readings_are_taken_at_multiples_of_the_period_since_the_epoch() -> None:
    plant = Plant(1, EPOCH_MS, "r")
    plant.add(machine(plain(period_ms=700)), EPOCH_MS + 1000)
    plant.advance(EPOCH_MS + HOUR_MS)

    batch = plant.batch("mill-1", EPOCH_MS, EPOCH_MS + 2800)

    assert batch is not None
    assert batch.at_ms == EPOCH_MS + 1000
    assert (batch.offsets_ms + 1000).tolist() == [1400, 2100, 2800]


def test_a_span_without_a_reading_or_a_change_is_no_batch() -> None:
    plant = Plant(1, EPOCH_MS, "r")
    plant.add(machine(plain()), EPOCH_MS)
    plant.advance(EPOCH_MS + HOUR_MS)

    assert plant.batch("mill-1", EPOCH_MS + 1, EPOCH_MS + 999) is None
    assert plant.batch("mill-1", EPOCH_MS, EPOCH_MS) is None


def test_a_control_without_parts_reports_states_and_no_counters() -> None:
    plant = Plant(1, EPOCH_MS, "r")
    plant.add(machine(KINDS["air-compressor"]), EPOCH_MS)
    plant.advance(EPOCH_MS + HOUR_MS)

    batch = plant.batch("mill-1", EPOCH_MS, EPOCH_MS + HOUR_MS)

    assert batch is not None
    assert batch.state == State.RUNNING
    assert len(batch.changes) > 10
    assert all(change.parts is None and change.state is not None for change in batch.changes)


def test_a_machine_put_up_later_lives_from_then_on() -> None:
    plant = Plant(1, EPOCH_MS, "r")
    plant.advance(EPOCH_MS + HOUR_MS)
    plant.add(machine(plain()), EPOCH_MS + HOUR_MS)
    plant.advance(EPOCH_MS + 2 * HOUR_MS)

    assert plant.names() == ["mill-1"]
    assert plant.birth("mill-1").at == from_ms(EPOCH_MS + HOUR_MS)
    assert plant.batch("mill-1", EPOCH_MS, EPOCH_MS + HOUR_MS - 1) is None
    truth = plant.truth("mill-1", EPOCH_MS, EPOCH_MS + 2 * HOUR_MS)
    assert truth.at == from_ms(EPOCH_MS + HOUR_MS)
    with pytest.raises(ValueError, match="was not there"):
        plant.truth("mill-1", EPOCH_MS, EPOCH_MS + MINUTE_MS)


def test_a_retired_machine_is_silent_from_then_on_and_can_still_be_asked_for_what_lay_before() -> None:
    plant = Plant(1, EPOCH_MS, "r")
    plant.add(machine(plain()), EPOCH_MS)
    plant.advance(EPOCH_MS + MINUTE_MS)
    plant.retire("mill-1", EPOCH_MS + MINUTE_MS)
    plant.advance(EPOCH_MS + HOUR_MS)

    assert plant.names() == []
    assert plant.batch("mill-1", EPOCH_MS + MINUTE_MS + 1, EPOCH_MS + HOUR_MS) is None
    batch = plant.batch("mill-1", EPOCH_MS, EPOCH_MS + HOUR_MS)
    assert batch is not None
    assert batch.offsets_ms[-1] == MINUTE_MS

    plant.forget(EPOCH_MS + MINUTE_MS)
    with pytest.raises(ValueError, match="there is no 'mill-1'"):
        plant.batch("mill-1", EPOCH_MS, EPOCH_MS + MINUTE_MS)


def test_a_machine_put_up_anew_keeps_what_the_one_before_it_sent() -> None:
    plant = Plant(1, EPOCH_MS, "r")
    plant.add(machine(plain()), EPOCH_MS)
    plant.advance(EPOCH_MS + MINUTE_MS)
    before = told(plant, "mill-1", [EPOCH_MS, EPOCH_MS + MINUTE_MS])
    plant.retire("mill-1", EPOCH_MS + MINUTE_MS)
    plant.add(machine(plain(cycle_s=7)), EPOCH_MS + MINUTE_MS)
    plant.advance(EPOCH_MS + 2 * MINUTE_MS)

    assert told(plant, "mill-1", [EPOCH_MS, EPOCH_MS + MINUTE_MS]) == before
    assert plant.truth("mill-1", EPOCH_MS + MINUTE_MS, EPOCH_MS + 2 * MINUTE_MS).parts == 0
    with pytest.raises(ValueError, match="is at work"):
        plant.add(machine(plain()), EPOCH_MS + 2 * MINUTE_MS)


def test_what_was_not_lived_yet_cannot_be_asked_for() -> None:
    plant = Plant(1, EPOCH_MS, "r")
    plant.add(machine(plain()), EPOCH_MS)

    with pytest.raises(ValueError, match="advance the plant first"):
        plant.batch("mill-1", EPOCH_MS, EPOCH_MS + 100 * HOUR_MS)


PEOPLE = load_people(HERE / "people.toml", HERE / "assumptions.toml")


@pytest.mark.parametrize("hears", ["nothing", "at once"])
def test_the_plant_is_used_as_the_readme_says_whether_people_hear_calls_or_not(hears: Hears) -> None:
    plant = Plant(1, EPOCH_MS, "r", people=replace(PEOPLE, hears=hears), sensors=False)
    for spec in MACHINES.values():
        plant.add(spec, EPOCH_MS)
    span_ms = 200 * HOUR_MS
    plant.advance(EPOCH_MS + span_ms)

    shares = [
        running(plant.truth(name, EPOCH_MS, EPOCH_MS + span_ms), span_ms) / span_ms for name in MACHINES
    ]

    assert 0.5 < sum(shares) / len(shares) < 0.75
    assert all(0.3 < share < 0.95 for share in shares)


def test_ten_days_of_the_plant_with_its_people_take_seconds() -> None:
    plant = Plant(1, EPOCH_MS, "r", people=PEOPLE, bare=True)
    for spec in MACHINES.values():
        plant.add(spec, EPOCH_MS)
    begun = process_time()

    for day in range(1, 11):
        plant.advance(EPOCH_MS + 24 * day * HOUR_MS)
        plant.forget(EPOCH_MS + 24 * day * HOUR_MS)

    # Measured at 0.9 s on a busy machine; a year is to take less than a minute.
    assert process_time() - begun < 3


def test_eight_hours_of_the_fleet_in_minutes_take_seconds() -> None:
    plant = fleet()
    begun = process_time()

    for minute in range(480):
        from_at = EPOCH_MS + minute * MINUTE_MS
        plant.advance(from_at + MINUTE_MS)
        for name in plant.names():
            plant.batch(name, from_at, from_at + MINUTE_MS)
            plant.truth(name, from_at, from_at + MINUTE_MS)

    # Measured at 1.5 s; the page is to be full within 20 s of a start.
    assert process_time() - begun < 12
