"""A sample of `make chaos`: each part killed once, and the history is what it would have been."""

import functools
from pathlib import Path

import pytest

from tests.chaos.comparison import compare
from tests.chaos.dump import differences, without_repeats
from tests.chaos.kills import planned
from tests.chaos.plant import PARTS

pytestmark = [pytest.mark.broker, pytest.mark.journey]


def test_a_history_with_kills_is_row_for_row_the_undisturbed_one(tmp_path: Path) -> None:
    killed: list[str] = []

    found = compare(tmp_path, seed=5, kills=planned(5, each=1), say=lambda one: killed.append(one.kill.part))

    assert sorted(killed) == sorted(PARTS)
    assert found.different == ""
    assert found.rows["intervals"] > 700
    assert found.rows["truth_counts"] > 1_000
    assert found.rows["twin: intervals"] > 700
    assert found.rows["twin: truth_counts"] > 1_000
    assert found.rows["twin: calls"] == 0


def test_the_same_seed_plans_the_same_kills() -> None:
    assert planned(1, each=20) == planned(1, each=20)
    assert planned(1, each=20) != planned(2, each=20)
    assert [sum(one.part == part for one in planned(1, each=20)) for part in PARTS] == [20] * len(PARTS)


def test_a_row_that_only_one_history_has_is_a_difference() -> None:
    one = {"intervals": [("mill-1", 0, "running", ""), ("mill-1", 7, "idle", "")]}
    other = {"intervals": [("mill-1", 0, "running", ""), ("mill-1", 8, "idle", "")]}

    found = functools.partial(differences, one)

    assert found(one) == {}
    assert found(other) == {
        "intervals": [
            "undisturbed only: ('mill-1', 7, 'idle', '')",
            "disturbed only: ('mill-1', 8, 'idle', '')",
        ]
    }


def test_only_counts_that_are_said_again_are_left_out() -> None:
    said = [
        ("mill-1", 0, 5, 1),
        ("mill-1", 7, 5, 1),
        ("mill-1", 9, 6, 1),
        ("mill-2", 9, 6, 1),
        ("mill-2", 10, 5, 1),
    ]

    assert without_repeats(said) == [said[0], *said[2:]]
    assert without_repeats([]) == []
