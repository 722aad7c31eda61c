"""Parts against plan, and how long a part took: by examples that can be checked in the head."""

import numpy as np
import pytest

from dashboard.kpi.cycles import cycles_of, histogram
from dashboard.kpi.pace import pace_of
from dashboard.parts import SILENT, Counts
from tests.dashboard.letters import timeline

MINUTE = 60_000


def counted(*entries: tuple[float, int]) -> Counts:
    """A counter of parts: minute and value."""
    at, parts = zip(*entries, strict=True)
    column = np.array([round(minute * MINUTE) for minute in at], np.int64)
    return Counts(column, np.array(parts, np.int64), np.full(len(parts), SILENT, np.int64))


def test_half_way_through_an_hour_of_which_ten_minutes_are_a_break() -> None:
    """A part a minute; by half past, 20 of 30 minutes were planned, and 15 parts were made in them."""
    counts = counted((0, 100), (5, 105), (9, 110), (15, 112), (25, 115), (30, 117))
    planned = [(0, 10 * MINUTE), (20 * MINUTE, 60 * MINUTE)]

    found = pace_of(counts, planned, ideal_ms=MINUTE, from_ms=0, now_ms=30 * MINUTE, to_ms=60 * MINUTE)

    assert found is not None
    # The two of the break count for nobody's plan.
    assert found.made == 10 + 3 + 2
    assert found.due == 20
    assert found.whole == 50
    assert found.gap_parts == -5
    assert found.gap_ms == -5 * MINUTE
    assert found.plan == [(0, 0), (10 * MINUTE, 10), (20 * MINUTE, 10), (60 * MINUTE, 50)]
    assert found.steps == [
        (0, 0),
        (5 * MINUTE, 5),
        (9 * MINUTE, 10),
        (25 * MINUTE, 13),
        (30 * MINUTE, 15),
        (30 * MINUTE, 15),
    ]


def test_parts_from_before_the_window_are_none_of_its_own() -> None:
    counts = counted((0, 0), (10, 10), (20, 20))

    found = pace_of(
        counts,
        [(0, 60 * MINUTE)],
        ideal_ms=MINUTE,
        from_ms=10 * MINUTE,
        now_ms=20 * MINUTE,
        to_ms=20 * MINUTE,
    )

    assert found is not None
    assert (found.made, found.due, found.gap_parts) == (10, 10, 0)


def test_without_a_counter_there_is_no_pace_and_without_a_plan_nothing_is_due() -> None:
    window = {"from_ms": 0, "now_ms": MINUTE, "to_ms": MINUTE}

    assert pace_of(Counts.empty(), [(0, MINUTE)], ideal_ms=1, **window) is None
    idle = pace_of(counted((0, 0), (1, 3)), [], ideal_ms=1, **window)
    assert idle is not None
    assert (idle.made, idle.due, idle.whole) == (0, 0, 0)


def test_a_day_of_parts_is_thinned_and_ends_where_it_did() -> None:
    counts = counted(*((minute, minute) for minute in range(1_441)))

    found = pace_of(
        counts, [(0, 1_440 * MINUTE)], ideal_ms=MINUTE, from_ms=0, now_ms=1_440 * MINUTE, to_ms=1_440 * MINUTE
    )

    assert found is not None
    assert len(found.steps) <= 302
    assert found.steps[-1] == (1_440 * MINUTE, 1_440)
    assert all(at_ms == parts * MINUTE for at_ms, parts in found.steps)


def test_a_cycle_is_running_time_and_a_stop_within_it_is_none_of_it() -> None:
    """A letter a minute: the second part took four minutes, of which the machine ran two."""
    intervals = timeline("RRRIIRR", MINUTE)
    counts = counted((0, 0), (2, 1), (6, 2), (7, 3))

    assert cycles_of(counts, intervals, 0, 7 * MINUTE).tolist() == [120, 120, 60]


def test_several_parts_at_once_share_the_time_and_unknown_time_tells_of_no_cycle() -> None:
    intervals = timeline("RRRR.RRR", MINUTE)
    counts = counted((0, 10), (4, 12), (6, 13), (8, 14))

    assert cycles_of(counts, intervals, 0, 8 * MINUTE).tolist() == [120, 120, 120]


def test_a_cycle_belongs_to_the_window_in_which_it_ends() -> None:
    intervals = timeline("RRRRRR", MINUTE)
    counts = counted((1, 1), (3, 2), (5, 3))

    assert cycles_of(counts, intervals, 2 * MINUTE, 4 * MINUTE).tolist() == [120]
    assert len(cycles_of(Counts.empty(), intervals, 0, MINUTE)) == 0


def test_the_bars_of_a_histogram_hold_every_cycle() -> None:
    cycles = np.array([60.0] * 50 + [61.0] * 30 + [63.5] * 19 + [600.0])

    found = histogram(cycles)

    assert found is not None
    assert found.count == 100
    assert found.median_s == 60.5
    assert found.mean_s == pytest.approx((3_000 + 1_830 + 1_206.5 + 600) / 100)
    assert found.width_s == 0.1
    assert found.from_s == pytest.approx(60.0)
    assert (found.bars[0], found.bars[10], found.bars[35]) == (50, 30, 19)
    assert sum(found.bars) + found.longer == 100
    assert found.longer == 1


def test_of_no_cycle_there_is_no_histogram_and_of_equal_ones_a_single_bar() -> None:
    assert histogram(np.empty(0, np.float64)) is None
    found = histogram(np.full(7, 30.0))
    assert found is not None
    assert (found.bars, found.longer, found.median_s) == ([7], 0, 30.0)
