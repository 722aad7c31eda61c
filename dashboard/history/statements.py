"""The statements that write the history, made once: building them anew costs more than running them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, bindparam, delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Delete, Insert

from dashboard.history import tables

KEPT_REFUSALS = 500
"""Refused messages that the history keeps, the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """One for each kind of row in `Writes`, each run with many rows at once."""

    runs: Insert
    watermarks: Insert
    machines: Insert
    interval_cuts: Delete
    """Takes away the intervals of `run` and `machine` from `from_ms` on."""
    intervals: Insert
    counts: Insert
    rollups: Insert
    rollup_additions: Insert
    """Merges a part of a minute into the minute that is there."""
    readings: Insert
    truth_intervals: Insert
    truth_counts: Insert
    truth_machines: Insert
    refusals: Insert
    refusal_cut: Delete
    """Takes away all but the newest refusals."""

    @classmethod
    def of(cls, dialect: str) -> "Statements":
        """The statements in the words of a database, `sqlite` or `postgresql`."""
        words: Any = sqlite if dialect == "sqlite" else postgresql
        t = tables.intervals.c
        newest = select(func.max(tables.refusals.c.number)).scalar_subquery()
        return cls(
            runs=_upsert(words, tables.runs, keep={"begun_wall_ms"}),
            watermarks=_upsert(words, tables.watermarks),
            machines=_upsert(words, tables.machines),
            interval_cuts=delete(tables.intervals).where(
                t.run == bindparam("run"),
                t.machine == bindparam("machine"),
                t.start_ms >= bindparam("from_ms"),
            ),
            intervals=_upsert(words, tables.intervals),
            counts=_upsert(words, tables.counts),
            rollups=_upsert(words, tables.rollups),
            rollup_additions=_merge(words, dialect),
            readings=words.insert(tables.readings).on_conflict_do_nothing(),
            truth_intervals=_upsert(words, tables.truth_intervals),
            truth_counts=_upsert(words, tables.truth_counts),
            truth_machines=_upsert(words, tables.truth_machines),
            refusals=insert(tables.refusals),
            refusal_cut=delete(tables.refusals).where(tables.refusals.c.number <= newest - KEPT_REFUSALS),
        )


def _upsert(words: Any, table: Table, *, keep: Iterable[str] = ()) -> Insert:
    statement = words.insert(table)
    key = [column.name for column in table.primary_key]
    newer = {
        column.name: statement.excluded[column.name]
        for column in table.columns
        if column.name not in key and column.name not in keep
    }
    made: Insert = statement.on_conflict_do_update(index_elements=key, set_=newer)
    return made


def _merge(words: Any, dialect: str) -> Insert:
    statement = words.insert(tables.rollups)
    t, new = tables.rollups.c, statement.excluded
    least, most = (func.min, func.max) if dialect == "sqlite" else (func.least, func.greatest)
    made: Insert = statement.on_conflict_do_update(
        index_elements=[column.name for column in tables.rollups.primary_key],
        set_={
            "count": t["count"] + new["count"],
            "sum": t.sum + new.sum,
            "min": least(t.min, new.min),
            "max": most(t.max, new.max),
            # Additions come in order of time, so the newer one is also the later one.
            "last": new.last,
            "last_at_ms": new.last_at_ms,
        },
    )
    return made
