"""Start over, through the real dashboard: the new run is shown, and the old one is kept as it was."""

from pathlib import Path

import pytest

from simulator.__main__ import main
from tests.chaos.dump import dump
from tests.chaos.plant import EPOCH_MS, HOUR_MS, MACHINES, Plant
from tests.journeys.floor import ask, wait_for_page

pytestmark = [pytest.mark.broker, pytest.mark.journey]


def names(plant: Plant) -> set[str]:
    """The machines that the dashboard shows."""
    return {one["name"] for one in ask(plant.address, "/api/machines")}


def test_after_start_over_the_dashboard_shows_the_new_run_and_keeps_the_old_one(tmp_path: Path) -> None:
    with Plant(tmp_path / "plant", seed=1) as plant:
        connection = ["--broker", plant.broker.url, "--credentials", str(plant.broker.credentials)]
        wait_for_page(plant.address, 30)
        plant.reach(HOUR_MS)
        before = dump(plant.history, plant.run.id, EPOCH_MS + HOUR_MS // 2)
        assert "ideal" in names(plant)

        assert main(["command", "start-over", "--seed", "42", *connection]) == 0

        plant.wait_for(lambda: ask(plant.address, "/api/runs")[0]["run"] != plant.run.id)
        plant.wait_for(lambda: names(plant) == {file.stem for file in MACHINES.glob("*.toml")})
        machines = ask(plant.address, "/api/machines")
        runs = [one["run"] for one in ask(plant.address, "/api/runs")]
        assert runs[1:] == [plant.run.id]
        assert {one["run"] for one in machines} == {runs[0]}
        assert dump(plant.history, plant.run.id, EPOCH_MS + HOUR_MS // 2) == before
        old = ask(plant.address, f"/api/kpis?run={plant.run.id}")
        assert old["run"] == plant.run.id
