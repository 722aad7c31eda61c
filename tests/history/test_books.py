"""Numbers are the same with and without books, whatever is rewritten, forgotten or still to come."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import create_engine, delete, insert, update

from benchmarks.naive import naive
from benchmarks.year import RUN, Size, make_year
from dashboard.calendar.places import Calendar
from dashboard.history import tables
from dashboard.history.books import Books
from dashboard.history.numbers import accounts_of, numbers_of
from dashboard.history.reader import MachineRow, Reader
from dashboard.history.shelves import SEAL_MS
from dashboard.history.store import Store
from dashboard.kpi.account import Account
from dashboard.kpi.basis import Basis
from dashboard.kpi.choices import Choices
from dashboard.parts import SILENT

PROJECT = Path(__file__).parents[2]
MONTH = Size(machines=10, days=30)
SMALL = Size(machines=4, days=8)
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
BASIS = Basis(
    calendar=Calendar.read(PROJECT / "benchmarks" / "calendar.toml"), choices=Choices(debounce_ms=2_000)
)


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("year") / "history.db"
    make_year(file, SMALL)
    return file


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

    def close(self) -> None:
        """Leave the history."""
        self.plain.close()
        self.quick.close()


@pytest.fixture
def both(tmp_path: Path, year: Path) -> Iterator[Both]:
    file = tmp_path / "history.db"
    file.write_bytes(year.read_bytes())
    readers = Both(file)
    yield readers
    readers.close()


def windows(count: int) -> list[tuple[int, int]]:
    random = np.random.default_rng(7)
    edges = random.integers(SMALL.from_ms - DAY_MS, SMALL.to_ms + HOUR_MS, (count, 2))
    edges[::5, 1] = edges[::5, 0] + random.integers(1, HOUR_MS, len(edges[::5]))
    return [(min(pair), max(pair) + 1) for pair in edges.tolist()]


def rewrite(both: Both, machine: str, from_ms: int) -> None:
    """Let a machine have been down from a moment on for an hour, as a late batch would."""
    engine = create_engine(f"sqlite:///{both.plain._engine.url.database}")
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


def test_any_window_is_the_same_with_and_without_books(both: Both) -> None:
    both.books.keep()

    for window in windows(10):
        quick, plain = both.accounts(*window)
        assert quick == plain
        assert [one.target_parts for one in quick] == [one.target_parts for one in plain]


def test_a_month_of_ten_machines_is_what_it_is_in_pandas(tmp_path: Path) -> None:
    file = tmp_path / "month.db"
    make_year(file, MONTH)
    url = f"sqlite:///{file}"
    basis, reader, engine = Basis(calendar=BASIS.calendar), Reader(url), create_engine(url)
    reader.books = Books(reader, basis)
    reader.books.keep()
    random = np.random.default_rng(3)

    for machine in reader.machines(RUN):
        from_ms, to_ms = sorted(random.integers(MONTH.from_ms, MONTH.to_ms, 2).tolist())
        found = numbers_of(reader, basis, [machine], from_ms, to_ms)
        expected = naive(engine, machine.name, basis.calendar.site, from_ms, to_ms)
        assert {name: getattr(found, name) for name in expected} == expected
    engine.dispose()
    reader.close()


def test_what_is_rewritten_is_not_answered_from_an_old_book(both: Both) -> None:
    both.books.keep()
    middle = SMALL.from_ms + 5 * DAY_MS
    before = both.accounts(SMALL.from_ms, SMALL.to_ms)[0]

    rewrite(both, "machine-003", middle)
    rewrite(both, "machine-003", middle - 40 * HOUR_MS)
    quick, plain = both.accounts(SMALL.from_ms, SMALL.to_ms)

    assert quick == plain
    assert [one == two for one, two in zip(quick, before, strict=True)].count(False) == 1
    for window in windows(10):
        assert both.accounts(*window)[0] == both.accounts(*window)[1]


def test_where_rewrites_are_kept_no_longer_every_book_is_begun_again(both: Both) -> None:
    for number in range(3):
        rewrite(both, "machine-001", SMALL.from_ms + (6 - number) * DAY_MS)
    both.books.keep()
    for number in range(3):
        rewrite(both, "machine-002", SMALL.from_ms + (5 - number) * DAY_MS)
    engine = create_engine(f"sqlite:///{both.plain._engine.url.database}")
    with engine.begin() as connection:
        connection.execute(delete(tables.rewrites).where(tables.rewrites.c.number < 6))
    engine.dispose()

    quick, plain = both.accounts(SMALL.from_ms, SMALL.to_ms)

    assert quick == plain


def test_a_book_grows_with_its_machine(both: Both) -> None:
    engine = create_engine(f"sqlite:///{both.plain._engine.url.database}")
    t = tables.machines
    for hours in (100, 100.2, 102, 103, 190):
        with engine.begin() as connection:
            connection.execute(update(t).values(known_until_ms=SMALL.from_ms + int(hours * HOUR_MS)))
        both.books.keep()

        for to_ms in (SMALL.from_ms + int(hours * HOUR_MS), SMALL.from_ms + int(hours * HOUR_MS) - SEAL_MS):
            quick, plain = both.accounts(SMALL.from_ms + 1, to_ms)
            assert quick == plain
    engine.dispose()


def test_a_machine_that_was_retired_or_came_later_is_charged_for_its_own_time(both: Both) -> None:
    both.books.keep()
    engine = create_engine(f"sqlite:///{both.plain._engine.url.database}")
    t = tables.machines
    with engine.begin() as connection:
        connection.execute(
            update(t).where(t.c.machine == "machine-001").values(retired_ms=SMALL.from_ms + 3 * DAY_MS)
        )
        connection.execute(
            update(t).where(t.c.machine == "machine-002").values(since_ms=SMALL.from_ms + 3 * DAY_MS)
        )
        connection.execute(
            update(t).where(t.c.machine == "machine-003").values(since_ms=SMALL.from_ms - 3 * DAY_MS)
        )
    engine.dispose()

    for window in windows(10):
        quick, plain = both.accounts(*window)
        assert quick == plain


Rows = dict[str, list[dict[str, Any]]]


def told() -> dict[str, Rows]:
    """What is told of four machines in four days; their counters leave each other out, or say nothing."""
    random, found = np.random.default_rng(5), dict[str, Rows]()
    for name, silent in (("a", (0.9, 0.9)), ("b", (0.0, 1.0)), ("c", (1.0, 1.0)), ("d", (0.5, 0.0))):
        mine = {"run": RUN, "machine": name}
        starts = np.unique(random.integers(SMALL.from_ms, SMALL.from_ms + 4 * DAY_MS, 600)).tolist()
        states = random.choice(["running", "idle", "down", "unknown"], len(starts)).tolist()
        # No two alike side by side, and words that are not in ASCII.
        causes = ["störung", "starved by ü"] * len(starts)
        at = np.unique(random.integers(SMALL.from_ms - HOUR_MS, SMALL.from_ms + 4 * DAY_MS, 400))
        columns = [np.where(random.random(len(at)) < one, SILENT, np.arange(len(at))) for one in silent]
        found[name] = {
            "intervals": [
                {**mine, "start_ms": start, "state": state, "cause": cause}
                for start, state, cause in zip(starts, states, causes, strict=False)
            ],
            "counts": [
                {**mine, "at_ms": moment, "parts": parts, "rejects": rejects}
                for moment, parts, rejects in zip(
                    at.tolist(), *(one.tolist() for one in columns), strict=True
                )
            ],
        }
    return found


def test_books_read_either_database_and_counters_that_leave_each_other_out(history: str) -> None:
    store, every = Store(history), told()
    run = {"run": RUN, "epoch_ms": SMALL.from_ms, "now_ms": SMALL.to_ms, "begun_wall_ms": 0}
    since = {"run": RUN, "path": "", "since_ms": SMALL.from_ms, "known_until_ms": 0, "last_at_ms": 0}
    with store.engine.begin() as connection:
        connection.execute(insert(tables.runs), run)
        connection.execute(insert(tables.machines), [{**since, "machine": name} for name in every])
    readers, before_ms = Both(history), 0
    for hours, kept in ((56, True), (57, False), (76, False), (96, True)):
        until_ms = SMALL.from_ms + hours * HOUR_MS
        with store.engine.begin() as connection:
            for name, rows in every.items():
                for table, moment in ((tables.intervals, "start_ms"), (tables.counts, "at_ms")):
                    new = [row for row in rows[table.name] if before_ms <= row[moment] < until_ms]
                    connection.execute(insert(table), new)
                mine = tables.machines.c.machine == name
                connection.execute(update(tables.machines).where(mine).values(known_until_ms=until_ms))
        before_ms = until_ms
        if kept:
            readers.books.keep()
        for from_ms, to_ms in (
            *windows(1),
            (SMALL.from_ms, until_ms),
            (until_ms - HOUR_MS, until_ms + 1_000),
        ):
            quick, plain = readers.accounts(from_ms, to_ms)
            assert quick == plain
    store.close()
    readers.close()


def test_books_keep_to_their_memory_and_answer_all_the_same(year: Path) -> None:
    readers = Both(year, memory_bytes=30_000)
    readers.books.keep()

    quick, plain = readers.accounts(SMALL.from_ms, SMALL.to_ms)

    assert quick == plain
    assert 0 < readers.books.nbytes < 120_000
    readers.close()
