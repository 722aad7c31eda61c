"""How long a state must last, what has not lasted yet, and what a forgotten machine leaves at the broker."""

from alembic import op
from sqlalchemy import BigInteger, Column, LargeBinary, String

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add columns and a table; of machines that are there every state counted, however short."""
    op.add_column("machines", Column("least_ms", BigInteger))
    op.add_column("machines", Column("pending_ms", BigInteger))
    op.add_column("machines", Column("pending_state", String))
    op.create_table(
        "clearings",
        Column("topic", String, primary_key=True),
        Column("birth", LargeBinary),
        sqlite_with_rowid=False,
    )
