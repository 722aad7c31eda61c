"""What a machine was doing follows from its readings, in whatever order they come."""

import math
from collections.abc import Sequence
from itertools import groupby, pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.intervals import Intervals, Splice, Timeline
from dashboard.states.keeper import MARGIN_MS, Keeper, derive
from dashboard.states.knowledge import LEARNING_PERIOD_MS, Knowledge, knowledge_of, lasting_at_least
from protocol.messages import Birth, Threshold
from protocol.moments import EPOCH
from protocol.readings import Batch
from protocol.states import State
from tests.dashboard.letters import LAW, assert_tiled, change, letters, pieces, readings

PERIOD_MS = 10
LEVELS = Threshold(signal="power_kw", above=6.0, below=3.0)
REPORTED = Knowledge.reported(PERIOD_MS)
SENSED = Knowledge.sensed(LEVELS, PERIOD_MS)
LEARNING = Knowledge.learning(PERIOD_MS)
LASTING = lasting_at_least(SENSED, 25)
SHORTLY = lasting_at_least(SENSED, 12)

Told = tuple[int, Batch]


def apply(keeper: Keeper, told: Told) -> Splice | None:
    """Give a batch with its moment to a keeper."""
    return keeper.apply(told[1], told[0])


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

    splice = keeper.rederive(on_time, readings(10, [0], [8.0]), line.state_at)

    assert (splice.from_ms, splice.to_ms, splice.settled) == (10, 30, True)
    assert letters(splice.intervals, 10) == "RR"


def test_when_its_neighbours_do_not_reach_far_enough_a_keeper_says_so() -> None:
    on_time = [readings(0, [0], [8.0]), readings(20, list(range(0, 300, 10)), [4.0] * 30)]
    line, keeper = office(on_time, SENSED)
    late = readings(10, [0], [8.0])

    near = keeper.rederive(on_time, late, line.state_at, margin_ms=100)
    wide = keeper.rederive(on_time, late, line.state_at, margin_ms=1_000)

    assert (near.from_ms, near.to_ms, near.settled) == (10, 110, False)
    assert (wide.from_ms, wide.to_ms, wide.settled) == (10, 320, True)


def test_the_margin_is_wider_than_a_long_period() -> None:
    assert Keeper(SENSED).margin_ms == MARGIN_MS
    assert Keeper(Knowledge.reported(3_600_000)).margin_ms == 7_200_000


# Laws.

STATED = st.sampled_from([State.RUNNING, State.IDLE, State.DOWN, State.SETUP])
POWER = st.sampled_from([1.0, 3.0, 4.0, 5.0, 6.0, 8.0, math.nan])
KNOWLEDGE = st.sampled_from([REPORTED, SENSED, LEARNING, LASTING, SHORTLY])
WITHOUT_LEAST = st.sampled_from([REPORTED, SENSED, LEARNING])


@st.composite
def any_batches(draw: st.DrawFn) -> list[Told]:
    """Batches that may overlap, contradict each other, repeat and leave gaps."""
    told: list[Told] = []
    for _ in range(draw(st.integers(1, 9))):
        offsets = sorted(draw(st.sets(st.integers(0, 40), max_size=5)))
        changes = [
            change(offset, draw(st.none() | STATED), draw(st.sampled_from(["", "jam"])))
            for offset in sorted(draw(st.lists(st.integers(0, 45), max_size=3)))
        ]
        told.append(
            readings(
                draw(st.integers(0, 180)),
                offsets,
                draw(st.lists(POWER, min_size=len(offsets), max_size=len(offsets))),
                state=draw(st.none() | STATED),
                cause=draw(st.sampled_from(["", "jam"])),
                changes=changes,
            )
        )
    return told


def span(told: Told) -> tuple[int, int]:
    """First and last moment that a batch tells of."""
    at_ms, batch = told
    moments = [at_ms, *(at_ms + batch.offsets_ms).tolist()]
    moments += [at_ms + one.offset_ms for one in batch.changes]
    return min(moments), max(moments)


def office(
    told: Sequence[Told], knowledge: Knowledge, margin_ms: int = MARGIN_MS, restart_at: int = -1
) -> tuple[Timeline, Keeper]:
    """What an office keeps that gets batches in this order, and asks wider where it must."""
    line, keeper = Timeline(), Keeper(knowledge)
    kept: list[Told] = []
    for place, (at_ms, batch) in enumerate(told):
        if place == restart_at and keeper.last_at_ms is not None:
            state, cause, _ = line.state_at(line.known_until_ms - 1)
            last_at_ms = line.known_until_ms - knowledge.period_ms
            keeper = Keeper(knowledge, last_at_ms, state, cause, keeper.pending)
        splice = keeper.apply(batch, at_ms)
        margin = margin_ms
        while splice is None or not splice.settled:
            splice = late(keeper, line, kept, (at_ms, batch), margin)
            margin *= 2
        line.splice(splice)
        kept.append((at_ms, batch))
    return line, keeper


def late(keeper: Keeper, line: Timeline, kept: list[Told], told: Told, margin_ms: int) -> Splice:
    begin, end = span(told)
    near = [one for one in kept if span(one)[1] >= begin - margin_ms and span(one)[0] <= end + margin_ms]
    return keeper.rederive(near, told, line.state_at, margin_ms)


def whole(line: Timeline) -> Intervals:
    return line.window(line.from_ms, line.known_until_ms)


def word_by_word(told: Sequence[Told], knowledge: Knowledge) -> str:  # noqa: C901, PLR0912 - the rules, one by one
    """The definition once more, moment by moment and slowly, as a letter for each millisecond from 0."""
    names = {State.RUNNING: "R", State.IDLE: "I", State.DOWN: "D", State.SETUP: "S"}
    said: dict[int, list[tuple[int, int, str, str]]] = {}
    covered: set[int] = set()
    for at_ms, batch in told:
        reported: dict[int, tuple[str, str]] = {}
        if batch.state is not None:
            reported[at_ms] = names[batch.state], batch.cause
        for one in batch.changes:
            if one.state is not None:
                reported[at_ms + one.offset_ms] = names[one.state], one.cause
        begun = min(reported, default=1 << 30)
        if reported:
            covered |= set(range(begun, span((at_ms, batch))[1] + knowledge.period_ms))
            for moment, (letter, _) in reported.items():
                said.setdefault(moment, []).append((0, at_ms, letter, ""))
        moments = dict(zip((at_ms + batch.offsets_ms).tolist(), batch.signals["power_kw"], strict=True))
        if knowledge.threshold is None:
            moments |= {at_ms + one.offset_ms: 0.0 for one in batch.changes}
        for moment, value in moments.items():
            if moment >= begun or (knowledge.threshold is not None and math.isnan(value)):
                continue
            covered |= set(range(moment, moment + knowledge.period_ms))
            if knowledge.threshold is None:
                word = "hold"
            elif value >= knowledge.threshold.above:
                word = "R"
            elif value <= knowledge.threshold.below:
                word = "X"
            else:
                word = "near R" if value >= 4.5 else "near X"
            said.setdefault(moment, []).append((len(word) > 1, at_ms, word, ""))
    result, state = "", "."
    for moment in range(max(covered, default=-1) + 1):
        if moment not in covered:
            state = "."
        elif moment in said:
            word = min(said[moment], key=lambda one: (one[0], one[1]))[2]
            if word == "hold":
                pass
            elif word.startswith("near"):
                state = {".": word[-1], "R": "R"}.get(state, "X")
            else:
                state = word
        result += state
    return result


@LAW
@given(any_batches(), WITHOUT_LEAST)
def test_what_is_derived_is_what_the_rules_say_moment_by_moment(
    told: list[Told], knowledge: Knowledge
) -> None:
    unique = list({at_ms: (at_ms, batch) for at_ms, batch in told}.values())

    known = derive(unique, knowledge)

    assert_tiled(known)
    rules = word_by_word(unique, knowledge)
    assert letters(known.clip(0, len(rules)), 1) == rules
    assert known.end_ms == len(rules)


def lasting_word_by_word(every: str, least_ms: int) -> str:
    """The definition of lasting once more, from a letter for each millisecond of what readings told."""
    result, stand = "", "."
    for letter, run in groupby(every):
        length = len(list(run))
        if letter == "." or stand == "." or length >= least_ms:
            stand = letter
        result += stand * length
    return result


@LAW
@given(any_batches(), st.integers(0, 60))
def test_what_lasts_is_what_the_rules_say_moment_by_moment(told: list[Told], least_ms: int) -> None:
    silent = [
        (at_ms, Batch(at_ms=at_ms, offsets_ms=batch.offsets_ms, signals=batch.signals))
        for at_ms, batch in told
    ]

    known = derive(silent, lasting_at_least(SENSED, least_ms))

    assert_tiled(known)
    every = letters(derive(silent, SENSED).clip(0, known.end_ms), 1)
    assert letters(known.clip(0, known.end_ms), 1) == lasting_word_by_word(every, least_ms)


@LAW
@given(any_batches(), KNOWLEDGE, st.randoms(use_true_random=False))
def test_order_and_repeats_of_the_batches_change_nothing(
    told: list[Told], knowledge: Knowledge, random: Random
) -> None:
    shuffled = [*told, *told[:2]]
    random.shuffle(shuffled)

    assert derive(shuffled, knowledge) == derive(told, knowledge)


@LAW
@given(any_batches(), KNOWLEDGE, st.integers(5, 400), st.integers(-1, 8))
def test_a_keeper_gives_what_is_derived_whatever_the_order_and_across_restarts(
    told: list[Told], knowledge: Knowledge, margin_ms: int, restart_at: int
) -> None:
    line, _ = office(told, knowledge, margin_ms, restart_at)

    assert whole(line) == derive(told, knowledge)


@st.composite
def chatter(draw: st.DrawFn) -> list[Told]:
    """Short batches of readings that seldom agree, in any order, with a report now and then."""
    told: list[Told] = []
    for at_ms in draw(st.lists(st.integers(0, 40), max_size=24)):
        power = draw(st.lists(POWER, min_size=1, max_size=4))
        told.append(
            readings(
                at_ms * 9,
                [place * 7 for place in range(len(power))],
                power,
                state=draw(st.sampled_from([None, None, None, State.STOPPED, State.DOWN])),
            )
        )
    return told


@LAW
@given(chatter(), st.integers(1, 60), st.integers(5, 400), st.integers(-1, 20))
def test_what_lasts_is_known_whatever_the_order_and_across_restarts(
    told: list[Told], least_ms: int, margin_ms: int, restart_at: int
) -> None:
    knowledge = lasting_at_least(SENSED, least_ms)

    line, _ = office(told, knowledge, margin_ms, restart_at)

    assert whole(line) == derive(told, knowledge)


@LAW
@given(any_batches(), KNOWLEDGE)
def test_a_repeated_batch_changes_nothing(told: list[Told], knowledge: Knowledge) -> None:
    line, keeper = office(told, knowledge)
    before = whole(line)

    for one in told:
        splice = keeper.apply(one[1], one[0]) or late(keeper, line, told, one, MARGIN_MS)
        assert line.splice(splice) == -1

    assert whole(line) == before


@st.composite
def true_machines(draw: st.DrawFn) -> tuple[list[tuple[int, State]], list[int]]:
    """A machine's true state changes, and the stretches in which its link was up: edges of both."""
    edges = sorted(draw(st.sets(st.integers(1, 399), max_size=12)))
    states = draw(st.lists(STATED, min_size=len(edges) + 1, max_size=len(edges) + 1))
    links = sorted(draw(st.sets(st.integers(0, 40), min_size=2, max_size=6)))
    links = links[: len(links) // 2 * 2]
    return list(zip([0, *edges], states, strict=True)), [link * 10 for link in links]


def true_state(changes: list[tuple[int, State]], at_ms: int) -> State:
    return [state for moment, state in changes if moment <= at_ms][-1]


def cut(changes: list[tuple[int, State]], from_ms: int, to_ms: int, *, stated: bool) -> Told:
    """The batch for (from_ms, to_ms]: readings every 10 ms, and from a control its state and changes."""
    moments = list(range(from_ms // 10 * 10 + 10, to_ms + 1, 10))
    power = [8.0 if true_state(changes, at_ms) is State.RUNNING else 1.0 for at_ms in moments]
    offsets = [at_ms - from_ms for at_ms in moments]
    if not stated:
        return readings(from_ms, offsets, power)
    inside = [change(at_ms - from_ms, state) for at_ms, state in changes if from_ms < at_ms <= to_ms]
    return readings(from_ms, offsets, power, state=true_state(changes, from_ms), changes=inside)


def batches(
    changes: list[tuple[int, State]], links: list[int], cuts: set[int], *, stated: bool
) -> list[Told]:
    told: list[Told] = []
    for up_ms, down_ms in zip(links[::2], links[1::2], strict=True):
        edges = [up_ms, *sorted(at_ms for at_ms in cuts if up_ms < at_ms < down_ms), down_ms]
        told += [cut(changes, one, two, stated=stated) for one, two in pairwise(edges)]
    return told


CUTS = st.sets(st.integers(1, 399), max_size=10)


@LAW
@given(true_machines(), CUTS, CUTS, st.randoms(use_true_random=False))
def test_a_control_is_known_to_the_millisecond_however_its_stream_is_cut_mixed_and_repeated(
    machine: tuple[list[tuple[int, State]], list[int]],
    cuts: set[int],
    other_cuts: set[int],
    random: Random,
) -> None:
    changes, links = machine
    one, other = batches(changes, links, cuts, stated=True), batches(changes, links, other_cuts, stated=True)
    mixed = [*one, *other, *one[:3]]
    random.shuffle(mixed)

    line, _ = office(mixed, REPORTED, margin_ms=30)

    known = whole(line)
    assert known == derive(one, REPORTED) == derive(other, REPORTED)
    for up_ms, down_ms in zip(links[::2], links[1::2], strict=True):
        truth = Intervals.of([(at_ms, state, "") for at_ms, state in changes], 400)
        assert known.clip(up_ms, down_ms) == truth.clip(up_ms, down_ms)


@LAW
@given(true_machines(), CUTS, CUTS, st.randoms(use_true_random=False))
def test_a_retrofit_is_known_alike_however_its_stream_is_cut_mixed_and_repeated(
    machine: tuple[list[tuple[int, State]], list[int]],
    cuts: set[int],
    other_cuts: set[int],
    random: Random,
) -> None:
    changes, links = machine
    one, other = (
        batches(changes, links, cuts, stated=False),
        batches(changes, links, other_cuts, stated=False),
    )
    mixed = [*one, *other, *one[:3]]
    random.shuffle(mixed)

    line, _ = office(mixed, SENSED, margin_ms=30)

    assert whole(line) == derive(one, SENSED) == derive(other, SENSED)


@pytest.mark.parametrize("knowledge", [REPORTED, SENSED])
def test_a_backlog_fills_the_span_it_belongs_to(knowledge: Knowledge) -> None:
    changes = [(0, State.RUNNING), (95, State.IDLE), (205, State.RUNNING)]
    told = batches(changes, [0, 300], {60, 120, 180, 240}, stated=knowledge is REPORTED)

    line, _ = office([told[0], told[4], *told[1:4]], knowledge)

    assert whole(line) == derive(told, knowledge)
    assert State.UNKNOWN not in {state for _, _, state, _ in whole(line)}
