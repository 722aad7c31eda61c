"""How pages and the API read the history. Nothing here writes."""

from dataclasses import dataclass
from typing import Literal

import msgspec
import numpy as np
from sqlalchemy import Table, func, select
from sqlalchemy.exc import OperationalError, ProgrammingError

from dashboard.conclusions import Refusal
from dashboard.history import tables
from dashboard.history.store import open_engine, unpack
from dashboard.history.windows import rows_from
from dashboard.intervals import Intervals
from dashboard.parts import Counts
from dashboard.states.learning import Learned
from protocol.messages import Birth
from protocol.moments import EARLIEST_MS, LATEST_MS
from protocol.readings import Float64s, Int64s
from protocol.states import State

Source = Literal["measured", "truth"]
_BIRTH = msgspec.json.Decoder(Birth)
_LEARNED = msgspec.json.Decoder(Learned)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One run in the history."""

    run: str
    """Its id; `""` for real machines without a simulated plant."""
    epoch_ms: int
    """Plant time at which it began."""
    now_ms: int
    """Plant time up to which it is in the history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineRow:
    """One machine of a run."""

    run: str
    """The run."""
    name: str
    """Its name."""
    path: str
    """Its location."""
    since_ms: int
    """Since when it exists."""
    retired_ms: int | None
    """When it was retired, None while it is there."""
    known_until_ms: int
    """Up to when there is evidence of its state."""
    birth: Birth | None
    """What it said of itself."""
    learned: Learned | None
    """What was learned from its power, if that is how its state is known."""

    @property
    def kind(self) -> str:
        """Sort of machine, `""` if it never said."""
        return self.birth.kind if self.birth else ""

    @property
    def simulated(self) -> bool:
        """Whether it is a simulated machine."""
        return self.birth is not None and self.birth.simulated

    @property
    def how(self) -> str:
        """How its state is known: reported, sensed or learned; the word of its `Knowledge`."""
        return self.birth.states if self.birth else "learned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollup:
    """One signal by the minute, in columns of shape (n,); missing minutes are absent."""

    minute_ms: Int64s
    """Beginning of each minute, increasing."""
    count: Int64s
    """Number of values."""
    mean: Float64s
    """Their mean, in the signal's unit."""
    min: Float64s
    """The smallest."""
    max: Float64s
    """The largest."""
    last: Float64s
    """The last one."""


class Reader:
    """Reads the history at a URL; safe to share between threads.

    Args:
        url: SQLAlchemy URL. A history that does not exist yet reads as empty.
    """

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def runs(self) -> list[RunRow]:
        """All runs, the one begun last first; empty before ingest has made the history."""
        t = tables.runs.c
        try:
            with self._engine.connect() as connection:
                rows = connection.execute(
                    select(t.run, t.epoch_ms, t.now_ms).order_by(t.begun_wall_ms.desc())
                ).all()
        except (OperationalError, ProgrammingError):
            return []
        return [RunRow(run=row.run, epoch_ms=row.epoch_ms, now_ms=row.now_ms) for row in rows]

    def machines(self, run: str, *, retired: bool = False) -> list[MachineRow]:
        """The machines of a run by path and name.

        Args:
            run: The run.
            retired: Whether those that are no longer there come too.
        """
        t = tables.machines.c
        statement = select(tables.machines).where(t.run == run).order_by(t.path, t.machine)
        if not retired:
            statement = statement.where(t.retired_ms.is_(None))
        with self._engine.connect() as connection:
            rows = connection.execute(statement).all()
        return [
            MachineRow(
                run=run,
                name=row.machine,
                path=row.path,
                since_ms=row.since_ms,
                retired_ms=row.retired_ms,
                known_until_ms=row.known_until_ms,
                birth=_BIRTH.decode(row.birth) if row.birth else None,
                learned=_LEARNED.decode(row.learned) if row.learned else None,
            )
            for row in rows
        ]

    def intervals(
        self, run: str, machine: str, from_ms: int, to_ms: int, source: Source = "measured"
    ) -> Intervals:
        """What a machine was doing in [from_ms, to_ms), tiled; unknown where nothing is known."""
        table = tables.intervals if source == "measured" else tables.truth_intervals
        window = rows_from(table, run, machine, from_ms).where(table.c.start_ms < to_ms)
        with self._engine.connect() as connection:
            rows = connection.execute(window).all()
            until_ms = connection.scalar(self._until(source, run, machine))
        if not rows or until_ms is None:
            return Intervals.empty(from_ms).clip(from_ms, to_ms)
        pieces = [(row.start_ms, State(row.state), row.cause) for row in rows]
        # Evidence may have been read a moment after the rows it belongs to.
        return Intervals.of(pieces, max(until_ms, rows[-1].start_ms + 1)).clip(from_ms, to_ms)

    def counts(
        self,
        run: str,
        machine: str,
        source: Source = "measured",
        *,
        from_ms: int = EARLIEST_MS,
        to_ms: int = LATEST_MS,
    ) -> Counts:
        """The counters of a machine that a window needs: from the newest entry before it to its end."""
        table: Table = tables.counts if source == "measured" else tables.truth_counts
        window = rows_from(table, run, machine, from_ms).where(table.c.at_ms <= to_ms)
        with self._engine.connect() as connection:
            rows = connection.execute(window).all()
        columns = np.array([(row.at_ms, row.parts, row.rejects) for row in rows], dtype=np.int64).reshape(
            -1, 3
        )
        return Counts(columns[:, 0], columns[:, 1], columns[:, 2])

    def rollups(self, run: str, machine: str, from_ms: int, to_ms: int) -> dict[str, Rollup]:
        """Every signal of a machine by the minute, for minutes that begin in [from_ms, to_ms)."""
        t = tables.rollups.c
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(t.signal, t.minute_ms, t["count"], t.sum, t.min, t.max, t.last)
                .where(t.run == run, t.machine == machine, t.minute_ms >= from_ms, t.minute_ms < to_ms)
                .order_by(t.signal, t.minute_ms)
            ).all()
        by_signal: dict[str, list[tuple[int, int, float, float, float, float]]] = {}
        for name, *values in rows:
            by_signal.setdefault(name, []).append(tuple(values))
        return {name: _rollup(values) for name, values in by_signal.items()}

    def messages(
        self, run: str, machine: str, from_ms: int, to_ms: int, *, limit: int
    ) -> list[tuple[int, bytes]] | None:
        """The kept messages of a machine that overlap [from_ms, to_ms), by their beginning.

        Returns:
            `(at_ms, payload)` of each: the moment from which its offsets count, and its bytes.
            None when there are more than the limit.
        """
        t = tables.readings.c
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(t.at_ms, t.payload)
                .where(t.run == run, t.machine == machine, t.from_ms < to_ms, t.to_ms >= from_ms)
                .order_by(t.from_ms, t.digest)
                .limit(limit + 1)
            ).all()
        return None if len(rows) > limit else [(row.at_ms, unpack(row.payload)) for row in rows]

    def messages_from(self, run: str, machine: str) -> int | None:
        """Since when the messages of a machine are kept, ms since 1970; None when none is."""
        t = tables.readings.c
        with self._engine.connect() as connection:
            return connection.scalar(select(func.min(t.from_ms)).where(t.run == run, t.machine == machine))

    def refusals(self, limit: int = 50) -> list[Refusal]:
        """The newest messages that could not be used."""
        t = tables.refusals.c
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(t.wall_ms, t.topic, t.reason, t.head).order_by(t.number.desc()).limit(limit)
            ).all()
        return [
            Refusal(wall_ms=row.wall_ms, topic=row.topic, reason=row.reason, head=row.head) for row in rows
        ]

    def since_of_truth(self, run: str, machine: str) -> int | None:
        """Since when the truth of a machine is known; None when there is none."""
        t = tables.truth_machines.c
        with self._engine.connect() as connection:
            return connection.scalar(select(t.since_ms).where(t.run == run, t.machine == machine))

    def _until(self, source: Source, run: str, machine: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
        if source == "measured":
            t = tables.machines.c
            return select(t.known_until_ms).where(t.run == run, t.machine == machine)
        u = tables.truth_machines.c
        return select(u.until_ms).where(u.run == run, u.machine == machine)


def _rollup(rows: list[tuple[int, int, float, float, float, float]]) -> Rollup:
    minute, count, total, smallest, largest, last = zip(*rows, strict=True)
    counts = np.array(count, dtype=np.int64)
    return Rollup(
        minute_ms=np.array(minute, dtype=np.int64),
        count=counts,
        mean=np.array(total, dtype=np.float64) / counts,
        min=np.array(smallest, dtype=np.float64),
        max=np.array(largest, dtype=np.float64),
        last=np.array(last, dtype=np.float64),
    )
