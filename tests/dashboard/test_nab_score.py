import numpy as np
import pytest

from benchmarks.nab import Series, normalised, points, read_all, sigmoid


def a_series() -> Series:
    return Series(
        name="made",
        at_ms=np.arange(2_000) * 1_000,
        readings=np.zeros(2_000),
        windows=((1_000, 1_099), (1_500, 1_599)),
    )


def test_no_flag_scores_zero_and_each_window_at_its_beginning_a_hundred() -> None:
    assert normalised(points(a_series(), []), 2) == 0
    assert normalised(points(a_series(), [1_000, 1_500]), 2) == pytest.approx(100)


def test_a_flag_in_the_probation_counts_for_nothing() -> None:
    assert a_series().probation == 300
    assert points(a_series(), [299]) == points(a_series(), [])


def test_a_false_flag_costs_less_just_behind_a_window() -> None:
    quiet = points(a_series(), [])

    assert points(a_series(), [500]) == pytest.approx(quiet - 0.11)
    assert quiet - 0.11 < points(a_series(), [1_110]) < quiet


def test_the_second_flag_in_a_window_changes_nothing() -> None:
    assert points(a_series(), [1_010, 1_020, 1_090]) == points(a_series(), [1_010])


def test_the_worth_of_a_place_is_that_of_the_paper() -> None:
    # 2 / (1 + e^(5 y)) - 1
    assert sigmoid(-1) == pytest.approx(0.98661, abs=1e-5)
    assert sigmoid(0) == 0
    assert sigmoid(3.5) == -1


def test_the_seven_series_are_whole() -> None:
    found = {one.name: (len(one.readings), len(one.windows)) for one in read_all()}

    assert found["machine_temperature_system_failure"] == (22_695, 4)
    assert found["nyc_taxi"] == (10_320, 5)
    assert sum(windows for _, windows in found.values()) == 19
