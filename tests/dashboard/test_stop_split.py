"""A stop cut where people came into it: numbers to be checked by eye."""

from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from dashboard.losses.split import Split, split_by, split_of
from tests.dashboard.letters import LAW

S = 1_000


class Call(NamedTuple):
    """A call, as the history has it."""

    since_ms: int
    raised_ms: int
    rule: str = "stopped"
    missed: bool = False


class Reply(NamedTuple):
    """What came of one."""

    at_ms: int


def parts(split: Split) -> tuple[int, int, int, int, int]:
    """Its parts, in whole seconds."""
    spans = (split.unnoticed_ms, split.unanswered_ms, split.way_ms, split.repair_ms, split.restart_ms)
    one, two, three, four, five = (span // S for span in spans)
    return one, two, three, four, five


def test_a_stop_that_went_through_everything_has_five_parts_that_add_up_to_it() -> None:
    found = split_of(
        0, 600 * S, raised_ms=120 * S, acknowledged_ms=150 * S, at_machine_ms=300 * S, restored_ms=590 * S
    )

    assert parts(found) == (120, 30, 150, 290, 10)
    assert found.acknowledged
    assert found.at_machine
    assert found.restored


def test_what_nobody_told_leaves_its_time_to_the_part_before() -> None:
    nobody = split_of(0, 600 * S, raised_ms=120 * S)
    no_way = split_of(0, 600 * S, raised_ms=120 * S, acknowledged_ms=150 * S, restored_ms=590 * S)

    assert parts(nobody) == (120, 480, 0, 0, 0)
    assert not nobody.acknowledged
    assert parts(no_way) == (120, 30, 440, 0, 10)
    assert not no_way.at_machine


def test_who_was_there_before_the_call_took_no_time_to_answer() -> None:
    found = split_of(0, 600 * S, raised_ms=120 * S, at_machine_ms=60 * S, restored_ms=500 * S)

    assert parts(found) == (120, 0, 0, 380, 100)


def test_what_came_after_the_stop_is_drawn_to_its_end() -> None:
    found = split_of(0, 200 * S, raised_ms=120 * S, acknowledged_ms=150 * S, at_machine_ms=300 * S)

    assert parts(found) == (120, 30, 50, 0, 0)


MOMENT = st.none() | st.integers(-100, 1_100)


@given(st.integers(0, 1_000), MOMENT, MOMENT, MOMENT)
@LAW
def test_the_parts_tile_the_stop_whatever_was_told(
    raised: int, acknowledged: int | None, at_machine: int | None, restored: int | None
) -> None:
    found = split_of(
        0,
        1_000,
        raised_ms=raised,
        acknowledged_ms=acknowledged,
        at_machine_ms=at_machine,
        restored_ms=restored,
    )
    spans = (found.unnoticed_ms, found.unanswered_ms, found.way_ms, found.repair_ms, found.restart_ms)

    assert sum(spans) == 1_000
    assert min(spans) >= 0


def test_a_stop_is_cut_by_the_call_that_was_raised_for_it_alone() -> None:
    replies: dict[str, Any] = {"acknowledged": Reply(at_ms=150 * S)}
    calls = [
        (Call(since_ms=0, raised_ms=10 * S, rule="micro-stops"), {}),
        (Call(since_ms=0, raised_ms=20 * S, missed=True), {}),
        (Call(since_ms=0, raised_ms=120 * S), replies),
        (Call(since_ms=900 * S, raised_ms=1_020 * S), {}),
    ]

    found = split_by(0, 600 * S, calls)

    assert found is not None
    assert parts(found) == (120, 30, 450, 0, 0)
    assert split_by(700 * S, 800 * S, calls) is None
