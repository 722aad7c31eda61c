"""Machines without chance: what the bench says of itself is what it does, to the millisecond."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.messages import Truth
from protocol.readings import Batch
from protocol.states import State
from simulator.plant import Plant
from simulator.specs.calibration import load_bench
from simulator.specs.kind import kind_of
from simulator.specs.machine import birth_of
from simulator.specs.settings import SpecError
from tests.simulator.factory import EPOCH_MS, HOUR_MS, MINUTE_MS, PLAIN, SECOND_MS, machine, plain

BENCH = {spec.name: spec for spec in load_bench()}
TEN_MINUTES: dict[str, Any] = {
    "pattern": {
        "steps": [
            {"phase": "cycle", "length_s": 480},
            {"phase": "waiting for material", "length_s": 120, "cause": "known"},
        ]
    }
}
SILENT: dict[str, Any] = {
    "pattern": {
        "steps": [{"phase": "cycle", "length_s": 600}],
        "silence": {"every_s": 600, "from_s": 100, "to_s": 300},
    }
}


def plant_of(name: str, *, added_ms: int = EPOCH_MS, seed: int = 1) -> Plant:
    plant = Plant(seed, EPOCH_MS, "r")
    plant.add(BENCH[name], added_ms)
    return plant


def time_in(truth: Truth) -> dict[State, int]:
    """Milliseconds in each state."""
    edges = [(0, truth.state)]
    edges += [(one.offset_ms, one.state) for one in truth.changes if one.state is not None]
    ends = [*(begin for begin, _ in edges[1:]), int((truth.until - truth.at).total_seconds() * 1_000)]
    time: dict[State, int] = {}
    for (begin, state), end in zip(edges, ends, strict=True):
        time[state] = time.get(state, 0) + end - begin
    return time


def made(truth: Truth) -> tuple[int, int]:
    """Parts and rejects."""
    counted = [(one.parts, one.rejects) for one in truth.changes if one.parts is not None]
    parts, rejects = counted[-1] if counted else (truth.parts, truth.rejects)
    return (parts or 0) - truth.parts, (rejects or 0) - truth.rejects


def hour(plant: Plant, name: str, number: int) -> Truth:
    begin_ms = (EPOCH_MS // HOUR_MS + number) * HOUR_MS
    plant.advance(begin_ms + HOUR_MS)
    return plant.truth(name, begin_ms, begin_ms + HOUR_MS)


@pytest.mark.parametrize("name", sorted(BENCH))
@pytest.mark.parametrize("added_ms", [EPOCH_MS, EPOCH_MS + 17 * MINUTE_MS + 4_321])
def test_every_whole_hour_of_the_bench_is_its_answer_whenever_it_was_put_up(name: str, added_ms: int) -> None:
    plant = plant_of(name, added_ms=added_ms)
    kind = BENCH[name].settings
    # A retrofit cannot tell all of it, but does all of it.
    stamped = next(one for one in BENCH.values() if one.kind == BENCH[name].kind and one.controller)
    answer = stamped.settings.answer

    for number in (1, 2, 25):
        truth = hour(plant, name, number)
        time, (parts, rejects) = time_in(truth), made(truth)
        running_ms = time[State.RUNNING]

        assert sum(time.values()) == HOUR_MS
        assert running_ms / HOUR_MS == answer["utilization"]
        assert (running_ms + time.get(State.IDLE, 0)) / HOUR_MS == answer["uptime"]
        assert parts == answer["parts_per_h"]
        assert (parts - rejects) / parts == answer["quality"]
        if "performance" in answer:
            assert parts * kind.ideal_cycle_s * SECOND_MS / running_ms == answer["performance"]
        if "stops_per_h" in answer:
            changes = [one.state for one in truth.changes if one.state is not None]
            assert sum(state is not State.RUNNING for state in changes) == answer["stops_per_h"]


def test_the_bench_has_the_six_that_are_asked_for_and_two_retrofits_and_stands_on_a_line_of_its_own() -> None:
    assert {spec.location for spec in BENCH.values()} == {("bench",)}
    stamped = {name for name, spec in BENCH.items() if spec.controller}
    assert stamped == {"ideal", "eighty-used", "eighty-good", "thirty-micro-stops", "slow", "silent"}
    assert len(BENCH) == 8


def test_chance_has_no_part_in_it() -> None:
    one, other = plant_of("eighty-used", seed=1), plant_of("eighty-used", seed=2)

    assert hour(one, "eighty-used", 1) == hour(other, "eighty-used", 1)


def test_the_answer_travels_in_the_birth_and_a_retrofit_answers_only_what_it_can_tell() -> None:
    slow = birth_of(BENCH["slow"], at_ms=EPOCH_MS, run="r")
    retrofit = birth_of(BENCH["eighty-used-retrofit"], at_ms=EPOCH_MS, run="r")

    assert slow.answer["performance"] == 0.5
    assert retrofit.answer == {"coverage": 1.0, "utilization": 0.8}


@settings(derandomize=True, max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 60_000), min_size=1, max_size=40))
def test_a_silent_machine_says_the_same_however_its_time_is_cut(lengths: list[int]) -> None:
    spec = machine(plain(**SILENT), "quiet")
    plant = Plant(1, EPOCH_MS, "r")
    plant.add(spec, EPOCH_MS)
    plant.advance(EPOCH_MS + sum(lengths) + 1)
    said: list[int] = []
    at_ms = EPOCH_MS
    for length_ms in lengths:
        batch = plant.batch("quiet", at_ms, at_ms + length_ms)
        said += moments(batch)
        at_ms += length_ms

    every = range(EPOCH_MS + SECOND_MS, at_ms + 1, SECOND_MS)
    assert said == [one for one in every if not 100_000 < one % 600_000 <= 300_000]


def moments(batch: Batch | None) -> list[int]:
    """When its readings were taken."""
    if batch is None:
        return []
    assert batch.at_ms is not None
    return [batch.at_ms + offset for offset in batch.offsets_ms.tolist()]


def test_the_first_words_after_a_silence_say_where_the_machine_stands() -> None:
    spec = machine(plain(**SILENT), "quiet")
    plant = Plant(1, EPOCH_MS, "r")
    plant.add(spec, EPOCH_MS)
    end_ms = EPOCH_MS // 600_000 * 600_000 + 300_000
    plant.advance(end_ms + MINUTE_MS)

    batch = plant.batch("quiet", end_ms - 30_000, end_ms + 30_000)

    assert batch is not None
    assert batch.at_ms == end_ms
    assert batch.state is State.RUNNING
    assert batch.changes[0].parts == plant.truth("quiet", end_ms, end_ms + 1).parts
    with pytest.raises(ValueError, match="reach across a silence"):
        plant.batch("quiet", end_ms - 250_000, end_ms + 1)


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"pattern": {}}, "key 'pattern.steps' is missing"),
        ({"pattern": {"steps": []}}, "steps such as"),
        ({"pattern": {"steps": [3]}}, "steps such as"),
        ({"pattern": {"steps": [{"phase": "dance", "length_s": 60}]}}, "one of cycle, waiting"),
        ({"pattern": {"steps": [{"phase": "cycle", "length_s": 65}]}}, "a whole number of cycles of 10 s"),
        (
            {"pattern": {"steps": [{"phase": "cycle", "length_s": 70}]}},
            "whose sum divides a day; these make 70 s",
        ),
        ({"pattern": {"steps": [{"phase": "repair", "length_s": 60, "cause": "x"}]}}, "at least one cycle"),
        (
            {"pattern": {"steps": [{"phase": "waiting for material", "length_s": 60}]}},
            "key 'pattern.steps.cause' is missing",
        ),
        ({**TEN_MINUTES, "handling_s": 2}, "key 'handling_s': 2 is not allowed: none beside a pattern"),
        ({**TEN_MINUTES, "cycle_cv": 0.1}, "0 beside a pattern"),
        ({**TEN_MINUTES, "stops": {}}, "none beside a pattern"),
        (
            {"pattern": {**SILENT["pattern"], "silence": {"every_s": 600, "from_s": 100, "to_s": 130}}},
            "a whole number from 161 to 600",
        ),
        ({"answer": {"utilization": "all"}}, "key 'answer.utilization': 'all' is not allowed"),
    ],
)
def test_a_wrong_pattern_is_refused_with_key_value_and_what_is_allowed(
    over: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(SpecError) as error:
        kind_of("plain", PLAIN | over, source="plain.toml")

    assert sentence in str(error.value)
