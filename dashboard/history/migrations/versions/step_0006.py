"""The faults that were asked for, as the truth tells of them."""

from alembic import op
from sqlalchemy import BigInteger, Column, Float, String

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the table; of what was before, no fault is known."""
    op.create_table(
        "truth_faults",
        *(Column(name, String, primary_key=True) for name in ("run", "machine", "fault", "signal")),
        Column("from_ms", BigInteger, primary_key=True, autoincrement=False),
        Column("until_ms", BigInteger, nullable=False),
        Column("severity", Float, nullable=False),
        sqlite_with_rowid=False,
    )
