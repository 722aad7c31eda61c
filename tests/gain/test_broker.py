"""Through the broker and in one process the same seed is the same plant, calls included."""

from pathlib import Path

import pytest

from demo.study.life import Life
from demo.study.plan import EPOCH_MS
from tests.chaos.dump import dump
from tests.chaos.plant import HOUR_MS, Plant
from tests.gain.plants import before, shipped, truth_of

pytestmark = pytest.mark.broker

HOURS = 4


def test_the_same_seed_gives_the_same_truth_through_the_broker_and_in_one_process(tmp_path: Path) -> None:
    until_ms = EPOCH_MS + HOURS * HOUR_MS
    with Plant(tmp_path / "plant", seed=3, inputs=False) as plant:
        plant.reach(HOURS * HOUR_MS)
        through_the_broker = dump(plant.history, plant.run.id, until_ms)

    life = Life(shipped(HOURS), 3, monitored=True)
    life.live(until_ms)
    in_process = truth_of(life, EPOCH_MS, until_ms)

    for table, rows in in_process.items():
        assert rows == before(through_the_broker[table], until_ms)
    calls = {row[:3] for row in through_the_broker["calls"]}
    assert {(one.machine, one.rule, one.raised_ms) for one in life.sent} == calls
    assert any(step.called_ms is not None for step in life.plant.responses(EPOCH_MS, until_ms))
