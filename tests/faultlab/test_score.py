"""The score of a fault, worked out by hand."""

import msgspec

from dashboard.conclusions import Numbers
from dashboard.faultlab.score import (
    NOT_TOLD,
    Called,
    Heard,
    called,
    error,
    lost_to_machine,
    lost_to_measuring,
)
from dashboard.intervals import Intervals
from dashboard.kpi.account import time_in_state
from dashboard.kpi.choices import Choices
from dashboard.kpi.report import numbers
from protocol.states import State

MINUTE = 60_000
STATES = {"R": State.RUNNING, "I": State.IDLE, "D": State.DOWN, "?": State.UNKNOWN}


def of(letters: str, good: int | None = None) -> Numbers:
    """A machine's numbers: a minute for each letter, all of it planned."""
    pieces = [(i * MINUTE, STATES[letter], "") for i, letter in enumerate(letters)]
    account = time_in_state(Intervals.of(pieces, len(letters) * MINUTE))
    found = numbers(account, Choices(), 0, len(letters) * MINUTE)
    return msgspec.structs.replace(found, parts=good, good=good)


def test_a_jam_costs_what_the_machine_would_have_run_and_made_at_its_normal_pace() -> None:
    before = of("RRRRI" * 12, good=60)  # four minutes of five, a part a minute
    during = of("DDDDDDDDRR", good=2)

    lost = lost_to_machine(before, during)

    assert (lost.running_ms, lost.parts) == (8 * MINUTE - 2 * MINUTE, 10 - 2)
    assert (lost.against, lost.of_ms) == ("normal pace", 10 * MINUTE)


def test_a_machine_that_ran_more_than_usual_lost_less_than_nothing() -> None:
    assert lost_to_machine(of("RI" * 20, good=20), of("RRRR", good=4)).running_ms == -2 * MINUTE


def test_less_than_half_an_hour_tells_no_normal_pace() -> None:
    lost = lost_to_machine(of("R" * 29, good=29), of("DD", good=0))

    assert lost.running_ms is None
    assert "no normal pace" in lost.reason
    assert lost_to_machine(of("R" * 30, good=30), of("DD", good=0)).running_ms == 2 * MINUTE


def test_a_machine_that_counts_nothing_loses_time_and_no_parts() -> None:
    lost = lost_to_machine(of("R" * 60), of("DD"))

    assert (lost.running_ms, lost.parts) == (2 * MINUTE, None)
    assert lost.parts_reason == "this machine counts no good parts"


def test_a_fault_of_a_link_costs_what_the_twin_ran_and_made_more() -> None:
    lost = lost_to_measuring(of("RRDDDDRRRR", good=6), of("RRRRRRRRRR", good=10))

    assert (lost.running_ms, lost.parts, lost.against) == (4 * MINUTE, 4.0, "twin")
    assert lost_to_measuring(of("RR"), None).reason == "the machine has no twin to compare with"
    assert lost_to_measuring(None, None).reason == NOT_TOLD


def test_the_error_is_measured_less_true_and_the_bounds_say_whether_they_hold_it() -> None:
    truth, measured = of("RRRRRRRRDD"), of("RRRR????DD")

    found = error(measured, truth)

    assert found.points is not None
    assert round(found.points, 3) == round(100 * (4 / 6 - 8 / 10), 3)
    # If all unknown had been standing, 40 %, and if all had been running, 80 %.
    assert (round(found.low or 0, 3), round(found.high or 0, 3)) == (-26.667, 13.333)
    assert found.holds


def test_a_stuck_meter_leads_astray_and_the_bounds_do_not_hold_the_truth() -> None:
    found = error(of("RRRRRRRRRR"), of("RRRRRDDDDD"))

    assert (found.points, found.holds) == (50.0, False)


def test_where_nothing_is_observed_yet_no_error_can_be_said() -> None:
    found = error(of("????"), of("RRRR"))

    assert (found.points, found.holds) == (None, True)
    assert found.reason == "nothing of its time is observed yet"
    assert error(None, None).reason == NOT_TOLD


def call(raised: int, since: int, *, ran: bool | None = False, rule: str = "stopped") -> Heard:
    return Heard(raised_ms=raised * MINUTE, since_ms=since * MINUTE, rule=rule, ran=ran)


def test_the_first_call_that_speaks_of_its_time_counts() -> None:
    calls = [call(9, 5), call(12, 10), call(14, 13)]

    assert called(calls, "machine", 10 * MINUTE, 15 * MINUTE, 20 * MINUTE).after_ms == 2 * MINUTE


def test_a_call_after_its_end_counts_only_for_a_stop_within_it() -> None:
    for since, after_ms in ((14, 7 * MINUTE), (16, None)):
        assert (
            called([call(17, since)], "machine", 10 * MINUTE, 15 * MINUTE, 20 * MINUTE).after_ms == after_ms
        )


def test_who_is_called_to_a_machine_that_truly_runs_is_called_in_vain() -> None:
    calls = [call(12, 10, ran=True, rule="no-data"), call(14, 13, ran=False)]

    found = called(calls, "link", 10 * MINUTE, 15 * MINUTE, 20 * MINUTE)

    assert found == Called(after_ms=2 * MINUTE, rule="no-data", false=1)


def test_a_call_whose_truth_is_not_told_yet_is_not_judged() -> None:
    found = called([call(12, 10, ran=None)], "sensor", 10 * MINUTE, 15 * MINUTE, 20 * MINUTE)

    assert (found.false, found.false_reason) == (None, NOT_TOLD)


def test_a_fault_of_the_machine_has_no_false_calls() -> None:
    assert called([call(12, 10, ran=True)], "machine", 10 * MINUTE, 15 * MINUTE, 20 * MINUTE).false is None


def test_nobody_was_called_is_another_matter_than_nobody_is_called_yet() -> None:
    for now, words in ((12, "nobody is called yet"), (15, "nobody was called")):
        assert called([], "link", 10 * MINUTE, 15 * MINUTE, now * MINUTE).reason == words
