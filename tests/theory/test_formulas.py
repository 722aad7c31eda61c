"""The formulas and the chain, against what is printed of them and against their limits."""

import pytest

from tests.theory.formulas import availability, interference, line_operation_dependent, line_time_dependent
from tests.theory.gershwin import two_machines


def test_the_chain_gives_the_printed_efficiency_and_half_a_buffer() -> None:
    line = two_machines(r=(0.1, 0.1), p=(0.01, 0.01), buffer=10)

    assert line.efficiency == pytest.approx(0.856175, abs=5e-7)
    assert line.level == pytest.approx(5)


def test_an_endless_buffer_leaves_the_slower_machine_alone() -> None:
    line = two_machines(r=(0.2, 0.2), p=(0.02, 0.005), buffer=200)

    assert line.efficiency == pytest.approx(0.2 / 0.22, abs=1e-6)


def test_the_smallest_buffer_comes_near_a_rigid_line() -> None:
    line = two_machines(r=(0.1, 0.1), p=(0.01, 0.01), buffer=2)

    assert 1 / 1.2 < line.efficiency < 1 / 1.2 + 0.001


def test_turning_the_line_round_changes_no_efficiency() -> None:
    there = two_machines(r=(0.1, 0.3), p=(0.02, 0.01), buffer=7)
    back = two_machines(r=(0.3, 0.1), p=(0.01, 0.02), buffer=7)

    assert there.efficiency == pytest.approx(back.efficiency)
    assert there.level == pytest.approx(7 - back.level)


def test_one_machine_never_waits_for_its_operator() -> None:
    alone = interference(1, 30, 1.5)

    assert alone.efficiency == pytest.approx(availability(30, 1.5))
    assert alone.wait == pytest.approx(0)


def test_a_line_of_one_machine_is_that_machine() -> None:
    assert line_operation_dependent([(10, 1)]) == pytest.approx(line_time_dependent([(10, 1)]))
