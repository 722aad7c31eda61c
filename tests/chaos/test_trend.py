"""A bearing wears, its trend is called, and people renew it before it fails: through the broker."""

import sqlite3
from pathlib import Path

import pytest

from demo.study.life import Life
from protocol.twin import twin_run
from simulator.specs.kind import load_kinds
from simulator.specs.machine import load_machine
from tests.chaos.dump import dump
from tests.chaos.plant import EPOCH_MS, HOUR_MS, MACHINES, Plant
from tests.gain.plants import before, shipped, truth_of

pytestmark = pytest.mark.broker

HOURS = 13
UNTIL_MS = EPOCH_MS + HOURS * HOUR_MS
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


def test_a_bearing_whose_trend_is_called_is_renewed_before_it_fails_as_it_does_in_the_twin(
    tmp_path: Path,
) -> None:
    machines = tmp_path / "machines"
    machines.mkdir()
    text = (MACHINES / "mill-1.toml").read_text(encoding="utf-8")
    (machines / "mill-1.toml").write_text(f"fresh = true\n{text}{WORN}", encoding="utf-8")
    with Plant(tmp_path / "plant", seed=1, inputs=False, machines=machines) as plant:
        plant.reach(HOURS * HOUR_MS)
        run = plant.run.id
        through_the_broker = dump(plant.history, run, UNTIL_MS)
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

    spec = load_machine(machines / "mill-1.toml", load_kinds(MACHINES.parent / "kinds"))
    life = Life(shipped(HOURS, machines=(spec,)), 1, monitored=True)
    life.live(UNTIL_MS)
    for table, told in truth_of(life, EPOCH_MS, UNTIL_MS).items():
        assert told == before(through_the_broker[table], UNTIL_MS)
    calls = {row[:3] for row in through_the_broker["calls"]}
    assert {(one.machine, one.rule, one.raised_ms) for one in life.sent} == calls
