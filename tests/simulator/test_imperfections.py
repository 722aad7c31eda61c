from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.sensing.imperfections import (
    Occurrences,
    Span,
    drifted,
    dropped,
    quantised,
    spiked,
    stuck,
)
from simulator.streams import Stream

AT = np.arange(100, 110, dtype=np.int64)
VALUES = np.linspace(1.0, 10.0, 10)
SPAN = Span(first=103, end=106)


def test_a_stuck_sensor_shows_what_it_showed_until_the_span_is_over() -> None:
    assert stuck(AT, VALUES, SPAN, shown=4.0).tolist() == [1, 2, 3, 4, 4, 4, 7, 8, 9, 10]


def test_a_stuck_sensor_that_is_read_now_and_then_is_still_silent_in_between() -> None:
    now_and_then = np.where(AT % 2 == 0, VALUES, np.nan)

    shown = stuck(AT, now_and_then, Span(first=100, end=None), shown=7.0)

    assert shown[::2].tolist() == [7.0] * 5
    assert np.isnan(shown[1::2]).all()


def test_a_span_that_began_before_the_axis_still_holds() -> None:
    assert stuck(AT, VALUES, Span(first=50, end=102), shown=0.5).tolist()[:3] == [0.5, 0.5, 3]
    assert drifted(AT, VALUES, Span(first=90, end=101), per_step=0.1)[0] == pytest.approx(1 + 10 * 0.1)


def test_a_span_without_an_end_goes_on_for_ever() -> None:
    assert np.isnan(dropped(AT, VALUES, Span(first=107, end=None))).tolist() == [False] * 7 + [True] * 3


def test_a_span_outside_the_axis_changes_nothing() -> None:
    for span in (Span(first=0, end=100), Span(first=110, end=None), Span(first=103, end=103)):
        assert dropped(AT, VALUES, span).tolist() == VALUES.tolist()


def test_a_spike_is_added_and_a_drift_grows_from_the_beginning_of_the_span() -> None:
    assert spiked(AT, VALUES, SPAN, size=-3).tolist() == [1, 2, 3, 1, 2, 3, 7, 8, 9, 10]
    assert drifted(AT, VALUES, SPAN, per_step=10).tolist() == [1, 2, 3, 4, 15, 26, 7, 8, 9, 10]


def test_what_was_measured_is_not_touched() -> None:
    before = VALUES.copy()
    stuck(AT, VALUES, SPAN, shown=0)
    dropped(AT, VALUES, SPAN)
    spiked(AT, VALUES, SPAN, size=1)
    drifted(AT, VALUES, SPAN, per_step=1)
    quantised(VALUES, step=0.3)

    assert VALUES.tolist() == before.tolist()


def test_quantised_values_are_the_nearest_multiples_of_the_step() -> None:
    assert quantised(np.array([0.0, 1.2, 1.3, -0.7]), step=0.5).tolist() == [0, 1, 1.5, -0.5]


def test_the_same_functions_take_an_axis_of_moments() -> None:
    # A fault from 12:00:01 to 12:00:03 on readings every 500 ms.
    moments = 1_767_600_000_000 + np.arange(10, dtype=np.int64) * 500
    span = Span(first=1_767_600_001_000, end=1_767_600_003_000)

    assert np.isnan(dropped(moments, VALUES, span)).tolist() == [False] * 2 + [True] * 4 + [False] * 4


@settings(derandomize=True, max_examples=20, deadline=None)
@given(
    cuts=st.lists(st.integers(0, 100_000), max_size=12).map(sorted),
    rate=st.sampled_from([1e-1, 1e-2, 1e-3, 1e-4]),
    length=st.sampled_from([1, 7, 5_000]),
)
def test_occurrences_are_the_same_however_the_axis_is_cut(cuts: list[int], rate: float, length: int) -> None:
    whole = Occurrences(Stream(1, "mill-1", "spike.power_kw"), rate=rate, length=length)
    cut = Occurrences(Stream(1, "mill-1", "spike.power_kw"), rate=rate, length=length)
    expected = whole.within(0, 100_000)

    for first, end in pairwise([0, *cuts, 100_000]):
        touching = [
            (span, draw)
            for span, draw in expected
            if span.first < end and (span.end or 0) > first and first < end
        ]
        assert cut.within(first, end) == touching
    assert [span.first for span, _ in expected] == sorted(span.first for span, _ in expected)


def test_occurrences_come_as_often_as_the_rate_says_and_their_gaps_are_exponential() -> None:
    rate = 1e-3
    spans = Occurrences(Stream(3, "mill-1", "spike.power_kw"), rate=rate, length=1).within(0, 10_000_000)
    gaps = np.diff([span.first for span, _ in spans])

    # A Poisson process: 10,000 of them, give or take four standard deviations of 100.
    assert len(spans) == pytest.approx(10_000, abs=400)
    assert gaps.mean() == pytest.approx(1 / rate, rel=0.04)
    assert gaps.std() == pytest.approx(1 / rate, rel=0.06)
    draws = np.array([draw for _, draw in spans])
    assert draws.mean() == pytest.approx(0.5, abs=4 / (12 * len(draws)) ** 0.5)
