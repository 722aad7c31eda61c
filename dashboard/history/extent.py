"""How much is kept in the history, and what was made of a run: calls, thresholds, forecasts."""

import threading
from dataclasses import dataclass
from time import monotonic

from sqlalchemy import func, literal, select, text

from dashboard.history import tables
from dashboard.history.reader import Reader

EVERY_S = 20.0
"""Rows are counted anew at most this often, in real seconds."""
SHARE = 0.02
"""And for no more than this share of the time: in a year of a large fleet there are many."""
TREND = "trend"
"""The rule whose calls are forecasts."""
_SIZES = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much is kept."""

    rows: int
    """Rows of all tables."""
    runs: int
    """Runs, each a history by itself."""
    span_ms: int
    """Plant time of all runs together, in milliseconds."""
    size_bytes: int | None
    """What the database takes; None where that cannot be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What was made of what a run's machines said."""

    calls: int
    """Calls that somebody was sent."""
    missed: int
    """Calls that were found too late to be sent to anybody."""
    closed: int
    """Calls that are over; only those that were sent."""
    acknowledged: int
    """Calls that somebody answered."""
    attended: int
    """Calls for which somebody was at the machine."""
    forecasts: int
    """Calls that said when a limit would be reached."""
    learned: int
    """Thresholds that were learned from readings."""


class Survey:
    """Measures the history, seldom.

    Args:
        reader: The history.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._lock = threading.Lock()
        self._known: Extent | None = None
        self._next_s = 0.0

    def extent(self) -> Extent:
        """How much is kept, as of not long ago."""
        with self._lock:
            began_s = monotonic()
            if self._known is None or began_s >= self._next_s:
                self._known = extent_of(self._reader)
                self._next_s = began_s + max(EVERY_S, (monotonic() - began_s) / SHARE)
            return self._known


def extent_of(reader: Reader) -> Extent:
    """How much is kept just now; every row is looked at."""
    runs = reader.runs()
    if not runs:
        # There may be no tables yet.
        return Extent(rows=0, runs=0, span_ms=0, size_bytes=None)
    counts = [
        select(func.count()).select_from(table).scalar_subquery() for table in tables.metadata.tables.values()
    ]
    ((*rows,),) = reader.rows(select(*counts))
    size = _SIZES.get(reader.dialect)
    ((size_bytes,),) = [(None,)] if size is None else reader.rows(text(size))
    return Extent(
        rows=sum(rows),
        runs=len(runs),
        span_ms=sum(run.now_ms - run.epoch_ms for run in runs),
        size_bytes=size_bytes,
    )


def made_of(reader: Reader, run: str) -> Made:
    """What was made of what a run's machines said."""
    c, r, t = tables.calls.c, tables.responses.c, tables.learnings.c
    calls = reader.rows(
        select(c.missed, c.rule, func.count(), func.count(c.closed_ms))
        .where(c.run == run)
        .group_by(c.missed, c.rule)
    )
    said = dict(
        tuple(row) for row in reader.rows(select(r.what, func.count()).where(r.run == run).group_by(r.what))
    )
    ((learned,),) = reader.rows(
        select(func.count(literal(1))).select_from(tables.learnings).where(t.run == run, t.above.is_not(None))
    )
    return Made(
        calls=sum(count for missed, _, count, _ in calls if not missed),
        missed=sum(count for missed, _, count, _ in calls if missed),
        closed=sum(closed for missed, _, _, closed in calls if not missed),
        acknowledged=said.get("acknowledged", 0),
        attended=said.get("at-machine", 0),
        forecasts=sum(count for missed, rule, count, _ in calls if rule == TREND and not missed),
        learned=learned,
    )
