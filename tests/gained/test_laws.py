"""Laws of the gain: whatever both plants do, what one ran more the other stood for in some phase, exactly."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.gain.phase import PHASES, RUNNING
from dashboard.gain.phase import Phase as Told
from dashboard.gain.split import split_of
from dashboard.gain.tally import MONITORED, PHASE, STATE, TWIN, Stretches, tally
from dashboard.gain.trail import Answered, Trail, trail_of, with_answers
from dashboard.intervals import Intervals
from dashboard.kpi.choices import Choices
from dashboard.kpi.pieces import Pieces, pieces_of
from protocol.states import State
from simulator.phase import STATE_OF, Phase

WINDOW_MS = 2_000
MARKS = np.array((0, 300, 301, 1_111, WINDOW_MS), np.int64)
moments = st.integers(0, WINDOW_MS - 1)


@dataclass(frozen=True)
class Shift:
    """A part of the calendar."""

    kind: str
    from_ms: int
    to_ms: int


@st.composite
def measured(draw: st.DrawFn) -> Intervals:
    """What a machine is measured to do, in any order of states."""
    starts = sorted(draw(st.sets(moments, max_size=8)) | {0})
    states = draw(st.lists(st.sampled_from(list(State)), min_size=len(starts), max_size=len(starts)))
    return Intervals.of([(start, state, "") for start, state in zip(starts, states, strict=True)], WINDOW_MS)


@st.composite
def truth(draw: st.DrawFn) -> Trail:
    """What the truth tells, which may end early, or tell nothing at all."""
    starts = sorted(draw(st.sets(moments, max_size=8)))
    phases = draw(st.lists(st.sampled_from(list(Phase)), min_size=len(starts), max_size=len(starts)))
    rows = [
        (start, str(STATE_OF[phase]), str(phase), "jam") for start, phase in zip(starts, phases, strict=True)
    ]
    return trail_of(rows, draw(st.integers(0, WINDOW_MS)))


@st.composite
def answers(draw: st.DrawFn) -> list[Answered]:
    """What people answered to calls, in any order of moments."""
    return [
        Answered(
            rule=draw(st.sampled_from(["stopped", "trend", "no-data"])),
            since_ms=draw(moments),
            acknowledged_ms=draw(st.none() | moments),
            at_machine_ms=draw(st.none() | moments),
            restored_ms=draw(st.none() | moments),
            closed_ms=draw(st.none() | moments),
        )
        for _ in range(draw(st.integers(0, 3)))
    ]


@st.composite
def calendars(draw: st.DrawFn) -> list[Shift]:
    """A day with one break in it."""
    begin, end = sorted((draw(moments), draw(moments)))
    return [
        Shift("shift", -100_000, begin),
        Shift("break", begin, end),
        Shift("shift", end, WINDOW_MS + 100_000),
    ]


def pieces(intervals: Intervals, spans: Sequence[Shift]) -> Pieces:
    spans = [one for one in spans if one.from_ms < one.to_ms]
    return pieces_of(intervals, spans, Choices(), 0, WINDOW_MS)


plants = st.tuples(measured(), measured())
trails = st.tuples(truth(), truth())


@given(plants, trails, answers(), calendars())
def test_the_gain_is_the_sum_of_its_phases_to_the_millisecond(
    both: tuple[Intervals, Intervals],
    told: tuple[Trail, Trail],
    calls: list[Answered],
    calendar: list[Shift],
) -> None:
    used = pieces(both[0], calendar), pieces(both[1], calendar)
    found = tally(used, (with_answers(told[0], calls), told[1]), MARKS)
    split = split_of(found.sums.sum(axis=0), int(found.common_ms.sum()))

    assert split.gained_ms == sum(one.gained_ms for one in split.shares)
    for plant in (MONITORED, TWIN):
        phases = sum((one.monitored_ms, one.twin_ms)[plant] for one in split.shares)
        assert phases + split.running_ms[plant] == split.common_ms
        assert sum(split.states_ms[plant].values()) == split.common_ms
        assert found.stretches[plant].lengths_ms().sum() == split.standing_ms[plant]
    assert split.common_ms <= min(split.observed_ms)
    assert split.answered_ms <= split.standing_ms[MONITORED]


@given(plants, trails, answers(), calendars())
def test_blocks_add_up_to_the_whole_wherever_they_are_cut(
    both: tuple[Intervals, Intervals],
    told: tuple[Trail, Trail],
    calls: list[Answered],
    calendar: list[Shift],
) -> None:
    used = pieces(both[0], calendar), pieces(both[1], calendar)
    known = with_answers(told[0], calls), told[1]
    whole = tally(used, known, np.array((0, WINDOW_MS), np.int64))
    cut = tally(used, known, MARKS)

    assert np.array_equal(cut.sums.sum(axis=0), whole.sums[0])
    assert cut.common_ms.sum() == whole.common_ms[0]


@given(measured(), truth(), calendars())
def test_equal_plants_gain_exactly_nothing_in_any_phase(
    one: Intervals, told: Trail, calendar: list[Shift]
) -> None:
    used = pieces(one, calendar)
    found = tally((used, used), (told, told), MARKS)

    assert np.array_equal(found.sums[:, MONITORED], found.sums[:, TWIN])


@given(truth(), answers())
def test_answers_change_neither_where_a_machine_ran_nor_that_time_is_tiled(
    told: Trail, calls: list[Answered]
) -> None:
    after = with_answers(told, calls)
    every = np.arange(WINDOW_MS, dtype=np.int64)
    before_codes, _ = told.at(every)
    after_codes, answered = after.at(every)

    assert np.array_equal(before_codes == RUNNING, after_codes == RUNNING)
    assert not answered[after_codes == RUNNING].any()
    assert np.array_equal(before_codes[~answered], after_codes[~answered])


@given(measured(), st.integers(0, WINDOW_MS), calendars())
def test_stretches_of_two_halves_are_those_of_the_whole(
    one: Intervals, cut: int, calendar: list[Shift]
) -> None:
    used = pieces(one, calendar)
    nothing = trail_of([], 0)
    whole = tally((used, used), (nothing, nothing), np.array((0, WINDOW_MS), np.int64)).stretches[0]
    halves = whole.within(0, cut).then(whole.within(cut, WINDOW_MS))

    assert np.array_equal(halves.start_ms, whole.start_ms)
    assert np.array_equal(halves.end_ms, whole.end_ms)
    assert len(Stretches.empty().then(whole)) == len(whole)


def test_every_phase_of_the_truth_has_its_name_here_and_no_other_but_two() -> None:
    ours = {str(phase) for phase in PHASES}
    theirs = {str(phase) for phase in Phase} - {str(Phase.CYCLE)}

    assert ours - theirs == {str(Told.EDGE), str(Told.NOT_TOLD)}
    assert theirs <= ours


@pytest.mark.parametrize("part", [PHASE, STATE])
def test_places_of_phases_and_states_do_not_overlap(part: slice) -> None:
    assert part.stop > part.start
    assert PHASE.stop == STATE.start
