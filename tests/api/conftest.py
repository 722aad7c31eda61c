"""A real history that ingest's office wrote, and an application that answers from it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dashboard.app import make_app
from dashboard.live.channel import Channel
from protocol.address import address_of
from tests.api.asking import settings
from tests.broker.running import RunningBroker
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, close, give, minutes, open_office
from tests.web.plant import HandMachine, HandOffice

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


@pytest.fixture
def office(broker: RunningBroker) -> Iterator[HandOffice]:
    """An office of two machines that has spoken once."""
    mill = HandMachine(name="mill-1", cause="jam")
    press = HandMachine(name="press-1", path="pressing", kind="press", parts=None, letters="RRRRRRPPPP?R")
    office = HandOffice(broker, [mill, press])
    office.tell()
    yield office
    office.leave()


@pytest.fixture
def listening(broker: RunningBroker, history: str) -> Iterator[tuple[FlaskClient, Channel]]:
    """An application whose live channel hears the broker."""
    address = address_of(broker.url, role="viewer", credentials=broker.credentials)
    app, channel = make_app(replace(settings(history), address=address))
    channel.start()
    yield app.server.test_client(), channel
    channel.stop()
