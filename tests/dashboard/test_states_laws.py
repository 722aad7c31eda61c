"""What a machine was doing follows from its readings: the laws, in whatever order they come."""

import math
from collections.abc import Sequence
from itertools import groupby, pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.intervals import Intervals
from dashboard.states.keeper import MARGIN_MS, derive
from dashboard.states.knowledge import Knowledge, lasting_at_least
from protocol.readings import Batch
from protocol.states import State
from tests.dashboard.keeping import (
    LASTING,
    LEARNING,
    REPORTED,
    SENSED,
    SHORTLY,
    Told,
    late,
    office,
    span,
    whole,
)
from tests.dashboard.letters import LAW, assert_tiled, change, letters, readings

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
