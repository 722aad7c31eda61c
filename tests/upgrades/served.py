"""A stored history on a PostgreSQL server, as its version would have left it there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, create_engine, insert, select, text

from dashboard.history import migrations

if TYPE_CHECKING:
    from pathlib import Path

    from tests.upgrades.stored import Stored

MARK = "alembic_version"


def serve(version: Stored, file: Path, url: str) -> None:
    """Make the tables of a version in an empty database by its steps, and copy every row of a file."""
    source, target = create_engine(f"sqlite:///{file}"), create_engine(url)
    with source.connect() as reading, target.begin() as writing:
        make_tables(writing, version.schema)
        kept, made = MetaData(), MetaData()
        kept.reflect(reading)
        made.reflect(writing)
        writing.execute(text("DELETE FROM schema"))
        for table in kept.sorted_tables:
            rows = [dict(row) for row in reading.execute(select(table)).mappings()]
            if rows:
                writing.execute(insert(made.tables[table.name]), rows)
    source.dispose()
    target.dispose()


def make_tables(connection: Connection, schema: str) -> None:
    """Make the tables of a version, by the steps up to it; the first left no mark of its own."""
    steps = ScriptDirectory(next(iter(migrations.__path__)))
    revision = schema.zfill(4)
    with Operations.context(MigrationContext.configure(connection)):
        for step in reversed(list(steps.iterate_revisions(revision, "base"))):
            step.module.upgrade()
    if schema == revision:
        connection.execute(text(f"CREATE TABLE {MARK} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
