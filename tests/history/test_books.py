"""Numbers are the same with and without books, whatever is rewritten, forgotten or still to come."""

import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import create_engine, delete, insert, select, update

from benchmarks.naive import naive
from benchmarks.year import RUN, Size, make_year
from dashboard.history import groups, tables
from dashboard.history.books import Books
from dashboard.history.numbers import numbers_in, numbers_of
from dashboard.history.reader import Reader
from dashboard.history.shelves import SEAL_MS
from dashboard.history.store import Store
from dashboard.kpi.basis import Basis
from dashboard.kpi.book import Book, Lookup
from dashboard.parts import SILENT
from tests.history.both import BASIS, DAY_MS, HOUR_MS, SMALL, Both, rewrite, windows

MONTH = Size(machines=10, days=30)


@pytest.fixture(autouse=True, params=[groups.MANY, 1], ids=["made ready each time", "kept ready"])
def many(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """From how many machines on books are kept ready: none of these tests has as many, or all have."""
    monkeypatch.setattr(groups, "MANY", request.param)


def test_any_window_is_the_same_with_and_without_books(both: Both) -> None:
    both.books.keep()

    for window in windows(10):
        quick, plain = both.accounts(*window)
        assert quick == plain
        assert [one.target_parts for one in quick] == [one.target_parts for one in plain]


def test_many_windows_at_once_are_what_each_is_by_itself(both: Both) -> None:
    chosen = [*windows(12), (SMALL.from_ms - DAY_MS, SMALL.from_ms), (SMALL.to_ms - 5, SMALL.to_ms + DAY_MS)]
    for kept in (False, True):
        for machines in (both.machines(), both.machines()[:1]):
            found = numbers_in(both.quick, BASIS, machines, chosen)

            assert found == numbers_in(both.plain, BASIS, machines, chosen)
            assert found == [numbers_of(both.quick, BASIS, machines, *window) for window in chosen]
        if not kept:
            both.books.keep()
    assert numbers_in(both.quick, BASIS, [], windows(2)) == numbers_in(both.plain, BASIS, [], windows(2))


def test_machines_that_count_nothing_or_have_no_cycle_are_summed_as_they_are(both: Both) -> None:
    engine, t = both.writing(), tables.machines
    with engine.begin() as connection:
        mine = t.c.machine == "machine-001"
        birth = json.loads(connection.execute(select(t.c.birth).where(mine)).scalar_one())
        connection.execute(
            update(t).where(mine).values(birth=json.dumps({**birth, "ideal_cycle_s": None}).encode())
        )
        connection.execute(delete(tables.counts).where(tables.counts.c.machine == "machine-002"))
        connection.execute(
            update(tables.counts).where(tables.counts.c.machine == "machine-003").values(rejects=SILENT)
        )
    engine.dispose()
    both.books.keep()

    found = numbers_in(both.quick, BASIS, both.machines(), windows(10))

    assert found == numbers_in(both.plain, BASIS, both.machines(), windows(10))
    assert {one.ideal_cycle_ms for one in found} == {None}


def test_who_asks_while_books_grow_and_are_cut_is_told_what_holds(both: Both) -> None:
    until_ms = SMALL.from_ms + 3 * DAY_MS
    machines = both.machines()
    expected = both.accounts(SMALL.from_ms + 7, until_ms)[1]
    wrong, done = [], threading.Event()

    def ask() -> None:
        while not done.is_set():
            if both.books.accounts(machines, SMALL.from_ms + 7, until_ms) != expected:
                wrong.append(True)

    asking = [threading.Thread(target=ask) for _ in range(3)]
    for one in asking:
        one.start()
    for number in range(12):
        # After what is asked for: the books are cut there, and their blocks are used for others.
        rewrite(both, f"machine-00{number % 4 + 1}", until_ms + (12 - number) * HOUR_MS)
        both.books.keep()
    done.set()
    for one in asking:
        one.join()

    assert not wrong
    quick, plain = both.accounts(SMALL.from_ms, SMALL.to_ms)
    assert quick == plain


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
    engine = both.writing()
    with engine.begin() as connection:
        connection.execute(delete(tables.rewrites).where(tables.rewrites.c.number < 6))
    engine.dispose()

    quick, plain = both.accounts(SMALL.from_ms, SMALL.to_ms)

    assert quick == plain


def test_a_book_grows_with_its_machine(both: Both) -> None:
    engine = both.writing()
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
    engine = both.writing()
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


def test_what_is_cut_and_grows_again_takes_no_more_memory(both: Both) -> None:
    both.books.keep()
    before = both.books.nbytes

    for number in range(5):
        rewrite(both, "machine-002", SMALL.from_ms + (7 - number) * DAY_MS)
        both.books.keep()

    # A machine that is down for five hours more has fewer pieces, if anything.
    assert both.books.nbytes <= before


def test_books_keep_to_their_memory_and_answer_all_the_same(year: Path) -> None:
    readers = Both(year, memory_bytes=30_000)
    readers.books.keep()

    quick, plain = readers.accounts(SMALL.from_ms, SMALL.to_ms)

    assert quick == plain
    assert 0 < readers.books.nbytes < 120_000
    readers.close()


def test_what_was_made_ready_for_many_machines_is_used_until_a_book_is_another(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "MANY", 4)
    made: list[int] = []
    lookup_of = Lookup.of

    def counted(books: Sequence[Book]) -> Lookup:
        made.append(len(books))
        return lookup_of(books)

    monkeypatch.setattr(Lookup, "of", counted)
    both.books.keep()
    until_ms = SMALL.to_ms - DAY_MS
    earlier = [window for window in windows(20) if window[1] <= until_ms]

    for window in earlier:
        quick, plain = both.accounts(*window)
        assert quick == plain
    assert earlier
    assert made.count(4) == 1

    rewrite(both, "machine-002", SMALL.from_ms + 3 * DAY_MS)
    quick, plain = both.accounts(SMALL.from_ms, until_ms)

    assert quick == plain
    assert made.count(4) > 1
