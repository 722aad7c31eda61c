"""The statements that write the history, made once: building them anew costs more than running them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import ClauseElement, Dialect, Table, bindparam, delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Delete, Insert

from dashboard.history import tables

KEPT_REFUSALS = 500
"""Refused messages that the history keeps, the newest."""
KEPT_REWRITES = 100_000
"""Rewrites that it keeps, the newest: who knows none of them reads everything anew."""
KEPT_COMMANDS = 1_000
"""Answered commands that it keeps, the newest."""
KEPT_COMMITS = 100_000
"""Commits whose stamps it keeps, the newest: more than a day at one a second."""


BY_PLACE = ("rollups", "rollup_additions")
"""Lists of `Writes` whose rows are values in the order of the table's columns."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as a database reads it, and its values as a row of ours holds them."""

    text: str
    """The statement."""
    values: Callable[[Any], Any]
    """What is bound of a row: by place where the database takes that, which halves what a row costs."""


def write_statements(dialect: Dialect) -> dict[str, Statement]:
    """The statement for each list of `Writes`, in the order they are to be run."""
    return _of_a_file() if dialect.name == "sqlite" else _made(dialect)


@cache
def _of_a_file() -> dict[str, Statement]:
    """The same for SQLite, made once however many files a process opens."""
    return _made(sqlite.dialect())


def _made(dialect: Dialect) -> dict[str, Statement]:
    words: Any = sqlite if dialect.name == "sqlite" else postgresql
    t = tables.intervals.c
    statements: dict[str, ClauseElement] = {
        "runs": _upsert(words, tables.runs, keep={"begun_wall_ms"}),
        "watermarks": _upsert(words, tables.watermarks),
        "machines": _upsert(words, tables.machines),
        "interval_cuts": delete(tables.intervals).where(
            t.run == bindparam("run"),
            t.machine == bindparam("machine"),
            t.start_ms >= bindparam("from_ms"),
        ),
        "intervals": _upsert(words, tables.intervals),
        "counts": _upsert(words, tables.counts),
        # What is worked out again knows of nothing that is added with it.
        "rollups": _upsert(words, tables.rollups),
        "rollup_additions": _merge(words, dialect.name),
        "readings": words.insert(tables.readings).on_conflict_do_nothing(),
        "truth_intervals": _upsert(words, tables.truth_intervals),
        "truth_counts": _upsert(words, tables.truth_counts),
        "truth_machines": _upsert(words, tables.truth_machines),
        "truth_faults": _upsert(words, tables.truth_faults),
        "commits": _append(tables.commits),
        "refusals": _append(tables.refusals),
        "reasons": _append(tables.reasons),
        "rewrites": _append(tables.rewrites),
        "learnings": _upsert(words, tables.learnings),
        # Should two workers answer at once, the first answer counts.
        "commands": _append(tables.commands, words).on_conflict_do_nothing(index_elements=["id"]),
        "calls": _upsert(words, tables.calls),
        # The first word on each counts.
        "responses": words.insert(tables.responses).on_conflict_do_nothing(),
        "unattended": _upsert(words, tables.unattended),
        "deliveries": _upsert(words, tables.deliveries),
        "delivered": delete(tables.deliveries).where(tables.deliveries.c.number == bindparam("number")),
        "taken": _add(words, tables.taken),
        "segments": _upsert(words, tables.segments),
        "clearings": _upsert(words, tables.clearings),
        "cleared": delete(tables.clearings).where(tables.clearings.c.topic == bindparam("topic")),
    }
    columns = {name: [one.name for one in tables.rollups.columns] for name in BY_PLACE}
    return {name: _statement(statement, dialect, columns.get(name)) for name, statement in statements.items()}


def _statement(clause: ClauseElement, dialect: Dialect, columns: list[str] | None) -> Statement:
    """A statement for rows of values by name, or by place in the order of some columns."""
    # The file's own way is by name, for the few statements that are made elsewhere.
    by_place = sqlite.dialect(paramstyle="qmark") if dialect.name == "sqlite" else dialect
    compiled: Any = clause.compile(dialect=by_place)
    names = compiled.positiontup
    if columns is not None:
        same = names == columns
        return Statement(str(compiled), tuple if same else lambda row: dict(zip(columns, row, strict=True)))
    if not names:
        return Statement(str(compiled), lambda row: row)
    # Of one name itemgetter gives the value itself, and no tuple.
    values = itemgetter(*names) if len(names) > 1 else lambda row: (row[names[0]],)
    return Statement(str(compiled), values)


def cuts() -> dict[str, Delete]:
    """By list of `Writes`, what takes away all but the newest of its rows."""
    kept = (
        (tables.refusals, KEPT_REFUSALS),
        (tables.rewrites, KEPT_REWRITES),
        (tables.commands, KEPT_COMMANDS),
        (tables.commits, KEPT_COMMITS),
    )
    return {table.name: _cut(table, count) for table, count in kept}


def of_one_machine() -> list[Delete]:
    """What takes away every row of one machine of a run; that it was rewritten stays known."""
    return [
        delete(table).where(table.c.run == bindparam("run"), table.c.machine == bindparam("machine"))
        for table in tables.metadata.sorted_tables
        if {"run", "machine"} <= set(table.c.keys()) and table is not tables.rewrites
    ]


def _cut(table: Table, count: int) -> Delete:
    newest = select(func.max(table.c.number)).scalar_subquery()
    return delete(table).where(table.c.number <= newest - count)


def _append(table: Table, words: Any = None) -> Any:
    """Inserts rows that number themselves, in the words of a database if more is to be said."""
    named = [column.name for column in table.columns if column.name != "number"]
    made = insert(table) if words is None else words.insert(table)
    return made.values({name: bindparam(name) for name in named}).inline()


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


def _add(words: Any, table: Table) -> Insert:
    """Inserts a row, or adds its counts to those of the row that is there."""
    statement = words.insert(table)
    key = [column.name for column in table.primary_key]
    sums = {
        column.name: column + statement.excluded[column.name]
        for column in table.columns
        if column.name not in key
    }
    made: Insert = statement.on_conflict_do_update(index_elements=key, set_=sums)
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
