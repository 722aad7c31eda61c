"""Equal rules, through the broker: gain exactly zero and identical truths."""

from pathlib import Path

import pytest

from protocol.twin import twin_run
from simulator.specs.calibration import BENCH_FOLDER
from tests.chaos.dump import differences, in_words
from tests.chaos.plant import HOUR_MS, MACHINES, MINUTE_MS, Plant
from tests.journeys.floor import ask, wait_for_page
from tests.twin.pair import OF_PLANT_ALONE, began, both, deaf, faults, order, told_by_both

pytestmark = [pytest.mark.broker, pytest.mark.journey]

HOURS = 3
FILES = [*MACHINES.glob("*.toml"), *(BENCH_FOLDER / "machines").glob("*.toml")]
GONE, NEW = "mill-3", "mill-9"
MILL = 'kind = "cnc-mill"\nline = "machining"\n'


def test_with_people_who_hear_nothing_a_plant_and_its_twin_have_the_same_history(tmp_path: Path) -> None:
    with Plant(tmp_path / "plant", assumptions=deaf(tmp_path)) as plant:
        jammed_ms = order(plant, 2, what="fault", machine="mill-1", fault="jam", severity=1.0)
        order(plant, 60, what="add", machine=NEW, text=MILL)
        order(plant, 70, what="pause", machine="lathe-1")
        order(plant, 75, what="resume", machine="lathe-1")
        order(plant, 90, what="remove", machine=GONE)
        order(plant, 100, what="assume", values={"rounds_s": 600, "walk_s": 30})
        plant.reach(HOURS * HOUR_MS)
        wait_for_page(plant.address, 30)
        twin = twin_run(plant.run.id)
        window = "from=2026-01-05T06:10:00Z&to=2026-01-05T08:50:00Z"
        numbers = {
            run: ask(plant.address, f"/api/kpis?run={run}&{window}&source={source}")["machines"]
            for run in (plant.run.id, twin)
            for source in ("measured", "truth")
        }
        listed = [one["run"] for one in ask(plant.address, "/api/runs")]
        first, second = both(plant, HOURS * 60 - 10)
        jams = faults(plant, plant.run.id), faults(plant, twin)

    assert in_words(differences(told_by_both(first, second), second)) == ""
    assert len(first["intervals"]) > 700
    assert len(first["truth_counts"]) > 1_000
    retrofits = {file.stem for file in FILES if "controller = false" in file.read_text(encoding="utf-8")}
    assert {row[:2] for row in second["rollups"]} == {(name, "power_kw") for name in retrofits}
    assert [second[name] for name in OF_PLANT_ALONE] == [[], [], []]
    assert first["calls"] != []
    assert jams == ({"jam": ("mill-1", jammed_ms)},) * 2
    assert began(second, "mill-1", "jam") == began(first, "mill-1", "jam") == jammed_ms + 1
    known = {row[0]: row for row in second["machines"]}
    assert known[NEW][2:4] == (plant.run.epoch_ms + 60 * MINUTE_MS + 1, None)
    assert known[GONE][3] == pytest.approx(plant.run.epoch_ms + 90 * MINUTE_MS, abs=1_000)
    assert numbers[twin] == numbers[plant.run.id]
    assert listed == [plant.run.id]
