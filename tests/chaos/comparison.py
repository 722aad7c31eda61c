"""One plant disturbed and one left alone, and whether their histories and KPIs are the same."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from protocol.moments import to_text
from protocol.twin import twin_run
from tests.chaos.dump import Row, differences, dump, in_words
from tests.chaos.evidence import Balance, Kept, balance, kept
from tests.chaos.faults import Fault
from tests.chaos.journey import lived_through
from tests.chaos.plant import EPOCH_MS, HOUR_MS, MINUTE_MS, Plant
from tests.chaos.said import wait_until_said, wait_until_well
from tests.journeys.floor import wait_for_page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.chaos.faults import Episode
    from tests.chaos.journey import Befallen
    from tests.chaos.surroundings import Surroundings
    from tests.history.running import RunningPostgresql

PAGE_S = 60.0
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
    balance: Balance
    """Readings lost and doubled."""
    ended: list[str]
    """Parts that ended by themselves and were started again, as Compose does."""
    farewell: str
    """What the page said once the simulator had been asked to end; empty where it was not."""

    @property
    def is_well(self) -> bool:
        """Whether nothing differs, and no reading was lost or doubled."""
        return not self.different and self.balance.lost == 0 and self.balance.doubled == 0

    def in_words(self) -> list[str]:
        """What was compared, and what differs."""
        rows, of = sum(self.rows.values()), self.balance
        compared = (
            f"{self.hours} plant hours with faults and without: {rows:,} rows of {len(self.rows)} tables, "
            f"{self.windows} answers of KPIs for every machine; {self.different or 'no difference'}."
        )
        counted = (
            f"{of.readings:,} readings, which the disturbed history has in {of.messages:,} messages: "
            f"readings lost {of.lost}, doubled {of.doubled} ({of.told_twice:,} came again in another message "
            "and were counted once)."
        )
        said = [compared, counted]
        if self.farewell:
            said += [f"Asked to end, the simulator ends its run; the page: {self.farewell}"]
        return said + [f"Started again: {one}" for one in dict.fromkeys(self.ended)]


def compare(
    folder: Path,
    *,
    seed: int,
    episodes: list[Episode],
    say: Callable[[Befallen], object],
    hours: int = 2,
    windows: int = 5,
    server: RunningPostgresql | None = None,
    workers: int = 1,
    around: Surroundings | None = None,
    speed: str = "max",
    farewell: bool = False,
) -> Comparison:
    """Live a run with faults and the same run without, and compare them row for row.

    Whatever the first is kept in and however many divide its machines, the second is one process with a file.

    Args:
        folder: Where both keep what they keep.
        seed: Seed of the plant.
        episodes: What befalls the first of them.
        say: Called with each fault once it is over.
        hours: Plant hours that are compared at least.
        windows: Windows to the millisecond whose KPIs are compared, beside the whole.
        server: What keeps the history of the first of them; None for a file.
        workers: How many ingest processes divide the machines of the first of them.
        around: What is around the parts of the first of them.
        speed: How fast the first of them lives; the second hurries.
        farewell: Whether the first is asked to end, and the page what it says of that.
    """
    with Plant(
        folder / "disturbed", seed=seed, server=server, workers=workers, around=around, speed=speed
    ) as plant:
        for befallen in lived_through(plant, episodes):
            say(befallen)
        hours = max(hours, -(-plant.committed_ms() // HOUR_MS))
        until_ms = EPOCH_MS + hours * HOUR_MS
        plant.reach(hours * HOUR_MS + BEYOND_MS)
        last_word = _ended_in_order(plant) if farewell else ""
        disturbed = _found(plant, until_ms, seed, windows)
        ended = plant.ended
    with Plant(folder / "undisturbed", seed=seed) as plant:
        plant.reach(hours * HOUR_MS + BEYOND_MS)
        undisturbed = _found(plant, until_ms, seed, windows)
    different = [in_words(differences(undisturbed.rows, disturbed.rows))]
    different += [
        f"KPIs of {window}:\n  undisturbed {undisturbed.kpis[window]}\n  disturbed   {said}"
        for window, said in disturbed.kpis.items()
        if said != undisturbed.kpis[window]
    ]
    return Comparison(
        hours=hours,
        rows={table: len(rows) for table, rows in undisturbed.rows.items()},
        windows=len(undisturbed.kpis),
        different="\n".join(part for part in different if part),
        balance=balance(undisturbed.kept, disturbed.kept),
        ended=ended,
        farewell=last_word,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What is compared of a plant."""

    rows: dict[str, list[Row]]
    kpis: dict[str, Any]
    kept: Kept


def _found(plant: Plant, until_ms: int, seed: int, windows: int) -> _Found:
    # It would go on, and take the time that the questions need.
    if "simulator" not in plant.down:
        plant.kill("simulator")
    return _Found(
        rows=rows_of(plant, until_ms),
        kpis=kpis(plant, until_ms, seed, windows),
        kept=kept(plant.url, plant.run.id, EPOCH_MS, until_ms),
    )


def _ended_in_order(plant: Plant) -> str:
    """Ask the simulator to end, and the page what that is: it ends its run, so it can be asked but once."""
    wait_until_well(plant)
    plant.terminate("simulator")
    asked = Fault(kind="restarted", part="simulator", begins_s=0.0, lasts_s=0.0, told=True)
    return wait_until_said(plant, asked)


def rows_of(plant: Plant, until_ms: int) -> dict[str, list[Row]]:
    """The rows of a plant and of its twin that begin before a moment, in order."""
    twin = dump(plant.url, twin_run(plant.run.id), until_ms)
    return dump(plant.url, plant.run.id, until_ms) | {f"twin: {table}": rows for table, rows in twin.items()}


def kpis(plant: Plant, until_ms: int, seed: int, windows: int) -> dict[str, Any]:
    """What the API says of every machine in windows to the millisecond, measured and true."""
    with plant.beside("web"):
        wait_for_page(plant.address, PAGE_S)
    choose = random.Random(seed)  # noqa: S311 - fixed windows, no secret
    answers: dict[str, Any] = {}
    edges = [(EPOCH_MS, until_ms)]
    edges += [tuple(sorted(choose.sample(range(EPOCH_MS, until_ms), 2))) for _ in range(windows)]  # type: ignore[misc]
    for from_ms, to_ms in edges:
        for source in ("measured", "truth"):
            window = {"from": to_text(from_ms), "to": to_text(to_ms), "source": source}
            answer = plant.answer(f"/api/kpis?{urlencode(window)}")
            answers[urlencode(window)] = _without_run(answer)
    return answers


def _without_run(answer: Any) -> Any:
    """An answer without the names of runs, at every depth."""
    if isinstance(answer, dict):
        return {key: _without_run(value) for key, value in answer.items() if key != "run"}
    return [_without_run(one) for one in answer] if isinstance(answer, list) else answer
