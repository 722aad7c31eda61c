"""Calls, what came of them, and the time in which nobody was there to call."""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, String

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the tables; of what was before, no call is known."""
    op.create_table(
        "calls",
        Column("run", String, primary_key=True),
        Column("machine", String, primary_key=True),
        Column("raised_ms", BigInteger, primary_key=True, autoincrement=False),
        Column("rule", String, primary_key=True),
        Column("id", String, nullable=False),
        Column("cause", String, nullable=False),
        Column("since_ms", BigInteger, nullable=False),
        Column("escalated_ms", BigInteger),
        Column("closed_ms", BigInteger),
        Column("missed", Boolean, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("calls_by_id", "calls", ["id"])
    op.create_index("calls_by_moment", "calls", ["run", "raised_ms"])
    op.create_table(
        "responses",
        *(Column(name, String, primary_key=True) for name in ("run", "machine", "call", "what")),
        Column("at_ms", BigInteger, nullable=False),
        Column("by", String, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "unattended",
        Column("run", String, primary_key=True),
        Column("from_ms", BigInteger, primary_key=True, autoincrement=False),
        Column("to_ms", BigInteger),
        sqlite_with_rowid=False,
    )
