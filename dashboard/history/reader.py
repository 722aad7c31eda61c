"""How pages and the API read the history. Nothing here writes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np
from sqlalchemy import Connection, Executable, Table, func, literal, select, union_all
from sqlalchemy.exc import OperationalError

from dashboard.conclusions import Refusal
from dashboard.history import tables
from dashboard.history.forgetting import HOUR_MS
from dashboard.history.rows import LearningRow, MachineRow, ReasonRow, RewriteRow, Rollup, RunRow
from dashboard.history.store import open_engine, unpack
from dashboard.history.stretches import Stretch, Told, counted, measured, told, truths
from dashboard.history.version import check
from dashboard.history.windows import last_said, learnings_of, rows_from, signals_of
from dashboard.intervals import CODES, Intervals
from dashboard.parts import SILENT, Counts
from dashboard.states.learning import Learned
from protocol.messages import Birth
from protocol.moments import EARLIEST_MS, LATEST_MS
from protocol.readings import MAX_SPAN_MS
from protocol.twin import is_twin

if TYPE_CHECKING:
    from dashboard.history.books import Books

Source = Literal["measured", "truth"]
MINUTE_MS = 60_000
_CODES = {str(state): code for state, code in CODES.items()}
_NEWEST_REWRITE = select(func.max(tables.rewrites.c.number))
# Every question reads them again, and they are mostly what they were.
MOST_MACHINES = 8_192
"""So many are remembered as they were last."""
_birth = lru_cache(4_096)(msgspec.json.Decoder(Birth).decode)
_learned = lru_cache(4_096)(msgspec.json.Decoder(Learned).decode)


class Reader:
    """Reads the history at a URL; safe to share between threads.

    Args:
        url: SQLAlchemy URL. A history that does not exist yet reads as empty; every question to one
            that ingest has not brought to the newest version yet raises a `HistoryError`.
    """

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        self._checked = False
        self._machines: dict[tuple[str, str], tuple[Any, MachineRow]] = {}
        self.books: Books | None = None
        """Sums of the past, where a process keeps any."""

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def runs(self) -> list[RunRow]:
        """All runs but those of twins, the one begun last first; empty before ingest has made the history."""
        return [one for one in self._runs() if not is_twin(one.run)]

    def run(self, name: str | None) -> RunRow | None:
        """The run of a name, which may be a twin's, or the newest that is none's; None when there is none."""
        if name is None:
            return next(iter(self.runs()), None)
        return next((one for one in self._runs() if one.run == name), None)

    def _runs(self) -> list[RunRow]:
        t = tables.runs.c
        try:
            with self._reading() as connection:
                if not self._checked:
                    return []
                rows = connection.execute(
                    select(t.run, t.epoch_ms, t.now_ms, t.seed).order_by(t.begun_wall_ms.desc())
                ).all()
        except OperationalError:
            if self._engine.dialect.name != "sqlite":
                raise
            # The folder of its file is not there yet.
            return []
        return [
            RunRow(
                run=row.run,
                epoch_ms=row.epoch_ms,
                now_ms=row.now_ms,
                seed=None if row.seed is None else int(row.seed),
            )
            for row in rows
        ]

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
        with self._reading() as connection:
            rows = connection.execute(statement).all()
        return [self._machine(run, row) for row in rows]

    def _machine(self, run: str, row: Any) -> MachineRow:
        """A machine from its row; the same one as last time where nothing of it changed."""
        key = (run, row.machine)
        last = self._machines.get(key)
        if last is not None and last[0] == row:
            return last[1]
        found = MachineRow(
            run=run,
            name=row.machine,
            path=row.path,
            since_ms=row.since_ms,
            retired_ms=row.retired_ms,
            known_until_ms=row.known_until_ms,
            birth=_birth(row.birth) if row.birth else None,
            learned=_learned(row.learned) if row.learned else None,
            least_ms=row.least_ms or 0,
        )
        if len(self._machines) >= MOST_MACHINES:
            # Of runs that nobody asks for any more.
            self._machines.clear()
        self._machines[key] = row, found
        return found

    def intervals(
        self, run: str, machine: str, from_ms: int, to_ms: int, source: Source = "measured"
    ) -> Intervals:
        """What a machine was doing in [from_ms, to_ms), tiled; unknown where nothing is known."""
        table = tables.intervals if source == "measured" else tables.truth_intervals
        window = rows_from(table, run, machine, from_ms, "start_ms", "state", "cause").where(
            table.c.start_ms < to_ms
        )
        with self._reading() as connection:
            rows = connection.execute(window).all()
            until_ms = connection.scalar(self._until(source, run, machine))
        if not rows or until_ms is None:
            return Intervals.empty(from_ms).clip(from_ms, to_ms)
        starts, states, causes = zip(*rows, strict=True)
        # Evidence may have been read a moment after the rows it belongs to.
        end_ms = max(until_ms, starts[-1] + 1)
        codes = np.array([_CODES[state] for state in states], np.int8)
        # Phases of the truth that are of one state and cause are one interval.
        same = np.flatnonzero(codes[1:] == codes[:-1]) + 1
        same = same[[causes[place] == causes[place - 1] for place in same.tolist()]] if len(same) else same
        if len(same):
            kept = np.setdiff1d(np.arange(len(codes)), same)
            starts, causes = (tuple(column[place] for place in kept.tolist()) for column in (starts, causes))
            codes = codes[kept]
        found = Intervals(np.array(starts, np.int64), codes, list(causes), end_ms)
        return found.clip(from_ms, to_ms)

    def counts(
        self,
        run: str,
        machine: str,
        source: Source = "measured",
        *,
        from_ms: int = EARLIEST_MS,
        to_ms: int = LATEST_MS,
    ) -> Counts:
        """The counters that a window needs: from the newest value of each at or before it, to its end."""
        table: Table = tables.counts if source == "measured" else tables.truth_counts
        named = ("at_ms", "parts", "rejects")
        window = rows_from(table, run, machine, from_ms, *named).where(table.c.at_ms <= to_ms)
        with self._reading() as connection:
            rows = connection.execute(window).all()
            if rows and rows[0].at_ms <= from_ms and SILENT in {rows[0].parts, rows[0].rejects}:
                said_ms = connection.scalar(last_said(table, run, machine, from_ms))
                if said_ms is not None and said_ms < rows[0].at_ms:
                    longer = rows_from(table, run, machine, said_ms, *named).where(table.c.at_ms <= to_ms)
                    rows = connection.execute(longer).all()
        if not rows:
            return Counts.empty()
        return Counts(*(np.array(column, np.int64) for column in zip(*rows, strict=True)))

    def told(self, stretches: Sequence[Stretch]) -> Told:
        """What is known of stretches of many machines, at once and as columns."""
        with self._reading() as connection:
            return told(connection, stretches)

    def measured(self, stretches: Sequence[Stretch]) -> list[Intervals]:
        """What many machines did, each in a stretch, where anything is known of it."""
        with self._reading() as connection:
            return measured(connection, stretches)

    def counted(self, stretches: Sequence[Stretch]) -> list[Counts]:
        """What the counters of many machines showed, each in a stretch: all that its window needs."""
        with self._reading() as connection:
            return counted(connection, stretches)

    def told_until(self, machines: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Up to when the truth of machines is told, by run and name; without those that have none."""
        t = tables.truth_machines.c
        rows = self.rows(select(t.run, t.machine, t.until_ms).where(t.run.in_({run for run, _ in machines})))
        wanted = set(machines)
        return {(row.run, row.machine): row.until_ms for row in rows if (row.run, row.machine) in wanted}

    def truths(self, stretches: Sequence[Stretch]) -> list[tuple[list[tuple[int, str, str, str]], int]]:
        """What the truth tells of stretches of many machines: where each phase begins, and up to when."""
        with self._reading() as connection:
            return truths(connection, stretches)

    def rollups(
        self, run: str, machine: str, from_ms: int, to_ms: int, signal: str | None = None
    ) -> dict[str, Rollup]:
        """Every signal of a machine, or one, by the minute, and by the hour where no minutes are left.

        Those that begin in [from_ms, to_ms).
        """
        parts = [
            select(
                t.signal,
                begins.label("begins_ms"),
                literal(length_ms).label("length_ms"),
                t["count"], t.sum, t.min, t.max, t.last,
            ).where(
                t.run == run,
                t.machine == machine,
                t.signal.in_(signals_of(table, run, machine)) if signal is None else t.signal == signal,
                begins >= from_ms,
                begins < to_ms,
            )
            for table, t, begins, length_ms in (
                (tables.hours, tables.hours.c, tables.hours.c.hour_ms, HOUR_MS),
                (tables.rollups, tables.rollups.c, tables.rollups.c.minute_ms, MINUTE_MS),
            )
        ]  # fmt: skip
        with self._reading() as connection:
            rows = connection.execute(union_all(*parts).order_by("signal", "begins_ms", "length_ms")).all()
        by_signal: dict[str, list[_Part]] = {}
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
        with self._reading() as connection:
            rows = connection.execute(
                select(t.at_ms, t.payload)
                .where(
                    t.run == run,
                    t.machine == machine,
                    # None tells of more, so that no older one has to be looked at.
                    t.from_ms >= from_ms - MAX_SPAN_MS,
                    t.from_ms < to_ms,
                    t.to_ms >= from_ms,
                )
                .order_by(t.from_ms, t.digest)
                .limit(limit + 1)
            ).all()
        return None if len(rows) > limit else [(row.at_ms, unpack(row.payload)) for row in rows]

    def messages_from(self, run: str, machine: str) -> int | None:
        """Since when the messages of a machine are kept, ms since 1970; None when none is."""
        t = tables.readings.c
        with self._reading() as connection:
            oldest: int | None = connection.scalar(
                select(func.min(t.from_ms)).where(t.run == run, t.machine == machine)
            )
        return oldest

    def refusals(self, limit: int = 50) -> list[Refusal]:
        """The newest messages that could not be used."""
        t = tables.refusals.c
        with self._reading() as connection:
            rows = connection.execute(
                select(t.wall_ms, t.topic, t.reason, t.head).order_by(t.number.desc()).limit(limit)
            ).all()
        return [
            Refusal(wall_ms=row.wall_ms, topic=row.topic, reason=row.reason, head=row.head) for row in rows
        ]

    def since_of_truth(self, run: str, machine: str) -> int | None:
        """Since when the truth of a machine is known; None when there is none."""
        t = tables.truth_machines.c
        with self._reading() as connection:
            return connection.scalar(select(t.since_ms).where(t.run == run, t.machine == machine))

    def heard_ms(self, run: str, machine: str) -> int | None:
        """When a machine was first heard of; None when it never was."""
        t = tables.intervals.c
        with self._reading() as connection:
            first: int | None = connection.scalar(
                select(func.min(t.start_ms)).where(t.run == run, t.machine == machine)
            )
        return first

    def reasons(self, run: str, machine: str, from_ms: int, to_ms: int) -> list[ReasonRow]:
        """What people said of moments of a machine in [from_ms, to_ms), the oldest word first."""
        t = tables.reasons.c
        rows = self.rows(
            select(t.at_ms, t.reason, t.note)
            .where(t.run == run, t.machine == machine, t.at_ms >= from_ms, t.at_ms < to_ms)
            .order_by(t.number)
        )
        return [ReasonRow(at_ms=row.at_ms, reason=row.reason, note=row.note) for row in rows]

    def reasons_of_all(self, run: str, from_ms: int, to_ms: int) -> dict[str, list[ReasonRow]]:
        """The same of each machine of a run."""
        t = tables.reasons.c
        rows = self.rows(
            select(t.machine, t.at_ms, t.reason, t.note)
            .where(t.run == run, t.at_ms >= from_ms, t.at_ms < to_ms)
            .order_by(t.number)
        )
        found: dict[str, list[ReasonRow]] = {}
        for row in rows:
            given = ReasonRow(at_ms=row.at_ms, reason=row.reason, note=row.note)
            found.setdefault(row.machine, []).append(given)
        return found

    def rewrites_since(self, number: int) -> list[RewriteRow] | None:
        """What was rewritten after a rewrite of this number, in order.

        None when that cannot be said: some of them are kept no longer, or it is another history.
        """
        t = tables.rewrites.c
        with self._reading() as connection:
            oldest, newest = connection.execute(select(func.min(t.number), func.max(t.number))).one()
            rows = connection.execute(
                select(tables.rewrites).where(t.number > number).order_by(t.number)
            ).all()
        if number > (newest or 0) or number < (oldest or 1) - 1:
            return None
        return [RewriteRow(**row._mapping) for row in rows]  # noqa: SLF001 - public in spite of its name

    def newest_rewrite(self) -> int:
        """Number of the newest rewrite; 0 before any."""
        with self._reading() as connection:
            return connection.scalar(_NEWEST_REWRITE) or 0

    def learnings(self, run: str, machine: str) -> list[LearningRow]:
        """Every version of what was learned of a machine, the first one first."""
        named = [one.name for one in tables.learnings.c if one.name not in {"run", "machine"}]
        rows = self.rows(learnings_of(run, machine))
        return [LearningRow(**{name: getattr(row, name) for name in named}) for row in rows]

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            if not self._checked:
                self._checked = check(connection)
            yield connection

    @property
    def dialect(self) -> str:
        """Which database keeps the history: `sqlite` or `postgresql`."""
        return self._engine.dialect.name

    def rows(self, question: Executable) -> list[Any]:
        """The rows that answer a question."""
        with self._reading() as connection:
            return list(connection.execute(question).all())

    def _until(self, source: Source, run: str, machine: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
        if source == "measured":
            t = tables.machines.c
            return select(t.known_until_ms).where(t.run == run, t.machine == machine)
        u = tables.truth_machines.c
        return select(u.until_ms).where(u.run == run, u.machine == machine)


_Part = tuple[int, int, int, float, float, float, float]


def _rollup(rows: list[_Part]) -> Rollup:
    minute, length, count, total, smallest, largest, last = zip(*rows, strict=True)
    counts = np.array(count, dtype=np.int64)
    return Rollup(
        minute_ms=np.array(minute, dtype=np.int64),
        length_ms=np.array(length, dtype=np.int64),
        count=counts,
        mean=np.array(total, dtype=np.float64) / counts,
        min=np.array(smallest, dtype=np.float64),
        max=np.array(largest, dtype=np.float64),
        last=np.array(last, dtype=np.float64),
    )
