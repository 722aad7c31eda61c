"""One plant disturbed and one left alone, and whether their histories and KPIs are the same."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from protocol.moments import to_text
from protocol.twin import twin_run
from tests.chaos.dump import Row, differences, dump, in_words
from tests.chaos.kills import Kill, Killed, carried_out
from tests.chaos.plant import EPOCH_MS, HOUR_MS, MINUTE_MS, Plant
from tests.journeys.floor import ask, wait_for_page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.history.running import RunningPostgresql

PAGE_S = 30.0
BEYOND_MS = 15 * MINUTE_MS
"""So far both histories reach beyond what is compared: the end of an interval is the start of the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What came of it."""

    hours: int
    """Plant hours that were compared."""
    rows: dict[str, int]
    """Rows compared, by table."""
    windows: int
    """Windows whose KPIs were compared, of every machine, measured and true."""
    different: str
    """What differs, in words; empty when nothing does."""


def compare(
    folder: Path,
    *,
    seed: int,
    kills: list[Kill],
    say: Callable[[Killed], object],
    hours: int = 2,
    windows: int = 5,
    server: RunningPostgresql | None = None,
    workers: int = 1,
) -> Comparison:
    """Live a run with kills and the same run without, and compare them row for row.

    Whatever the first is kept in and however many divide its machines, the second is one process with a file.

    Args:
        folder: Where both keep what they keep.
        seed: Seed of the plant.
        kills: What is killed in the first of them.
        say: Called with each kill once it was done.
        hours: Plant hours that are compared at least.
        windows: Windows to the millisecond whose KPIs are compared, beside the whole.
        server: What keeps the history of the first of them; None for a file.
        workers: How many ingest processes divide the machines of the first of them.
    """
    with Plant(folder / "disturbed", seed=seed, server=server, workers=workers) as plant:
        for killed in carried_out(plant, kills):
            say(killed)
        hours = max(hours, -(-plant.committed_ms() // HOUR_MS))
        until_ms = EPOCH_MS + hours * HOUR_MS
        plant.reach(hours * HOUR_MS + BEYOND_MS)
        # It would go on, and take the time that the questions need.
        plant.kill("simulator")
        disturbed = rows_of(plant, until_ms)
        kpis_disturbed = kpis(plant, until_ms, seed, windows)
    with Plant(folder / "undisturbed", seed=seed) as plant:
        plant.reach(hours * HOUR_MS + BEYOND_MS)
        # It would go on, and take the time that the questions need.
        plant.kill("simulator")
        undisturbed = rows_of(plant, until_ms)
        kpis_undisturbed = kpis(plant, until_ms, seed, windows)
    different = [in_words(differences(undisturbed, disturbed))]
    different += [
        f"KPIs of {window}:\n  undisturbed {kpis_undisturbed[window]}\n  disturbed   {said}"
        for window, said in kpis_disturbed.items()
        if said != kpis_undisturbed[window]
    ]
    return Comparison(
        hours=hours,
        rows={table: len(rows) for table, rows in undisturbed.items()},
        windows=len(kpis_undisturbed),
        different="\n".join(part for part in different if part),
    )


def rows_of(plant: Plant, until_ms: int) -> dict[str, list[Row]]:
    """The rows of a plant and of its twin that begin before a moment, in order."""
    twin = dump(plant.url, twin_run(plant.run.id), until_ms)
    return dump(plant.url, plant.run.id, until_ms) | {f"twin: {table}": rows for table, rows in twin.items()}


def kpis(plant: Plant, until_ms: int, seed: int, windows: int) -> dict[str, Any]:
    """What the API says of every machine in windows to the millisecond, measured and true."""
    wait_for_page(plant.address, PAGE_S)
    choose = random.Random(seed)  # noqa: S311 - fixed windows, no secret
    answers: dict[str, Any] = {}
    edges = [(EPOCH_MS, until_ms)]
    edges += [tuple(sorted(choose.sample(range(EPOCH_MS, until_ms), 2))) for _ in range(windows)]  # type: ignore[misc]
    for from_ms, to_ms in edges:
        for source in ("measured", "truth"):
            window = {"from": to_text(from_ms), "to": to_text(to_ms), "source": source}
            answer = ask(plant.address, f"/api/kpis?{urlencode(window)}")
            answers[urlencode(window)] = _without_run(answer)
    return answers


def _without_run(answer: Any) -> Any:
    """An answer without the names of runs, at every depth."""
    if isinstance(answer, dict):
        return {key: _without_run(value) for key, value in answer.items() if key != "run"}
    return [_without_run(one) for one in answer] if isinstance(answer, list) else answer
