"""A plant that goes on without an office does so with its twin, and neither has a hole once it is back."""

from pathlib import Path

import pytest

from simulator.histories.run import read_run
from tests.chaos.dump import differences, in_words
from tests.chaos.plant import EPOCH_MS, MINUTE_MS, Plant
from tests.twin.pair import both, deaf, told_by_both

pytestmark = [pytest.mark.broker, pytest.mark.journey]


def position_ms(plant: Plant) -> int:
    """How far the plant has lived, in ms after the epoch."""
    run = read_run(plant.state)
    assert run is not None
    return run.position_ms - EPOCH_MS


def test_what_a_plant_and_its_twin_lived_without_an_office_is_told_when_it_is_back(tmp_path: Path) -> None:
    assumed = deaf(tmp_path)
    with Plant(tmp_path / "plant", inputs=False, assumptions=assumed, speed="600", patience="1") as plant:
        plant.reach(10 * MINUTE_MS)
        plant.kill("ingest")
        plant.wait_for(lambda: "goes on unattended" in plant.said("simulator"))
        left_ms = plant.committed_ms()
        plant.wait_for(lambda: position_ms(plant) >= left_ms + 30 * MINUTE_MS)
        plant.start("ingest")
        plant.reach(left_ms + 40 * MINUTE_MS)
        until_minutes = plant.committed_ms() / MINUTE_MS - 5
        first, second = both(plant, until_minutes)

    assert "the office is back" in plant.said("simulator")
    assert in_words(differences(told_by_both(first, second), second)) == ""
    assert not [row for row in second["intervals"] if row[2] == "unknown"]
    assert until_minutes > 40
    assert len(second["truth_counts"]) > 300
