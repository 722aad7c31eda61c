"""What is still to be posted to the webhook, and how much has been taken in."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String

revision = "0009"
down_revision = "0007"


def upgrade() -> None:
    """Add the tables; nothing waits, and of what was before nobody has counted."""
    op.create_table(
        "deliveries",
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("id", String, nullable=False),
        Column("body", LargeBinary, nullable=False),
    )
    op.create_table(
        "taken",
        Column("run", String, primary_key=True),
        Column("messages", BigInteger, nullable=False),
        Column("readings", BigInteger, nullable=False),
        Column("measured", BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
