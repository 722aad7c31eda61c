"""Opening the history, and the one transaction in which ingest writes all that a tick has changed."""

import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from dashboard.history import tables
from dashboard.history.forgetting import Forgetting
from dashboard.history.statements import cuts, of_one_machine, write_statements
from dashboard.history.version import HistoryError, migrate, refuse_unknown
from dashboard.history.windows import learnings_of, rows_from, signals_of
from protocol.states import State

Row = dict[str, Any]
MinuteRow = tuple[Any, ...]
"""A minute in the order of its table's columns: of these there are too many for a name each."""
MAX_SHOWN = 40
"""So many characters of an address that is none are said."""
ALLOWED = "allowed is sqlite:///file or postgresql://user:password@host:port/name"
CONNECT_S = 5
"""A database server has so many seconds to take a connection."""
LOCK = 0x6D616368
"""Number of the lock by which those who write to one history on a server wait for each other."""
LOG_PAGES = 4_000
"""Pages of the write-ahead log after which they are brought into the file."""
LOG_BYTES = LOG_PAGES * 4_096
"""So long it stays on the disk once they are there."""


@dataclass(slots=True, kw_only=True)
class Writes:
    """All rows that one commit brings; the order within a list does not matter."""

    runs: list[Row] = field(default_factory=list)
    watermarks: list[Row] = field(default_factory=list)
    machines: list[Row] = field(default_factory=list)
    interval_cuts: list[Row] = field(default_factory=list)
    """`run`, `machine`, `from_ms`: rows from here on go before `intervals` come."""
    intervals: list[Row] = field(default_factory=list)
    counts: list[Row] = field(default_factory=list)
    rollup_additions: list[MinuteRow] = field(default_factory=list)
    """Merged into the minute that is there."""
    rollups: list[MinuteRow] = field(default_factory=list)
    """Replace the minute that is there."""
    readings: list[Row] = field(default_factory=list)
    truth_intervals: list[Row] = field(default_factory=list)
    truth_counts: list[Row] = field(default_factory=list)
    truth_machines: list[Row] = field(default_factory=list)
    truth_faults: list[Row] = field(default_factory=list)
    commits: list[Row] = field(default_factory=list)
    """Stamps of commits before this one."""
    refusals: list[Row] = field(default_factory=list)
    reasons: list[Row] = field(default_factory=list)
    rewrites: list[Row] = field(default_factory=list)
    learnings: list[Row] = field(default_factory=list)
    commands: list[Row] = field(default_factory=list)
    calls: list[Row] = field(default_factory=list)
    responses: list[Row] = field(default_factory=list)
    unattended: list[Row] = field(default_factory=list)
    deliveries: list[Row] = field(default_factory=list)
    delivered: list[Row] = field(default_factory=list)
    """`number`: it need not be posted any more."""
    taken: list[Row] = field(default_factory=list)
    """Added to what has been taken in of the run."""
    segments: list[Row] = field(default_factory=list)
    forgotten: list[Row] = field(default_factory=list)
    """`run`, `machine`: every row of it goes before anything else comes."""
    clearings: list[Row] = field(default_factory=list)
    cleared: list[Row] = field(default_factory=list)
    """`topic`: nothing of a forgotten machine is left there."""

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in self.__slots__)


def _parsed(url: str) -> URL:
    """A history's address.

    Raises:
        HistoryError: It is none; of what was given only the sort is said, where no password stands.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        begun, slashes, _ = url.partition("://")
        said = f"{begun[:MAX_SHOWN]}{slashes}…" if slashes else "…"
        raise HistoryError(f"the history at {said!r} has no address: {ALLOWED}") from error
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        raise HistoryError(f"the history at {parsed.render_as_string()} is of a kind not known: {ALLOWED}")
    return parsed


def open_engine(url: str, *, create: bool = False) -> Engine:
    """A connection pool for a history, made on first use.

    Args:
        url: SQLAlchemy URL, `sqlite:///var/history.db` or `postgresql://…`.
        create: Make the tables (and, for SQLite, the folder) if they are missing, and bring older ones
            to the newest version: for the one process that writes.

    Raises:
        HistoryError: The history cannot be opened, or is of a later version or another program.
    """
    parsed = _parsed(url)
    sqlite = parsed.get_backend_name() == "sqlite"
    if sqlite and create and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    try:
        # A server may have been restarted since a connection was used last.
        engine = create_engine(url, paramstyle="named") if sqlite else _served(parsed)
    except ModuleNotFoundError as error:
        raise HistoryError(
            f"the history at {parsed.render_as_string()} needs the package {error.name}, which is not "
            "installed: pip install 'psycopg[binary]' for PostgreSQL"
        ) from error
    except ArgumentError as error:
        raise HistoryError(f"the history at {parsed.render_as_string()}: {error}; {ALLOWED}") from error
    if sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
    if create:
        try:
            if sqlite:
                with engine.connect() as connection:
                    refuse_unknown(connection)
                # Only of a file that is ours the way of writing is changed, which is written into it.
                engine.dispose()
                event.listen(engine, "connect", _write_ahead)
            with engine.begin() as connection:
                if sqlite:
                    # Its driver would begin no transaction for the making of tables.
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                else:
                    # Several workers may start at once: the second finds the tables made.
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
                migrate(connection)
        except HistoryError:
            engine.dispose()
            raise
        except DatabaseError as error:
            engine.dispose()
            why = " ".join(str(error.orig).split())
            raise HistoryError(
                f"the history at {parsed.render_as_string()} cannot be opened: {why}"
            ) from error
    return engine


def _served(url: URL) -> Engine:
    # One that is cut off refuses nobody: without a limit, who connects would wait for minutes.
    within = {} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_S}
    return create_engine(url, pool_pre_ping=True, connect_args=within)


def _prepare_sqlite(connection: Any, _record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    # NORMAL survives a killed process, not a power cut. What the log has grown to while somebody read for
    # long it would keep for ever without its limit in bytes.
    for pragma in (
        "synchronous=NORMAL", "busy_timeout=5000",
        f"wal_autocheckpoint={LOG_PAGES}", f"journal_size_limit={LOG_BYTES}",
    ):  # fmt: skip
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _write_ahead(connection: Any, _record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    # Pages read while ingest writes. The file keeps it: who only reads need not say so.
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.close()


class UnsureError(SQLAlchemyError):
    """Raised when a server went away while it committed: only reading anew tells whether it did."""


class Store:
    """The history as ingest sees it: one writer, or one of several that write of different machines.

    Args:
        url: SQLAlchemy URL of the history; its tables are made if they are missing.
        alone: Whether nobody else writes.

    Raises:
        HistoryError: Several are to write to what has room for one.
    """

    def __init__(self, url: str, *, alone: bool = True) -> None:
        self.url = url
        self._alone = alone
        if not alone and make_url(url).get_backend_name() != "postgresql":
            raise HistoryError(
                f"the history at {make_url(url).render_as_string()} has room for one worker: "
                "allowed for several is one in PostgreSQL, postgresql://…"
            )
        self.engine = open_engine(url, create=True)
        self._statements = write_statements(self.engine.dialect)
        self._cuts = cuts()
        self._of_one_machine = of_one_machine()
        self._forgetting = Forgetting(self.engine.dialect.name)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    @contextmanager
    def _transaction(self, *, in_turn: bool) -> Iterator[Connection]:
        """A transaction that is committed at the end, and rolled back after any error.

        Args:
            in_turn: Whether no other worker may write meanwhile.
        """
        with self.engine.connect() as connection, connection.begin() as transaction:
            if not self._alone:
                how = "" if in_turn else "_shared"
                connection.execute(text(f"SELECT pg_advisory_xact_lock{how}({LOCK})"))
            yield connection
            try:
                transaction.commit()
            except DBAPIError as error:
                # A file knows that it has not; a server may have, and its answer be lost.
                if error.connection_invalidated:
                    raise UnsureError(str(error.orig)) from error
                raise

    def write(self, writes: Writes) -> None:
        """Commit everything in one transaction, or nothing.

        Raises:
            UnsureError: It is not known which of the two.
        """
        # Whoever reads rewrites by their numbers must not meet a later one before an earlier one.
        with self._transaction(in_turn=bool(writes.rewrites)) as connection:
            if writes.forgotten:
                for deletion in self._of_one_machine:
                    connection.execute(deletion, writes.forgotten)
            for name, statement in self._statements.items():
                rows = getattr(writes, name)
                if rows:
                    # As text: binding row by row through SQLAlchemy costs twice what SQLite does.
                    connection.exec_driver_sql(statement.text, list(map(statement.values, rows)))
            for name, cut in self._cuts.items():
                if getattr(writes, name):
                    connection.execute(cut)

    def forget(
        self, *, readings_before_ms: int, rollups_before_ms: int, run: str, hours_before_ms: int = 0
    ) -> None:
        """Drop what has been kept long enough of a run, never its intervals.

        Args:
            readings_before_ms: Messages that end before this go.
            rollups_before_ms: Minutes of whole hours before this are merged into hours.
            run: The run.
            hours_before_ms: Hours that begin before this go.
        """
        with self._transaction(in_turn=True) as connection:
            self._forgetting.readings(connection, run, readings_before_ms)
            self._forgetting.minutes(connection, run, rollups_before_ms)
            self._forgetting.hours(connection, run, hours_before_ms)

    def machines(self, run: str, *, memory_ms: int) -> Sequence[Any]:
        """The rows of a run's machines that are there, or were there in its newest `memory_ms`."""
        t = tables.machines.c
        newest = select(tables.runs.c.now_ms).where(tables.runs.c.run == run).scalar_subquery()
        with self.engine.connect() as connection:
            return connection.execute(
                select(tables.machines).where(
                    t.run == run, t.retired_ms.is_(None) | (t.retired_ms > newest - memory_ms)
                )
            ).all()

    def machine(self, run: str, name: str) -> Any:
        """The row of one machine, retired or not; None when the run never had it."""
        t = tables.machines.c
        with self.engine.connect() as connection:
            return connection.execute(
                select(tables.machines).where(t.run == run, t.machine == name)
            ).one_or_none()

    def learnings(self, run: str, machine: str) -> Sequence[Any]:
        """Every version of what was learned of a machine, the first one first."""
        with self.engine.connect() as connection:
            return connection.execute(learnings_of(run, machine)).all()

    def answer(self, command: str) -> Any:
        """How a command was answered, by its id; None when it was not."""
        t = tables.commands.c
        with self.engine.connect() as connection:
            return connection.execute(select(t.ok, t.message).where(t.id == command)).one_or_none()

    def deliveries(self) -> Sequence[Any]:
        """What was to be posted and has not been delivered, in order."""
        with self.engine.connect() as connection:
            return connection.execute(select(tables.deliveries).order_by(tables.deliveries.c.number)).all()

    def taken(self, run: str) -> Any:
        """What has been taken in of a run; None when nobody has counted."""
        with self.engine.connect() as connection:
            return connection.execute(select(tables.taken).where(tables.taken.c.run == run)).one_or_none()

    def clearings(self) -> dict[str, bytes | None]:
        """Topics on which something of a forgotten machine may be left: its birth, by topic."""
        with self.engine.connect() as connection:
            return {row.topic: row.birth for row in connection.execute(select(tables.clearings)).all()}

    def names_told(self) -> set[tuple[str, str]]:
        """Name and location of all machines of all runs: those whose tiles may still be retained."""
        t = tables.machines.c
        with self.engine.connect() as connection:
            rows = connection.execute(select(t.machine, t.path).distinct()).all()
        return {(row.machine, row.path) for row in rows}

    def truth_machines(self, run: str) -> Sequence[Any]:
        """The span over which the truth of each machine of a run is known."""
        with self.engine.connect() as connection:
            return connection.execute(
                select(tables.truth_machines).where(tables.truth_machines.c.run == run)
            ).all()

    def truth_holes(self, run: str) -> Sequence[Any]:
        """Spans of each machine of a run of whose truth nothing was told: machine, `start_ms`, `end_ms`."""
        t = tables.truth_intervals.c
        following = func.lead(t.start_ms).over(partition_by=t.machine, order_by=t.start_ms)
        every = select(t.machine, t.start_ms, t.state, following.label("end_ms"))
        rows = every.where(t.run == run).subquery()
        with self.engine.connect() as connection:
            return connection.execute(
                select(rows.c.machine, rows.c.start_ms, rows.c.end_ms).where(
                    rows.c.state == State.UNKNOWN.value, rows.c.end_ms.is_not(None)
                )
            ).all()

    def intervals_from(self, run: str, machine: str, from_ms: int) -> Sequence[Any]:
        """Interval rows of a machine from the one that holds `from_ms` on, in order."""
        with self.engine.connect() as connection:
            return connection.execute(rows_from(tables.intervals, run, machine, from_ms)).all()

    def state_at(self, run: str, machine: str, at_ms: int) -> str:
        """The state of the interval that holds a moment; the last one holds for ever."""
        with self.engine.connect() as connection:
            row = connection.execute(rows_from(tables.intervals, run, machine, at_ms).limit(1)).first()
        return row.state if row is not None and row.start_ms <= at_ms else State.UNKNOWN

    def counts_from(self, run: str, machine: str, from_ms: int) -> Sequence[Any]:
        """Counter rows of a machine from the newest at or before `from_ms` on, in order."""
        with self.engine.connect() as connection:
            return connection.execute(rows_from(tables.counts, run, machine, from_ms)).all()

    def newest_minutes(
        self, run: str, machine: str, from_ms: int, signals: Sequence[str] | None = None
    ) -> Sequence[Any]:
        """Roll-up rows of a machine from a minute on, of all of its signals or of some."""
        t = tables.rollups.c
        wanted = [t.run == run, t.machine == machine, t.minute_ms >= from_ms]
        wanted.append(t.signal.in_(signals_of(tables.rollups, run, machine) if signals is None else signals))
        with self.engine.connect() as connection:
            return connection.execute(select(tables.rollups).where(*wanted).order_by(t.minute_ms)).all()

    def messages(
        self, run: str, machine: str, from_ms: int, to_ms: int, *, widest_ms: int
    ) -> list[tuple[int, bytes]]:
        """The kept messages of a machine that overlap a span: `at_ms` and payload.

        Args:
            run: The run.
            machine: The machine.
            from_ms: Beginning of the span, ms since 1970.
            to_ms: Its end.
            widest_ms: No message of the machine tells of a longer time, in milliseconds: of those that
                begin before the span only so many have to be read.
        """
        t = tables.readings
        with self.engine.connect() as connection:
            rows = connection.execute(
                select(t.c.at_ms, t.c.payload)
                .where(
                    t.c.run == run,
                    t.c.machine == machine,
                    t.c.from_ms.between(from_ms - widest_ms, to_ms),
                    t.c.to_ms >= from_ms,
                )
                .order_by(t.c.from_ms)
            ).all()
        return [(row.at_ms, unpack(row.payload)) for row in rows]

    def widest_message_ms(self, run: str, machine: str) -> int:
        """The longest time that one of the kept messages of a machine tells of, in milliseconds."""
        t = tables.readings.c
        with self.engine.connect() as connection:
            found: int | None = connection.scalar(
                select(func.max(t.to_ms - t.from_ms)).where(t.run == run, t.machine == machine)
            )
        return found or 0

    def has_message(self, run: str, machine: str, at_ms: int, digest: str) -> bool:
        """Whether a message is kept already: then it is a repeat."""
        t = tables.readings.c
        with self.engine.connect() as connection:
            found = connection.scalar(
                select(t.at_ms).where(
                    t.run == run, t.machine == machine, t.from_ms == at_ms, t.digest == digest
                )
            )
        return found is not None

    def committed(self, run: str, office: str) -> int | None:
        """Plant time up to which an office has committed a run; None when it knows nothing of it."""
        with self.engine.connect() as connection:
            return connection.scalar(
                select(tables.watermarks.c.committed_ms).where(
                    tables.watermarks.c.run == run, tables.watermarks.c.office == office
                )
            )


def pack(payload: bytes) -> bytes:
    """A message as it is kept."""
    return zlib.compress(payload, 1)


def unpack(kept: bytes) -> bytes:
    """The message that was packed."""
    return zlib.decompress(kept)
