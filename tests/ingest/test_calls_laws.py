"""Laws of calls: they are those of the history, however time is cut, what comes when, and who is killed."""

import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ingest.plant_of_calls import PlantOfCalls, Script, batches, birth, clock

END_S = 900
RULES = """
[stopped]
after_s = 120
idle_s = 200
setup_s = 150
clear_s = 7
quiet_s = 40
escalate_s = 100
[micro-stops]
count = 3
within_s = 400
shorter_s = 60
falls_to = 1
quiet_s = 30
escalate_s = 50
[no-data]
after_s = 90
clear_s = 5
quiet_s = 20
"""
CALENDAR = """
zone = "UTC"
[[shift]]
name = "early"
starts = "06:00"
ends = "14:00"
[[break]]
name = "coffee"
starts = "06:10"
ends = "06:15"
"""
NAMES = ("mill-1", "mill-2", "press-1")
STATES = (
    ("running", ""), ("running", ""), ("down", "jam"), ("idle", "starved by mill-1"), ("idle", "no material"),
    ("setup", "changeover"), ("down", "blocked by mill-2"), ("silent", ""),
)  # fmt: skip


LENGTHS = st.one_of(
    st.integers(1, 600).map(float),
    st.integers(1, 9_000).map(lambda ms: ms / 1_000),
    st.sampled_from([7.0, 40.0, 60.0, 90.0, 120.0, 200.0]),
)
STRETCHES = st.lists(st.tuples(LENGTHS, st.sampled_from(STATES)), max_size=16)


def script_of(stretches: list[tuple[float, tuple[str, str]]]) -> Script:
    """A machine's states, in stretches of a millisecond to ten minutes; the last one goes on."""
    at_s, pieces = 0.0, [(0.0, "running", "")]
    for length_s, (state, cause) in stretches:
        at_s = round(at_s + length_s, 3)
        pieces.append((at_s, state, cause))
    return pieces


def scripts() -> st.SearchStrategy[dict[str, Script]]:
    """What each machine does."""
    return st.fixed_dictionaries({name: STRETCHES.map(script_of) for name in NAMES})


def cuts_of(seconds: Sequence[int]) -> list[int]:
    """Ticks at these seconds, and at the end; none more than a minute after the one before."""
    cuts = sorted({*seconds, *range(60, END_S, 60), END_S})
    return [cut for cut in cuts if 0 < cut <= END_S]


def history(
    folder: Path,
    told: dict[str, Script],
    cuts: Sequence[int],
    *,
    order: Sequence[int] = (),
    kills: frozenset[int] = frozenset(),
) -> tuple[list[dict[str, Any]], list[Any]]:
    """The calls of a plant, and those that were sent, as of the first time each message was sent."""
    plant = PlantOfCalls(
        folder, rules=RULES, calendar=CALENDAR, births=[birth(name, period_ms=1_000) for name in NAMES]
    )
    for number, (begun, ended) in enumerate(pairwise([0, *cuts])):
        messages = [one for name, script in told.items() for one in batches(name, script, begun, ended)]
        if order:
            # Within a tick, batches may be cut in two and come in any order.
            middle = (begun + ended) / 2
            messages = [
                part
                for name, script in told.items()
                for half in ((begun, middle), (middle, ended))
                for part in batches(name, script, *half)
            ]
            turn = order[number % len(order)] % max(len(messages), 1)
            messages = messages[turn:] + messages[:turn] + messages[:1]
        plant.hear(clock(ended), *messages)
        if number in kills:
            # With what had come committed in part, and again with the tick taken in and nothing committed.
            if number % 2:
                plant.commit()
            plant.kill()
            plant.hear(clock(ended), *messages)
            plant.office.tick("a1b2c3d4", 0, "office")
        plant.tick(ended)
    found = plant.calls(), [one for one in dict.fromkeys(plant.said) if one[2]]
    plant.office.store.close()
    return found


@given(told=scripts(), seconds=st.lists(st.integers(1, END_S), max_size=40))
@settings(max_examples=12)
def test_calls_do_not_depend_on_how_ticks_cut_time(told: dict[str, Script], seconds: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        minute = history(Path(folder) / "a", told, cuts_of([]))
        other = history(Path(folder) / "b", told, cuts_of(seconds))

    assert other[0] == minute[0]
    assert sorted(other[1]) == sorted(minute[1])


@given(told=scripts(), order=st.lists(st.integers(0, 20), min_size=1, max_size=8))
@settings(max_examples=12)
def test_calls_do_not_depend_on_the_order_of_batches_within_a_tick(
    told: dict[str, Script], order: list[int]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        orderly = history(Path(folder) / "a", told, cuts_of([]))
        other = history(Path(folder) / "b", told, cuts_of([]), order=order)

    assert other == orderly


@given(told=scripts(), kills=st.frozensets(st.integers(0, 14), max_size=6))
@settings(max_examples=12)
def test_calls_do_not_depend_on_when_the_office_is_killed(
    told: dict[str, Script], kills: frozenset[int]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        left_alone = history(Path(folder) / "a", told, cuts_of([]))
        killed = history(Path(folder) / "b", told, cuts_of([]), kills=kills)

    assert killed == left_alone


@given(told=scripts())
@settings(max_examples=2)
def test_a_tick_a_second_calls_at_the_same_moments_as_one_a_minute(told: dict[str, Script]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        minute = history(Path(folder) / "a", told, cuts_of([]))
        second = history(Path(folder) / "b", told, range(1, END_S + 1))

    assert second[0] == minute[0]
