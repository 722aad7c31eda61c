"""Which version of the tables a history has, and bringing an older one to the newest."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, column, inspect, select, table
from sqlalchemy.exc import SQLAlchemyError

from dashboard.history import tables

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

RELEASED_WITHOUT = "0001"
"""Version 1 was released before there were migrations: its `schema` table alone says what it is."""
_MARK = "alembic_version"
_STEPS = Path(__file__).with_name("migrations")


class HistoryError(SQLAlchemyError):
    """Raised when a history cannot be opened or read yet; says which and why."""

    def __init__(self, sentence: str, *, why: str = "") -> None:
        super().__init__(sentence)
        self.why = why
        """Why, without where it lies: for those who look at a page."""


def refuse_unknown(connection: Connection) -> str | None:
    """The version of the tables, None when there are none yet; nothing is changed.

    Raises:
        HistoryError: They are of a later version, or of another program.
    """
    found, known = _version_of(connection), versions()
    if found is not None and found not in known:
        why = (
            f"has tables of version {found!r}, and this program knows them up to version {known[-1]!r}: "
            "it is of a later version of the product, and is left as it is; upgrade this program, or name "
            "another history with --history"
        )
        raise HistoryError(f"the history at {_named(connection)} {why}", why=f"it {why}")
    return found


def migrate(connection: Connection) -> None:
    """Bring the tables to the newest version, in the transaction that is on; an empty database gets them.

    Raises:
        HistoryError: They are of a later version, or of another program.
    """
    # Who only reads needs none of it, and it takes more memory than the history's own code.
    from alembic.migration import MigrationContext  # noqa: PLC0415
    from alembic.operations import Operations  # noqa: PLC0415

    steps = _steps()
    found = refuse_unknown(connection)
    context = MigrationContext.configure(connection)
    with Operations.context(context):
        for step in reversed(list(steps.iterate_revisions("head", found or "base"))):
            step.module.upgrade()
    context.stamp(steps, "head")


def check(connection: Connection) -> bool:
    """Whether the tables are of the newest version; False when there are none yet.

    Raises:
        HistoryError: They are of another version, or of another program.
    """
    found = refuse_unknown(connection)
    if found not in {None, newest()}:
        why = (
            f"has tables of version {found!r}, and this program reads version {newest()!r}: "
            "`python -m dashboard ingest` brings an older one to it when it starts"
        )
        raise HistoryError(f"the history at {_named(connection)} {why}", why=f"it {why}")
    return found is not None


def why_unreadable(error: SQLAlchemyError) -> str:
    """Why a history cannot be read, without where it lies."""
    return (isinstance(error, HistoryError) and error.why) or type(error).__name__


def newest() -> str:
    """The newest version of the tables: that of the last step."""
    return versions()[-1]


@cache
def versions() -> tuple[str, ...]:
    """Every version of the tables, the oldest first."""
    steps = sorted((_STEPS / "versions").glob("step_*.py"))
    if not steps:
        raise HistoryError(f"{_STEPS} holds no version of the tables")
    return tuple(step.stem.removeprefix("step_") for step in steps)


@cache
def _steps() -> "ScriptDirectory":
    """All steps from no table to the newest ones, read once."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - as above

    return ScriptDirectory(str(_STEPS))


def _version_of(connection: Connection) -> str | None:
    """The version of the tables; None for a database without any table."""
    present = set(inspect(connection).get_table_names())
    if not present:
        return None
    # First, because many programs have a mark, and one of theirs may be called as one of ours.
    if "schema" not in present:
        others = ", ".join(sorted(present)[:3])
        raise HistoryError(
            f"the database at {_named(connection)} holds tables of another program ({others}): "
            "a history needs one of its own"
        )
    if _MARK in present:
        return connection.scalar(select(column("version_num")).select_from(table(_MARK)))
    version = connection.scalar(select(tables.schema.c.version))
    return RELEASED_WITHOUT if version == 1 else str(version)


def _named(connection: Connection) -> str:
    return connection.engine.url.render_as_string(hide_password=True)
