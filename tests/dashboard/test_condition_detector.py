from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.made import MINUTE_MS, WRONG, series
from dashboard.condition.detector import FLAG, Detector, Verdict
from dashboard.condition.period import period_of
from dashboard.condition.tail import Tail
from protocol.readings import Float64s

DAY_MS, HALF_HOUR_MS = 86_400_000, 1_800_000


def judged(rows: Float64s, step_ms: int = MINUTE_MS) -> list[Verdict]:
    detector = Detector(rows.shape[1])
    return [detector.judge(place * step_ms, row) for place, row in enumerate(rows)]


def flagged(rows: Float64s, step_ms: int = MINUTE_MS) -> list[int]:
    return [place for place, one in enumerate(judged(rows, step_ms)) if one.flag]


def noise(rows: int, columns: int = 1, seed: int = 1) -> Float64s:
    return 20 + np.random.default_rng(seed).normal(size=(rows, columns))


@pytest.mark.parametrize("wrong", ["spike", "shift", "slope", "unrest", "flat"])
def test_what_goes_wrong_in_noise_is_flagged(wrong: str) -> None:
    one = next(made for made in series(1) if made.wrong == wrong)
    begun = one.first - 1_500

    assert any(one.first <= begun + row for row in flagged(one.rows[begun : one.last + 1]))


def test_every_sort_of_wrong_is_tried() -> None:
    assert {made.wrong for made in series(1)} == set(WRONG)


def test_of_pure_noise_at_most_one_row_in_five_hundred_is_flagged() -> None:
    assert len(flagged(noise(3_000))) <= 6


def test_a_spike_scores_higher_the_higher_it_is() -> None:
    scores = []
    for height in (4.0, 6.0, 12.0):
        rows = noise(1_500)
        rows[1_400] += height
        scores.append(judged(rows)[1_400].score)

    assert scores == sorted(scores)
    assert scores[0] > 0.5


def test_a_flag_is_a_score_from_the_threshold_on_and_nothing_else() -> None:
    rows = noise(1_000)
    rows[600:650] += 8

    assert all(one.flag == (one.score >= FLAG) and 0 <= one.score <= 1 for one in judged(rows))


def test_what_lasts_is_flagged_when_it_begins_and_not_row_by_row() -> None:
    rows = noise(2_000)
    rows[1_500:] += 6

    told = [row for row in flagged(rows) if row >= 1_500]

    assert told[0] <= 1_505
    assert len(told) <= 3


def test_a_daily_rhythm_is_usual_and_a_day_without_it_is_not() -> None:
    at = np.arange(48 * 30)
    rows = (100 + 40 * np.sin(2 * np.pi * at / 48))[:, None] + noise(len(at), seed=3) - 20
    rows[48 * 25 : 48 * 26] = 100 + noise(48, seed=4) - 20

    told = [row for row in flagged(rows, HALF_HOUR_MS) if row >= 48 * 10]

    assert any(48 * 25 <= row < 48 * 26 for row in told)
    assert len([row for row in told if row < 48 * 25]) <= 2


def test_columns_that_part_are_flagged_though_each_stays_as_it_was() -> None:
    dice = np.random.default_rng(5)
    common = np.cumsum(dice.normal(size=1_500)) * 0.2
    common -= np.linspace(common[0], common[-1], 1_500)
    rows = np.column_stack((common, common)) + dice.normal(size=(1_500, 2)) * 0.05
    rows[1_300:1_320, 1] = common.max() + common.min() - common[1_300:1_320]

    assert any(1_300 <= row < 1_330 for row in flagged(rows))


def test_a_constant_column_that_changes_is_flagged() -> None:
    rows = np.full((800, 1), 5.0)
    rows[700:] = 6.0

    assert flagged(rows)[0] == 700


def test_a_column_that_begins_constant_does_not_flag_for_ever() -> None:
    rows = noise(2_000)
    rows[:300] = 20.0

    assert len([row for row in flagged(rows) if row > 600]) <= 5


def test_rows_that_say_nothing_are_no_surprise() -> None:
    rows = noise(1_000)
    rows[500:520] = np.nan

    told = judged(rows)

    assert not any(one.score or one.flag for one in told[500:520])
    assert not any(one.flag for one in told[520:560])


@settings(max_examples=5, deadline=None)
@given(cut=st.integers(60, 390), seed=st.integers(0, 100))
def test_a_row_is_judged_by_those_before_it_alone(cut: int, seed: int) -> None:
    rows = noise(400, 2, seed)
    other = rows.copy()
    other[cut:] = -1_000.0

    assert judged(rows)[:cut] == judged(other)[:cut]


@settings(max_examples=5, deadline=None)
@given(scale=st.sampled_from([0.125, 0.5, 4.0, 1024.0]), seed=st.integers(0, 100))
def test_the_unit_of_a_column_changes_nothing(scale: float, seed: int) -> None:
    rows = noise(300, 1, seed)

    plain, scaled = judged(rows), judged(rows * scale)

    assert [one.score for one in plain] == pytest.approx([one.score for one in scaled], abs=1e-6)


def test_a_tail_calls_larger_numbers_rarer() -> None:
    tail = Tail()
    for value in np.random.default_rng(1).exponential(size=1_000).tolist():
        tail.learn(value)

    chances = [tail.chance(value) for value in (0.0, 1.0, 3.0, 5.0, 7.0, 9.0)]

    assert all(one > other for one, other in pairwise(chances))
    assert tail.chance(np.log(200)) == pytest.approx(1 / 200, rel=0.5)


def test_the_period_of_a_sine_is_found_and_noise_has_none() -> None:
    wave = np.sin(2 * np.pi * np.arange(1_000) / 37)

    assert period_of(wave + 0.3 * noise(1_000)[:, 0]) == pytest.approx(37, abs=1)
    assert period_of(noise(1_000)[:, 0]) == 0
