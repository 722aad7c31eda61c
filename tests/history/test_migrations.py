"""A history of an earlier version is brought to the newest, and every row and number in it stays."""

import gzip
import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from dashboard.calendar.places import Calendar
from dashboard.calls.rules import CallRules
from dashboard.history import tables
from dashboard.history.called import Called
from dashboard.history.numbers import numbers_of
from dashboard.history.reader import Reader, Source
from dashboard.history.store import Store
from dashboard.history.version import HistoryError, newest
from dashboard.ingest.office import Office
from dashboard.ingest.share import MEASURING
from dashboard.kpi.basis import Basis
from tests.ingest.office_of_a_day import (
    EPOCH_MS,
    MINUTE,
    RUN,
    births,
    clock,
    close,
    give,
    minutes,
    open_office,
)

HERE = Path(__file__).parent
UNTIL_MS = EPOCH_MS + 75 * MINUTE
BASIS = Basis(calendar=Calendar.read())
COLUMNS = {
    "runs": "run, epoch_ms, now_ms, begun_wall_ms",
    "machines": "run, machine, path, since_ms, retired_ms, known_until_ms, last_at_ms, birth, learned",
}
"""What version 1 has of tables that got more since."""
LATER = {
    "schema", "alembic_version", "reasons", "rewrites", "learnings", "commands", "clearings", "hours",
    "calls", "responses", "unattended", "truth_faults", "segments", "deliveries", "taken", "commits",
}  # fmt: skip
"""Tables that version 1 has not, or says something else in."""


def stored(folder: Path) -> Path:
    """A history as version 1 left it: mill and press for six minutes, a press of one's own for 75."""
    file = folder / "history.db"
    file.write_bytes(gzip.decompress((HERE / "version-1.db.gz").read_bytes()))
    return file


def rows_of(file: Path) -> dict[str, list[Any]]:
    """Every row of every table of version 1."""
    with sqlite3.connect(file) as connection:
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        rows = {
            name: sorted(
                connection.execute(f"SELECT {COLUMNS.get(name, '*')} FROM {name}").fetchall(), key=repr
            )
            for name in names
            if name not in LATER
        }
    connection.close()
    return rows


def test_every_row_of_version_1_is_there_after_the_migration(tmp_path: Path) -> None:
    file = stored(tmp_path)
    before = rows_of(file)

    Store(f"sqlite:///{file}").close()

    assert {name: len(rows) for name, rows in before.items()} == {
        name: len(rows) for name, rows in rows_of(file).items()
    }
    assert rows_of(file) == before
    assert len(before) == 11
    assert all(before.values())


def test_every_number_of_version_1_is_the_same_after_the_migration(tmp_path: Path) -> None:
    file = stored(tmp_path)
    Store(f"sqlite:///{file}").close()
    reader = Reader(f"sqlite:///{file}")
    machines = reader.machines(RUN, retired=True)
    sources: tuple[Source, ...] = ("measured", "truth")
    found = {}

    for source in sources:
        for group in [*([one] for one in machines), machines]:
            numbers = numbers_of(
                reader,
                BASIS,
                group,
                EPOCH_MS + 30_000,
                UNTIL_MS - 30_000,
                source=source,
            )
            found[f"{source} {group[0].name if len(group) == 1 else 'plant'}"] = numbers
    reader.close()

    expected = json.loads((HERE / "version-1.json").read_text(encoding="utf-8"))
    for key in ("measured plant", "truth plant"):
        # Of several machines version 1 gave no parts.
        assert expected[key].pop("parts") is None
    assert {
        key: {name: getattr(found[key], name) for name in numbers} for key, numbers in expected.items()
    } == expected


def test_ingest_goes_on_in_a_migrated_history(tmp_path: Path) -> None:
    file = stored(tmp_path)
    office = open_office(tmp_path, UNTIL_MS)

    give(office, minutes(12))
    went_on = close(office, UNTIL_MS)
    file.unlink()
    anew = open_office(tmp_path, UNTIL_MS)
    give(anew, minutes(12))

    simulated = [row for row in close(anew, UNTIL_MS)["intervals"] if row[1] == "mill-1"]
    assert [row for row in went_on["intervals"] if row[1] == "mill-1"] == simulated


def test_a_new_history_and_a_migrated_one_have_the_tables_that_the_program_knows(tmp_path: Path) -> None:
    file = stored(tmp_path)

    for url in (f"sqlite:///{file}", f"sqlite:///{tmp_path}/new.db"):
        store = Store(url)
        with store.engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
        store.close()


def test_the_tables_are_stored_as_if_they_had_been_made_at_once(tmp_path: Path) -> None:
    Store(f"sqlite:///{stored(tmp_path)}").close()
    whole = create_engine(f"sqlite:///{tmp_path}/whole.db")
    tables.metadata.create_all(whole)
    whole.dispose()

    migrated = making_of(tmp_path / "history.db")
    migrated.pop("alembic_version")

    assert migrated == making_of(tmp_path / "whole.db")


def making_of(file: Path) -> dict[str, str]:
    """The statement by which SQLite made each table and index."""
    with sqlite3.connect(file) as connection:
        made = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    connection.close()
    return {name: re.sub(r"\s+", " ", sql) for name, sql in made}


def test_a_history_from_before_calls_has_none_and_takes_them_in(tmp_path: Path) -> None:
    file = stored(tmp_path)
    office = Office(
        root="shopfloor", store=Store(f"sqlite:///{file}"), calls=CallRules(), calendar=BASIS.calendar
    )
    give(office, [clock(UNTIL_MS + 10 * MINUTE), *births()])
    before = Called(office.store.engine).calls(RUN, 0)

    # The mill has been silent since its six minutes; the office has committed five of them.
    office.tick(RUN, UNTIL_MS + 10 * MINUTE, MEASURING)
    office.commit()
    calls = Called(office.store.engine).calls(RUN, 0)
    office.store.close()

    assert before == []
    assert ("mill-1", "no-data") in {(row.machine, row.rule) for row in calls}


def test_opening_a_migrated_history_again_changes_nothing(tmp_path: Path) -> None:
    file = stored(tmp_path)
    Store(f"sqlite:///{file}").close()
    before = file.read_bytes()

    Store(f"sqlite:///{file}").close()

    assert file.read_bytes() == before


def test_a_step_that_fails_leaves_the_history_as_it_was(tmp_path: Path) -> None:
    file = stored(tmp_path)
    with sqlite3.connect(file) as connection:
        # The second of the new tables is in the way.
        connection.execute("CREATE TABLE rewrites (number INTEGER)")
    connection.close()

    with pytest.raises(HistoryError, match="rewrites already exists"):
        Store(f"sqlite:///{file}")

    assert not {"reasons", "alembic_version"} & making_of(file).keys()


@pytest.mark.parametrize(
    ("statements", "sentence"),
    [
        (["UPDATE schema SET version = 3"], "tables of version '3', and this program knows them up to"),
        (
            [
                "CREATE TABLE alembic_version (version_num TEXT)",
                "INSERT INTO alembic_version VALUES ('0099')",
            ],
            "tables of version '0099', and this program knows them up to",
        ),
        (["DROP TABLE schema"], "holds tables of another program"),
    ],
)
def test_a_later_or_foreign_history_is_refused_in_one_sentence(
    statements: list[str], sentence: str, tmp_path: Path
) -> None:
    file = stored(tmp_path)
    with sqlite3.connect(file) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()
    before = making_of(file), rows_of(file)

    with pytest.raises(HistoryError, match=re.escape(sentence)) as refused:
        Store(f"sqlite:///{file}")

    assert "\n" not in str(refused.value)
    assert (making_of(file), rows_of(file)) == before


def test_a_file_that_is_no_history_is_refused_in_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "history.db"
    file.write_bytes(b"not a database " * 100)

    with pytest.raises(HistoryError, match="cannot be opened: file is not a database"):
        Store(f"sqlite:///{file}")


def test_a_reader_waits_for_ingest_to_migrate_and_changes_nothing_itself(tmp_path: Path) -> None:
    file = stored(tmp_path)
    reader = Reader(f"sqlite:///{file}")

    with pytest.raises(SQLAlchemyError, match="brings an older one to it when it starts"):
        reader.runs()
    assert "alembic_version" not in making_of(file)
    Store(f"sqlite:///{file}").close()

    assert [run.run for run in reader.runs()] == [RUN]
    assert reader.learnings(RUN, "my-press") == []
    reader.close()


def test_a_history_that_is_not_there_yet_has_no_runs(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path}/new.db", f"sqlite:///{tmp_path}/no/folder/new.db"):
        reader = Reader(url)

        assert reader.runs() == []
        reader.close()


def test_a_program_of_version_1_refuses_a_migrated_history(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{stored(tmp_path)}")
    with store.engine.connect() as connection:
        told = connection.scalar(text("SELECT version FROM schema"))
        version = connection.scalar(text("SELECT version_num FROM alembic_version"))
    store.close()

    # It read this number and wanted a 1.
    assert told == tables.SCHEMA == 2
    assert version == newest()
