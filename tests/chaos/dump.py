"""A whole history as rows that can be compared, and what differs between two of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from dashboard.history.store import open_engine

if TYPE_CHECKING:
    from pathlib import Path

Row = tuple[Any, ...]
CLOSED = "CASE WHEN closed_ms < :until THEN closed_ms END"
TABLES = {
    "intervals": ("start_ms", ("machine", "start_ms", "state", "cause")),
    "counts": ("at_ms", ("machine", "at_ms", "parts", "rejects")),
    "truth_intervals": ("start_ms", ("machine", "start_ms", "state", "phase", "cause")),
    "truth_counts": ("at_ms", ("machine", "at_ms", "parts", "rejects")),
    "rollups": ("minute_ms", ("machine", "signal", "minute_ms", "count", "min", "max", "last")),
    "calls": (
        "raised_ms",
        (
            "machine",
            "rule",
            "raised_ms",
            "since_ms",
            "cause",
            CLOSED,
            "missed",
        ),
    ),
    "responses": ("at_ms", ("machine", "at_ms", "what", "by")),
    "segments": ("from_ms", ("from_ms", "label", '"values"')),
    "machines": ("since_ms", ("machine", "path", "since_ms", "retired_ms", "birth IS NULL")),
}
"""What is compared of each table: its column of time, and the others. The run's name is not."""
SHOWN = 5


def dump(history: Path | str, run: str, until_ms: int) -> dict[str, list[Row]]:
    """The rows of every table that begin before a moment, in order, of a file or at a URL.

    A batch begins with the counters as they stand, so where batches are cut, and nothing else, decides
    whether the same counts are said again: those rows are left out.
    """
    engine = open_engine(history if isinstance(history, str) else f"sqlite:///{history}")
    try:
        with engine.connect() as connection:
            found = {
                table: [
                    tuple(row)
                    for row in connection.execute(
                        text(
                            f"SELECT {', '.join(columns)} FROM {table} "
                            f"WHERE run = :run AND {at} < :until ORDER BY 1, 2, 3"
                        ),
                        {"run": run, "until": until_ms},
                    )
                ]
                for table, (at, columns) in TABLES.items()
            }
    finally:
        engine.dispose()
    return found | {"counts": without_repeats(found["counts"])}


def without_repeats(counts: list[Row]) -> list[Row]:
    """Rows of machine, moment and counts without those whose counts are those of the row before."""
    return [
        row
        for before, row in zip([None, *counts], counts, strict=False)
        if before is None or (row[0], *row[2:]) != (before[0], *before[2:])
    ]


def differences(one: dict[str, list[Row]], other: dict[str, list[Row]]) -> dict[str, list[str]]:
    """The rows by table that only one of two histories has, each with the side that has it."""
    found: dict[str, list[str]] = {}
    for table, rows in one.items():
        if rows != other[table]:
            here, there = set(rows), set(other[table])
            found[table] = [f"undisturbed only: {row}" for row in sorted(here - there, key=repr)]
            found[table] += [f"disturbed only: {row}" for row in sorted(there - here, key=repr)]
    return found


def in_words(found: dict[str, list[str]]) -> str:
    """The first differences of each table."""
    return "\n".join(
        f"{table}: {len(rows)} differences\n  " + "\n  ".join(rows[:SHOWN]) for table, rows in found.items()
    )
