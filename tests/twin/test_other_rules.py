"""Unequal rules: people of the plant come when they are called, those of the twin on their rounds."""

from itertools import pairwise
from pathlib import Path

import pytest

from protocol.twin import twin_run
from tests.chaos.plant import EPOCH_MS, HOUR_MS, Plant
from tests.twin.pair import ROUNDS_MS, began, both, faults, order

pytestmark = [pytest.mark.broker, pytest.mark.journey]

HOURS = 3


def noticed(rows: list[tuple[str, int, str, str, str]]) -> set[int]:
    """When stops that nobody knew of were noticed, in ms after the epoch."""
    begun = {(machine, at_ms): phase for machine, at_ms, _, phase, _ in rows}
    by_machine: dict[str, list[int]] = {}
    for machine, at_ms in sorted(begun):
        by_machine.setdefault(machine, []).append(at_ms)
    return {
        later - EPOCH_MS
        for machine, moments in by_machine.items()
        for at_ms, later in pairwise(moments)
        if begun[machine, at_ms] == "unnoticed"
    }


def test_a_twin_is_tended_on_rounds_and_shares_only_what_does_not_come_of_watching(tmp_path: Path) -> None:
    with Plant(tmp_path / "plant", inputs=False) as plant:
        jam_ms = order(plant, 2, what="fault", machine="mill-1", fault="jam", severity=1.0)
        stuck_ms = order(
            plant, 50, what="fault", machine="lathe-1", fault="stuck", signal="power_kw", duration_s=600
        )
        lost_ms = order(plant, 60, what="fault", machine="mill-2", fault="silent-drop", severity=1.0)
        plant.reach(HOURS * HOUR_MS)
        first, second = both(plant, HOURS * 60 - 10)
        of_plant, of_twin = faults(plant, plant.run.id), faults(plant, twin_run(plant.run.id))

    assert first["truth_intervals"] != second["truth_intervals"]
    assert all(at_ms % ROUNDS_MS == 0 for at_ms in noticed(second["truth_intervals"]))
    assert len(noticed(second["truth_intervals"])) > 3
    assert not all(at_ms % ROUNDS_MS == 0 for at_ms in noticed(first["truth_intervals"]))
    assert (second["calls"], second["responses"]) == ([], [])
    assert of_plant == {
        "jam": ("mill-1", jam_ms), "stuck": ("lathe-1", stuck_ms), "silent-drop": ("mill-2", lost_ms)
    }  # fmt: skip
    assert of_twin == {"jam": ("mill-1", jam_ms)}
    assert began(first, "mill-1", "jam") == began(second, "mill-1", "jam") == jam_ms + 1
    unknown = [row for row in first["intervals"] if row[0] == "mill-2" and row[2] == "unknown"]
    assert unknown[0][1] == pytest.approx(lost_ms, abs=10_000)
    assert not [row for row in second["intervals"] if row[2] == "unknown"]
