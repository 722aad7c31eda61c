"""When each commit of readings began and was done, and when pages were told of it."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer

revision = "0012"
down_revision = "0009"


def upgrade() -> None:
    """Add the table; of what was before, nobody has noted the way."""
    op.create_table(
        "commits",
        Column("number", Integer, primary_key=True),
        Column("begun_wall_ms", BigInteger, nullable=False),
        Column("done_wall_ms", BigInteger, nullable=False),
        Column("told_wall_ms", BigInteger),
        Column("sent_wall_ms", BigInteger),
    )
    op.create_index("commits_by_moment", "commits", ["begun_wall_ms"])
