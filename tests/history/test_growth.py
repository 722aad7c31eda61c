"""What a history takes does not grow with how long it has been there, where nothing more is kept."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from dashboard.history.called import calls_between
from dashboard.history.reader import Reader
from dashboard.history.store import LOG_BYTES, Store, Writes

RUN = "abc"
MINUTE_MS = 60_000
LONG = "x" * 100_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


@contextmanager
def plans_of(file: Path) -> Iterator[tuple[Reader, list[str]]]:
    """A reader of the file, and the steps by which the file answers what is asked through it."""
    reader, plans = Reader(f"sqlite:///{file}"), list[str]()

    def explain(_connection: object, _cursor: object, text: str, values: Any, *_: object) -> None:
        with closing(sqlite3.connect(file)) as connection:
            plans.extend(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", values))

    event.listen(reader._engine, "before_cursor_execute", explain)
    yield reader, plans
    reader.close()


def refusals(count: int) -> Writes:
    row = {"wall_ms": 1, "topic": "t", "reason": "r", "head": LONG, "retained": False}
    return Writes(refusals=[row] * count)


def test_a_log_that_grew_while_somebody_read_for_long_gives_its_room_back(file: Path) -> None:
    store = Store(f"sqlite:///{file}")
    log = file.with_name(f"{file.name}-wal")
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as reading:
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM refusals").fetchall()
        for _ in range(6):
            store.write(refusals(50))
        grown = log.stat().st_size
    for _ in range(3):
        store.write(refusals(1))

    assert grown > 1.5 * LOG_BYTES
    assert log.stat().st_size <= LOG_BYTES
    store.close()


def test_for_each_call_its_own_answers_are_looked_up_and_not_those_of_the_whole_run(file: Path) -> None:
    store = Store(f"sqlite:///{file}")
    calls = [
        {
            "run": RUN, "machine": "mill-1", "raised_ms": minute * MINUTE_MS, "rule": "stopped",
            "id": f"c{minute}", "cause": "jam", "since_ms": minute * MINUTE_MS - 1, "escalated_ms": None,
            "closed_ms": (minute + 1) * MINUTE_MS, "missed": False,
        }
        for minute in range(1, 21)
    ]  # fmt: skip
    answers = [
        {
            "run": RUN, "machine": "mill-1", "call": one["id"], "what": what,
            "at_ms": one["closed_ms"], "by": "anna",
        }
        for one in calls
        for what in ("acknowledged", "restored")
    ]  # fmt: skip
    store.write(Writes(calls=calls, responses=answers))
    store.close()
    with plans_of(file) as (reader, plans):
        found = calls_between(reader, RUN, ["mill-1"], 5 * MINUTE_MS, 8 * MINUTE_MS)

    assert [(call.id, sorted(said)) for call, said in found] == [
        (f"c{minute}", ["acknowledged", "restored"]) for minute in range(4, 8)
    ]
    assert [plan for plan in plans if " responses " in plan] == [
        "SEARCH responses USING PRIMARY KEY (run=? AND machine=? AND call=?)"
    ]


@pytest.mark.parametrize("signal", [None, "power_kw"])
def test_an_hour_of_signals_is_found_by_its_key_and_not_among_all_the_minutes_there_are(
    file: Path, signal: str | None
) -> None:
    store = Store(f"sqlite:///{file}")
    store.write(
        Writes(
            rollups=[
                (RUN, machine, name, minute * MINUTE_MS, 60, 60.0, 1.0, 1.0, 1.0, minute * MINUTE_MS)
                for machine in ("mill-1", "mill-2")
                for name in ("power_kw", "vibration_mm_s")
                for minute in range(500)
            ]
        )
    )
    store.close()

    with plans_of(file) as (reader, plans):
        found = reader.rollups(RUN, "mill-1", 400 * MINUTE_MS, 460 * MINUTE_MS, signal)
        none = reader.rollups(RUN, "mill-3", 400 * MINUTE_MS, 460 * MINUTE_MS, signal)

    assert {name: len(one.minute_ms) for name, one in found.items()} == {
        name: 60 for name in ("power_kw", "vibration_mm_s") if signal in {None, name}
    }
    assert none == {}
    by_key = (
        "SEARCH rollups USING PRIMARY KEY (run=? AND machine=? AND signal=? AND minute_ms>? AND minute_ms<?)"
    )
    assert plans.count(by_key) == 2
