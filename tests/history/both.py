"""A year's worth of machines in eight days, read with books and without."""

from pathlib import Path

import numpy as np
from sqlalchemy import Engine, create_engine, delete, insert

from benchmarks.year import RUN, Size
from dashboard.calendar.places import Calendar
from dashboard.history import tables
from dashboard.history.books import Books
from dashboard.history.numbers import accounts_of
from dashboard.history.reader import Reader
from dashboard.history.rows import MachineRow
from dashboard.kpi.account import Account
from dashboard.kpi.basis import Basis
from dashboard.kpi.choices import Choices

PROJECT = Path(__file__).parents[2]
SMALL = Size(machines=4, days=8)
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
BASIS = Basis(
    calendar=Calendar.read(PROJECT / "benchmarks" / "calendar.toml"), choices=Choices(debounce_ms=2_000)
)


class Both:
    """The same history read with books and without."""

    def __init__(self, file: Path | str, **settings: int) -> None:
        url = file if isinstance(file, str) else f"sqlite:///{file}"
        self.plain, self.quick = Reader(url), Reader(url)
        self.books = self.quick.books = Books(self.quick, BASIS, **settings)

    def machines(self) -> list[MachineRow]:
        """All machines, the retired ones too."""
        return self.plain.machines(RUN, retired=True)

    def accounts(self, from_ms: int, to_ms: int) -> tuple[list[Account], list[Account]]:
        """What each machine did, with books and without."""
        found = [
            accounts_of(reader, BASIS, reader.machines(RUN, retired=True), from_ms, to_ms)
            for reader in (self.quick, self.plain)
        ]
        return found[0], found[1]

    def writing(self) -> Engine:
        """What writes to the history, as ingest would."""
        return create_engine(f"sqlite:///{self.plain._engine.url.database}")

    def close(self) -> None:
        """Leave the history."""
        self.plain.close()
        self.quick.close()


def windows(count: int) -> list[tuple[int, int]]:
    random = np.random.default_rng(7)
    edges = random.integers(SMALL.from_ms - DAY_MS, SMALL.to_ms + HOUR_MS, (count, 2))
    edges[::5, 1] = edges[::5, 0] + random.integers(1, HOUR_MS, len(edges[::5]))
    return [(min(pair), max(pair) + 1) for pair in edges.tolist()]


def rewrite(both: Both, machine: str, from_ms: int) -> None:
    """Let a machine have been down from a moment on for an hour, as a late batch would."""
    engine = both.writing()
    t, mine = tables.intervals, {"run": RUN, "machine": machine}
    with engine.begin() as connection:
        connection.execute(
            delete(t).where(
                t.c.run == RUN, t.c.machine == machine, t.c.start_ms >= from_ms,
                t.c.start_ms < from_ms + HOUR_MS,
            )
        )  # fmt: skip
        connection.execute(insert(t), {**mine, "start_ms": from_ms, "state": "down", "cause": "late"})
        connection.execute(insert(tables.rewrites), {**mine, "from_ms": from_ms})
    engine.dispose()
