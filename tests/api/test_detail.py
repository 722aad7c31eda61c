"""`/api/pace`, `/api/cycles`, `/api/messages`, and stops with what they waited for."""

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dashboard.app import make_app
from protocol.moments import to_text
from tests.api.asking import ask, settings
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE
from tests.ingest.plant_of_calls import PlantOfCalls, Script, birth
from tests.ingest.test_calls import responded

MILL: Script = [(0, "running", ""), (100, "down", "jam"), (700, "running", ""), (900, "down", "turret")]


@pytest.fixture(scope="module")
def called(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """Twenty minutes of a mill that somebody came to once, and is down at their end."""
    folder: Path = tmp_path_factory.mktemp("split")
    plant = PlantOfCalls(folder, births=[birth("mill-1")])
    plant.live({"mill-1": MILL}, range(60, 241, 60))
    for what, at_s in (("acknowledged", 250.5), ("at-machine", 400), ("restored", 690)):
        plant.hear(responded(plant, what, at_s, by="Ada"))
    plant.live({"mill-1": MILL}, range(300, 1_201, 60), from_s=240)
    plant.office.store.close()
    app, _ = make_app(settings(f"sqlite:///{folder}/history.db"))
    made: FlaskClient = app.server.test_client()
    return made


def test_each_stop_that_had_a_call_is_cut_where_people_came_in(called: FlaskClient) -> None:
    found = ask(called, "/api/stops?machine=mill-1&waited=true")

    jam, turret = found["stops"]
    assert jam["split"] == {
        "unnoticed_s": 120, "unanswered_s": 30.5, "way_s": 149.5, "repair_s": 290, "restart_s": 10,
        "acknowledged": True, "at_machine": True, "restored": True,
    }  # fmt: skip
    assert sum(value for key, value in jam["split"].items() if key.endswith("_s")) == jam["seconds"]
    assert turret["split"]["unnoticed_s"] == 120
    assert not turret["split"]["acknowledged"]
    assert "split" not in ask(called, "/api/stops?machine=mill-1")["stops"][0]


def test_a_machine_without_an_ideal_cycle_says_why_it_has_no_plan(client: FlaskClient) -> None:
    found = ask(client, "/api/pace?machine=mill-1")

    assert found["pace"] is None
    assert (
        found["missing"] == "its birth states no ideal cycle, so there is no plan to hold its parts against"
    )


def test_the_cycles_are_those_of_the_parts_that_were_counted(client: FlaskClient) -> None:
    found = ask(client, "/api/cycles?machine=mill-1")
    made = ask(client, "/api/kpis?machine=mill-1")

    # The first part's beginning is that of the counter, so each of them has a cycle.
    assert found["cycles"]["count"] == made["parts"] > 10
    assert sum(found["cycles"]["bars"]) + found["cycles"]["longer"] == found["cycles"]["count"]
    assert found["cycles"]["mean_s"] == pytest.approx(made["cycle_s"], rel=0.1)
    assert found["missing"] == ""


def test_what_counts_no_parts_says_so(client: FlaskClient) -> None:
    found = ask(client, "/api/cycles?machine=press-1")

    assert found["cycles"] is None
    assert found["missing"] == "nothing counts its parts"


def test_the_newest_messages_are_given_as_they_came(client: FlaskClient) -> None:
    found = ask(client, "/api/messages?machine=mill-1&limit=2")

    assert found["topic"] == "shopfloor/machining/mill-1/readings"
    first, second = found["messages"]
    assert first["stamped"] > second["stamped"]
    said = json.loads(first["payload"])
    assert said["at"] == first["stamped"]
    assert len(said["power_kw"]) == 60
    assert first["whole"]
    # Nobody noted the way of what an office by hand took in.
    assert first["way"] == {"sent": None, "committed": None, "told": None}


def test_a_moment_leads_to_the_message_that_tells_of_it(client: FlaskClient) -> None:
    at_ms = EPOCH_MS + 7 * MINUTE + 30_500

    found = ask(client, f"/api/messages?machine=mill-1&at={at_ms}")

    (one,) = found["messages"]
    assert one["stamped"] == to_text(EPOCH_MS + 7 * MINUTE)
    assert found["at"] == to_text(at_ms)


def test_a_machine_that_nobody_knows_is_refused(client: FlaskClient) -> None:
    for path in ("messages", "pace", "cycles"):
        assert "mill-7" in ask(client, f"/api/{path}?machine=mill-7", 404)["error"]
