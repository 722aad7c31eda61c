from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.streams import (
    BLOCK,
    Draws,
    Stream,
    exponential,
    lognormal,
    median_and_sigma,
    normal,
    weibull,
)

EVENLY = (np.arange(200_000) + 0.5) / 200_000


def test_the_numbers_of_a_stream_are_these_for_ever() -> None:
    # A changed number here means that every history of every seed has changed.
    assert Stream(1, "mill-1", "cycle").uniforms(0, 5).tolist() == pytest.approx(GOLDEN, abs=1e-15)


@settings(derandomize=True, max_examples=50)
@given(first=st.integers(0, 1000), count=st.integers(0, 200))
def test_the_kth_number_is_the_same_whatever_was_drawn_before(first: int, count: int) -> None:
    whole = Stream(1, "mill-1", "cycle").uniforms(0, 1200)

    assert (
        Stream(1, "mill-1", "cycle").uniforms(first, count).tolist() == whole[first : first + count].tolist()
    )


@settings(derandomize=True, max_examples=50)
@given(pieces=st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 100), st.integers(0, 100)), max_size=5))
def test_a_stream_that_is_read_on_says_what_one_that_begins_there_says(
    pieces: list[tuple[int, int, int]],
) -> None:
    whole = Stream(1, "mill-1", "cycle").uniforms(0, 1300).tolist()
    stream = Stream(1, "mill-1", "cycle")

    for first, count, more in pieces:
        assert stream.uniforms(first, count).tolist() == whole[first : first + count]
        assert stream.uniforms(first + count, more).tolist() == whole[first + count : first + count + more]


def test_seed_machine_and_purpose_each_make_another_stream() -> None:
    streams = [
        Stream(1, "mill-1", "cycle"),
        Stream(2, "mill-1", "cycle"),
        Stream(1, "mill-2", "cycle"),
        Stream(1, "mill-1", "scrap"),
        Stream(1, "mill-1c", "ycle"),
    ]

    assert len({stream.uniforms(0, 1)[0] for stream in streams}) == len(streams)


def test_uniform_numbers_are_within_the_open_interval_and_evenly_spread() -> None:
    uniforms = Stream(3, "press-1", "noise").uniforms(0, 100_000)

    assert uniforms.min() > 0
    assert uniforms.max() < 1
    # Four standard errors of the mean and of the share below a tenth.
    assert uniforms.mean() == pytest.approx(0.5, abs=4 * 0.2887 / 316)
    assert (uniforms < 0.1).mean() == pytest.approx(0.1, abs=4 * 0.3 / 316)


def test_draws_are_the_transformed_numbers_of_the_stream_in_any_order() -> None:
    stream = Stream(1, "mill-1", "cycle")
    draws = Draws(stream, lambda uniforms: 2 * uniforms)
    far = BLOCK + 7

    assert draws[far] == 2 * stream.uniforms(far, 1)[0]
    assert draws[3] == 2 * stream.uniforms(3, 1)[0]


def test_normal_values_are_those_of_the_inverse_distribution_out_to_the_tails() -> None:
    shares = [1e-300, 1e-12, 1e-5, 0.02, 0.0749, 0.075, 0.3, 0.5, 0.925, 0.98, 1 - 1e-12]

    # The last digits aside: the standard library uses the same algorithm on scalars.
    expected = [NormalDist().inv_cdf(share) for share in shares]
    assert normal(np.array(shares)).tolist() == pytest.approx(expected, rel=1e-13)


def test_exponential_values_have_their_mean_and_median() -> None:
    assert exponential(np.array([0.5]), mean=3.0)[0] == pytest.approx(3.0 * np.log(2))
    assert exponential(EVENLY, mean=3.0).mean() == pytest.approx(3.0, rel=1e-4)


@pytest.mark.parametrize("shape", [0.7, 1.0, 1.5, 10.0])
def test_weibull_values_have_their_mean(shape: float) -> None:
    assert weibull(EVENLY, mean=10.0, shape=shape).mean() == pytest.approx(10.0, rel=1e-3)


def test_a_published_weibull_life_has_its_scale() -> None:
    # FACTS A1: shape 1.5 and mean 10 h have the scale 11.0773 h, below which lie 1 - 1/e.
    assert weibull(np.array([1 - np.exp(-1)]), mean=10.0, shape=1.5)[0] == pytest.approx(11.0773, abs=1e-4)


def test_lognormal_values_have_their_median_mean_and_cv() -> None:
    # Mean 0.5 h and CV 1 are mu -1.03972 and sigma 0.83255.
    median, sigma = median_and_sigma(mean=0.5, cv=1.0)
    values = lognormal(EVENLY, median=median, sigma=sigma)

    assert np.log(median) == pytest.approx(-1.03972, abs=1e-5)
    assert sigma == pytest.approx(0.83255, abs=1e-5)
    assert np.median(values) == pytest.approx(median, rel=1e-4)
    assert values.mean() == pytest.approx(0.5, rel=1e-3)
    assert values.std() / values.mean() == pytest.approx(1.0, rel=1e-2)


GOLDEN = [
    0.7687546644579469,
    0.9289558275722537,
    0.3214081575250033,
    0.18779190248253996,
    0.39632060720855333,
]
