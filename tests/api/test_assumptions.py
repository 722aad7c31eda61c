"""What is assumed of the plant, as the API answers it."""

from pathlib import Path

from flask.testing import FlaskClient

from dashboard.app import make_app
from tests.api.asking import ask, settings
from tests.ingest.office_of_a_day import RUN, close, give
from tests.ingest.test_assumed import BEGUN, CHANGED, NOW_MS, office_of, said


def test_the_assumptions_of_a_run_come_with_source_grade_and_segments(tmp_path: Path) -> None:
    office = office_of(tmp_path)
    give(office, [said(BEGUN, CHANGED)])
    close(office, NOW_MS)
    app, _ = make_app(settings(f"sqlite:///{tmp_path}/history.db"))
    client: FlaskClient = app.server.test_client()

    found = ask(client, "/api/assumptions")

    assert found["run"] == RUN
    assert found["assumptions"]["rounds_s"] == {
        "value": 600.0, "unit": "s", "least": 60.0, "most": 14_400.0, "words": "rounds", "source": "[S]",
        "grade": "B",
    }  # fmt: skip
    assert found["assumptions"]["on_shift"]["value"] == ["anna"]
    assert found["segments"] == [
        {
            "from": "2026-01-05T06:00:00.000Z", "until": "2026-01-05T06:10:00.001Z",
            "label": "as the run began", "values": {"rounds_s": 1200.0, "calls": True, "on_shift": "all"},
        },
        {
            "from": "2026-01-05T06:10:00.001Z", "until": None,
            "label": "rounds every 10 min, calls off, on shift anna",
            "values": {"rounds_s": 600.0, "calls": False, "on_shift": ["anna"]},
        },
    ]  # fmt: skip


def test_a_run_whose_plant_says_nothing_has_none(client: FlaskClient) -> None:
    found = ask(client, "/api/assumptions")

    assert (found["assumptions"], found["segments"]) == ({}, [])


def test_a_run_that_there_is_not_is_refused(client: FlaskClient) -> None:
    assert "one of /api/runs" in ask(client, "/api/assumptions?run=nothing", 404)["error"]
