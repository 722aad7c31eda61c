"""Every moment of calendar time has one use, stops are no micro-stops, the choices do what they say."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.intervals import Intervals
from dashboard.kpi import formulas
from dashboard.kpi.account import Account, account, total
from dashboard.kpi.choices import Choices, ChoicesError
from dashboard.kpi.definitions import DEFINITIONS
from dashboard.kpi.pieces import Use, pieces_of, stops_of
from dashboard.parts import SILENT, Counts
from dashboard.states.knowledge import Knowledge
from protocol.messages import Threshold
from protocol.states import State
from tests.dashboard.letters import LAW, timeline
from tests.dashboard.test_golden import Part

SECOND = 1_000
PLAIN = Choices(micro_stop_ms=60 * SECOND)
KNOWN = Knowledge.reported(SECOND)
SENSED = Knowledge.sensed(Threshold(signal="power_kw", above=6.0, below=3.0), 7)


def day(word: str, step_s: int = 10) -> Intervals:
    """A timeline of one letter for each ten seconds."""
    return timeline(word, step_s * SECOND)


def calendar(word: str, step_s: int = 10) -> list[Part]:
    """A calendar of one letter for each ten seconds: shift, break, maintenance, holiday or off."""
    kinds = {"s": "shift", "b": "break", "m": "maintenance", "h": "holiday", "o": "off"}
    step = step_s * SECOND
    return [Part(kinds[letter], place * step, (place + 1) * step) for place, letter in enumerate(word)]


def uses(word: str, plan: str = "", choices: Choices = PLAIN) -> str:
    """The use of each ten seconds, by its first two letters."""
    spans = calendar(plan) if plan else []
    pieces = pieces_of(day(word), spans, choices, 0, len(word) * 10 * SECOND)
    found = []
    for start_ms, end_ms, use, _, _ in pieces:
        found += [use[:2]] * ((end_ms - start_ms) // (10 * SECOND))
    return " ".join(found)


def test_a_short_stop_between_running_and_running_is_a_micro_stop_whatever_its_state() -> None:
    assert uses("RRIRRDDRRXR") == "ru ru mi ru ru mi mi ru ru mi ru"


def test_a_stop_of_the_threshold_itself_is_none() -> None:
    assert uses("RIIIIIR") == "ru mi mi mi mi mi ru"
    assert uses("RIIIIIIR") == "ru id id id id id id ru"


def test_what_borders_on_silence_or_on_now_is_no_micro_stop_because_its_length_is_not_known() -> None:
    assert uses("RI.R") == "ru id un ru"
    assert uses("R.IR") == "ru un id ru"
    assert uses("RRI") == "ru ru id"


def test_a_stop_of_several_states_is_one_stop_and_each_part_keeps_its_use() -> None:
    pieces = pieces_of(day("RIIDDDDSSR"), [], PLAIN, 0, 100 * SECOND)

    (stop,) = stops_of(pieces)

    assert (stop.start_ms, stop.end_ms, stop.use) == (10_000, 90_000, Use.IDLE)
    assert (stop.micro, stop.over) == (False, True)
    assert uses("RIIDDDDSSR") == "ru id id do do do do se se ru"
    assert pieces.stops.sum() == 1
    assert pieces.failures.sum() == 1


def test_a_break_ends_a_stop_and_off_shift_time_is_neither_stop_nor_idle() -> None:
    assert uses("RDDDDDDDDR", "sssbbossss") == "ru do do br br of do do do ru"
    pieces = pieces_of(day("RDDDDDDDDR"), calendar("sssbbossss"), PLAIN, 0, 100 * SECOND)

    assert [(one.start_ms, one.end_ms, one.micro) for one in stops_of(pieces)] == [
        (10_000, 30_000, False),
        (60_000, 90_000, False),
    ]


def test_planned_downtime_wins_over_every_state_and_over_silence() -> None:
    assert uses("R.DR.R", "mmmsho") == "ma ma ma ru ho of"


def test_starved_and_blocked_are_told_by_the_cause() -> None:
    told = Intervals.of(
        [
            (0, State.IDLE, "starved by mill-1"),
            (70_000, State.IDLE, "blocked"),
            (140_000, State.IDLE, "blocked drain"),
            (210_000, State.RUNNING, ""),
        ],
        300_000,
    )

    found = [use for _, _, use, _, _ in pieces_of(told, [], PLAIN, 0, 300_000)]

    assert found == [Use.STARVED, Use.BLOCKED, Use.IDLE, Use.RUNNING]


def test_the_window_cuts_stops_without_making_them_short() -> None:
    # A stop of 80 s of which the window holds 20 s is no micro-stop, and began before.
    pieces = pieces_of(day("RIIIIIIIIR"), [], PLAIN, 70_000, 100_000)

    assert [use for _, _, use, _, _ in pieces] == [Use.IDLE, Use.RUNNING]
    assert pieces.stops.sum() == 0
    assert not stops_of(pieces)[0].begun


def reckoned(  # noqa: PLR0917 - the order is that of the story: what it did, when, and by which rules
    intervals: Intervals, counts: Counts, spans: list[Part], choices: Choices, from_ms: int, to_ms: int
) -> Account:
    """The account of a machine that reports its states and needs ten seconds for a part."""
    return account(
        intervals,
        counts,
        spans=spans,
        choices=choices,
        knowledge=KNOWN,
        ideal_us=10_000_000,
        from_ms=from_ms,
        to_ms=to_ms,
    )


def figure(word: str, choices: Choices, plan: str = "", **made: int) -> Account:
    """The account of a timeline with a counter at its beginning and its end."""
    end_ms = len(word) * 10 * SECOND
    parts, rejects = made.get("parts", 0), made.get("rejects", 0)
    counts = Counts(np.array([0, end_ms]), np.array([0, parts]), np.array([0, rejects]))
    spans = calendar(plan) if plan else []
    return reckoned(day(word), counts, spans, choices, 0, end_ms)


def test_each_choice_moves_its_time_and_nothing_else() -> None:
    word, plan = "RRRRSSSSSSSIIIIIIIRIRR", "sssssssssssssssssbssss"

    def both(**choice: object) -> tuple[float | None, float | None]:
        choices = Choices(**choice)  # type: ignore[arg-type]
        found = figure(word, choices, plan, parts=7)
        return formulas.utilization(found, choices), formulas.performance(found, choices)

    # Planned: 21 of 22 stretches. Running 7, setup 7, idle 6 before the break, micro-stop 1.
    assert both() == (7 / 21, 1.0)
    assert both(setup="excluded") == (7 / 14, 1.0)
    assert both(breaks="loss") == (7 / 22, 1.0)
    assert both(micro_stops="performance") == (8 / 21, 7 / 8)
    assert both(debounce_ms=10_001) == (8 / 21, 7 / 8)
    assert both(micro_stop_ms=0, micro_stops="performance") == (7 / 21, 1.0)


def test_starved_time_lowers_utilization_or_performance_or_neither() -> None:
    told = Intervals.of(
        [(0, State.RUNNING, ""), (100_000, State.IDLE, "starved"), (200_000, State.RUNNING, "")], 400_000
    )
    counts = Counts(np.array([0, 400_000]), np.array([0, 30]), np.array([0, 0]))

    def both(choices: Choices) -> tuple[float | None, float | None, float | None]:
        found = reckoned(told, counts, [], choices, 0, 400_000)
        return (
            formulas.utilization(found, choices),
            formulas.performance(found, choices),
            formulas.uptime(found, choices),
        )

    assert both(Choices()) == (0.75, 1.0, 1.0)
    assert both(Choices(starved_blocked="performance")) == (1.0, 0.75, 1.0)
    assert both(Choices(starved_blocked="excluded")) == (1.0, 1.0, 1.0)


def test_unknown_time_counts_as_down_only_by_choice() -> None:
    found = figure("RRR.", Choices())

    assert formulas.utilization(found) == 1.0
    assert formulas.utilization(found, Choices(unknown="down")) == 0.75


def test_without_planned_time_a_number_is_undefined_or_zero_by_choice() -> None:
    found = figure("RR", Choices(), "oo")

    assert formulas.utilization(found) is formulas.oee(found) is formulas.uptime(found) is None
    assert formulas.utilization(found, Choices(no_planned_time="zero")) == 0.0


def test_parts_counted_across_silence_are_parts_and_not_performance() -> None:
    counts = Counts(
        np.array([0, 10_000, 40_000, 60_000]), np.array([100, 101, 104, 106]), np.array([0, 0, 1, 1])
    )

    found = reckoned(day("RR.RRR"), counts, [], PLAIN, 0, 60_000)

    assert (found["parts"], found["silent_parts"], found["rejects"]) == (6, 3, 1)
    assert formulas.performance(found) == 3 / 5
    assert formulas.quality(found) == 5 / 6
    assert formulas.oee(found) == pytest.approx(1.0 * (3 / 5) * (5 / 6))


def test_parts_made_off_shift_are_counted_apart() -> None:
    counts = Counts(np.array([0, 20_000, 30_000]), np.array([0, 2, 3]), np.array([0, 0, 0]))

    found = reckoned(day("RRRR"), counts, calendar("ssoo"), PLAIN, 0, 40_000)

    # The part that was ready when the shift ended belongs to the shift.
    assert (found["parts"], found["off_parts"]) == (2, 1)
    assert formulas.performance(found) == 1.0


def test_a_machine_that_counts_no_rejects_has_no_quality() -> None:
    counts = Counts(np.array([0, 20_000]), np.array([0, 2]), np.array([SILENT, SILENT]))

    found = reckoned(day("RR"), counts, [], PLAIN, 0, 20_000)

    assert formulas.performance(found) == 1.0
    assert (formulas.quality(found), formulas.oee(found)) == (None, None)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("setup = 1", "choices.toml: key 'setup': 1 is unknown: allowed are loss, excluded"),
        ('set_up = "loss"', "choices.toml: unknown key 'set_up': allowed are breaks, maintenance, setup"),
        ("micro_stop_s = -1", "key 'micro_stop_s': -1 is no duration: allowed are seconds from 0 to 3,600"),
        ("micro_stop_s = true", "key 'micro_stop_s': True is no duration"),
        ("debounce_s = inf", "key 'debounce_s': inf is no duration"),
        ("setup = ", "choices.toml: not TOML"),
    ],
)
def test_a_wrong_choice_is_refused_in_words(text: str, sentence: str) -> None:
    with pytest.raises(ChoicesError) as refused:
        Choices.of(text)

    assert sentence in str(refused.value)


def test_the_file_of_choices_holds_the_recommended_ones_all_of_them() -> None:
    assert Choices.read() == Choices()
    assert Choices.read().digest == Choices().digest != Choices(setup="excluded").digest


def test_every_definition_gives_the_value_of_its_own_top_and_bottom() -> None:
    found = figure("RRRRSSIIIDDDDDDDDRRRR", Choices(), parts=9, rejects=1)

    for key in ("coverage", "utilization", "uptime", "performance", "quality", "mtbf_s", "mttr_s", "cycle_s"):
        definition = DEFINITIONS[key]
        top = sum(term.value(found, Choices()) for term in definition.top)
        bottom = sum(term.value(found, Choices()) for term in definition.bottom)
        assert definition.value(found, Choices()) == pytest.approx(top / bottom), key


def test_in_a_group_top_and_bottom_divide_to_the_value_too() -> None:
    retrofit = reckoned(day("RRXXXXXXXRRR"), Counts.empty(), [], Choices(), 0, 120 * SECOND)
    group = total(
        [
            figure("RRRRSSIIIDDDDDDDDRRRR", Choices(), parts=9, rejects=1),
            figure("RRRRRRRIIIIIIIRRR.R", Choices(), parts=5),
            retrofit,
        ]
    )

    for definition in DEFINITIONS.values():
        value = definition.value(group, Choices())
        if value is None or not definition.bottom:
            continue
        top = sum(term.value(group, Choices()) for term in definition.top)
        bottom = sum(term.value(group, Choices()) for term in definition.bottom)
        assert value == pytest.approx(top / bottom), definition.key
    assert formulas.oee(group) is not None


# Laws.

WORDS = st.text("RIXDS.", min_size=1, max_size=40)
PLANS = st.text("sssbmho", min_size=40, max_size=40)
CHOICES = st.builds(
    Choices,
    breaks=st.sampled_from(["excluded", "loss"]),
    maintenance=st.sampled_from(["excluded", "loss"]),
    micro_stop_ms=st.sampled_from([0, 15, 25, 60]),
    debounce_ms=st.sampled_from([0, 0, 12, 31]),
)
COUNTERS = st.lists(
    st.tuples(st.integers(0, 400), st.integers(0, 3), st.integers(0, 2)),
    max_size=12,
    unique_by=lambda one: one[0],
)


def counted(entries: list[tuple[int, int, int]]) -> Counts:
    """Counters that rise by so much at each moment."""
    ordered = sorted(entries)
    at = np.array([one[0] for one in ordered], np.int64)
    return Counts(
        at,
        np.cumsum([one[1] for one in ordered], dtype=np.int64),
        np.cumsum([min(one[1], one[2]) for one in ordered], dtype=np.int64),
    )


@LAW
@given(WORDS, PLANS, CHOICES, COUNTERS, st.lists(st.integers(0, 400), min_size=2, max_size=6, unique=True))
def test_the_accounts_of_touching_windows_add_up_in_every_field(
    word: str, plan: str, choices: Choices, entries: list[tuple[int, int, int]], edges: list[int]
) -> None:
    edges = sorted(edges)
    intervals, counts = timeline(word, 10), counted(entries)
    spans = [Part(one.kind, one.from_ms // 1_000, one.to_ms // 1_000) for one in calendar(plan)]

    def of(from_ms: int, to_ms: int) -> Account:
        return account(
            intervals,
            counts,
            spans=spans,
            choices=choices,
            knowledge=SENSED,
            ideal_us=7,
            from_ms=from_ms,
            to_ms=to_ms,
        )

    whole = of(edges[0], edges[-1])
    pieces = total(of(*both) for both in pairwise(edges))

    assert pieces.vector.tolist() == whole.vector.tolist()
    assert whole.calendar_ms == edges[-1] - edges[0]
    assert whole.planned_ms <= whole.calendar_ms


@LAW
@given(WORDS, PLANS, CHOICES, st.integers(0, 400), st.integers(0, 400))
def test_pieces_tile_the_window_and_each_moment_has_the_use_that_a_longer_look_gives(
    word: str, plan: str, choices: Choices, one: int, other: int
) -> None:
    from_ms, to_ms = sorted((one, other))
    intervals = timeline(word, 10)
    spans = [Part(part.kind, part.from_ms // 1_000, part.to_ms // 1_000) for part in calendar(plan)]

    whole = list(pieces_of(intervals, spans, choices, 0, 400))
    window = list(pieces_of(intervals, spans, choices, from_ms, to_ms))

    assert sum(end - start for start, end, *_ in window) == to_ms - from_ms
    assert all(before[1] == after[0] for before, after in pairwise(window))
    cut = [
        (max(start, from_ms), min(end, to_ms), use, state, cause)
        for start, end, use, state, cause in whole
        if max(start, from_ms) < min(end, to_ms)
    ]
    assert window == cut


@LAW
@given(
    st.lists(
        st.tuples(
            st.text("RISD", min_size=1, max_size=12),
            st.integers(1, 40),
            st.integers(0, 40),
            st.sampled_from([1_000_000, 10_000_000, 33_333_333]),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_a_group_lies_between_its_best_and_its_worst_machine_in_every_factor(
    members: list[tuple[str, int, int, int]],
) -> None:
    accounts = []
    for word, parts, rejects, ideal_us in members:
        end_ms = len(word) * 10 * SECOND
        counts = Counts(np.array([0, end_ms]), np.array([0, parts]), np.array([0, min(parts, rejects)]))
        accounts.append(
            account(
                day(word),
                counts,
                spans=[],
                choices=PLAIN,
                knowledge=KNOWN,
                ideal_us=ideal_us,
                from_ms=0,
                to_ms=end_ms,
            )
        )

    group = total(accounts)

    for measure in (formulas.performance, formulas.oee, formulas.teep, formulas.quality):
        each = [value for value in map(measure, accounts) if value is not None]
        together = measure(group)
        # A machine that counted parts and never ran has no performance of its own.
        if together is not None and len(each) == len(accounts):
            assert min(each) - 1e-9 <= together <= max(each) + 1e-9
    assert group["parts"] == sum(one["parts"] for one in accounts)
