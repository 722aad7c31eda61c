import numpy as np
import pytest

from simulator.faults.sensors import shown
from simulator.faults.spells import Spell
from simulator.streams import Float64s

EPOCH_MS = 1_767_225_600_000
POWER = np.linspace(1.0, 7.0, 61)


def spell(fault: str, severity: float = 0.5) -> Spell:
    """From second 20 on, to second 40."""
    return Spell(
        machine="press-1",
        fault=fault,
        severity=severity,
        signal="power_kw",
        from_ms=EPOCH_MS + 20_000,
        until_ms=EPOCH_MS + 40_000,
        planned_ms=EPOCH_MS + 40_000,
    )


def seen(one: Spell, from_s: int = 0, to_s: int = 60) -> Float64s:
    """What is shown in a span of a minute in which power rises by a tenth of a kW each second."""
    seconds = np.arange(from_s, to_s + 1, dtype=np.int64)
    return shown(
        one,
        EPOCH_MS + seconds * 1_000,
        POWER[from_s : to_s + 1],
        first=from_s,
        top=10.0,
        seed=1,
        at_begin=lambda: float(POWER[20]),
    )


def test_a_stuck_sensor_shows_what_it_showed_when_it_got_stuck() -> None:
    found = seen(spell("stuck"))

    assert found[21:41].tolist() == [3.0] * 20
    assert found[:21].tolist() == POWER[:21].tolist()
    assert found[41:].tolist() == POWER[41:].tolist()


def test_every_tenth_reading_is_a_spike_of_so_many_times_the_top_of_the_range() -> None:
    assert np.flatnonzero(seen(spell("spike", 0.0)) != POWER).tolist() == [30, 40]
    assert seen(spell("spike", 0.0))[30] == POWER[30] + 5.0


def test_a_drift_has_run_away_by_its_amount_in_the_end() -> None:
    away = seen(spell("drift", 1.0)) - POWER

    assert away[40] == pytest.approx(20.0, rel=1e-3)
    assert away[30] == pytest.approx(10.0, rel=1e-3)
    assert away[41] == 0


def test_a_dropout_takes_stretches_away() -> None:
    assert np.isnan(seen(spell("dropout", 1.0))).sum() == 20
    assert np.flatnonzero(np.isnan(seen(spell("dropout", 1.0))))[0] == 21


@pytest.mark.parametrize("fault", ["stuck", "spike", "drift", "dropout"])
def test_any_part_of_a_history_shows_the_same_computed_alone(fault: str) -> None:
    whole = seen(spell(fault, 0.7))

    for from_s, to_s in [(0, 25), (26, 38), (39, 60), (30, 30)]:
        np.testing.assert_array_equal(seen(spell(fault, 0.7), from_s, to_s), whole[from_s : to_s + 1])
