"""What was assumed of the plant, in the segments of each run."""

from alembic import op
from sqlalchemy import BigInteger, Column, String

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the table; of what was before, nothing is known."""
    op.create_table(
        "segments",
        Column("run", String, primary_key=True),
        Column("from_ms", BigInteger, primary_key=True, autoincrement=False),
        *(Column(name, String, nullable=False) for name in ("label", "values", "about")),
        sqlite_with_rowid=False,
    )
