"""Whether parts may have been slow is told quickly, and never told wrong: no slow cycle goes unseen."""

from functools import partial
from itertools import accumulate
from random import Random

import numpy as np

from dashboard.calls.rules import SlowCycle
from dashboard.calls.slow import may_be, signs_of
from dashboard.calls.view import View
from dashboard.intervals import Splice, Timeline
from dashboard.parts import SILENT, Counts, Tally
from protocol.states import State
from tests.dashboard.letters import timeline

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
CASES = 1_000


def test_whatever_is_slow_in_a_span_is_told_of_that_span() -> None:
    random = Random(20_260_101)  # noqa: S311 - fixed cases, no secret
    slow_ones = told_ones = 0
    for _ in range(CASES):
        line = known("".join(random.choices("RRRRRRRRRI.", k=random.randint(8, 15))))
        moments = [*accumulate(random.choices([400, 499, 500, 501, 520, 700], k=random.randint(4, 25)))]
        parts = [*accumulate(random.choices([0, 1, 1, 1, 2], k=len(moments)))]
        tally = counted(*((at_ms, made, 0) for at_ms, made in zip(moments, parts, strict=True)))
        from_ms = random.randint(-500, 9_000)
        to_ms = from_ms + random.randint(1, 600)
        view = View(
            intervals=line.window(0, max(to_ms, 1)),
            state_at=line.state_at,
            planned=lambda begun, ended: [(begun, ended)],
            excused=lambda _begun, _ended: [],
            counts=tally.since,
            ideal_cycle_ms=float(IDEAL_MS),
        )

        # A sign stands a millisecond after the part that shows it.
        slow = any(from_ms <= one.from_ms - 1 < to_ms for one in signs_of(RULE, view).ready)
        last = tally.last_parts(RULE.parts, from_ms, to_ms)
        told = may_be(RULE, float(IDEAL_MS), last, partial(line.lasted, State.RUNNING))
        slow_ones, told_ones = slow_ones + slow, told_ones + told

        assert told or not slow

    # It is of use only where it mostly says that there is nothing.
    assert 0 < slow_ones < told_ones < CASES / 5
