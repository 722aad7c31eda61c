"""How long a state must last, what a forgotten machine leaves at the broker, and hours of signals."""

from alembic import op
from sqlalchemy import BigInteger, Column, Float, LargeBinary, String

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add columns and tables; of machines that are there every state counted, however short."""
    op.add_column("machines", Column("least_ms", BigInteger))
    op.add_column("machines", Column("pending_ms", BigInteger))
    op.add_column("machines", Column("pending_state", String))
    op.create_table(
        "clearings",
        Column("topic", String, primary_key=True),
        Column("birth", LargeBinary),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "hours",
        *(Column(name, String, primary_key=True) for name in ("run", "machine", "signal")),
        Column("hour_ms", BigInteger, primary_key=True, autoincrement=False),
        Column("count", BigInteger, nullable=False),
        *(Column(name, Float, nullable=False) for name in ("sum", "min", "max", "last")),
        Column("last_at_ms", BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
