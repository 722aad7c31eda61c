"""Ticks wait until what was said before them has come on the other connection."""

from dashboard.ingest.gate import DEAF_S, Gate
from protocol.session import Received


def tick(number: int) -> Received:
    return Received(
        topic="tick", payload=str(number).encode(), retained=False, qos=1, mid=number, connection=1,
        session="office", wall_s=0.0,
    )  # fmt: skip


def held(gate: Gate, *numbers: int) -> None:
    for number in numbers:
        gate.hold(("run", number), tick(number), 0.0)


def released(gate: Gate, now_s: float = 0.0) -> list[int]:
    return [one.mid for one in gate.release(now_s)]


def test_a_tick_counts_when_it_has_come_on_both_connections() -> None:
    gate = Gate()
    held(gate, 1, 2)
    assert released(gate) == []

    gate.hear(("run", 1))
    assert released(gate) == [1]
    assert gate.is_waiting

    gate.hear(("run", 2))
    gate.hear(("run", 3))
    assert released(gate) == [2]
    held(gate, 3)
    assert released(gate) == [3]


def test_a_tick_that_came_before_the_plant_went_back_does_not_stand_for_the_one_after() -> None:
    gate = Gate()
    gate.hear(("run", 5))
    held(gate, 5)
    assert released(gate) == [5]

    held(gate, 0, 5)
    assert released(gate) == []
    gate.hear(("run", 0))
    assert released(gate) == [0]
    gate.hear(("run", 5))
    assert released(gate) == [5]


def test_a_tick_that_never_comes_on_the_other_is_passed_over_and_not_answered() -> None:
    gate = Gate()
    held(gate, 1, 2, 3)

    gate.hear(("run", 3))

    assert released(gate) == [3]
    assert not gate.is_waiting


def test_what_waited_for_a_connection_that_broke_is_not_answered() -> None:
    gate = Gate()
    held(gate, 1)

    gate.begin()
    gate.hear(("run", 1))

    assert released(gate) == []


def test_a_connection_that_hears_no_ticks_at_all_is_not_waited_for() -> None:
    gate = Gate()
    held(gate, 1)
    assert released(gate, DEAF_S - 1) == []
    assert released(gate, DEAF_S) == [1]
    assert gate.is_deaf

    gate.hear(("run", 2))
    held(gate, 3)
    assert released(gate, 2 * DEAF_S) == []
    assert gate.is_waiting
