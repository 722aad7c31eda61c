"""Histories in either database."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.history.running import RunningPostgresql

NewHistory = Callable[[], str]
"""Makes the URL of an empty history."""


@pytest.fixture(scope="session")
def postgresql() -> Iterator[RunningPostgresql]:
    """A PostgreSQL server for all tests."""
    running = RunningPostgresql()
    running.start()
    yield running
    running.stop()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.database)])
def new_history(request: pytest.FixtureRequest, tmp_path: Path) -> NewHistory:
    """Makes histories in one database and then in the other."""
    if request.param == "postgresql":
        server: RunningPostgresql = request.getfixturevalue("postgresql")
        return server.database
    made = iter(range(1_000))
    return lambda: f"sqlite:///{tmp_path}/history-{next(made)}.db"


@pytest.fixture
def history(new_history: NewHistory) -> str:
    """The URL of one empty history."""
    return new_history()
