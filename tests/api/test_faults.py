"""The faults on demand of a window, as the truth told of them."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dashboard.app import make_app
from dashboard.history.store import Writes
from dashboard.ingest.proof import Proof
from protocol.messages import Truth, TruthFault
from protocol.moments import from_ms
from protocol.states import State
from tests.api.asking import ask, get, settings
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, RUN, close, give, minutes, open_office

NOW_MS = EPOCH_MS + 30 * MINUTE


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A mill that was jammed from 06:05 to 06:10, and a press whose power meter was stuck from 06:20 on."""
    folder: Path = tmp_path_factory.mktemp("faulty")
    office = open_office(folder, NOW_MS)
    give(office, minutes(30))
    for machine, fault, signal, begun, until in (
        ("mill-1", "jam", "", 5, 10), ("press-1", "stuck", "power_kw", 20, 60)
    ):  # fmt: skip
        told = TruthFault(
            fault=fault,
            severity=0.8,
            signal=signal,
            begun=from_ms(EPOCH_MS + begun * MINUTE),
            until=from_ms(EPOCH_MS + until * MINUTE),
        )
        truth = Truth(
            run=RUN, at=from_ms(EPOCH_MS), until=from_ms(NOW_MS), state=State.RUNNING, faults=(told,)
        )
        Proof(office.store).receive(machine, truth, office.writes)
    assert isinstance(office.writes, Writes)
    close(office, NOW_MS)
    app, _ = make_app(settings(f"sqlite:///{folder}/history.db"))
    made: FlaskClient = app.server.test_client()
    return made


def test_the_faults_of_a_window_are_those_that_touch_it(faulty: FlaskClient) -> None:
    whole = ask(faulty, "/api/faults?from=2026-01-05T06:00:00Z&to=2026-01-05T06:30:00Z")

    assert whole["faults"] == [
        {"machine": "mill-1", "fault": "jam", "signal": None, "severity": 0.8,
         "from": "2026-01-05T06:05:00.000Z", "until": "2026-01-05T06:10:00.000Z"},
        {"machine": "press-1", "fault": "stuck", "signal": "power_kw", "severity": 0.8,
         "from": "2026-01-05T06:20:00.000Z", "until": "2026-01-05T07:00:00.000Z"},
    ]  # fmt: skip
    for window, names in (
        ("from=2026-01-05T06:10:00Z&to=2026-01-05T06:20:00Z", []),
        ("from=2026-01-05T06:09:59Z&to=2026-01-05T06:20:00Z", ["mill-1"]),
        ("from=2026-01-05T06:00:00Z&to=2026-01-05T06:30:00Z&machine=press-1", ["press-1"]),
        ("from=2026-01-05T06:00:00Z&to=2026-01-05T06:30:00Z&line=machining", ["mill-1"]),
    ):
        assert [one["machine"] for one in ask(faulty, f"/api/faults?{window}")["faults"]] == names


def test_faults_are_a_table_too(faulty: FlaskClient) -> None:
    answer = get(faulty, "/api/faults?from=2026-01-05T06:00:00Z&to=2026-01-05T06:30:00Z&format=csv")

    lines = answer.text.splitlines()
    assert lines[0].lstrip("\ufeff").startswith("machine,fault,signal,severity,from,until")
    assert lines[1].startswith("mill-1,jam,,0.8,2026-01-05T06:05:00")


def test_a_machine_that_is_not_there_is_refused(faulty: FlaskClient) -> None:
    answer = ask(faulty, "/api/faults?from=2026-01-05T06:00:00Z&to=2026-01-05T06:30:00Z&machine=mill-9", 404)

    assert "mill-9" in answer["error"]
