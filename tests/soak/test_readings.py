"""A reading that is missing, and one that counts twice, are found; what a fault took away is told apart."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from shutil import copy

import msgspec
import pytest

from dashboard.history.store import Store, pack
from protocol.messages import Birth
from protocol.moments import from_ms, to_text
from tests.soak.readings import BEHIND_MS, HOUR_MS, MINUTE_MS, Found, Ledger

BEGUN_MS = 1_767_592_800_000
"""A whole hour."""
PERIOD_MS = 10_000
HOURS = 3
COMMITTED_MS = BEGUN_MS + HOURS * HOUR_MS + BEHIND_MS


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three hours of a machine that says something every minute, and shows its power every ten seconds."""
    file = tmp_path_factory.mktemp("whole") / "history.db"
    Store(f"sqlite:///{file}").close()
    birth = Birth(at=from_ms(BEGUN_MS), run="abc", simulated=True, period_ms=PERIOD_MS)
    with closing(sqlite3.connect(file)) as connection:
        insert(connection, "machines", "abc", "mill-1", "", BEGUN_MS - 2 * HOUR_MS, None, 0, None,
               msgspec.json.encode(birth), None, None, None, None)  # fmt: skip
        for minute in range(-60, HOURS * 60):
            say(connection, BEGUN_MS + minute * MINUTE_MS)
        connection.commit()
    return file


@pytest.fixture
def history(whole: Path, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """The same, to be changed."""
    with closing(sqlite3.connect(copy(whole, tmp_path / "history.db"))) as connection:
        yield connection


def insert(history: sqlite3.Connection, table: str, *values: object) -> None:
    history.execute(f"INSERT INTO {table} VALUES ({','.join('?' * len(values))})", values)


def say(history: sqlite3.Connection, at_ms: int, *, digest: str = "", counted: bool = True) -> None:
    """A message of one minute, and the minute that counts its six readings."""
    offsets = list(range(0, MINUTE_MS, PERIOD_MS))
    said = {"at": to_text(at_ms), "offsets_ms": offsets, "power_kw": [3.0] * len(offsets)}
    insert(history, "readings", "abc", "mill-1", at_ms, digest, at_ms + offsets[-1], at_ms, 0,
           pack(msgspec.json.encode(said)))  # fmt: skip
    if counted:
        insert(history, "rollups", "abc", "mill-1", "power_kw", at_ms, 6, 18.0, 3.0, 3.0, 3.0, at_ms)


def found(history: sqlite3.Connection) -> Found:
    """What is found in the three hours."""
    history.commit()
    ((_, _, file),) = history.execute("PRAGMA database_list")
    ledger = Ledger(Path(file), BEGUN_MS)
    for _ in range(HOURS + 2):
        ledger.look("abc", COMMITTED_MS)
    return ledger.found


def unsay(history: sqlite3.Connection, tables: Sequence[str], minute: int) -> None:
    """What was said of a minute is not there."""
    column = {"readings": "from_ms", "rollups": "minute_ms"}
    for table in tables:
        history.execute(f"DELETE FROM {table} WHERE {column[table]} = ?", (BEGUN_MS + minute * MINUTE_MS,))


def test_of_a_whole_history_nothing_is_lost_or_doubled(history: sqlite3.Connection) -> None:
    assert found(history) == Found(hours=3, readings=HOURS * 360, values=HOURS * 360)


def test_an_hour_is_looked_at_once_what_is_late_has_come(history: sqlite3.Connection) -> None:
    ((_, _, file),) = history.execute("PRAGMA database_list")
    history.commit()
    ledger = Ledger(Path(file), BEGUN_MS)

    ledger.look("abc", BEGUN_MS + HOUR_MS + BEHIND_MS - 1)

    assert ledger.found.hours == 0


@pytest.mark.parametrize("minute", [0, 30, 59, 60])
def test_a_message_that_is_missing_is_six_readings_lost(history: sqlite3.Connection, minute: int) -> None:
    unsay(history, ("readings", "rollups"), minute)

    assert found(history).lost == 6


def test_a_machine_that_is_silent_for_an_hour_has_lost_them_all(history: sqlite3.Connection) -> None:
    for minute in range(60, 120):
        unsay(history, ("readings", "rollups"), minute)

    assert found(history).lost == pytest.approx(360, abs=1)


def test_a_minute_that_is_missing_has_lost_its_values(history: sqlite3.Connection) -> None:
    unsay(history, ("rollups",), 7)

    assert found(history).lost == 6


def test_a_minute_that_counts_a_message_twice_is_six_values_doubled(history: sqlite3.Connection) -> None:
    say(history, BEGUN_MS + 7 * MINUTE_MS, digest="again", counted=False)
    assert found(history).doubled == 0

    history.execute("UPDATE rollups SET count = 12 WHERE minute_ms = ?", (BEGUN_MS + 7 * MINUTE_MS,))

    assert found(history).doubled == 6


def test_what_a_fault_of_the_link_took_away_is_not_lost(history: sqlite3.Connection) -> None:
    unsay(history, ("readings", "rollups"), 30)
    at_ms = BEGUN_MS + 30 * MINUTE_MS
    insert(history, "truth_faults", "abc", "mill-1", "silent-drop", "", at_ms, at_ms + MINUTE_MS, 0.5)

    one = found(history)

    assert (one.lost, one.taken_away) == (0, 6)


def test_beside_a_fault_that_takes_nothing_away_what_is_missing_is_lost(history: sqlite3.Connection) -> None:
    unsay(history, ("readings", "rollups"), 30)
    at_ms = BEGUN_MS + 30 * MINUTE_MS
    insert(history, "truth_faults", "abc", "mill-1", "delay", "", at_ms, at_ms + MINUTE_MS, 0.5)

    assert found(history).lost == 6
