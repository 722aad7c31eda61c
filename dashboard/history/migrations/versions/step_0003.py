"""The seed of each run, with which the simulator makes the same history again."""

from alembic import op
from sqlalchemy import Column, String

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column; runs that are there have none."""
    op.add_column("runs", Column("seed", String))
