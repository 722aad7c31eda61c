"""What a history holds, and how its tables are made."""

from __future__ import annotations

import re
import sqlite3
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

MARKS = ("schema", "alembic_version")
"""Tables that say of which version the others are."""


def rows_of(file: Path, like: dict[str, list[str]] | None = None) -> dict[str, list[Any]]:
    """Every row of every table, or of those tables and columns alone; without the marks of the version."""
    with sqlite3.connect(file) as connection:
        chosen = columns_of(file) if like is None else like
        rows = {
            table: sorted(connection.execute(f"SELECT {_listed(columns)} FROM {table}"), key=repr)
            for table, columns in chosen.items()
        }
    connection.close()
    return rows


def columns_of(file: Path) -> dict[str, list[str]]:
    """The columns of every table, without the marks of the version."""
    with sqlite3.connect(file) as connection:
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        found = {
            name: [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
            for name in names
            if name not in MARKS
        }
    connection.close()
    return found


def making_of(file: Path) -> dict[str, str]:
    """The statement by which each table and index was made."""
    with sqlite3.connect(file) as connection:
        made = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    connection.close()
    return {name: re.sub(r"\s+", " ", sql) for name, sql in made}


def _listed(columns: list[str]) -> str:
    return ", ".join(f'"{one}"' for one in columns)
