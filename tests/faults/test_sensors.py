from itertools import pairwise

import numpy as np
import pytest

from protocol.readings import Batch
from simulator.streams import Float64s
from tests.faults.living import EPOCH_MS, PRESS, lived, spell

HOUR_S = 600


def power(fault: str = "", severity: float = 0.5, cuts_s: tuple[int, ...] = (0, HOUR_S)) -> Float64s:
    """Power of a press, second by second, with a fault from second 200 to 400."""
    spells = [spell(fault, 200, 400, severity, signal="power_kw")] if fault else []
    plant = lived(spells, minutes=10, text=PRESS)
    found: list[Batch] = []
    for from_s, to_s in pairwise(cuts_s):
        batch = plant.batch("mill-1", EPOCH_MS + from_s * 1_000, EPOCH_MS + to_s * 1_000)
        if batch is not None:
            found.append(batch)
    return np.concatenate([one.signals["power_kw"] for one in found])


RIGHT = power()


def test_a_stuck_sensor_shows_what_it_showed_first_since_it_got_stuck() -> None:
    found = power("stuck")

    assert found[200:400].tolist() == [RIGHT[200]] * 200
    assert found[:200].tolist() == RIGHT[:200].tolist()
    assert found[400:].tolist() == RIGHT[400:].tolist()


def test_every_tenth_reading_is_a_spike_of_so_many_times_the_top_of_the_range() -> None:
    away = power("spike", 0.0) - RIGHT

    assert np.flatnonzero(away).tolist() == list(range(209, 400, 10))
    assert len(set(np.round(away[np.flatnonzero(away)], 6))) == 1


def test_a_drift_has_run_away_by_its_amount_in_the_end() -> None:
    away = power("drift", 1.0) - RIGHT
    spike = (power("spike", 0.0) - RIGHT)[209]  # half the top of the range

    assert away[399] == pytest.approx(4 * spike, rel=1e-2)
    assert away[299] == pytest.approx(2 * spike, rel=1e-2)
    assert away[400] == 0


def test_a_dropout_takes_stretches_away() -> None:
    assert np.isnan(power("dropout", 1.0)).sum() == 200
    assert 60 < np.isnan(power("dropout", 0.5)).sum() < 150


@pytest.mark.parametrize("fault", ["stuck", "spike", "drift", "dropout"])
def test_any_cut_of_the_time_shows_the_same(fault: str) -> None:
    np.testing.assert_array_equal(power(fault, 0.7), power(fault, 0.7, (0, 150, 203, 204, 390, 401, HOUR_S)))
