"""Histories in either database."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.year import make_year
from tests.history.both import SMALL, Both
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


@pytest.fixture(scope="session")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four machines over eight days."""
    file = tmp_path_factory.mktemp("year") / "history.db"
    make_year(file, SMALL)
    return file


@pytest.fixture
def both(tmp_path: Path, year: Path) -> Iterator[Both]:
    """The same, each time as it was, read with books and without."""
    file = tmp_path / "history.db"
    file.write_bytes(year.read_bytes())
    readers = Both(file)
    yield readers
    readers.close()
