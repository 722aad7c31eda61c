"""The history of every version opens in this one: its rows and numbers stay, and it goes on."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine

from dashboard.history.store import Store, open_engine
from dashboard.history.version import HistoryError, newest, versions
from protocol.moments import to_text
from tests.broker.running import PROJECT, RunningBroker
from tests.history.running import RunningPostgresql
from tests.upgrades.answering import asking, differences
from tests.upgrades.conftest import VERSIONS, Opened
from tests.upgrades.opening import open_and_kill
from tests.upgrades.recorder import Said
from tests.upgrades.replaying import Listener, newest_clock
from tests.upgrades.rows import columns_of, making_of, rows_of
from tests.upgrades.served import make_tables, serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OLDEST = VERSIONS[0]
KILLED_AT = (3, 12)
"""Statements of the longest migration at which it is killed; `make upgrades` kills it at every one."""
MINUTE_MS = 60_000


@pytest.fixture(scope="module")
def server() -> Iterator[RunningPostgresql]:
    """A PostgreSQL server."""
    running = RunningPostgresql()
    running.start()
    yield running
    running.stop()


def test_the_newest_stored_version_has_the_tables_of_this_program() -> None:
    # `python -m tests.upgrades --store NAME` keeps the present one; CONTRIBUTING.md says when.
    assert VERSIONS[-1].schema == newest()
    assert OLDEST.schema == "1"


def test_every_row_is_there_after_the_migration(opened: Opened, tmp_path: Path) -> None:
    before, after = tmp_path / "before.db", tmp_path / "after.db"
    before.write_bytes(opened.before)
    after.write_bytes(opened.after)

    assert rows_of(after, columns_of(before)) == rows_of(before)
    assert len(rows_of(before)["intervals"]) > 50


def test_every_number_is_what_its_own_version_gave(opened: Opened, tmp_path: Path) -> None:
    file = opened.unpack(tmp_path)

    assert len(opened.version.answers) > 40
    assert differences(opened.version, f"sqlite:///{file}") == []


def test_a_second_opening_changes_nothing(opened: Opened, tmp_path: Path) -> None:
    file = opened.unpack(tmp_path)

    Store(f"sqlite:///{file}").close()

    assert file.read_bytes() == opened.after


def test_the_tables_of_each_version_are_those_that_its_steps_make(opened: Opened, tmp_path: Path) -> None:
    # A step that was changed after it was released would make others.
    before = tmp_path / "before.db"
    before.write_bytes(opened.before)
    engine = create_engine(f"sqlite:///{tmp_path}/made.db")
    with engine.begin() as connection:
        make_tables(connection, opened.version.schema)
    engine.dispose()

    made, stored = making_of(tmp_path / "made.db"), making_of(before)

    assert made.keys() - {"alembic_version"} == stored.keys() - {"alembic_version"}
    assert columns_of(tmp_path / "made.db") == columns_of(before)


def test_the_same_messages_again_change_nothing(opened: Opened, tmp_path: Path) -> None:
    file = opened.unpack(tmp_path)
    listener = Listener(f"sqlite:///{file}")
    listener.hear(opened.version.said)
    refused, repeats = listener.refused, listener.office.intake.repeats
    listener.close()
    unpacked = tmp_path / "after.db"
    unpacked.write_bytes(opened.after)

    assert refused == []
    assert repeats > 20
    measured = {name: columns_of(file)[name] for name in ("intervals", "counts", "truth_intervals")}
    assert rows_of(file, measured) == rows_of(unpacked, measured)


def test_the_history_goes_on_with_new_messages(opened: Opened, tmp_path: Path) -> None:
    file, version = opened.unpack(tmp_path), opened.version
    known_ms = rows_of(file, {"machines": ["run", "machine", "known_until_ms"]})["machines"]
    until_ms = max(until for run, machine, until in known_ms if (run, machine) == (version.run, "mill-1"))
    listener = Listener(f"sqlite:///{file}")
    listener.hear([one for one in version.said if one.topic.endswith(("/clock", "/birth"))])
    clock = {**newest_clock(version.said), "at": to_text(until_ms + 2 * MINUTE_MS)}
    batch = {"run": version.run, "at": to_text(until_ms), "state": "setup", "offsets_ms": [0, MINUTE_MS]}

    listener.hear(
        [
            Said("shopfloor/_plant/clock", json.dumps(clock)),
            Said("shopfloor/machining/mill-1/readings", json.dumps({**batch, "power_kw": [1.0, 2.0]})),
            Said(
                "shopfloor/_plant/tick", json.dumps({"run": version.run, "at": to_text(until_ms + MINUTE_MS)})
            ),
        ]
    )
    refused = listener.refused
    listener.close()

    assert refused == []
    mine = list(rows_of(file, {"intervals": ["run", "machine", "start_ms", "state"]})["intervals"])
    assert (version.run, "mill-1", until_ms, "setup") in mine
    assert differences(version, f"sqlite:///{file}") == []


def test_a_migration_that_is_killed_is_taken_up_again(tmp_path: Path) -> None:
    file = OLDEST.unpack(tmp_path)
    url, made = f"sqlite:///{file}", making_of(file)
    rows = rows_of(file)

    for statement in KILLED_AT:
        assert open_and_kill(url, statement, tmp_path / "log"), "it ended before"
        # Whoever looks now sees what was there before.
        assert making_of(file) == made
        assert rows_of(file) == rows
    Store(url).close()

    assert differences(OLDEST, url) == []


@pytest.mark.database
def test_on_a_server_it_is_the_same(server: RunningPostgresql, tmp_path: Path) -> None:
    url = server.database()
    serve(OLDEST, OLDEST.unpack(tmp_path), url)

    assert open_and_kill(url, 9, tmp_path / "log"), "it ended before"
    Store(url).close()

    assert differences(OLDEST, url) == []


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_a_later_history_is_refused_and_stays_as_it_is_to_the_last_byte(mode: str, tmp_path: Path) -> None:
    file = VERSIONS[-1].unpack(tmp_path)
    url = f"sqlite:///{file}"
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0099'")
        connection.commit()
        connection.exec_driver_sql(f"PRAGMA journal_mode={mode}")
    engine.dispose()
    before = file.read_bytes()

    with pytest.raises(HistoryError) as refused:
        open_engine(url, create=True)

    assert str(refused.value) == (
        f"the history at {url} has tables of version '0099', and this program knows them up to version "
        f"'{versions()[-1]}': it is of a later version of the product, and is left as it is; upgrade this "
        "program, or name another history with --history"
    )
    assert file.read_bytes() == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["history.db"]


def test_ingest_says_in_a_sentence_that_it_is_of_an_earlier_version_than_its_history(
    broker: RunningBroker, tmp_path: Path
) -> None:
    file = VERSIONS[-1].unpack(tmp_path)
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0099'")
    connection.close()
    before = file.read_bytes()
    command = [sys.executable, "-m", "dashboard", "ingest", "--history", f"sqlite:///{file}"]
    at_broker = ["--broker", broker.url, "--credentials", str(broker.credentials)]

    ended = subprocess.run([*command, *at_broker], cwd=PROJECT, capture_output=True, text=True, check=False)
    with asking(f"sqlite:///{file}") as client:
        answer = client.get("/api/runs")

    assert ended.returncode != 0
    assert "is of a later version of the product, and is left as it is" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert answer.status_code == 503
    assert "has tables of version '0099'" in answer.text
    assert str(tmp_path) not in answer.text
    assert file.read_bytes() == before


def test_a_file_of_another_program_stays_as_it_is_to_the_last_byte(tmp_path: Path) -> None:
    file = tmp_path / "history.db"
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        # A mark of Alembic's, as many programs have, and of a version that is one of ours by chance.
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num TEXT)")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('0004')")
        connection.exec_driver_sql("CREATE TABLE invoices (number INTEGER)")
    engine.dispose()
    before = file.read_bytes()

    with pytest.raises(HistoryError, match="holds tables of another program"):
        open_engine(f"sqlite:///{file}", create=True)

    assert file.read_bytes() == before
