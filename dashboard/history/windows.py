"""Rows of one machine in a window: each row holds until the next, so the one before the window counts."""

from typing import Any

from sqlalchemy import Select, Table, func, select

from dashboard.history import tables


def rows_from(table: Table, run: str, machine: str, from_ms: int) -> Select[Any]:
    """The rows of a machine from the one that holds at `from_ms` on, in order of time.

    Args:
        table: One whose key is run, machine and a moment in ms since 1970.
        run: The run.
        machine: The machine's name.
        from_ms: Beginning of the window, ms since 1970.
    """
    moment = list(table.primary_key)[-1]
    mine = (table.c.run == run) & (table.c.machine == machine)
    holds = select(func.max(moment)).where(mine, moment <= from_ms).scalar_subquery()
    return select(table).where(mine, moment >= func.coalesce(holds, from_ms)).order_by(moment)


def learnings_of(run: str, machine: str) -> Select[Any]:
    """Every version of what was learned of a machine, the first one first."""
    t = tables.learnings.c
    return select(tables.learnings).where(t.run == run, t.machine == machine).order_by(t.version)
