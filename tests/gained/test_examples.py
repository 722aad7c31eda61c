"""Worked examples of the gain whose numbers can be checked by eye."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from dashboard.gain import sentences
from dashboard.gain.holes import Without, holes_of
from dashboard.gain.order import place_of_line
from dashboard.gain.outlets import Outlets, Place, outlets_of
from dashboard.gain.pairs import Pair, Seen, Stops, pairs_within, seen_in
from dashboard.gain.paper import Habits, logged, together
from dashboard.gain.parts import LineParts, money
from dashboard.gain.phase import CODES, Phase
from dashboard.gain.replicas import Expected, Replicas
from dashboard.gain.segments import Opened, segments_of
from dashboard.gain.split import Share, Split, split_of
from dashboard.gain.tally import FIELDS, MONITORED, TWIN, Stretches, tally
from dashboard.gain.trail import Answered, Trail, trail_of, with_answers
from dashboard.intervals import Intervals
from dashboard.kpi.choices import Choices
from dashboard.kpi.pieces import pieces_of
from protocol.states import State

S = 1_000
MINUTE = 60 * S
HOUR = 60 * MINUTE
STOP = ["unnoticed", "waiting for a person", "walking", "repair"]


def trail(*steps: tuple[int, str], end: int, cause: str = "jam") -> Trail:
    """Phases from their seconds on; `cycle` is running."""
    rows = [
        (at_s * S, "running" if phase == "cycle" else "down", phase, "" if phase == "cycle" else cause)
        for at_s, phase in steps
    ]
    return trail_of(rows, end * S)


def phases_of(told: Trail) -> list[tuple[int, str]]:
    """Where each phase begins, in seconds, equal neighbours as one."""
    found: list[tuple[int, str]] = []
    names = {code: str(phase) for phase, code in CODES.items()}
    for start, code in zip(told.start_ms.tolist(), told.codes.tolist(), strict=True):
        name = names.get(code, "cycle")
        if not found or found[-1][1] != name:
            found.append((start // S, name))
    return found


def answered(**moments_s: int | None) -> Answered:
    at = {f"{name}_ms": None if moment is None else moment * S for name, moment in moments_s.items()}
    wanted = ("since_ms", "acknowledged_ms", "at_machine_ms", "restored_ms", "closed_ms")
    return Answered(rule="stopped", **{name: at.get(name) for name in wanted})  # type: ignore[arg-type]


def both_plants(monitored: str, twin: str, told: tuple[Trail, Trail]) -> Split:
    """The split of two plants whose states are written as letters, a second each."""
    states = {"R": State.RUNNING, "D": State.DOWN, "?": State.UNKNOWN}
    used = [
        pieces_of(
            Intervals.of([(i * S, states[letter], "") for i, letter in enumerate(letters)], len(letters) * S),
            [], Choices(), 0, len(letters) * S,
        )
        for letters in (monitored, twin)
    ]  # fmt: skip
    found = tally((used[0], used[1]), told, np.array((0, len(twin) * S), np.int64))
    return split_of(found.sums[0], int(found.common_ms[0]))


def test_a_stop_that_was_noticed_sooner_is_gained_as_unnoticed_time() -> None:
    called = trail((0, "cycle"), (2, "unnoticed"), (3, "repair"), (5, "cycle"), end=10)
    found_late = trail((0, "cycle"), (2, "unnoticed"), (6, "repair"), (8, "cycle"), end=10)

    split = both_plants("RRDDDRRRRR", "RRDDDDDDRR", (called, found_late))

    assert split.gained_ms == 3 * S
    assert {one.phase: one.gained_ms for one in split.shares if one.monitored_ms or one.twin_ms} == {
        Phase.UNNOTICED: 3 * S,
        Phase.REPAIR: 0,
    }


def test_only_time_in_which_both_are_observed_counts() -> None:
    told = trail((0, "cycle"), (2, "repair"), (8, "cycle"), end=10)

    split = both_plants("RR??DDDDRR", "RRDDDDDDRR", (told, told))

    assert split.common_ms == 8 * S
    assert split.gained_ms == 0
    assert split.observed_ms == (8 * S, 10 * S)


def test_a_moment_that_is_measured_as_standing_while_the_truth_says_running_is_read_late() -> None:
    told = trail((0, "cycle"), end=10)

    split = both_plants("RRRRDRRRRR", "RRRRRRRRRR", (told, told))

    assert [(one.phase, one.monitored_ms) for one in split.shares if one.monitored_ms] == [(Phase.EDGE, S)]
    assert split.gained_ms == -S


def test_phases_come_from_what_people_answered_where_the_truth_is_missing() -> None:
    told = trail((0, "cycle"), (10, "nobody told"), (100, "cycle"), end=120)
    call = answered(since=10, acknowledged=30, at_machine=40, restored=90, closed=100)

    after = with_answers(told, [call])

    assert phases_of(after) == [
        (0, "cycle"), (10, "unnoticed"), (30, "waiting for a person"), (40, "repair"),
        (90, "not told"), (100, "cycle"),
    ]  # fmt: skip
    assert after.answered.tolist() == [False, True, True, True, False, False]


def test_what_a_person_does_at_the_machine_is_told_by_the_truth() -> None:
    told = trail((0, "cycle"), (10, "unnoticed"), (30, "walking"), (40, "setup"), (90, "cycle"), end=120)
    call = answered(since=10, acknowledged=30, at_machine=40, restored=90, closed=90)

    after = with_answers(told, [call])

    assert phases_of(after) == phases_of(told)
    assert after.answered.tolist() == [False, True, True, True, False]


def test_whoever_came_on_a_round_before_the_call_was_there_sooner_than_the_answer_says() -> None:
    told = trail((0, "cycle"), (10, "unnoticed"), (15, "walking"), (20, "repair"), (90, "cycle"), end=120)
    call = answered(since=10, acknowledged=30, at_machine=30, restored=90, closed=90)

    assert phases_of(with_answers(told, [call])) == phases_of(told)


def test_a_call_that_somebody_only_heard_says_nothing_of_phases() -> None:
    told = trail((0, "cycle"), (10, "micro-stop"), (90, "cycle"), end=120)
    call = answered(since=10, acknowledged=30, at_machine=None, restored=None, closed=90)

    assert with_answers(told, [call]) is told


def place(name: str, after: str = "", *, counts: bool = True, makes_parts: bool = True) -> Place:
    return Place(name=name, line="machining", after=after, makes_parts=makes_parts, counts=counts)


def test_good_parts_of_a_line_are_those_of_the_machines_after_which_no_other_comes() -> None:
    found = outlets_of([place("saw-1"), place("mill-1", after="saw-1"), place("mill-2")])

    assert [(one.line, one.counted, one.not_counted) for one in found] == [
        ("machining", ("mill-1", "mill-2"), ())
    ]


def test_where_the_last_machine_counts_no_parts_the_nearest_before_it_does() -> None:
    found = outlets_of(
        [place("saw-1"), place("mill-1", after="saw-1", counts=False), place("old-1", counts=False)]
    )

    assert found[0].counted == ("saw-1",)
    assert found[0].instead_of == {"saw-1": "mill-1"}
    assert found[0].not_counted == ("old-1",)


def test_a_machine_that_makes_no_parts_is_no_outlet() -> None:
    assert outlets_of([place("compressor-1", makes_parts=False, counts=False)]) == []


def parts(line: str, monitored: int | None, twin: int | None) -> LineParts:
    outlets = Outlets(line=line, counted=(), instead_of={}, not_counted=())
    return LineParts(outlets=outlets, monitored=monitored, twin=twin)


def test_without_a_margin_there_is_no_money() -> None:
    lines = [parts("machining", 110, 100), parts("packing", 990, 1_000), parts("moulding", None, None)]

    assert money(lines, {}) is None
    assert money(lines, {"": Decimal("2.5")}) == Decimal("0.0")
    assert money(lines, {"machining": Decimal("2.5")}) == Decimal("25.0")
    assert money(lines, {"machining": Decimal("2.5"), "": Decimal("0.1")}) == Decimal("24.0")
    assert money([parts("moulding", None, None)], {"": Decimal(1)}) is None


def test_a_line_that_made_fewer_says_so_in_words() -> None:
    said = sentences.what([parts("packing", 990, 1_000)], 8 * HOUR)

    assert "Packing −10 (990 instead of 1 000)" in said.replace("\u202f", " ")
    assert "Less is no mistake" in said
    assert "made the same" in sentences.what([parts("packing", 5, 5)], HOUR)
    assert "nothing can be said" in sentences.what([parts("packing", None, None)], HOUR)


def test_why_names_what_moved_most_and_adds_up_with_what_hardly_moved() -> None:
    shares = (
        Share(phase=Phase.UNNOTICED, monitored_ms=HOUR, twin_ms=4 * HOUR),
        Share(phase=Phase.STARVED, monitored_ms=HOUR, twin_ms=HOUR // 2),
        Share(phase=Phase.WALKING, monitored_ms=MINUTE, twin_ms=0),
    )
    nothing = dict.fromkeys(State, 0)
    gained = sum(one.gained_ms for one in shares)
    split = Split(
        common_ms=100 * HOUR, running_ms=(60 * HOUR + gained, 60 * HOUR), shares=shares,
        states_ms=(nothing, nothing),
        running_true_ms=(0, 0), told_ms=(0, 0), answered_ms=0, planned_ms=(0, 0), observed_ms=(0, 0),
    )  # fmt: skip

    said = sentences.why(split)

    assert said == (
        "With calls the machines ran 2 h 29 min longer (of 100 h of machine time observed in both plants): "
        "3 h less unnoticed, 30 min more starved, 1 min more in all other phases."
    )


def replicas(pairs: int, low: float | None, high: float | None, *otherwise: str) -> Replicas:
    lines = (Expected(line="packing", mean=75.2, low=low, high=high),)
    return Replicas(pairs=pairs, hours=8, confidence=0.95, lines=lines, otherwise=otherwise)


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (None, "no pair of replicas so far"),
        (replicas(1, None, None), "1 pair of replicas so far"),
        (
            replicas(100, 40, 111),
            "100 pairs of replicas of 8 h: surely more (the 95 % interval lies above zero): Packing +75.",
        ),
        (
            replicas(99, 40, 111),
            "so far more (the 95 % interval lies above zero; called sure from 100 pairs on): Packing +75.",
        ),
        (replicas(2, -40, 50), "not sure yet (the 95 % interval holds zero): Packing +75."),
        (replicas(200, -40, 50), "not sure yet (the 95 % interval holds zero): Packing +75."),
        (replicas(100, -40, -5), "surely fewer (the 95 % interval lies below zero): Packing +75."),
        (replicas(2, -40, -5), "so far fewer (the 95 % interval lies below zero; called sure from 100"),
        (replicas(9, 4, 5, "rounds_s"), "other assumptions than those chosen: rounds_s."),
    ],
)
def test_how_sure_it_is_is_said_by_paired_replicas(known: Replicas | None, said: str) -> None:
    assert said in sentences.how_sure(known)


def test_what_is_expected_of_running_time_is_said_with_its_interval() -> None:
    def of(mean: float, low: float | None, high: float | None, pairs: int = 100) -> Replicas:
        running = Expected(line="", mean=mean, low=low, high=high)
        return Replicas(pairs=pairs, hours=8, confidence=0.95, lines=(), running=running, otherwise=())

    assert sentences.expected(of(0.9, 0.75, 1.05)) == (
        "On average over 100 other shifts of 8 h, each lived with and without calls, the machines ran 54 min "
        "longer with calls. The 95 % interval, +45 min to +1 h 3 min, lies above zero: surely more."
    )
    assert "holds zero: not sure yet" in sentences.expected(of(0.1, -0.2, 0.4))
    assert "6 min shorter" in sentences.expected(of(-0.1, -0.2, -0.05))
    assert sentences.expected(of(0.9, 0.75, 1.05, pairs=18)).endswith(
        "lies above zero: so far more, called sure from 100 shifts on."
    )
    assert "so far less" in sentences.expected(of(-0.1, -0.2, -0.05, pairs=18))
    assert sentences.expected(of(0.9, None, None)) == ""
    assert sentences.expected(None) == ""


@pytest.mark.parametrize(
    ("gained_min", "gains", "said"),
    [
        (81, (14, 0, 273), "the machines running 1 h 21 min longer in all, and 2 of 3 lines made more good"),
        (-5, (14, -2), "5 min shorter with monitoring than without, and 1 of 2 lines made more good parts"),
        (0, (0, 0), "the machines ran as long with monitoring as without, and every line made as many good"),
        (10, (), "running 10 min longer in all."),
    ],
)  # fmt: skip
def test_the_headline_says_what_monitoring_brought(
    gained_min: int, gains: tuple[int, ...], said: str
) -> None:
    nothing = dict.fromkeys(State, 0)
    split = Split(
        common_ms=100 * HOUR, running_ms=(60 * HOUR + gained_min * MINUTE, 60 * HOUR), shares=(),
        states_ms=(nothing, nothing),
        running_true_ms=(0, 0), told_ms=(0, 0), answered_ms=0, planned_ms=(0, 0), observed_ms=(0, 0),
    )  # fmt: skip
    lines = [parts(f"line-{place}", 1_000 + gain, 1_000) for place, gain in enumerate(gains)]

    found = sentences.headline(split, lines, 8 * HOUR)

    assert found.startswith("In 8 h ")
    assert said in found


def test_lines_keep_their_order_in_words_whatever_is_sure_of_them() -> None:
    lines = tuple(
        Expected(line=line, mean=10, low=low, high=20)
        for line, low in (("machining", 5), ("moulding", -5), ("packing", 5), ("sawing", 4))
    )

    said = sentences.how_sure(Replicas(pairs=100, hours=8, confidence=0.95, lines=lines, otherwise=()))

    assert said.endswith(
        "surely more (the 95 % interval lies above zero): Machining +10; "
        "not sure yet (the 95 % interval holds zero): Moulding +10; "
        "surely more (the 95 % interval lies above zero): Packing +10, Sawing +10."
    )


@pytest.mark.parametrize(
    "order", [("machining", "Moulding", "packing", "packing/cell-2", ""), ("line 10", "line 2")]
)
def test_lines_stand_in_the_order_of_the_floor_page(order: tuple[str, ...]) -> None:
    assert sorted(sorted(order), key=place_of_line) == list(order)


def test_the_kth_stop_of_a_cause_is_paired_whenever_it_comes() -> None:
    mine = trail((0, "cycle"), (10, "unnoticed"), (12, "repair"), (20, "cycle"), end=100)
    other = trail(
        (0, "cycle"), (30, "unnoticed"), (50, "repair"), (58, "cycle"),
        (70, "unnoticed"), (80, "repair"), (88, "cycle"), end=100,
    )  # fmt: skip

    both = [Stops(seen_in(mine))], [Stops(seen_in(other))]

    first, second = pairs_within("mill-1", *both, 0, 100 * S)

    assert (first.number, first.gained_ms, first.what) == (1, 18 * S, Phase.REPAIR)
    assert (second.number, second.monitored, second.gained_ms) == (2, None, None)
    assert pairs_within("mill-1", *both, 0, 25 * S) == [first]
    assert pairs_within("mill-1", *both, 60 * S, 100 * S) == [second]


def test_pairs_of_a_window_are_those_of_all_time_that_reach_into_it() -> None:
    random = np.random.default_rng(5)

    def lived(count: int) -> list[Seen]:
        edges = np.cumsum(random.integers(1, 60, 2 * count)).tolist()
        numbers = {"jam": 0, "tool": 0}
        found = []
        for begin, end in zip(edges[::2], edges[1::2], strict=True):
            cause = "jam" if random.random() < 0.7 else "tool"
            numbers[cause] += 1
            stop = replace(seen(0, None), cause=cause, number=numbers[cause], start_ms=begin, end_ms=end)
            found.append(stop)
        return found

    def apart(all_of: list[Seen]) -> list[Stops]:
        cut = int(random.integers(0, len(all_of) + 1))
        return [Stops(all_of[:cut]), Stops(all_of[cut:])]

    def naive(mine: list[Seen], other: list[Seen], from_ms: int, to_ms: int) -> list[tuple[Any, ...]]:
        first, second = ({(one.cause, one.number): one for one in stops} for stops in (mine, other))
        every = [(key, first.get(key), second.get(key)) for key in {**first, **second}]
        inside = [
            (key, *both)
            for key, *both in every
            if any(one is not None and one.start_ms < to_ms and one.end_ms > from_ms for one in both)
        ]
        return sorted(inside, key=lambda one: (one[1] or one[2]).start_ms)

    for _ in range(40):
        mine, other = lived(50), lived(40)
        pieces = apart(mine), apart(other)
        from_ms, to_ms = sorted(random.integers(0, 3_500, 2).tolist())

        pairs: list[Pair] = pairs_within("mill-1", *pieces, from_ms, to_ms)

        found = [((one.cause, one.number), one.monitored, one.twin) for one in pairs]
        assert found == naive(mine, other, from_ms, to_ms)


def test_one_stop_right_after_another_of_the_same_cause_is_another() -> None:
    told = trail((0, "cycle"), (10, "repair"), (20, "unnoticed"), (30, "repair"), (40, "cycle"), end=100)

    assert [(one.number, one.start_ms // S, one.end_ms // S) for one in seen_in(told)] == [
        (1, 10, 20),
        (2, 20, 40),
    ]


def test_a_stop_that_goes_on_is_not_over_and_gains_nothing_yet() -> None:
    told = trail((0, "cycle"), (10, "unnoticed"), end=100)

    (seen,) = seen_in(told)

    assert (seen.over, seen.noticed_ms, seen.what, seen.lasts_ms) == (False, None, None, 90 * S)


def test_a_log_by_hand_misses_what_the_formulas_say() -> None:
    # Mean 2 min, written down from 5 min on: 91.79 % of stops and 71.27 % of their time are missed.
    lengths = np.random.default_rng(13).exponential(120_000, 200_000).astype(np.int64)
    starts = np.concatenate(([0], np.cumsum(lengths + 1)[:-1]))
    log = logged(Stretches(starts, starts + lengths), Habits(logged_from_ms=300_000, rounded_to_ms=0))

    # Four standard deviations of a share of 200,000, and of the share of time.
    assert log.missed / log.stops == pytest.approx(0.9179, abs=4 * 0.0006)
    assert log.missed_ms / log.stopped_ms == pytest.approx(0.7127, abs=0.01)
    assert log.written_ms == log.logged_ms


def test_times_in_a_log_are_rounded_and_reasons_are_guessed() -> None:
    stops = Stretches(
        np.array((0, 10 * MINUTE, 30 * MINUTE)), np.array((4 * MINUTE, 17 * MINUTE, 43 * MINUTE))
    )
    log = logged(stops, Habits(logged_from_ms=5 * MINUTE, rounded_to_ms=5 * MINUTE, reason_share=0.5))

    assert (log.stops, log.logged, log.missed_ms) == (3, 2, 4 * MINUTE)
    assert log.written_ms == 5 * MINUTE + 15 * MINUTE  # 7 and 13 minutes
    assert log.reasoned == 1
    assert log.believed_ms(60 * MINUTE) == 40 * MINUTE
    assert together([log, log]).stops == 6
    assert log.believed_ms(10 * MINUTE) == 0


def seen(start: int, noticed: int | None) -> Seen:
    return Seen(
        cause="jam", number=1, what=None, start_ms=start * S,
        noticed_ms=None if noticed is None else noticed * S,
        work_ms=None, end_ms=(start + 900) * S, over=True,
    )  # fmt: skip


def test_a_hole_costs_what_its_stops_waited_longer_than_others() -> None:
    hole = Without(from_ms=1_000 * S, to_ms=2_000 * S, over=True, missed=2, gained_ms=0)
    stops = [
        seen(100, 160),
        seen(200, 340),
        seen(1_000, 1_700),
        seen(1_999, 2_299),
        seen(2_000, 2_100),
        seen(1_500, None),
        seen(1_600, 1_600),
        seen(50, 50),
    ]

    (found,) = holes_of([hole], stops)

    assert (found.stops, found.noticed_ms, found.usual_ms) == (2, 500 * S, 100 * S)
    assert found.cost_ms == 800 * S
    assert holes_of([hole], [])[0].cost_ms is None


def test_a_changed_assumption_opens_a_segment_that_ends_where_the_next_begins() -> None:
    opened: list[Opened] = [
        (0, "as it began", {"logged_from_s": 120}),
        (60 * S, "calls off", {"calls": False}),
    ]

    first, second = segments_of(opened, 0, 100 * S)

    assert (first.to_ms, second.from_ms, second.to_ms) == (60 * S, 60 * S, 100 * S)
    assert first.habits == Habits(logged_from_ms=120 * S)
    assert second.habits == Habits()
    assert segments_of([], 5, 9)[0].number == 1
    assert len(segments_of(opened, 0, 30 * S)) == 1


def test_rows_of_both_plants_stand_where_they_are_looked_for() -> None:
    assert (MONITORED, TWIN) == (0, 1)
    assert len(set(FIELDS)) == len(FIELDS)
    assert STOP[0] == str(Phase.UNNOTICED)
