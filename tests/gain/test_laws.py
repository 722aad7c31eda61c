"""The laws of the gain at so many pairs as a test has time for; `python -m tests.gain` has more."""

from collections.abc import Sequence

import pytest

from tests.gain.laws import (
    Finding,
    longer_rounds_on_average,
    longer_rounds_one_by_one,
    office_away_for_an_hour,
)
from tests.gain.theory import CASES, Case


def said(found: Sequence[object]) -> str:
    return "\n".join(map(str, found))


def all_hold(found: list[Finding]) -> bool:
    return bool(found) and all(one.holds for one in found)


def test_longer_rounds_never_make_more_and_the_gain_never_smaller_where_calls_tell_of_every_stop() -> None:
    found = longer_rounds_one_by_one(range(3), hours=5)

    assert all_hold(found), said(found)


def test_as_people_react_in_the_demo_calls_never_lose_and_longer_rounds_never_make_more() -> None:
    found = longer_rounds_one_by_one(range(3), hours=4, at_once=False)

    assert all_hold(found), said(found)


def test_longer_rounds_make_the_mean_gain_of_the_demo_no_smaller() -> None:
    found = longer_rounds_on_average(range(5), hours=3)

    assert all_hold(found), said(found)


def test_in_an_hour_without_an_office_stops_are_noticed_on_rounds_and_nothing_is_gained() -> None:
    found = office_away_for_an_hour(range(8))

    assert all_hold(found), said(found)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_theory_holds_in_one_process(case: Case) -> None:
    checks = case.tried()

    assert checks
    assert all(check.holds for check in checks), said(checks)
