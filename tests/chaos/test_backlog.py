"""A broker that is away for longer than readings are kept: the oldest go, and everything says so."""

from pathlib import Path
from urllib.parse import urlencode

import pytest

from protocol.moments import to_text
from simulator.histories.run import read_run
from tests.chaos.comparison import rows_of
from tests.chaos.plant import EPOCH_MS, MACHINES, MINUTE_MS, Plant

pytestmark = [pytest.mark.broker, pytest.mark.journey]

NAMES = ("mill-1", "lathe-1")
KEPT_MINUTES = 12
PATIENCE_S = 120.0
SLACK_S = 180.0
"""A tick, and what a retrofit's first readings do not tell yet, on either side of a hole."""


def position_ms(plant: Plant) -> int:
    """How far the plant has lived, in ms after the epoch."""
    run = read_run(plant.state)
    assert run is not None
    return run.position_ms - EPOCH_MS


def test_readings_dropped_for_want_of_room_cost_coverage_never_truth_and_the_page_says_so(
    tmp_path: Path,
) -> None:
    machines = tmp_path / "machines"
    machines.mkdir()
    for name in NAMES:
        (machines / f"{name}.toml").write_text(
            (MACHINES / f"{name}.toml").read_text(encoding="utf-8"), encoding="utf-8"
        )
    with Plant(
        tmp_path / "plant", inputs=False, machines=machines, twin=False, speed="600", patience="1",
        backlog_hours=KEPT_MINUTES / 60,
    ) as plant:  # fmt: skip
        plant.reach(5 * MINUTE_MS)
        plant.kill("broker")
        plant.wait_for(lambda: "goes on unattended" in plant.said("simulator"), PATIENCE_S)
        left_ms = plant.committed_ms()
        plant.wait_for(lambda: position_ms(plant) >= left_ms + 5 * KEPT_MINUTES * MINUTE_MS, PATIENCE_S)
        plant.start("broker")
        plant.wait_for(lambda: "the office is back" in plant.said("simulator"), PATIENCE_S)
        back_ms = position_ms(plant)
        plant.reach(back_ms + 5 * MINUTE_MS)
        window = {"from": to_text(EPOCH_MS), "to": to_text(EPOCH_MS + back_ms)}
        measured, true = (
            plant.answer(f"/api/kpis?{urlencode({**window, 'source': source})}")
            for source in ("measured", "truth")
        )
        # What is missing by its number is told with the office's next word of itself.
        plant.wait_for(lambda: (plant.answer("/api/health")["gaps"] or 0) > 0, PATIENCE_S)
        health = plant.answer("/api/health")
        rows = rows_of(plant, EPOCH_MS + back_ms)

    (lost,) = [one for link in health["chain"] for one in link["measures"] if one["key"] == "lost_s"]
    dropped_s = lost["value"] / len(NAMES)
    assert dropped_s >= 4 * KEPT_MINUTES * 60
    for name in NAMES:
        one, other = measured["machines"][name], true["machines"][name]
        assert other["coverage"] == 1.0
        # On a busy machine the office may have been away once more: that is dropped, and not in the window.
        assert 4 * KEPT_MINUTES * 60 - SLACK_S <= one["unknown_s"] <= dropped_s + SLACK_S
        assert one["utilization_low"] <= other["utilization"] <= one["utilization_high"]
        assert [row for row in rows["truth_intervals"] if row[0] == name and row[2] == "unknown"] == []
    (sentence,) = [one for one in health["sentences"] if "were dropped" in one["what"]]
    assert (sentence["link"], sentence["weight"]) == ("simulator", "warning")
