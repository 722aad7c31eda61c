"""Means, standard errors and Student's t."""

import pytest
from scipy.stats import t as students

from simulator.study.estimate import Estimate, estimate, student_probability, student_t


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 5, 9, 10, 29, 30, 99, 100])
@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.999])
def test_student_t_is_that_of_the_tables(degrees: int, confidence: float) -> None:
    t = student_t(confidence, degrees)

    assert t == pytest.approx(students.ppf((1 + confidence) / 2, degrees), rel=1e-9)
    assert student_probability(t, degrees) == pytest.approx(confidence, rel=1e-12)


def test_an_estimate_can_be_checked_by_hand() -> None:
    one = estimate([2.0, 4.0, 6.0])

    assert (one.count, one.mean, one.sd) == (3, 4.0, 2.0)
    assert one.error == pytest.approx(2 / 3**0.5)
    assert one.high == pytest.approx(4 + 4.302652729696142 * 2 / 3**0.5)
    assert one.low == pytest.approx(8 - 8.968275423500657)


def test_replications_without_a_failure_have_no_mtbf_and_do_not_count() -> None:
    assert estimate([None, 3.0, None]) == Estimate(
        count=1, mean=3.0, sd=None, error=None, low=None, high=None
    )
    assert estimate([None]).mean is None


def test_a_wider_confidence_widens_the_interval_and_nothing_else() -> None:
    narrow, wide = estimate([1.0, 2.0, 4.0], confidence=0.5), estimate([1.0, 2.0, 4.0], confidence=0.99)

    assert (narrow.mean, narrow.sd, narrow.error) == (wide.mean, wide.sd, wide.error)
    assert narrow.low is not None
    assert wide.low is not None
    assert wide.low < narrow.low
