"""`/api/calls`: what each call was about, what came of it, and how long each part took."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from dashboard.app import make_app
from protocol.moments import to_text
from tests.api.asking import ask, get, settings
from tests.ingest.plant_of_calls import EPOCH_MS, PlantOfCalls, S, Script, birth
from tests.ingest.test_calls import responded

MILL: Script = [(0, "running", ""), (100, "down", "jam"), (700, "running", ""), (900, "down", "turret")]
PRESS: Script = [(0, "running", ""), (500, "down", "=1+1")]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """Twenty minutes of a mill that somebody came to, and of a press that nobody came to."""
    folder: Path = tmp_path_factory.mktemp("calls")
    plant = PlantOfCalls(folder, births=[birth("mill-1"), birth("press-1")])
    told = {"mill-1": MILL, "press-1": PRESS}
    plant.live(told, range(60, 241, 60))
    for what, at_s in (("acknowledged", 250.5), ("at-machine", 400), ("restored", 690)):
        plant.hear(responded(plant, what, at_s, by="Ada"))
    plant.live(told, range(300, 1_201, 60), from_s=240)
    plant.office.store.close()
    app, _ = make_app(settings(f"sqlite:///{folder}/history.db"))
    made: FlaskClient = app.server.test_client()
    return made


def at(at_s: float) -> str:
    return to_text(EPOCH_MS + round(at_s * S))


def calls(client: FlaskClient, **query: str) -> list[dict[str, Any]]:
    asked = "&".join(f"{key}={value}" for key, value in query.items())
    found: list[dict[str, Any]] = ask(client, f"/api/calls?{asked}")["calls"]
    return found


def test_a_call_says_what_came_of_it_and_the_parts_of_its_stop_add_up(client: FlaskClient) -> None:
    first = calls(client, machine="mill-1")[0]

    assert len(first.pop("id")) == 12
    assert first == {
        "machine": "mill-1", "state": "closed", "rule": "stopped", "cause": "jam",
        "since": at(100), "raised": at(220), "acknowledged": at(250.5), "acknowledged_by": "Ada",
        "at_machine": at(400), "restored": at(690), "closed": at(700), "escalated": None, "missed": False,
        "noticed_s": 120, "to_acknowledge_s": 30.5, "to_machine_s": 149.5, "repair_s": 290,
    }  # fmt: skip


def test_what_nobody_did_is_null(client: FlaskClient) -> None:
    (standing,) = calls(client, machine="press-1")

    named = ("acknowledged", "acknowledged_by", "at_machine", "restored", "closed", "to_acknowledge_s")
    assert standing["state"] == "open"
    assert [standing[name] for name in (*named, "to_machine_s", "repair_s")] == [None] * 8


@pytest.mark.parametrize(
    ("query", "raised"),
    [
        ({}, [220, 620, 1_020]),
        ({"open": "true"}, [620, 1_020]),
        ({"open": "false"}, [220]),
        ({"machine": "mill-1", "open": "true"}, [1_020]),
        ({"line": "line-1"}, [220, 620, 1_020]),
        # A call belongs to a window that it reaches into.
        ({"from": at(699), "to": at(1_000)}, [220, 620]),
        ({"from": at(701), "to": at(1_000)}, [620]),
        ({"from": at(0), "to": at(219)}, []),
    ],
)
def test_calls_are_those_of_the_window_the_place_and_the_state_asked_for(
    query: dict[str, str], raised: list[int], client: FlaskClient
) -> None:
    assert [one["raised"] for one in calls(client, **query)] == [at(one) for one in raised]


def test_a_table_has_a_row_for_each_call_and_runs_no_formula(client: FlaskClient) -> None:
    rows = list(csv.DictReader(io.StringIO(get(client, "/api/calls?format=csv").text)))

    assert [(row["machine"], row["cause"], row["closed"], row["missed"]) for row in rows] == [
        ("mill-1", "jam", at(700), "false"),
        ("press-1", "'=1+1", "", "false"),
        ("mill-1", "turret", "", "false"),
    ]


@pytest.mark.parametrize("query", ["open=yes", "machine=nobody", "run=none", "plant=twin", "rule=stopped"])
def test_a_wrong_question_is_refused(query: str, client: FlaskClient) -> None:
    status = {"open": 400, "rule": 400}.get(query.partition("=")[0], 404)

    assert "allowed" in ask(client, f"/api/calls?{query}", status)
