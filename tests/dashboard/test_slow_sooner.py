"""Whether parts may have been slow is told quickly, and never told wrong: no slow cycle goes unseen."""

from functools import partial

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dashboard.calls.rules import SlowCycle
from dashboard.calls.slow import may_be, signs_of
from dashboard.calls.view import View
from dashboard.intervals import Splice, Timeline
from dashboard.parts import SILENT, Counts, Tally
from protocol.states import State
from tests.dashboard.letters import LAW, timeline

LONG_MS = 1_000
RULE = SlowCycle(parts=3, above=0.25, clear=0.1)


def known(word: str) -> Timeline:
    """A machine's time, a second for each letter."""
    line = Timeline()
    intervals = timeline(word, LONG_MS)
    line.splice(Splice(0, intervals.end_ms, intervals))
    return line


def counted(*entries: tuple[int, int, int]) -> Tally:
    """What the counters showed: (at_ms, parts, rejects)."""
    columns = np.array(entries, np.int64).reshape(-1, 3)
    return Tally.of(Counts(columns[:, 0], columns[:, 1], columns[:, 2]))


def test_how_long_a_state_lasted_is_cut_at_the_edges_and_ends_with_what_is_known() -> None:
    line = known("RRIR")

    assert line.lasted(State.RUNNING, 500, 3_200) == 1_700
    assert line.lasted(State.IDLE, 0, 9_000) == 1_000
    assert line.lasted(State.RUNNING, 3_500, 9_000) == 500
    assert line.lasted(State.RUNNING, 9_000, 9_500) == 0
    assert Timeline().lasted(State.RUNNING, 0, 9_000) == 0


def test_the_last_parts_reach_back_to_the_entry_that_counted_the_one_before_them() -> None:
    tally = counted((10, 0, 0), (20, 1, 0), (25, SILENT, 1), (30, 2, 1), (40, 3, 1), (50, 4, 1))

    assert [*tally.last_parts(3, 45, 60)] == [(20, 50, 3)]
    assert [*tally.last_parts(3, 0, 40)] == []


IDEAL_MS = 400
LENGTHS = st.lists(st.sampled_from([400, 499, 500, 501, 520, 700]), min_size=4, max_size=25)
STEPS = st.lists(st.sampled_from([0, 1, 1, 1]), min_size=25, max_size=25)


@LAW
@given(
    st.text("RRRRRRRRRRI.", min_size=8, max_size=15), LENGTHS, STEPS,
    st.tuples(st.integers(0, 6_000), st.integers(1, 600)),
)  # fmt: skip
def test_whatever_is_slow_in_a_span_is_told_of_that_span(
    word: str, lengths: list[int], steps: list[int], span: tuple[int, int]
) -> None:
    line = known(word)
    moments = np.cumsum(lengths).tolist()
    parts = np.cumsum(steps[: len(moments)]).tolist()
    tally = counted(*((at_ms, made, 0) for at_ms, made in zip(moments, parts, strict=True)))
    from_ms, to_ms = span[0], span[0] + span[1]
    view = View(
        intervals=line.window(0, max(to_ms, 1)),
        state_at=line.state_at,
        planned=lambda begun, ended: [(begun, ended)],
        excused=lambda _begun, _ended: [],
        counts=tally.since,
        ideal_cycle_ms=float(IDEAL_MS),
    )

    # A sign stands a millisecond after the part that shows it.
    slow = [one for one in signs_of(RULE, view).ready if from_ms <= one.from_ms - 1 < to_ms]
    told = may_be(
        RULE,
        float(IDEAL_MS),
        tally.last_parts(RULE.parts, from_ms, to_ms),
        partial(line.lasted, State.RUNNING),
    )

    assert told or not slow
