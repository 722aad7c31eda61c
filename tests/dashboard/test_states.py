"""What a machine was doing follows from its readings, in whatever order they come."""

import math

import numpy as np

from dashboard.intervals import Timeline
from dashboard.states.keeper import MARGIN_MS, Keeper, derive
from dashboard.states.knowledge import LEARNING_PERIOD_MS, Knowledge, knowledge_of
from protocol.messages import Birth
from protocol.moments import EPOCH
from protocol.readings import Batch
from protocol.states import State
from tests.dashboard.keeping import (
    LASTING,
    LEARNING,
    LEVELS,
    REPORTED,
    SENSED,
    apply,
    office,
    whole,
)
from tests.dashboard.letters import change, letters, pieces, readings

# Worked examples: a control.


def test_a_reported_state_lasts_from_its_moment_to_the_last_reading_plus_one_period() -> None:
    known = derive([readings(100, [10, 20, 30], state=State.RUNNING)], REPORTED)

    assert list(known) == [(100, 140, State.RUNNING, "")]


def test_changes_are_exact_to_the_millisecond() -> None:
    batch = readings(
        100, [10, 20], state=State.RUNNING, changes=[change(3, State.DOWN, "jam"), change(17, State.RUNNING)]
    )

    assert pieces(derive([batch], REPORTED)) == [
        (100, 103, "running", ""),
        (103, 117, "down", "jam"),
        (117, 130, "running", ""),
    ]


def test_a_change_after_the_last_reading_is_evidence_too() -> None:
    batch = readings(100, [10], state=State.RUNNING, changes=[change(15, State.IDLE)])

    assert derive([batch], REPORTED).end_ms == 125


def test_of_several_changes_at_one_moment_the_last_counts() -> None:
    batch = readings(100, [10], state=State.RUNNING, changes=[change(5, State.IDLE), change(5, State.DOWN)])

    assert [str(state) for *_, state, _ in derive([batch], REPORTED)] == ["running", "down"]


def test_readings_without_any_report_are_unknown() -> None:
    assert letters(derive([readings(0, [0, 10, 20])], REPORTED), 10) == "..."


def test_a_reported_state_holds_while_readings_go_on() -> None:
    told = [readings(0, [0, 10], state=State.IDLE), readings(20, [0, 10])]

    assert letters(derive(told, REPORTED), 10) == "IIII"


def test_after_a_gap_readings_are_unknown_until_a_state_is_reported_again() -> None:
    told = [
        readings(0, [0, 10], state=State.IDLE),
        readings(40, [0, 10]),
        readings(60, [0], state=State.DOWN),
    ]

    assert letters(derive(told, REPORTED), 10) == "II....D"


def test_a_first_report_within_a_batch_says_nothing_of_the_readings_before() -> None:
    told = [readings(0, [0, 10, 20, 30], changes=[change(15, State.SETUP)])]

    assert pieces(derive(told, REPORTED)) == [(0, 15, "unknown", ""), (15, 40, "setup", "")]


def test_silence_is_unknown_from_the_last_reading_plus_one_period_and_never_down() -> None:
    told = [
        readings(0, [10, 20], state=State.RUNNING),
        readings(100, [10], state=State.RUNNING),
    ]

    assert pieces(derive(told, REPORTED)) == [
        (0, 30, "running", ""),
        (30, 100, "unknown", ""),
        (100, 120, "running", ""),
    ]


# Worked examples: a retrofit.


def test_a_sensed_state_holds_from_each_reading_to_the_next() -> None:
    known = derive([readings(0, [10, 20, 30, 40], [8, 8, 1, 8])], SENSED)

    assert pieces(known) == [
        (10, 30, "running", ""),
        (30, 40, "stopped", ""),
        (40, 50, "running", ""),
    ]


def test_at_a_level_is_beyond_it() -> None:
    assert letters(derive([readings(0, [0, 10], [6.0, 3.0])], SENSED), 10) == "RX"


def test_between_the_levels_it_goes_on_with_what_it_did() -> None:
    known = derive([readings(0, [0, 10, 20, 30, 40, 50], [8, 4, 5, 1, 5, 4])], SENSED)

    assert letters(known, 10) == "RRRXXX"


def test_between_the_levels_with_nothing_before_it_is_on_the_nearer_side() -> None:
    assert letters(derive([readings(0, [0], [5.0])], SENSED), 10) == "R"
    assert letters(derive([readings(0, [0], [4.0])], SENSED), 10) == "X"


def test_what_it_did_before_a_silence_says_nothing_of_after() -> None:
    told = [readings(0, [0], [8.0]), readings(0, [40], [4.0])]

    assert letters(derive(told, SENSED), 10) == "R...X"


def test_a_reading_that_is_not_a_number_is_no_evidence() -> None:
    known = derive([readings(0, [0, 10, 20], [8.0, math.nan, math.nan])], SENSED)

    assert list(known) == [(0, 10, State.RUNNING, "")]


def test_a_batch_without_the_signal_is_no_evidence() -> None:
    batch = Batch(at_ms=0, offsets_ms=np.array([0]), signals={"temperature_c": np.array([20.0])})

    assert len(derive([(0, batch)], SENSED)) == 0


def test_a_state_in_a_message_wins_over_sensing() -> None:
    told = [readings(0, [0], [8.0], state=State.DOWN, cause="jam"), readings(10, [0], [8.0])]

    assert pieces(derive(told, SENSED)) == [(0, 10, "down", "jam"), (10, 20, "running", "")]


def test_while_learning_only_what_is_stated_is_known() -> None:
    told = [readings(0, [0, 10], [8.0, 1.0]), readings(20, [0], [8.0], state=State.RUNNING)]

    assert letters(derive(told, LEARNING), 10) == "..R"


def test_how_a_state_is_known_follows_from_the_birth() -> None:
    at = EPOCH

    assert knowledge_of(None) == Knowledge.learning(LEARNING_PERIOD_MS)
    assert knowledge_of(Birth(at=at, states="reported", period_ms=500)) == Knowledge.reported(500)
    assert knowledge_of(Birth(at=at, states="sensed", threshold=LEVELS)) == Knowledge.sensed(LEVELS, 1_000)
    assert knowledge_of(Birth(at=at, states="sensed")).how == "learned"


# Worked examples: a state must last.


def test_a_state_that_does_not_last_belongs_to_the_state_before_it() -> None:
    told = [readings(0, list(range(0, 120, 10)), [8, 8, 8, 1, 8, 8, 1, 1, 1, 8, 1, 1])]

    assert letters(derive(told, SENSED), 10) == "RRRXRRXXXRXX"
    assert letters(derive(told, LASTING), 10) == "RRRRRRXXXXXX"


def test_what_comes_first_after_a_silence_stays_and_what_comes_last_before_one_must_have_lasted() -> None:
    told = [readings(0, [0, 10, 20, 30, 60, 70, 80, 90], [8, 8, 8, 1, 1, 8, 8, 8])]

    assert letters(derive(told, LASTING), 10) == "RRRR..XRRR"


def test_what_a_control_reports_is_never_touched() -> None:
    changes = [change(3, State.DOWN, "jam"), change(5, State.RUNNING)]
    told = [readings(0, [0, 10], state=State.IDLE, changes=changes), readings(20, [0, 10], [8, 8])]

    assert derive(told, LASTING) == derive(told, SENSED)


def test_what_readings_told_just_before_a_report_of_the_same_has_lasted() -> None:
    told = [
        readings(0, [0, 10, 20], [8, 8, 8]),
        readings(30, [0], [1]),
        readings(40, [0, 10], [1, 1], state=State.STOPPED),
        readings(60, [0, 10, 20], [8, 8, 8]),
    ]

    assert letters(derive(told, LASTING), 10) == "RRRXXXRRR"


def test_the_newest_state_is_shown_once_it_has_lasted() -> None:
    line, keeper = Timeline(), Keeper(LASTING)
    shown = []
    for place, power in enumerate([8, 8, 8, 1, 1, 1]):
        splice = apply(keeper, readings(place * 10, [0], [power]))
        assert splice is not None
        line.splice(splice)
        shown.append(letters(whole(line), 10))

    assert shown == ["R", "RR", "RRR", "RRRR", "RRRRR", "RRRXXX"]


# A keeper, batch by batch.


def test_a_keeper_says_that_silence_before_a_batch_is_unknown() -> None:
    keeper = Keeper(SENSED)
    apply(keeper, readings(0, [0], [8.0]))

    splice = apply(keeper, readings(50, [0], [1.0]))

    assert splice is not None
    assert pieces(splice.intervals) == [(10, 50, "unknown", ""), (50, 60, "stopped", "")]


def test_a_keeper_refuses_a_late_batch_and_stays_as_it_was() -> None:
    keeper = Keeper(SENSED)
    apply(keeper, readings(50, [0, 10], [8.0, 8.0]))

    assert apply(keeper, readings(40, [0], [1.0])) is None
    assert apply(keeper, readings(55, [0], [1.0])) is None
    assert keeper.last_at_ms == 60


def test_a_batch_that_begins_where_the_last_ended_and_agrees_is_not_late() -> None:
    keeper = Keeper(REPORTED)
    apply(keeper, readings(0, [10], state=State.RUNNING))

    assert apply(keeper, readings(10, [10], state=State.RUNNING)) is not None


def test_a_batch_without_evidence_changes_nothing() -> None:
    keeper = Keeper(SENSED)
    apply(keeper, readings(0, [0], [8.0]))

    splice = apply(keeper, readings(10, [0], [math.nan]))

    assert splice is not None
    assert Timeline().splice(splice) == -1
    assert keeper.last_at_ms == 0


def test_a_late_batch_changes_no_more_than_up_to_the_next_word() -> None:
    on_time = [readings(0, [0], [8.0]), readings(20, [0, 10, 20, 30], [4.0, 1.0, 4.0, 8.0])]
    line, keeper = office(on_time, SENSED)

    splice = keeper.rederive(on_time, [readings(10, [0], [8.0])], line.state_at)

    assert (splice.from_ms, splice.to_ms, splice.settled) == (10, 30, True)
    assert letters(splice.intervals, 10) == "RR"


def test_when_its_neighbours_do_not_reach_far_enough_a_keeper_says_so() -> None:
    on_time = [readings(0, [0], [8.0]), readings(20, list(range(0, 300, 10)), [4.0] * 30)]
    line, keeper = office(on_time, SENSED)
    late = readings(10, [0], [8.0])

    near = keeper.rederive(on_time, [late], line.state_at, margin_ms=100)
    wide = keeper.rederive(on_time, [late], line.state_at, margin_ms=1_000)

    assert (near.from_ms, near.to_ms, near.settled) == (10, 110, False)
    assert (wide.from_ms, wide.to_ms, wide.settled) == (10, 320, True)


def test_the_margin_is_wider_than_a_long_period() -> None:
    assert Keeper(SENSED).margin_ms == MARGIN_MS
    assert Keeper(Knowledge.reported(3_600_000)).margin_ms == 7_200_000
