"""What people say of a stop, what was rewritten, what was learned, and which commands were answered."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import BigInteger, Column, Integer, String

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the tables; every row that is there stays as it is."""
    op.create_table(
        "reasons",
        Column("number", Integer, primary_key=True),
        Column("run", String, nullable=False),
        Column("machine", String, nullable=False),
        Column("at_ms", BigInteger, nullable=False),
        Column("reason", String, nullable=False),
        Column("note", String, nullable=False),
        Column("wall_ms", BigInteger, nullable=False),
    )
    op.create_index("reasons_by_moment", "reasons", ["run", "machine", "at_ms"])
    op.create_table(
        "rewrites",
        Column("number", Integer, primary_key=True),
        Column("run", String, nullable=False),
        Column("machine", String, nullable=False),
        Column("from_ms", BigInteger, nullable=False),
    )
    op.create_table(
        "learnings",
        Column("run", String, primary_key=True),
        Column("machine", String, primary_key=True),
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("since_ms", BigInteger),
        Column("from_ms", BigInteger),
        Column("to_ms", BigInteger),
        Column("signal", String, nullable=False),
        Column("above", sa.Float),
        Column("below", sa.Float),
        Column("period_ms", BigInteger),
        Column("readings", Integer),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "commands",
        Column("number", Integer, primary_key=True),
        Column("id", String, nullable=False, unique=True),
        Column("ok", sa.Boolean, nullable=False),
        Column("message", String, nullable=False),
        Column("wall_ms", BigInteger, nullable=False),
    )
    # A program of version 1 that meets this history says so instead of writing into it.
    op.execute(sa.update(sa.table("schema", sa.column("version"))).values(version=2))
