"""A leak of the size that matters is a slope; a saw, a swing and noise are none."""

import numpy as np
import pytest

from tests.soak.slope import Floats, rate_of, slope_of

DAYS = np.linspace(0.0, 25.0, 780)
"""An hour at speed 600, a sample every five seconds."""
BOUND_MB = 2.0
"""What a program's memory may grow by, of some hundred."""


def noise(seed: int, size: float = 1.0) -> Floats:
    return np.random.default_rng(seed).normal(0.0, size, len(DAYS))


def saw(period_days: float, height: float) -> Floats:
    return height * (DAYS % period_days) / period_days


@pytest.mark.parametrize("seed", range(20))
def test_a_leak_of_a_quarter_of_a_megabyte_a_day_is_seen_through_noise_and_a_saw(seed: int) -> None:
    slope = slope_of(DAYS, 100.0 + 0.25 * DAYS + saw(1.3, 8.0) + noise(seed, 2.0))

    assert slope is not None
    assert not slope.within(BOUND_MB)
    assert slope.slope == pytest.approx(0.25, abs=0.1)


def test_the_interval_holds_the_true_slope_in_nine_of_ten_cases_at_least() -> None:
    slopes = [slope_of(DAYS, 0.25 * DAYS + saw(1.3, 8.0) + noise(seed, 2.0)) for seed in range(100)]

    assert sum(one is not None and one.low < 0.25 < one.high for one in slopes) >= 90


@pytest.mark.parametrize("period_days", [0.04, 0.4, 1.0, 2.0, 3.0, 4.0])
@pytest.mark.parametrize("height", [1.0, 30.0])
def test_a_saw_is_no_leak_however_high_and_slow_it_is(period_days: float, height: float) -> None:
    slope = slope_of(DAYS, 100.0 + saw(period_days, height) + noise(1))

    assert slope is not None
    assert slope.within(BOUND_MB)


@pytest.mark.parametrize("seed", range(50))
def test_memory_that_wanders_and_comes_back_is_no_leak(seed: int) -> None:
    pushes = noise(seed, 0.3)
    wandering = np.zeros(len(DAYS))
    for place in range(1, len(DAYS)):
        wandering[place] = 0.98 * wandering[place - 1] + pushes[place]

    slope = slope_of(DAYS, 100.0 + wandering)

    assert slope is not None
    assert slope.within(BOUND_MB)


def test_what_is_filled_in_the_first_third_says_nothing_of_the_rest() -> None:
    slope = slope_of(DAYS, 100.0 + 50.0 * np.minimum(DAYS, 8.0) + noise(3))

    assert slope is not None
    assert slope.within(BOUND_MB)
    assert abs(slope.growth) < 1.0


def test_one_descriptor_more_every_five_days_is_seen() -> None:
    slope = slope_of(DAYS, 30.0 + np.floor(DAYS / 5.0))

    assert slope is not None
    assert not slope.within(0.5)


def test_a_number_that_never_changes_has_no_slope_at_all() -> None:
    slope = slope_of(DAYS, np.full(len(DAYS), 17.0))

    assert slope is not None
    assert (slope.slope, slope.low, slope.high, slope.level) == (0.0, 0.0, 0.0, 17.0)


def test_of_too_few_samples_nothing_is_said() -> None:
    assert slope_of(DAYS[:7], DAYS[:7]) is None
    assert slope_of(DAYS, np.full(len(DAYS), np.nan)) is None
    assert slope_of(np.zeros(0), np.zeros(0)) is None


def test_a_rate_is_what_a_total_rose_by_since_a_while_ago() -> None:
    hours = np.array([0.0, 0.5, 1.0, 1.5, 2.0])

    rates = rate_of(hours, np.array([0.0, 1.0, 2.0, 5.0, 8.0]), over=1.0)

    assert np.isnan(rates[:2]).all()
    assert rates[2:].tolist() == [2.0, 4.0, 6.0]
