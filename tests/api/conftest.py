"""A real history that ingest's office wrote, and an application that answers from it."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dashboard.app import make_app
from tests.api.asking import settings
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, close, give, minutes, open_office

COUNT = 30
NOW_MS = EPOCH_MS + COUNT * MINUTE


@pytest.fixture(scope="package")
def history(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Half an hour of a mill and a press."""
    folder: Path = tmp_path_factory.mktemp("history")
    office = open_office(folder, NOW_MS)
    give(office, minutes(COUNT))
    close(office, NOW_MS)
    return f"sqlite:///{folder}/history.db"


@pytest.fixture(scope="package")
def client(history: str) -> FlaskClient:
    """A client of the application on that history."""
    app, _ = make_app(settings(history))
    made: FlaskClient = app.server.test_client()
    return made
