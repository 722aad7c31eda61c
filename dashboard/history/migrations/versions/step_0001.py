"""The tables of version 1, as they were released."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import BigInteger, Column, Integer, String

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them in an empty database."""
    version = op.create_table(
        "schema",
        Column("version", Integer, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    op.bulk_insert(version, [{"version": 1}])
    op.create_table(
        "runs",
        Column("run", String, primary_key=True),
        Column("epoch_ms", BigInteger, nullable=False),
        Column("now_ms", BigInteger, nullable=False),
        Column("begun_wall_ms", BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "watermarks",
        Column("run", String, primary_key=True),
        Column("office", String, primary_key=True),
        Column("committed_ms", BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "machines",
        *_machine(),
        Column("path", String, nullable=False),
        Column("since_ms", BigInteger, nullable=False),
        Column("retired_ms", BigInteger),
        Column("known_until_ms", BigInteger, nullable=False),
        Column("last_at_ms", BigInteger),
        Column("birth", sa.LargeBinary),
        Column("learned", sa.LargeBinary),
        sqlite_with_rowid=False,
    )
    for name, phase in (("intervals", []), ("truth_intervals", [Column("phase", String, nullable=False)])):
        op.create_table(
            name,
            *_machine(),
            _moment("start_ms"),
            Column("state", String, nullable=False),
            *phase,
            Column("cause", String, nullable=False),
            sqlite_with_rowid=False,
        )
    for name in ("counts", "truth_counts"):
        op.create_table(
            name,
            *_machine(),
            _moment("at_ms"),
            Column("parts", BigInteger, nullable=False),
            Column("rejects", BigInteger, nullable=False),
            sqlite_with_rowid=False,
        )
    op.create_table(
        "truth_machines",
        *_machine(),
        Column("since_ms", BigInteger, nullable=False),
        Column("until_ms", BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rollups",
        *_machine(),
        Column("signal", String, primary_key=True),
        _moment("minute_ms"),
        Column("count", Integer, nullable=False),
        *(Column(one, sa.Float, nullable=False) for one in ("sum", "min", "max", "last")),
        Column("last_at_ms", BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "readings",
        *_machine(),
        _moment("from_ms"),
        Column("digest", String, primary_key=True),
        Column("to_ms", BigInteger, nullable=False),
        Column("at_ms", BigInteger, nullable=False),
        Column("wall_ms", BigInteger, nullable=False),
        Column("payload", sa.LargeBinary, nullable=False),
    )
    op.create_index("readings_by_age", "readings", ["run", "to_ms"])
    op.create_table(
        "refusals",
        Column("number", Integer, primary_key=True),
        Column("wall_ms", BigInteger, nullable=False),
        *(Column(one, String, nullable=False) for one in ("topic", "reason", "head")),
        Column("retained", sa.Boolean, nullable=False),
    )


def _machine() -> list[Column[str]]:
    return [Column("run", String, primary_key=True), Column("machine", String, primary_key=True)]


def _moment(name: str) -> Column[int]:
    return Column(name, BigInteger, primary_key=True, autoincrement=False)
