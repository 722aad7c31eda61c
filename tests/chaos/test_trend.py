"""A bearing wears, its trend is called, and people renew it before it fails: through the broker."""

import sqlite3
from pathlib import Path

import pytest

from protocol.twin import twin_run
from tests.chaos.plant import EPOCH_MS, HOUR_MS, MACHINES, Plant

pytestmark = pytest.mark.broker

HOURS = 13
WORN = """
[stops.bearing]
phase = "repair"
every_h = 8
life = "fixed"
mean_s = 4500
length = "fixed"
symptom = "bearing"
causes = { "spindle bearing" = 1 }

[signals.vibration_mm_s]
growth = { component = "bearing", begins = 0.62 }
"""
"""A bearing that lives for eight hours of running, and shows its wear in the last third."""


def rows(history: Path, text: str, *values: object) -> list[tuple[object, ...]]:
    """What the history answers."""
    with sqlite3.connect(f"file:{history}?mode=ro", uri=True, timeout=10) as connection:
        found = connection.execute(text, values).fetchall()
    connection.close()
    return found


def test_a_bearing_whose_trend_is_called_is_renewed_in_the_plant_and_fails_in_the_twin(
    tmp_path: Path,
) -> None:
    machines = tmp_path / "machines"
    machines.mkdir()
    text = (MACHINES / "mill-1.toml").read_text(encoding="utf-8")
    (machines / "mill-1.toml").write_text(f"fresh = true\n{text}{WORN}", encoding="utf-8")
    with Plant(tmp_path / "plant", seed=1, inputs=False, machines=machines) as plant:
        plant.reach(HOURS * HOUR_MS)
        run = plant.run.id
    history = plant.history
    trends = rows(
        history, "SELECT cause, raised_ms, closed_ms FROM calls WHERE run = ? AND rule = 'trend'", run
    )
    broken = "SELECT start_ms FROM truth_intervals WHERE run = ? AND cause LIKE '%spindle bearing' ORDER BY 1"
    renewed = "SELECT start_ms, phase FROM truth_intervals WHERE run = ? AND cause = 'planned work: bearing'"

    cause, raised_ms, closed_ms = trends[0]
    ((begun_ms, phase),) = rows(history, renewed, run)
    (failed_ms,), *_ = rows(history, broken, twin_run(run))
    assert str(cause).startswith("vibration_mm_s reaches 2.8 mm/s in ")
    assert phase == "planned work"
    assert raised_ms < begun_ms < closed_ms  # type: ignore[operator]
    assert begun_ms < failed_ms  # type: ignore[operator]
    assert rows(history, broken, run) == []
    assert rows(history, renewed, twin_run(run)) == []
    assert len(trends) == 1
