"""Machines one after the other: what starves, what blocks, and that no part is lost between them."""

import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.plant import Plant
from simulator.specs.check import check_folder, clashes
from simulator.specs.kind import Kind
from simulator.specs.machine import parse_machine
from tests.simulator.factory import (
    EPOCH_MS,
    HOUR_MS,
    KINDS,
    MINUTE_MS,
    line,
    plain,
    plant_of,
    story,
    time_in_phase,
)

EVERY_TENTH: dict[str, Any] = {
    "phase": "repair",
    "every_h": 100 / 3600,
    "life": "fixed",
    "mean_s": 30,
    "length": "fixed",
    "causes": {"broken": 1},
}
"""Breaks after each 100 s of running, and is mended in 30."""


def new(**over: Any) -> Kind:
    return plain(fresh=True, **over)


def test_a_slow_machine_blocks_the_one_before_it_once_the_buffer_is_full() -> None:
    plant = plant_of(*line(new(cycle_s=10), new(cycle_s=30), buffer=2))
    plant.advance(EPOCH_MS + 100_000)

    # m2 takes the first part at once; the second and third lie in the buffer, the fourth finds no room at
    # 40 s, when m2 has just taken the second; the fifth, at 50 s, waits until m2 takes the third at 70 s.
    assert story(plant, "m1", EPOCH_MS, EPOCH_MS + 100_000) == [
        (0, "cycle", ""),
        (50, "blocked", "blocked by m2"),
        (70, "cycle", ""),
        (80, "blocked", "blocked by m2"),
        (100, "cycle", ""),
    ]


def test_a_slow_machine_starves_the_one_after_it() -> None:
    plant = plant_of(*line(new(cycle_s=30), new(cycle_s=10), buffer=5))
    plant.advance(EPOCH_MS + 80_000)

    assert story(plant, "m2", EPOCH_MS, EPOCH_MS + 80_000) == [
        (0, "starved", "starved by m1"),
        (30, "cycle", ""),
        (40, "starved", "starved by m1"),
        (60, "cycle", ""),
        (70, "starved", "starved by m1"),
    ]


def test_parts_move_in_full_containers() -> None:
    plant = plant_of(*line(new(cycle_s=10), new(cycle_s=10), buffer=8, container=4))
    plant.advance(EPOCH_MS + 120_000)

    assert story(plant, "m2", EPOCH_MS, EPOCH_MS + 120_000) == [
        (0, "starved", "starved by m1"),
        (40, "cycle", ""),
    ]
    assert plant.truth("m2", EPOCH_MS + 120_000, EPOCH_MS + 120_000).parts == 8


def test_a_breakdown_is_passed_on_when_the_buffer_is_used_up() -> None:
    broken = {"stops": {"broken": EVERY_TENTH}}
    plant = plant_of(*line(new(cycle_s=10, **broken), new(cycle_s=10), buffer=4))
    plant.advance(EPOCH_MS + 170_000)

    # m1 makes ten parts, breaks down at 100 s and works again at 130 s; m2 works on the tenth until 110 s.
    assert story(plant, "m1", EPOCH_MS, EPOCH_MS + 170_000) == [
        (0, "cycle", ""),
        (100, "repair", "broken"),
        (130, "cycle", ""),
    ]
    assert story(plant, "m2", EPOCH_MS, EPOCH_MS + 170_000) == [
        (0, "starved", "starved by m1"),
        (10, "cycle", ""),
        (110, "starved", "starved by m1"),
        (140, "cycle", ""),
    ]


def test_without_a_buffer_all_stop_and_go_together_and_say_who_made_them() -> None:
    broken = {"stops": {"broken": EVERY_TENTH}}
    plant = plant_of(*line(new(), new(**broken), new(), buffer=0))
    plant.advance(EPOCH_MS + 140_000)

    stories = [story(plant, name, EPOCH_MS, EPOCH_MS + 140_000) for name in ("m1", "m2", "m3")]

    assert stories == [
        [(0, "cycle", ""), (100, "blocked", "blocked by m2"), (130, "cycle", "")],
        [(0, "cycle", ""), (100, "repair", "broken"), (130, "cycle", "")],
        [(0, "cycle", ""), (100, "starved", "starved by m2"), (130, "cycle", "")],
    ]


def test_coupled_machines_work_at_the_pace_of_the_slowest() -> None:
    plant = plant_of(*line(new(cycle_s=4), new(cycle_s=10), new(cycle_s=5), buffer=0))
    plant.advance(EPOCH_MS + HOUR_MS)

    parts = [plant.truth(name, EPOCH_MS + HOUR_MS, EPOCH_MS + HOUR_MS).parts for name in ("m1", "m2", "m3")]

    assert parts == [360, 360, 360]
    assert time_in_phase(plant, "m1", EPOCH_MS, EPOCH_MS + HOUR_MS) == {"cycle": HOUR_MS}


def test_rejects_leave_the_line_where_they_are_made() -> None:
    plant = plant_of(*line(new(scrap=0.2), new(scrap=0.1), new(), buffer=0))
    plant.advance(EPOCH_MS + 24 * HOUR_MS)
    end_ms = EPOCH_MS + 24 * HOUR_MS

    first, second, third = (plant.truth(name, end_ms, end_ms) for name in ("m1", "m2", "m3"))

    assert second.parts == first.parts - first.rejects
    assert third.parts == second.parts - second.rejects
    assert first.rejects > 1_000


def test_a_failure_due_at_the_end_of_a_cycle_waits_while_the_machine_starves() -> None:
    # m2 has run for 100 s when its tenth part is done, and finds no eleventh.
    plant = plant_of(*line(new(cycle_s=20), new(stops={"broken": EVERY_TENTH}), buffer=5))
    plant.advance(EPOCH_MS + 260_000)

    assert story(plant, "m2", EPOCH_MS + 200_000, EPOCH_MS + 260_000) == [
        (0, "cycle", ""),
        (10, "starved", "starved by m1"),
        (20, "repair", "broken"),
        (50, "cycle", ""),
    ]


def test_a_machine_whose_source_or_sink_is_taken_away_works_on() -> None:
    plant = plant_of(*line(new(cycle_s=10), new(cycle_s=30), buffer=2))
    plant.advance(EPOCH_MS + MINUTE_MS)
    plant.retire("m2", EPOCH_MS + MINUTE_MS)
    plant.advance(EPOCH_MS + 2 * MINUTE_MS)

    assert story(plant, "m1", EPOCH_MS + MINUTE_MS, EPOCH_MS + 2 * MINUTE_MS) == [
        (0, "blocked", "blocked by m2"),
        (0, "cycle", ""),
    ]
    # What was told up to the order stands: the change comes a millisecond later.
    assert plant.truth("m1", EPOCH_MS + MINUTE_MS, EPOCH_MS + 2 * MINUTE_MS).changes[0].offset_ms == 1


def test_a_machine_that_is_added_joins_its_line() -> None:
    first, second = line(new(cycle_s=10), new(cycle_s=30), buffer=1)
    plant = plant_of(second)
    plant.advance(EPOCH_MS + MINUTE_MS)
    plant.add(first, EPOCH_MS + MINUTE_MS)
    plant.advance(EPOCH_MS + 5 * MINUTE_MS)

    # m2 had material without end, and lives on what m1 makes from now on.
    assert time_in_phase(plant, "m2", EPOCH_MS, EPOCH_MS + 5 * MINUTE_MS)["cycle"] > 4 * MINUTE_MS
    buffer = plant.buffer("m1", "m2")
    assert buffer is not None
    assert buffer.went > 5
    assert "blocked" in time_in_phase(plant, "m1", EPOCH_MS + MINUTE_MS, EPOCH_MS + 5 * MINUTE_MS)


def test_two_machines_after_one_share_its_parts_evenly() -> None:
    first, second = line(new(cycle_s=10), new(cycle_s=20), buffer=4)
    third = replace(second, name="m3")
    plant = plant_of(first, second, third)
    plant.advance(EPOCH_MS + HOUR_MS)
    end_ms = EPOCH_MS + HOUR_MS

    parts = [plant.truth(name, end_ms, end_ms).parts for name in ("m1", "m2", "m3")]

    assert parts[0] == 360
    assert parts[1:] == pytest.approx([179, 179], abs=2)


def accounted(plant: Plant, names: list[str], at_ms: int) -> None:
    """Every good part of a machine is in the next one, before it, or in the buffer between them."""
    for before, after in itertools.pairwise(names):
        made = plant.truth(before, at_ms, at_ms)
        buffer = plant.buffer(before, after)
        assert buffer is not None
        assert buffer.level == buffer.came - buffer.went
        assert 0 <= buffer.level <= buffer.room
        assert buffer.came * buffer.container_parts <= made.parts - made.rejects
        used = plant.truth(after, at_ms, at_ms).parts
        assert used <= buffer.went * buffer.container_parts + 1


_STOP = st.fixed_dictionaries(
    {
        "phase": st.sampled_from(["repair", "setup", "micro-stop", "waiting for material"]),
        "every_h": st.floats(0.01, 0.5),
        "clock": st.sampled_from(["running", "time"]),
        "mean_s": st.floats(1, 600),
        "cv": st.floats(0, 1.5),
        "causes": st.just({"x": 1}),
    }
)
_MACHINE = st.fixed_dictionaries(
    {
        "cycle_s": st.integers(2, 60),
        "cycle_cv": st.sampled_from([0, 0.3]),
        "handling_s": st.sampled_from([0, 5]),
        "scrap": st.sampled_from([0, 0.2]),
        "stops": st.dictionaries(st.sampled_from(["a", "b"]), _STOP, max_size=2),
    }
)


@settings(derandomize=True, max_examples=40, deadline=None)
@given(
    machines=st.lists(_MACHINE, min_size=2, max_size=4),
    container=st.integers(1, 5),
    room=st.integers(1, 6),
    advances=st.lists(st.integers(0, 3 * HOUR_MS), max_size=6).map(sorted),
)
def test_whatever_the_line_no_part_is_lost_and_no_cut_of_time_changes_anything(
    machines: list[dict[str, Any]], container: int, room: int, advances: list[int]
) -> None:
    specs = line(*(plain(**one) for one in machines), buffer=room * container, container=container)
    names = [spec.name for spec in specs]
    whole, cut = plant_of(*specs), plant_of(*specs)
    end_ms = EPOCH_MS + 3 * HOUR_MS
    whole.advance(end_ms)
    for moment in (*advances, 3 * HOUR_MS):
        cut.advance(EPOCH_MS + moment)
        accounted(cut, names, EPOCH_MS + moment)

    for before, after in itertools.pairwise(names):
        made, used = whole.truth(before, end_ms, end_ms), whole.truth(after, end_ms, end_ms)
        buffer = whole.buffer(before, after)
        assert buffer is not None
        inside = made.parts - made.rejects - used.parts
        # At most a container being filled, one waiting for room, the buffer, one being emptied; and the
        # part that the machine had when the plant began is not of this line.
        assert -1 <= inside <= container * (room + 2) + 1
    for name in names:
        assert whole.truth(name, EPOCH_MS, end_ms) == cut.truth(name, EPOCH_MS, end_ms)


@settings(derandomize=True, max_examples=25, deadline=None)
@given(machines=st.lists(_MACHINE, min_size=2, max_size=4))
def test_coupled_machines_run_at_the_same_moments_and_pass_on_what_is_good(
    machines: list[dict[str, Any]],
) -> None:
    specs = line(*(plain(**one) for one in machines), buffer=0)
    plant = plant_of(*specs)
    end_ms = EPOCH_MS + 3 * HOUR_MS
    plant.advance(end_ms)

    truths = [plant.truth(spec.name, EPOCH_MS, end_ms) for spec in specs]
    runs = [time_in_phase(plant, spec.name, EPOCH_MS, end_ms).get("cycle", 0) for spec in specs]
    ends = [plant.truth(spec.name, end_ms, end_ms) for spec in specs]

    assert len(set(runs)) == 1
    assert len({truth.until for truth in truths}) == 1
    for before, after in itertools.pairwise(ends):
        assert after.parts == before.parts - before.rejects


GOOD = 'kind = "cnc-mill"\nline = "machining"\n'


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("after = 'Press'\nbuffer_parts = 5\n", "key 'after': 'Press' is not allowed: the name of another"),
        ("after = 'mill-7'\nbuffer_parts = 5\n", "key 'after': 'mill-7' is not allowed: the name of another"),
        ("after = 'mill-1'\n", "key 'buffer_parts' is missing"),
        ("after = 'mill-1'\nbuffer_parts = -1\n", "a whole number from 0 to 1000000"),
        (
            "after = 'mill-1'\nbuffer_parts = 5\ncontainer_parts = 6\n",
            "'container_parts': 6 is not allowed: up to",
        ),
        ("after = 'mill-1'\nbuffer_parts = 0\ncontainer_parts = 2\n", "couples two machines rigidly"),
        ("buffer_parts = 5\n", "key 'buffer_parts': 5 is not allowed: only beside after"),
        ("container_parts = 5\n", "key 'container_parts': 5 is not allowed: only beside after"),
    ],
)
def test_a_wrong_place_in_a_line_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r"mill-7\.toml: ") as caught:
        parse_machine(GOOD + text, "mill-7.toml", KINDS)

    assert sentence in str(caught.value)


def test_a_compressor_comes_after_nothing() -> None:
    text = 'kind = "air-compressor"\nline = "machining"\nafter = "mill-1"\nbuffer_parts = 3\n'

    with pytest.raises(ValueError, match="none for a machine that makes no parts"):
        parse_machine(text, "pump-1.toml", KINDS)


def machines(**texts: str) -> list[Any]:
    return [parse_machine(GOOD + text, f"{name}.toml", KINDS) for name, text in texts.items()]


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        (
            {"a": "after = 'b'\nbuffer_parts = 1\n", "b": "after = 'a'\nbuffer_parts = 1\n"},
            "a.toml: key 'after': 'b' is not allowed: a machine that does not itself come after this one",
        ),
        (
            {"a": "", "b": "after = 'a'\nbuffer_parts = 0\n", "c": "after = 'a'\nbuffer_parts = 9\n"},
            "c.toml: key 'after': 'a' is not allowed: another machine: a has two after it, and one of them",
        ),
        (
            {
                "a": "",
                "b": "after = 'a'\nbuffer_parts = 9\ncontainer_parts = 3\n",
                "c": "after = 'a'\nbuffer_parts = 9\n",
            },
            "c.toml: key 'container_parts': 1 is not allowed: 3, as b has, which comes after a too",
        ),
    ],
)
def test_machines_that_cannot_follow_each_other_are_refused(texts: dict[str, str], sentence: str) -> None:
    specs = machines(**texts)

    assert clashes(specs)[0].startswith(sentence)
    with pytest.raises(ValueError, match="is not allowed"):
        plant_of(*specs)


def test_a_folder_in_which_a_machine_comes_after_nobody_is_not_well(tmp_path: Any) -> None:
    (tmp_path / "mill-7.toml").write_text(GOOD + "after = 'mill-6'\nbuffer_parts = 3\n", "utf-8")

    assert check_folder(tmp_path, KINDS) == [
        f"mill-7.toml: key 'after': 'mill-6' is not allowed: a machine in {tmp_path}"
    ]
