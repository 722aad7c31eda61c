"""A machine's time is tiled, whatever is spliced into it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.intervals import Intervals, Splice, Timeline
from protocol.states import State
from tests.dashboard.letters import LAW, STATES, assert_tiled, letters, timeline

WORDS = st.text("RIXDS.", min_size=1, max_size=8)
HIGHEST_MS = 60


def splice(word: str, from_ms: int) -> Splice:
    intervals = timeline(word, 1, from_ms)
    return Splice(from_ms, intervals.end_ms, intervals)


def seen(line: Timeline) -> str:
    return letters(line.window(0, HIGHEST_MS), 1)


def test_equal_neighbours_become_one_interval() -> None:
    assert len(timeline("RRRIID")) == 3


def test_equal_states_with_different_causes_stay_apart() -> None:
    both = Intervals.of([(0, State.DOWN, "jam"), (10, State.DOWN, "tool")], 20)

    assert [cause for *_, cause in both] == ["jam", "tool"]


def test_an_interval_that_begins_too_early_or_too_late_is_refused() -> None:
    with pytest.raises(ValueError, match="not after the one ahead"):
        Intervals.of([(10, State.DOWN, ""), (10, State.IDLE, "")], 20)
    with pytest.raises(ValueError, match="not before the end"):
        Intervals.of([(10, State.DOWN, "")], 10)


def test_a_splice_whose_intervals_do_not_fill_it_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot take the place"):
        Splice(0, 3, timeline("RR", 1))


def test_a_clipped_window_is_unknown_where_nothing_is_known() -> None:
    window = timeline("RID", 1, from_ms=5).clip(3, 10)

    assert letters(window, 1) == "..RID.."


def test_clipping_cuts_the_intervals_at_the_edges() -> None:
    window = timeline("RID", 10).clip(5, 25)

    assert list(window) == [(5, 10, State.RUNNING, ""), (10, 20, State.IDLE, ""), (20, 25, State.DOWN, "")]


def test_a_window_without_length_is_empty() -> None:
    assert len(timeline("RID").clip(7, 7)) == 0
    assert len(Timeline().window(7, 7)) == 0


def test_nothing_is_known_of_an_empty_timeline() -> None:
    line = Timeline()

    assert letters(line.window(0, 3), 1) == "..."
    assert line.state_at(5) == (State.UNKNOWN, "", 5)
    assert line.known_until_ms == 0


def test_the_state_at_a_moment_says_since_when() -> None:
    line = Timeline.of(timeline("RRID", 10))

    assert line.state_at(15) == (State.RUNNING, "", 0)
    assert line.state_at(20) == (State.IDLE, "", 20)
    assert line.state_at(39) == (State.DOWN, "", 30)


def test_after_its_end_a_timeline_is_unknown_since_its_end() -> None:
    assert Timeline.of(timeline("RRID", 10)).state_at(55) == (State.UNKNOWN, "", 40)


def test_silence_between_two_splices_is_unknown() -> None:
    line = Timeline()
    line.splice(splice("RR", 0))
    line.splice(splice("II", 4))

    assert letters(line.window(0, 6), 1) == "RR..II"


def test_a_splice_before_the_first_leaves_unknown_between() -> None:
    line = Timeline()
    line.splice(splice("II", 4))
    line.splice(splice("RR", 0))

    assert letters(line.window(0, 6), 1) == "RR..II"


def test_a_splice_in_the_middle_of_an_interval_leaves_both_its_ends() -> None:
    line = Timeline.of(timeline("RRRRR", 1))

    changed = line.splice(splice("I", 2))

    assert letters(line.window(0, 5), 1) == "RRIRR"
    assert changed == 2


def test_a_splice_that_says_the_same_changes_nothing() -> None:
    line = Timeline.of(timeline("RRIID", 1))

    assert line.splice(splice("RII", 1)) == -1


def test_a_splice_reports_the_first_moment_that_changed() -> None:
    line = Timeline.of(timeline("RRIID", 1))

    assert line.splice(splice("RIRD", 1)) == 3


def test_an_extension_changes_the_time_after_the_old_end() -> None:
    line = Timeline.of(timeline("RRI", 1))

    assert line.splice(splice("IIII", 2)) == 3
    assert line.known_until_ms == 6


def test_equal_touching_splices_make_one_interval() -> None:
    line = Timeline()
    for at_ms in range(10):
        line.splice(splice("R", at_ms))

    assert len(line) == 1


def test_forgetting_keeps_since_when_the_state_lasts() -> None:
    line = Timeline.of(timeline("IRRRRR", 10))

    line.forget(45)

    assert line.state_at(50) == (State.RUNNING, "", 10)
    assert len(line) == 1


def test_what_comes_late_for_forgotten_time_is_not_kept() -> None:
    line = Timeline.of(timeline("IRRRDD", 10))
    line.forget(35)

    assert line.splice(splice("SSS", 12)) == 12
    assert letters(line.window(40, 60), 10) == "DD"


@LAW
@given(st.lists(st.tuples(WORDS, st.integers(0, HIGHEST_MS - 10)), min_size=1, max_size=12))
def test_a_timeline_says_of_every_moment_what_the_last_splice_over_it_said(
    splices: list[tuple[str, int]],
) -> None:
    line = Timeline()
    model: dict[int, str] = {}
    for word, from_ms in splices:
        said = {from_ms + place: letter for place, letter in enumerate(word)}
        different = [at_ms for at_ms, letter in said.items() if model.get(at_ms) != letter]
        model.update(said)
        model = {
            at_ms: model.get(at_ms, ".") for at_ms in range(min(model), max(model) + 1)
        }  # silence between splices is unknown

        changed = line.splice(splice(word, from_ms))

        assert changed == (min(different) if different else -1)
        assert_tiled(line.window(0, HIGHEST_MS))
        assert seen(line) == "".join(model.get(at_ms, ".") for at_ms in range(HIGHEST_MS))
        assert line.known_until_ms == max(model) + 1
        assert len(line) == len(line.window(min(model), max(model) + 1))
        for at_ms in range(HIGHEST_MS):
            assert line.state_at(at_ms)[0] == STATES[model.get(at_ms, ".")]


@LAW
@given(WORDS, st.integers(0, 20), st.integers(0, 40), st.integers(0, 40))
def test_a_clipped_window_tiles_the_window_and_agrees_with_the_whole(
    word: str, begin: int, from_ms: int, length: int
) -> None:
    whole = timeline(word, 3, begin)

    window = whole.clip(from_ms, from_ms + length)

    assert_tiled(window)
    assert int(window.durations_ms().sum()) == length
    assert all(
        window.state_at(at_ms)[0] == whole.state_at(at_ms)[0] for at_ms in range(from_ms, from_ms + length)
    )
    assert Timeline.of(whole).window(from_ms, from_ms + length) == window


@LAW
@given(WORDS, st.integers(0, 30), WORDS, st.integers(0, 30))
def test_forgetting_changes_nothing_of_what_is_remembered(
    word: str, before_ms: int, late: str, at_ms: int
) -> None:
    line, whole = Timeline.of(timeline(word, 4)), Timeline.of(timeline(word, 4))
    line.forget(before_ms)

    line.splice(splice(late, at_ms))
    whole.splice(splice(late, at_ms))

    assert line.window(before_ms, HIGHEST_MS) == whole.window(before_ms, HIGHEST_MS)


def test_columns_have_the_types_that_the_hot_path_counts_on() -> None:
    window = Timeline.of(timeline("RID", 1)).window(0, 3)

    assert window.start_ms.dtype == np.int64
    assert window.states.dtype == np.int8
