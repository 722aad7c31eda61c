"""The numbers follow from time in state, exactly, and what cannot be known is not made up."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dashboard.intervals import Intervals
from dashboard.kpi.account import Account, account, time_in_state, total
from dashboard.kpi.choices import Choices
from dashboard.kpi.doubt import doubt_ms
from dashboard.kpi.formulas import (
    coverage,
    observed,
    uptime,
    uptime_bounds,
    utilization,
    utilization_bounds,
)
from dashboard.kpi.report import numbers
from dashboard.parts import Counts
from dashboard.states.keeper import derive
from dashboard.states.knowledge import Knowledge, lasting_at_least
from protocol.messages import Threshold
from protocol.readings import Batch
from protocol.states import State
from tests.dashboard.letters import HOUR_MS, LAW, STATES, change, letters, readings, timeline


def test_an_idle_hour_costs_utilization_and_a_broken_hour_costs_both() -> None:
    time = time_in_state(timeline("RRRRRRID"))  # one letter per hour

    assert utilization(time) == 6 / 8
    assert uptime(time) == 7 / 8


def test_setup_is_observed_and_neither_running_nor_up() -> None:
    time = time_in_state(timeline("RRS"))

    assert utilization(time) == 2 / 3
    assert uptime(time) == 2 / 3


def test_unknown_time_counts_on_neither_side_and_shows_in_coverage_and_bounds() -> None:
    time = time_in_state(timeline("RRID...."))

    assert utilization(time) == 2 / 4
    assert coverage(time) == 4 / 8
    assert utilization_bounds(time) == (2 / 8, 6 / 8)
    assert uptime_bounds(time) == (3 / 8, 7 / 8)


def test_power_alone_gives_no_uptime_but_its_bounds() -> None:
    time = time_in_state(timeline("RRRRXXXX"))

    assert utilization(time) == 4 / 8
    assert uptime(time) is None
    assert uptime_bounds(time) == (4 / 8, 1.0)


def test_without_anything_planned_nothing_is_defined() -> None:
    time = time_in_state(timeline("RRR"), [])

    assert (utilization(time), uptime(time), coverage(time)) == (None, None, None)
    assert utilization_bounds(time) is None
    assert uptime_bounds(time) is None


def test_without_anything_observed_only_coverage_and_bounds_are_defined() -> None:
    time = time_in_state(timeline("..."))

    assert (utilization(time), uptime(time), coverage(time)) == (None, None, 0.0)
    assert utilization_bounds(time) == (0.0, 1.0)


def test_only_planned_time_counts() -> None:
    time = time_in_state(timeline("RRIIDD"), [(0, HOUR_MS), (3 * HOUR_MS, 5 * HOUR_MS)])

    assert time.planned_ms == 3 * HOUR_MS
    assert [time[STATES[letter]] // HOUR_MS for letter in "RIDS."] == [1, 1, 1, 0, 0]


def test_planned_time_outside_the_intervals_is_unknown() -> None:
    time = time_in_state(timeline("RR"), [(-HOUR_MS, 4 * HOUR_MS)])

    assert time[State.UNKNOWN] == 3 * HOUR_MS
    assert time.planned_ms == 5 * HOUR_MS


def test_every_millisecond_counts() -> None:
    time = time_in_state(timeline("RID", 1_000), [(333, 2_001)])

    assert [time[STATES[letter]] for letter in "RID"] == [667, 1_000, 1]


def test_a_group_sums_its_time_and_averages_no_percentage() -> None:
    # G22: planned 100 and 300, run 90 and 150: 0.60 together, not (0.90 + 0.50) / 2.
    one = time_in_state(timeline("R" * 9 + "D", 10), [(0, 100)])
    other = time_in_state(timeline("RD", 150), [(0, 300)])

    assert utilization(total([one, other])) == 0.60
    assert utilization(one + other) == 240 / 400


def test_a_shift_of_hours_is_summed_and_not_averaged() -> None:
    # G18, a welder: seconds faulted, welding and idle by hour, faulted time in planned downtime left out.
    hours = [
        (2580 + 1015, 0, 0),
        (3381 + 222, 0, 0),
        (143 + 3190, 20 + 20, 0 + 241),
        (1220, 392, 1971),
        (1981 - 601, 455, 1166),
        (3600 - 2999, 0, 0),
        (1600, 443, 1562),
        (1500, 119, 1982),
    ]
    times = [booked(down_s=down, running_s=running, idle_s=idle) for down, running, idle in hours]

    shift = total(times)

    published = [0, 0, 8, 66, 54, 0, 56, 58]
    assert [round(100 * (uptime(time) or 0)) for time in times] == published
    assert shift.planned_ms == 25_203_000
    assert shift[State.DOWN] == 16_832_000
    assert uptime(shift) == pytest.approx(0.33214, abs=5e-6)
    assert sum(uptime(time) or 0 for time in times) / len(times) == pytest.approx(0.302, abs=5e-4)


def booked(*, down_s: int, running_s: int, idle_s: int) -> Account:
    """The time of an hour in which so many seconds were booked."""
    spans = [(State.DOWN, down_s), (State.RUNNING, running_s), (State.IDLE, idle_s)]
    ends = np.cumsum([seconds * 1_000 for _, seconds in spans]).tolist()
    starts = [0, *ends[:-1]]
    pieces = [
        (start, state, "") for start, (state, seconds) in zip(starts, spans, strict=True) if seconds > 0
    ]
    return time_in_state(Intervals.of(pieces, ends[-1]))


def test_the_semi_week_has_its_uptime() -> None:
    # D2: production 90 h, standby 20, scheduled down 10 + 6 engineering as setup, unscheduled down 14.
    time = time_in_state(timeline("R" * 90 + "I" * 20 + "S" * 16 + "D" * 14))

    assert time.planned_ms == 140 * HOUR_MS
    assert utilization(time) == pytest.approx(0.6429, abs=5e-5)


def test_the_numbers_of_a_window_say_all_that_they_are_made_of() -> None:
    found = numbers(time_in_state(timeline("RRIDS.X", 1_000)), Choices(), 0, 7_000)

    assert found.planned_ms == found.observed_ms + found.unknown_ms == 7_000
    assert found.running_ms == 2_000
    assert found.idle_ms == found.down_ms == found.setup_ms == found.stopped_ms == 1_000
    assert (found.from_ms, found.to_ms, found.parts) == (0, 7_000, None)
    assert found.utilization == 2 / 6
    assert (found.utilization_low, found.utilization_high) == (2 / 7, 3 / 7)
    assert found.uptime is None
    assert (found.uptime_low, found.uptime_high) == (3 / 7, 5 / 7)
    assert found.coverage == 6 / 7


def test_undefined_numbers_are_none_and_not_zero() -> None:
    found = numbers(Account.empty(), Choices(), 0, 0)

    assert found.utilization is found.utilization_low is found.uptime is found.uptime_high is None
    assert found.coverage is found.parts is None


def test_a_sampled_edge_is_in_doubt_by_a_period_and_a_reported_one_is_not() -> None:
    intervals = timeline("RRXXRR", 10)

    assert doubt_ms(intervals, 4, sampled=True) == 8
    assert doubt_ms(intervals, 4, sampled=False) == 0


def test_the_period_before_a_silence_is_in_doubt() -> None:
    intervals = timeline("RR..RR", 10)

    assert doubt_ms(intervals, 4, sampled=True) == 4
    assert doubt_ms(intervals, 4, sampled=False) == 4


def test_doubt_is_planned_time() -> None:
    intervals = timeline("RRXXRR", 10)

    assert doubt_ms(intervals, 4, sampled=True, planned=[(17, 40)]) == 3 + 4
    assert doubt_ms(intervals, 4, sampled=True, planned=[(20, 37)]) == 1


def test_doubt_widens_the_bounds_and_not_the_number() -> None:
    time = time_in_state(timeline("RRXX", 10), doubt_ms=4)

    assert utilization(time) == 20 / 40
    assert utilization_bounds(time) == (16 / 40, 24 / 40)


# Laws.

WORDS = st.text("RIXDS.", min_size=1, max_size=30)
PLANNED = st.lists(st.integers(-20, 220), max_size=6, unique=True).map(
    lambda edges: list(zip(sorted(edges)[::2], sorted(edges)[1::2], strict=False))
)
MEASURES = [utilization, uptime, coverage]


@LAW
@given(WORDS, PLANNED)
def test_the_states_sum_to_the_planned_time(word: str, planned: list[tuple[int, int]]) -> None:
    intervals = timeline(word, 7)

    time = time_in_state(intervals, planned)

    assert time.planned_ms == time.state_ms.sum() == sum(to_ms - from_ms for from_ms, to_ms in planned)
    assert time.state_ms.min() >= 0
    for letter, state in STATES.items():
        inside = [
            at_ms
            for from_ms, to_ms in planned
            for at_ms in range(from_ms, to_ms)
            if intervals.state_at(at_ms)[0] is state
        ]
        assert time[state] == len(inside), letter


@LAW
@given(WORDS, st.lists(st.integers(0, 210), min_size=2, max_size=8, unique=True))
def test_touching_windows_add_up(word: str, edges: list[int]) -> None:
    intervals, edges = timeline(word, 7), sorted(edges)

    pieces = total(time_in_state(intervals, [window]) for window in pairwise(edges))

    assert pieces == time_in_state(intervals, [(edges[0], edges[-1])])


@LAW
@given(st.lists(WORDS, min_size=1, max_size=6))
def test_a_group_lies_between_its_best_and_its_worst_machine(words: list[str]) -> None:
    times = [time_in_state(timeline(word, 7)) for word in words]
    group = total(times)

    for measure in MEASURES:
        each = [value for value in map(measure, times) if value is not None]
        together = measure(group)
        if together is not None and each:
            assert min(each) - 1e-12 <= together <= max(each) + 1e-12


@LAW
@given(WORDS)
def test_bounds_hold_the_number_and_are_fractions(word: str) -> None:
    time = time_in_state(timeline(word, 7))

    for measure, bounds in ((utilization, utilization_bounds), (uptime, uptime_bounds)):
        both, value = bounds(time), measure(time)
        assert both is not None
        assert 0 <= both[0] <= both[1] <= 1
        if value is not None:
            assert both[0] <= value <= both[1]


@LAW
@given(WORDS, st.sets(st.integers(0, 29)))
def test_bounds_contain_the_truth_whatever_was_hidden(truth: str, hidden: set[int]) -> None:
    seen = "".join("." if place in hidden else letter for place, letter in enumerate(truth.replace(".", "D")))
    true, known = time_in_state(timeline(truth.replace(".", "D"), 7)), time_in_state(timeline(seen, 7))

    both, value = utilization_bounds(known), utilization(true)

    assert both is not None
    assert value is not None
    assert both[0] <= value <= both[1]
    both = uptime_bounds(known)
    assert both is not None
    if uptime(true) is not None:
        assert both[0] <= (uptime(true) or 0) <= both[1]


PERIOD_MS = 10
SENSED = Knowledge.sensed(Threshold(signal="power_kw", above=6.0, below=3.0), PERIOD_MS)


@st.composite
def true_days(draw: st.DrawFn, shortest_ms: int) -> Intervals:
    """What a machine truly did in [0, 1000), no state for shorter than `shortest_ms`."""
    gaps = draw(st.lists(st.integers(shortest_ms, 200), max_size=25))
    edges = [0, *(edge for edge in np.cumsum(gaps).tolist() if edge < 1_000 - shortest_ms)]
    first = draw(st.booleans())
    return Intervals.of(
        [
            (edge, State.RUNNING if first ^ (place % 2 == 0) else State.STOPPED, "")
            for place, edge in enumerate(edges)
        ],
        1_000,
    )


def sampled(truth: Intervals, offset: int, silent: set[int], knowledge: Knowledge = SENSED) -> Intervals:
    """What is concluded from a reading every period, from which some are missing."""
    at = np.array([at for at in range(offset, 1_000, PERIOD_MS) if at // PERIOD_MS not in silent], np.int64)
    power = [8.0 if truth.state_at(int(one))[0] is State.RUNNING else 1.0 for one in at]
    batch = Batch(at_ms=0, offsets_ms=at, signals={"power_kw": np.array(power)})
    return derive([(0, batch)], knowledge)


SILENT = st.sets(st.integers(0, 99), max_size=30)
WINDOW = (
    st.tuples(st.integers(0, 990), st.integers(0, 990)).map(sorted).filter(lambda both: both[0] < both[1])
)


@LAW
@given(true_days(1), st.integers(0, PERIOD_MS - 1), WINDOW)
def test_a_sampled_utilization_errs_by_no_more_than_a_period_for_each_edge_and_two(
    truth: Intervals, offset: int, window: list[int]
) -> None:
    from_ms, to_ms = max(window[0], offset), max(window[1], offset + 1)
    planned = [(from_ms, to_ms)]

    measured, true = (time_in_state(one, planned) for one in (sampled(truth, offset, set()), truth))

    edges = len(truth.clip(from_ms, to_ms)) - 1
    assert observed(measured) == to_ms - from_ms
    error = abs((utilization(measured) or 0) - (utilization(true) or 0))
    assert error <= (edges + 2) * PERIOD_MS / observed(measured) + 1e-12


@LAW
@given(true_days(PERIOD_MS + 1), st.integers(0, PERIOD_MS - 1), SILENT, WINDOW)
def test_bounds_of_a_sampled_machine_contain_the_truth_in_any_window(
    truth: Intervals, offset: int, silent: set[int], window: list[int]
) -> None:
    known = sampled(truth, offset, silent).clip(0, 1_000)
    planned = [(window[0], window[1])]
    doubt = doubt_ms(known, PERIOD_MS, sampled=True, planned=planned)

    both = utilization_bounds(time_in_state(known, planned, doubt_ms=doubt))

    true = utilization(time_in_state(truth, planned))
    assert both is not None
    assert true is not None
    assert both[0] - 1e-12 <= true <= both[1] + 1e-12


LASTING = lasting_at_least(SENSED, 35)


@LAW
@given(true_days(LASTING.reach_ms), st.integers(0, PERIOD_MS - 1), SILENT, WINDOW)
def test_bounds_contain_the_truth_of_a_machine_whose_states_last_as_long_as_the_setting_asks(
    truth: Intervals, offset: int, silent: set[int], window: list[int]
) -> None:
    known = sampled(truth, offset, silent, LASTING)
    found = account(
        known,
        Counts.empty(),
        spans=[],
        choices=Choices(micro_stop_ms=0),
        knowledge=LASTING,
        ideal_us=None,
        from_ms=window[0],
        to_ms=window[1],
    )

    both = utilization_bounds(found)

    true = utilization(time_in_state(truth, [(window[0], window[1])]))
    assert both is not None
    assert true is not None
    assert both[0] - 1e-12 <= true <= both[1] + 1e-12


def test_what_does_not_last_before_a_silence_is_in_doubt() -> None:
    told = readings(0, list(range(0, 100, 10)), [8.0] * 7 + [1.0] * 3)

    known = derive([told], LASTING)

    assert letters(known, 10) == "RRRRRRRRRR"
    assert doubt_ms(known.clip(0, 200), LASTING.reach_ms, sampled=True) == LASTING.reach_ms == 45


@LAW
@given(true_days(1), st.integers(0, 900), st.integers(PERIOD_MS + 1, 80), WINDOW)
def test_bounds_of_a_reported_machine_contain_the_truth_in_any_window(
    truth: Intervals, silent_from: int, silence: int, window: list[int]
) -> None:
    assume(silent_from + silence < 1_000)
    known = derive(
        [reported(truth, 0, silent_from), reported(truth, silent_from + silence, 1_000)],
        Knowledge.reported(PERIOD_MS),
    ).clip(0, 1_000)
    planned = [(window[0], window[1])]
    doubt = doubt_ms(known, PERIOD_MS, sampled=False, planned=planned)

    both = utilization_bounds(time_in_state(known, planned, doubt_ms=doubt))

    true = utilization(time_in_state(truth, planned))
    assert both is not None
    assert true is not None
    assert both[0] - 1e-12 <= true <= both[1] + 1e-12


def reported(truth: Intervals, from_ms: int, to_ms: int) -> tuple[int, Batch]:
    changes = [change(at_ms - from_ms, state) for at_ms, _, state, _ in truth if from_ms < at_ms <= to_ms]
    return readings(from_ms, [to_ms - from_ms], state=stated(truth, from_ms), changes=changes)


def stated(truth: Intervals, at_ms: int) -> State:
    return State.RUNNING if truth.state_at(at_ms)[0] is State.RUNNING else State.IDLE
