"""What a history no longer keeps: messages, minutes of signals and hours that are old enough.

The keys of minutes and hours name machine and signal before the moment. A question for what is old that names
neither goes through all that is kept of the run, which takes longer with every day; so the oldest of each
signal is looked up by the key, and what is to be done is done signal by signal.
"""

from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, case, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Delete, Insert

from dashboard.history import tables

HOUR_MS = 3_600_000


class Forgetting:
    """The statements that drop what is old, made once.

    Args:
        dialect: Name of the database's dialect.
    """

    def __init__(self, dialect: str) -> None:
        t = tables.readings.c
        self._readings = delete(tables.readings).where(
            t.run == bindparam("run"), t.to_ms < bindparam("before_ms")
        )
        self._merge_minutes = _merge_minutes(dialect)
        self._oldest = {table: _oldest(table) for table in (tables.rollups, tables.hours)}
        self._drop = {table: _drop(table) for table in (tables.rollups, tables.hours)}

    def readings(self, connection: Connection, run: str, before_ms: int) -> None:
        """Drop messages of a run that end before a moment, ms since 1970."""
        connection.execute(self._readings, {"run": run, "before_ms": before_ms})

    def minutes(self, connection: Connection, run: str, before_ms: int) -> None:
        """Merge the minutes of whole hours before a moment, ms since 1970, into hours."""
        whole_ms = before_ms - before_ms % HOUR_MS
        if old := self._older(connection, tables.rollups, run, whole_ms):
            connection.execute(self._merge_minutes, [{**one, "hour": HOUR_MS} for one in old])
            connection.execute(self._drop[tables.rollups], old)

    def hours(self, connection: Connection, run: str, before_ms: int) -> None:
        """Drop hours that begin before a moment, ms since 1970."""
        if old := self._older(connection, tables.hours, run, before_ms):
            connection.execute(self._drop[tables.hours], old)

    def _older(self, connection: Connection, table: Table, run: str, before_ms: int) -> list[dict[str, Any]]:
        """The signals of which something begins before a moment, as the statements take them."""
        rows = connection.execute(self._oldest[table], {"run": run}).all()
        return [
            {"run": run, "machine": row.machine, "signal": row.signal, "before_ms": before_ms}
            for row in rows
            if row.oldest_ms < before_ms
        ]


def _oldest(table: Table) -> Select[Any]:
    """Each signal of each machine of a run with its oldest moment, by some looks at the key for each."""
    t, moment = table.c, list(table.primary_key)[-1]
    mine = t.run == bindparam("run")
    first = select(func.min(t.machine).label("machine")).where(mine).cte("machines", recursive=True)
    following = select(func.min(t.machine)).where(mine, t.machine > first.c.machine).scalar_subquery()
    machines = first.union_all(select(following).where(first.c.machine.is_not(None)))
    m = machines.c
    lowest = select(func.min(t.signal)).where(mine, t.machine == m.machine).scalar_subquery()
    begun = (
        select(m.machine, lowest.label("signal")).where(m.machine.is_not(None)).cte("signals", recursive=True)
    )
    higher = (
        select(func.min(t.signal))
        .where(mine, t.machine == begun.c.machine, t.signal > begun.c.signal)
        .scalar_subquery()
    )
    s = begun.union_all(select(begun.c.machine, higher).where(begun.c.signal.is_not(None))).c
    oldest = (
        select(func.min(moment)).where(mine, t.machine == s.machine, t.signal == s.signal).scalar_subquery()
    )
    return select(s.machine, s.signal, oldest.label("oldest_ms")).where(s.signal.is_not(None))


def _drop(table: Table) -> Delete:
    t, moment = table.c, list(table.primary_key)[-1]
    return delete(table).where(
        t.run == bindparam("run"),
        t.machine == bindparam("machine"),
        t.signal == bindparam("signal"),
        moment < bindparam("before_ms"),
    )


def _merge_minutes(dialect: str) -> Insert:
    """What merges the minutes of a signal of a machine before a moment, a whole hour, into hours.

    Minutes that came late for an hour that is there already are merged into it as well.
    """
    words: Any = sqlite if dialect == "sqlite" else postgresql
    t = tables.rollups.c
    hour = (t.minute_ms - t.minute_ms % bindparam("hour")).label("hour_ms")
    keys = (t.run, t.machine, t.signal)
    newest = func.row_number().over(partition_by=(*keys, hour), order_by=t.last_at_ms.desc())
    named = (t["count"], t.sum, t.min, t.max, t.last, t.last_at_ms)
    old = select(*keys, hour, *named, newest.label("place")).where(
        t.run == bindparam("run"),
        t.machine == bindparam("machine"),
        t.signal == bindparam("signal"),
        t.minute_ms < bindparam("before_ms"),
    )
    o = old.subquery().c
    hours = select(
        o.run,
        o.machine,
        o.signal,
        o.hour_ms,
        func.sum(o["count"]),
        func.sum(o.sum),
        func.min(o.min),
        func.max(o.max),
        func.max(case((o.place == 1, o.last))),
        func.max(o.last_at_ms),
    ).group_by(o.run, o.machine, o.signal, o.hour_ms)
    statement = words.insert(tables.hours).from_select([column.name for column in tables.hours.c], hours)
    h, new = tables.hours.c, statement.excluded
    least, most = (func.min, func.max) if dialect == "sqlite" else (func.least, func.greatest)
    made: Insert = statement.on_conflict_do_update(
        index_elements=[column.name for column in tables.hours.primary_key],
        set_={
            "count": h["count"] + new["count"],
            "sum": h.sum + new.sum,
            "min": least(h.min, new.min),
            "max": most(h.max, new.max),
            "last": case((new.last_at_ms >= h.last_at_ms, new.last), else_=h.last),
            "last_at_ms": most(h.last_at_ms, new.last_at_ms),
        },
    )
    return made
