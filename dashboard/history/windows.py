"""Rows of one machine in a window: each row holds until the next, so the one before the window counts."""

from typing import Any

from sqlalchemy import Column, ScalarSelect, Select, Table, case, func, select

from dashboard.history import tables
from dashboard.parts import SILENT


def rows_from(table: Table, run: str, machine: str, from_ms: int, *columns: str) -> Select[Any]:
    """The rows of a machine from the one that holds at `from_ms` on, in order of time.

    Args:
        table: One whose key is run, machine and a moment in ms since 1970.
        run: The run.
        machine: The machine's name.
        from_ms: Beginning of the window, ms since 1970.
        columns: Which columns; all where none are named.
    """
    moment = list(table.primary_key)[-1]
    mine = (table.c.run == run) & (table.c.machine == machine)
    holds = select(func.max(moment)).where(mine, moment <= from_ms).scalar_subquery()
    wanted = [table.c[name] for name in columns or table.c.keys()]
    return select(*wanted).where(mine, moment >= func.coalesce(holds, from_ms)).order_by(moment)


def last_said(table: Table, run: str, machine: str, at_ms: int) -> Select[Any]:
    """The older of the moments, up to one, at which each of a machine's counters last said anything.

    Args:
        table: One of counters.
        run: The run.
        machine: The machine's name.
        at_ms: The moment, ms since 1970.
    """

    def newest(column: Column[Any]) -> ScalarSelect[Any]:
        t = table.c
        mine = (t.run == run) & (t.machine == machine) & (t.at_ms <= at_ms) & (column != SILENT)
        # By the key backwards: it ends at the first that is found.
        return select(t.at_ms).where(mine).order_by(t.at_ms.desc()).limit(1).scalar_subquery()

    parts, rejects = newest(table.c.parts), newest(table.c.rejects)
    return select(case((parts < rejects, parts), (rejects.is_(None), parts), else_=rejects))


def learnings_of(run: str, machine: str) -> Select[Any]:
    """Every version of what was learned of a machine, the first one first."""
    t = tables.learnings.c
    return select(tables.learnings).where(t.run == run, t.machine == machine).order_by(t.version)


def signals_of(table: Table, run: str, machine: str) -> Select[Any]:
    """The names of a machine's signals in a table of roll-ups, by one look at its key for each of them.

    Who reads a window of a machine by its key needs them: the key names the signal before the moment, and
    without it every minute that the machine ever had would be gone through.
    """
    t = table.c
    mine = (t.run == run) & (t.machine == machine)
    first = (
        select(func.min(t.signal).label("signal")).where(mine).cte(f"{table.name}_signals", recursive=True)
    )
    following = select(func.min(t.signal)).where(mine, t.signal > first.c.signal).scalar_subquery()
    every = first.union_all(select(following).where(first.c.signal.is_not(None)))
    return select(every.c.signal).where(every.c.signal.is_not(None))
