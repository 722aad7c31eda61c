"""What the history knows of calls, for the office that raises them and for who asks afterwards."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import Engine, and_, false, select

from dashboard.history import tables
from dashboard.history.reader import Reader

_C = tables.calls.c
_R = tables.responses.c
_PATH = tables.machines.c.path
_CALLS = tables.calls.join(
    tables.machines,
    and_(tables.machines.c.run == _C.run, tables.machines.c.machine == _C.machine),
    isouter=True,
)
"""Calls with the machine that each is for."""
_ANSWERS = (_C.run == _R.run) & (_C.machine == _R.machine) & (_C.id == _R.call)
"""A response and its call: by run and id alone, all of the run would be gone through for each call."""


class Called:
    """The calls as ingest reads them back.

    Args:
        engine: The history.
        mine: Whether the machines at a location are those that are asked about.
    """

    def __init__(self, engine: Engine, mine: Callable[[str], bool] = lambda _path: True) -> None:
        self._engine = engine
        self._mine = mine

    def calls(self, run: str, from_ms: int) -> Sequence[Any]:
        """The calls of a run that are open or were not closed before a moment, as they were raised."""
        return self._of_mine(
            select(tables.calls, _PATH)
            .select_from(_CALLS)
            .where(_C.run == run, _C.closed_ms.is_(None) | (_C.closed_ms >= from_ms))
            .order_by(_C.raised_ms, _C.machine, _C.rule)
        )

    def left_open(self, run: str) -> Sequence[Any]:
        """The open calls of every run but one, each with the moment up to which its run is known."""
        return self._of_mine(
            select(tables.calls, tables.runs.c.now_ms, _PATH)
            .select_from(_CALLS.join(tables.runs, tables.runs.c.run == _C.run))
            .where(_C.run != run, _C.closed_ms.is_(None))
            .order_by(_C.run, _C.raised_ms, _C.machine, _C.rule)
        )

    def call(self, call: str) -> Any:
        """The row of a call by its id; None when there is none."""
        return next(iter(self._rows(select(tables.calls).where(_C.id == call))), None)

    def raised(self, run: str) -> list[int]:
        """When each call of a run was raised that was sent to somebody, in order."""
        sent = select(_C.raised_ms, _PATH).select_from(_CALLS).where(_C.run == run, _C.missed.is_(False))
        return [row.raised_ms for row in self._of_mine(sent.order_by(_C.raised_ms))]

    def responses(self, run: str, from_ms: int) -> Sequence[Any]:
        """What came of the calls that are open or were not closed before a moment."""
        return self._of_mine(
            select(tables.responses, _PATH)
            .select_from(tables.responses.join(_CALLS, _ANSWERS))
            .where(_R.run == run, _C.closed_ms.is_(None) | (_C.closed_ms >= from_ms))
            .order_by(_R.at_ms)
        )

    def unattended(self, run: str) -> list[tuple[int, int | None]]:
        """The stretches in which a run's plant went on without an office; the last may not be over."""
        t = tables.unattended.c
        rows = self._rows(select(t.from_ms, t.to_ms).where(t.run == run).order_by(t.from_ms))
        return [(row.from_ms, row.to_ms) for row in rows]

    def _of_mine(self, question: Any) -> Sequence[Any]:
        return [row for row in self._rows(question) if self._mine(row.path or "")]

    def _rows(self, question: Any) -> Sequence[Any]:
        with self._engine.connect() as connection:
            return connection.execute(question).all()


def unattended_of(reader: Reader, run: str) -> list[tuple[int, int | None]]:
    """The stretches in which a run's plant went on without an office; the last may not be over."""
    t = tables.unattended.c
    rows = reader.rows(select(t.from_ms, t.to_ms).where(t.run == run).order_by(t.from_ms))
    return [(row.from_ms, row.to_ms) for row in rows]


def missed_in(reader: Reader, run: str, from_ms: int, to_ms: int | None) -> list[Any]:
    """The calls that were sent to nobody because their stop began, or they were due, in such a stretch."""
    began, due = _C.since_ms >= from_ms, _C.raised_ms > from_ms
    if to_ms is not None:
        began, due = began & (_C.since_ms < to_ms), due & (_C.raised_ms <= to_ms)
    missed = select(tables.calls).where(_C.run == run, _C.missed.is_(True), began | due)
    return reader.rows(missed.order_by(_C.raised_ms, _C.machine, _C.rule))


def calls_between(
    reader: Reader, run: str, machines: Collection[str], from_ms: int, to_ms: int
) -> list[tuple[Any, dict[str, Any]]]:
    """The calls of some machines that lie in [from_ms, to_ms) or reach into it, as they were raised.

    Returns:
        Each row with its responses by `what`.
    """
    within = (_C.run == run) & (_C.raised_ms < to_ms) & (_C.closed_ms.is_(None) | (_C.closed_ms >= from_ms))
    calls = reader.rows(select(tables.calls).where(within).order_by(_C.raised_ms, _C.machine, _C.rule))
    # Those before the first of them need not be gone through again.
    since = _C.raised_ms >= calls[0].raised_ms if calls else false()
    said = reader.rows(select(tables.responses).join(tables.calls, _ANSWERS).where(within, since))
    responses: dict[str, dict[str, Any]] = {}
    for row in said:
        responses.setdefault(row.call, {})[row.what] = row
    wanted = set(machines)
    return [(call, responses.get(call.id, {})) for call in calls if call.machine in wanted]
