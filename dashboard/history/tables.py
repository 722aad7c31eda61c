"""The tables of the history. Every row is addressed by the run it belongs to and when it happened.

Times are int64 milliseconds since 1970. Only the starts of intervals are kept: each lasts until the
next of its machine, so intervals tile by construction.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)
from sqlalchemy.sql.schema import SchemaItem

SCHEMA = 2
"""Version of the tables, also told to programs older than the migrations. `migrations` says what changed."""

metadata = MetaData()


def _key(name: str) -> Column[str]:
    return Column(name, String, primary_key=True)


def _moment_key(name: str) -> Column[int]:
    return Column(name, BigInteger, primary_key=True, autoincrement=False)


def _table(name: str, *columns: SchemaItem) -> Table:
    # Rows stored in the order of their key: a window of one machine is then one stretch of the file.
    return Table(name, metadata, *columns, sqlite_with_rowid=False)


schema = _table("schema", Column("version", Integer, primary_key=True, autoincrement=False))

runs = _table(
    "runs",
    _key("run"),
    Column("epoch_ms", BigInteger, nullable=False),
    Column("now_ms", BigInteger, nullable=False),
    Column("begun_wall_ms", BigInteger, nullable=False),
    # As text: a seed may be longer than any integer of a database.
    Column("seed", String),
)
"""Each history by itself; run `""` is that of real machines without a simulated plant."""

watermarks = _table(
    "watermarks", _key("run"), _key("office"), Column("committed_ms", BigInteger, nullable=False)
)
"""Plant time up to which each office has committed everything of a run."""

machines = _table(
    "machines",
    _key("run"),
    _key("machine"),
    Column("path", String, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Column("retired_ms", BigInteger),
    Column("known_until_ms", BigInteger, nullable=False),
    Column("last_at_ms", BigInteger),
    Column("birth", LargeBinary),
    Column("learned", LargeBinary),
    Column("least_ms", BigInteger),
    Column("pending_ms", BigInteger),
    Column("pending_state", String),
)
"""Every machine of a run; `birth` and `learned` hold their JSON, null for a machine without.

`least_ms` is the longest that a state of it ever had to last, null for 0; `pending_ms` and
`pending_state` are what its newest readings tell that has not lasted so long yet.
"""

intervals = _table(
    "intervals",
    _key("run"),
    _key("machine"),
    _moment_key("start_ms"),
    Column("state", String, nullable=False),
    Column("cause", String, nullable=False),
)
"""Measured: where each interval begins, and what it was."""

counts = _table(
    "counts",
    _key("run"),
    _key("machine"),
    _moment_key("at_ms"),
    Column("parts", BigInteger, nullable=False),
    Column("rejects", BigInteger, nullable=False),
)
"""Measured: the machine's own cumulative counters, at each moment they changed."""

truth_intervals = _table(
    "truth_intervals",
    _key("run"),
    _key("machine"),
    _moment_key("start_ms"),
    Column("state", String, nullable=False),
    Column("phase", String, nullable=False),
    Column("cause", String, nullable=False),
)
"""True: where each phase begins. Nothing that computes a measured number reads it."""

truth_counts = _table(
    "truth_counts",
    _key("run"),
    _key("machine"),
    _moment_key("at_ms"),
    Column("parts", BigInteger, nullable=False),
    Column("rejects", BigInteger, nullable=False),
)
"""True: cumulative counters at each moment they changed."""

truth_machines = _table(
    "truth_machines",
    _key("run"),
    _key("machine"),
    Column("since_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
)
"""Span over which the truth of each machine is known."""

truth_faults = _table(
    "truth_faults",
    _key("run"),
    _key("machine"),
    _key("fault"),
    _key("signal"),
    _moment_key("from_ms"),
    Column("until_ms", BigInteger, nullable=False),
    Column("severity", Float, nullable=False),
)
"""True: faults that somebody asked for; `signal` is `""` where it is none of a sensor."""

rollups = _table(
    "rollups",
    _key("run"),
    _key("machine"),
    _key("signal"),
    _moment_key("minute_ms"),
    Column("count", Integer, nullable=False),
    Column("sum", Float, nullable=False),
    Column("min", Float, nullable=False),
    Column("max", Float, nullable=False),
    Column("last", Float, nullable=False),
    Column("last_at_ms", BigInteger, nullable=False),
)
"""Each signal by the minute, in parts that can be merged into longer ones."""

hours = _table(
    "hours",
    _key("run"),
    _key("machine"),
    _key("signal"),
    _moment_key("hour_ms"),
    Column("count", BigInteger, nullable=False),
    Column("sum", Float, nullable=False),
    Column("min", Float, nullable=False),
    Column("max", Float, nullable=False),
    Column("last", Float, nullable=False),
    Column("last_at_ms", BigInteger, nullable=False),
)
"""Each signal by the hour, merged from minutes that have been kept long enough."""

# Rows with a whole message in them are too long to be stored in the order of their key.
readings = Table(
    "readings",
    metadata,
    _key("run"),
    _key("machine"),
    _moment_key("from_ms"),
    _key("digest"),
    Column("to_ms", BigInteger, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("wall_ms", BigInteger, nullable=False),
    Column("payload", LargeBinary, nullable=False),
)
"""The messages themselves, compressed, for a bounded time: the evidence behind the intervals."""

Index("readings_by_age", readings.c.run, readings.c.to_ms)

commits = Table(
    "commits",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("begun_wall_ms", BigInteger, nullable=False),
    Column("done_wall_ms", BigInteger, nullable=False),
    Column("told_wall_ms", BigInteger),
    Column("sent_wall_ms", BigInteger),
)
"""The newest commits of readings: wall time at which each began, was done and was told to pages; when the
plant had begun to send what its tick closed. A message is in the first that began after it was received."""

Index("commits_by_moment", commits.c.begun_wall_ms)

refusals = Table(
    "refusals",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("wall_ms", BigInteger, nullable=False),
    Column("topic", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("head", String, nullable=False),
    Column("retained", Boolean, nullable=False),
)
"""Messages that could not be used, the newest of them."""

reasons = Table(
    "reasons",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("run", String, nullable=False),
    Column("machine", String, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("reason", String, nullable=False),
    Column("note", String, nullable=False),
    Column("wall_ms", BigInteger, nullable=False),
)
"""What people said made a machine stop: the newest row whose `at_ms` lies in a stop; `""` takes it back."""

Index("reasons_by_moment", reasons.c.run, reasons.c.machine, reasons.c.at_ms)

rewrites = Table(
    "rewrites",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("run", String, nullable=False),
    Column("machine", String, nullable=False),
    Column("from_ms", BigInteger, nullable=False),
)
"""From where on a machine's intervals or counts are not what they were, the newest of them.

What only lengthens a machine's time is no rewrite: its evidence ended there before.
"""

clearings = _table("clearings", _key("topic"), Column("birth", LargeBinary))
"""Topics of forgotten machines until nothing that was said there before can come again; a birth's JSON."""

learnings = _table(
    "learnings",
    _key("run"),
    _key("machine"),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("since_ms", BigInteger),
    Column("from_ms", BigInteger),
    Column("to_ms", BigInteger),
    Column("signal", String, nullable=False),
    Column("above", Float),
    Column("below", Float),
    Column("period_ms", BigInteger),
    Column("readings", Integer),
)
"""Every version of what was learned of a machine, and the one that is being learned: it has no window yet."""

commands = Table(
    "commands",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("ok", Boolean, nullable=False),
    Column("message", String, nullable=False),
    Column("wall_ms", BigInteger, nullable=False),
)
"""The newest commands that were answered: one that comes again gets the same answer and changes nothing."""

calls = Table(
    "calls",
    metadata,
    _key("run"),
    _key("machine"),
    _moment_key("raised_ms"),
    _key("rule"),
    Column("id", String, nullable=False),
    Column("cause", String, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Column("escalated_ms", BigInteger),
    Column("closed_ms", BigInteger),
    Column("missed", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
"""Every call of a run; `closed_ms` is null while it is open, `missed` says that it was sent to nobody."""

Index("calls_by_id", calls.c.id)
Index("calls_by_moment", calls.c.run, calls.c.raised_ms)

responses = _table(
    "responses",
    _key("run"),
    _key("machine"),
    _key("call"),
    _key("what"),
    Column("at_ms", BigInteger, nullable=False),
    Column("by", String, nullable=False),
)
"""What came of each call, the first word on each: `acknowledged`, `at-machine`, `restored`."""

segments = _table(
    "segments",
    _key("run"),
    _moment_key("from_ms"),
    Column("label", String, nullable=False),
    Column("values", String, nullable=False),
    Column("about", String, nullable=False),
)
"""What was assumed of the plant, from a moment up to the next: a label, the values by name, and what each
is about (unit, bounds, words, source and grade), both as JSON."""

unattended = _table("unattended", _key("run"), _moment_key("from_ms"), Column("to_ms", BigInteger))
"""Time in which the plant went on without an office; `to_ms` is null until the office was back."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("id", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
"""What is to be posted to the webhook and has not been delivered yet, in order; `id` names call and event."""

taken = _table(
    "taken",
    _key("run"),
    Column("messages", BigInteger, nullable=False),
    Column("readings", BigInteger, nullable=False),
    Column("measured", BigInteger, nullable=False),
)
"""What the office has taken in of each run: messages, readings, and the single values in these."""
