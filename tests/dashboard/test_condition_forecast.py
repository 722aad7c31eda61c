import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.condition.forecast import Forecast, forecast
from dashboard.condition.outlook import EVERY_MS, how, moments, outlook, words
from dashboard.condition.regime import BLOCK_MS, MINUTE_MS, Blocks, blocks, ran
from dashboard.intervals import Intervals
from protocol.readings import Float64s
from protocol.states import State

HOUR_MS = 3_600_000


def running(values: Float64s, minutes: int = 5) -> Blocks:
    """Blocks of five minutes one after the other."""
    at_ms = np.arange(len(values), dtype=np.int64) * BLOCK_MS + BLOCK_MS // 2
    return Blocks(at_ms=at_ms, level=values, minutes=np.full(len(values), minutes, np.int64))


def worn(hours: float, tau_h: float, noise: float = 0.02, seed: int = 1) -> Float64s:
    """A vibration of 1.3 for six hours, that then grows exponentially for some more."""
    at = np.arange(round((6 + hours) * 12)) / 12
    dice = np.random.default_rng(seed)
    level: Float64s = 1.3 * np.exp(np.maximum(at - 6, 0) / tau_h) * (1 + noise * dice.normal(size=len(at)))
    return level


def told(values: Float64s, **limits: float | None) -> Forecast | None:
    return forecast(running(values), low=limits.get("low"), high=limits.get("high", 2.8))


def test_exponential_growth_is_foreseen_to_reach_the_limit_when_it_does() -> None:
    # 1.3 grows to 2.8 in ln(2.8 / 1.3) = 0.767 times 5 h = 3.84 h; 2.5 h are over, so 1.34 h are left.
    values = worn(hours=2.5, tau_h=5)
    one = told(values)

    assert one is not None
    now_ms = int(running(values).at_ms[-1])
    assert (one.at_ms - now_ms) / HOUR_MS == pytest.approx(1.34, abs=0.25)
    assert one.low_ms <= one.at_ms
    assert one.high_ms is not None
    assert one.high_ms >= one.at_ms
    assert one.baseline == pytest.approx(1.3, rel=0.03)


def test_a_falling_signal_is_held_against_its_lower_limit() -> None:
    values = 5 - np.maximum(np.arange(120) / 12 - 6, 0) * 0.3
    one = told(values, low=3.0)

    assert one is not None
    # 1.2 are over after four hours, 0.8 are left at 0.3 an hour.
    assert (one.at_ms - running(values).at_ms[-1]) / HOUR_MS == pytest.approx(0.8 / 0.3, abs=0.15)


@pytest.mark.parametrize("seed", range(5))
def test_a_level_signal_has_no_forecast(seed: int) -> None:
    assert told(1.3 + 0.1 * np.random.default_rng(seed).normal(size=144)) is None


def test_a_step_and_what_warms_up_have_no_forecast() -> None:
    step = np.where(np.arange(144) < 72, 1.3, 2.0)
    warm = 2.6 - 1.6 * np.exp(-np.arange(144) / 24)

    assert told(step) is None
    assert told(warm) is None


def test_without_a_limit_there_is_no_forecast() -> None:
    assert told(worn(hours=2.5, tau_h=5), high=None) is None


def test_a_machine_that_runs_half_of_the_time_reaches_its_limit_twice_as_late() -> None:
    values = worn(hours=2.5, tau_h=5)
    whole = running(values)
    half = Blocks(at_ms=whole.at_ms * 2, level=values, minutes=whole.minutes)

    quick, slow = (forecast(one, low=None, high=2.8) for one in (whole, half))

    assert quick is not None
    assert slow is not None
    ahead = quick.at_ms - int(whole.at_ms[-1]), slow.at_ms - int(half.at_ms[-1])
    assert ahead[1] == pytest.approx(2 * ahead[0], rel=0.05)


@settings(max_examples=20, deadline=None)
@given(tau_h=st.floats(2, 8), seed=st.integers(0, 1_000), part=st.floats(0.55, 0.95))
def test_a_forecast_lies_in_its_interval(tau_h: float, seed: int, part: float) -> None:
    one = told(worn(hours=part * 0.767 * tau_h, tau_h=tau_h, seed=seed))

    if one is not None:
        assert one.low_ms <= one.at_ms
        assert one.high_ms is None or one.at_ms <= one.high_ms
        assert one.baseline < one.now


def test_nine_in_ten_intervals_hold_the_moment_nearly() -> None:
    held = []
    for seed in range(60):
        values = worn(hours=2.5, tau_h=5, noise=0.04, seed=seed)
        one = told(values)
        if one is not None:
            true_ms = int(running(values).at_ms[-1]) + 1.34 * HOUR_MS
            held.append(one.low_ms <= true_ms and (one.high_ms is None or true_ms <= one.high_ms))

    assert len(held) >= 50
    assert np.mean(held) >= 0.85


def test_only_minutes_of_running_from_end_to_end_count() -> None:
    intervals = Intervals.of(
        [(0, State.RUNNING, ""), (150_000, State.IDLE, ""), (200_000, State.RUNNING, "")], 360_000
    )
    minutes = np.arange(6, dtype=np.int64) * MINUTE_MS

    assert ran(minutes, intervals).tolist() == [True, True, False, False, True, True]
    assert ran(minutes, Intervals.empty()).tolist() == [False] * 6


def test_a_block_is_the_mean_of_its_minutes_and_one_minute_is_none() -> None:
    minutes = np.array([0, 1, 4, 5, 10, 11], dtype=np.int64) * MINUTE_MS
    seen = blocks(minutes, np.array([1.0, 2.0, 6.0, 9.0, 4.0, 6.0]))

    assert seen.level.tolist() == [3.0, 5.0]
    assert seen.minutes.tolist() == [3, 2]
    assert seen.at_ms.tolist() == [BLOCK_MS // 2, 2 * BLOCK_MS + BLOCK_MS // 2]


def test_what_comes_later_changes_no_outlook() -> None:
    level = np.repeat(worn(hours=3, tau_h=5), 5)
    minutes = np.arange(len(level), dtype=np.int64) * MINUTE_MS
    intervals = Intervals.of([(0, State.RUNNING, "")], len(level) * MINUTE_MS)
    now_ms = 8 * HOUR_MS
    known = minutes < now_ms

    whole = outlook(now_ms, minutes, level, intervals, low=None, high=2.8)
    before = outlook(now_ms, minutes[known], level[known], intervals.clip(0, now_ms), low=None, high=2.8)

    assert whole is not None
    assert whole == before


def test_it_is_asked_at_moments_of_the_clock_however_time_is_cut() -> None:
    asked = [
        one for start in range(0, 7_200_000, 77_000) for one in moments(start, min(start + 77_000, 7_200_000))
    ]

    assert asked == list(moments(0, 7_200_000)) == [k * EVERY_MS for k in range(1, 13)]


def test_a_forecast_is_told_in_hours() -> None:
    one = Forecast(
        baseline=1.3, now=3.0, limit=4.5, begun_ms=0,
        at_ms=6 * HOUR_MS, low_ms=4 * HOUR_MS, high_ms=9 * HOUR_MS,
    )  # fmt: skip

    assert words("vibration_mm_s", "mm/s", one, 0) == "vibration_mm_s reaches 4.5 mm/s in 6 h (4 to 9 h)"
    # From 1.3 to 3.0 of the way from 1.3 to 4.5 is 53 %.
    assert "follow a curve from 1.3 to 3 mm/s: 53% of the way to the limit" in how("mm/s", one)
    assert words("vibration_mm_s", "mm/s", one, 7 * HOUR_MS) == "vibration_mm_s has reached 4.5 mm/s"
