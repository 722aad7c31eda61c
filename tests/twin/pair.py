"""A plant and its twin around one history, with what is ordered of both written down before they begin."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from protocol.messages import PlantCommand
from protocol.twin import twin_run
from tests.chaos.dump import dump
from tests.chaos.plant import ASSUMPTIONS, EPOCH_MS, MINUTE_MS, Plant

if TYPE_CHECKING:
    from pathlib import Path

    from tests.chaos.dump import Row

OF_PLANT_ALONE = ("calls", "responses", "segments")
"""The tables that are empty of a twin: it is not called for, and lives by the plant's assumptions."""
ROUNDS_MS = 1_200_000
"""How often the people of the plant look at everything, as `assumptions.toml` has it."""


def deaf(folder: Path) -> Path:
    """What is assumed of the plant, but that nobody hears any call: the rules of the twin."""
    file, text = folder / "assumptions.toml", ASSUMPTIONS.read_text(encoding="utf-8")
    for key in ("calls", "condition"):
        assert f"[{key}]\nvalue = true" in text
        text = text.replace(f"[{key}]\nvalue = true", f"[{key}]\nvalue = false")
    file.write_text(text, encoding="utf-8")
    return file


def order(plant: Plant, minutes: float, **asked: Any) -> int:
    """Write down an order, so many minutes after the epoch; its plant time, ms since 1970."""
    at_ms = EPOCH_MS + round(minutes * MINUTE_MS) + 1
    command = PlantCommand(id=f"order-{minutes}-{asked.get('machine', '')}", **asked)
    plant.run.note("order", order=command, at_ms=at_ms)
    return at_ms


def both(plant: Plant, until_minutes: float) -> tuple[dict[str, list[Row]], dict[str, list[Row]]]:
    """The rows of the plant and those of its twin that begin before a moment, by table."""
    until_ms = EPOCH_MS + round(until_minutes * MINUTE_MS)
    return (
        dump(plant.history, plant.run.id, until_ms),
        dump(plant.history, twin_run(plant.run.id), until_ms),
    )


def told_by_both(first: dict[str, list[Row]], second: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """Of the rows of a plant those that its twin may have, too: none about calls, and of the same signals."""
    signals = {row[:2] for row in second["rollups"]}
    told = {name: rows for name, rows in first.items() if name not in OF_PLANT_ALONE}
    return told | {"rollups": [row for row in first["rollups"] if row[:2] in signals]}


def faults(plant: Plant, run: str) -> dict[str, tuple[str, int]]:
    """The faults that the truth of a run tells of: machine and beginning, by the fault."""
    with sqlite3.connect(f"file:{plant.history}?mode=ro", uri=True, timeout=10) as connection:
        rows = connection.execute(
            "SELECT fault, machine, from_ms FROM truth_faults WHERE run = ?", (run,)
        ).fetchall()
    connection.close()
    return {fault: (machine, from_ms) for fault, machine, from_ms in rows}


def began(rows: dict[str, list[Row]], machine: str, cause: str) -> int | None:
    """When a machine truly had a cause to stop for the first time, ms since 1970."""
    return next((row[1] for row in rows["truth_intervals"] if row[0] == machine and row[4] == cause), None)
