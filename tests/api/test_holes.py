"""Time without an office: from when to when, what was missed in it, and that it is filled again."""

from pathlib import Path

from flask.testing import FlaskClient

from dashboard.app import make_app
from dashboard.calendar.places import Calendar
from protocol.moments import to_text
from tests.api.asking import ask, settings
from tests.ingest.plant_of_calls import EPOCH_MS, ROUND_THE_CLOCK, PlantOfCalls, S, Script, birth, clock

# A stop before the hole, one in it, and one that begins in it and lasts beyond it.
MILL: Script = [
    (0, "running", ""), (100, "down", "jam"), (400, "running", ""),
    (1_000, "down", "jam"), (1_300, "running", ""), (1_700, "down", "belt"), (2_400, "running", ""),
]  # fmt: skip


def client_of(folder: Path) -> FlaskClient:
    app, _ = make_app(settings(f"sqlite:///{folder}/history.db", Calendar.of(ROUND_THE_CLOCK)))
    made: FlaskClient = app.server.test_client()
    return made


def moment(at_s: float) -> str:
    return to_text(EPOCH_MS + round(at_s * S))


def test_a_hole_has_its_stops_its_missed_calls_and_is_filled_afterwards(tmp_path: Path) -> None:
    plant = PlantOfCalls(tmp_path, births=[birth("mill-1")])
    plant.live({"mill-1": MILL}, range(60, 660, 60))
    plant.hear(clock(1_900, attended=False), clock(1_900))
    plant.live({"mill-1": MILL}, range(660, 2_700, 60), from_s=600)
    plant.office.store.close()

    (hole,) = ask(client_of(tmp_path), "/api/holes")["holes"]

    assert (hole["from"], hole["to"], hole["seconds"]) == (moment(600), moment(1_900), 1_300)
    assert (hole["stops"], hole["coverage"]) == (2, 1.0)
    assert [(one["since"], one["cause"]) for one in hole["calls_missed"]] == [
        (moment(1_000), "jam"),
        (moment(1_700), "belt"),
    ]


def test_holes_that_touch_are_one(tmp_path: Path) -> None:
    plant = PlantOfCalls(tmp_path, births=[birth("mill-1")])
    plant.live({"mill-1": MILL}, range(60, 660, 60))
    plant.hear(clock(1_200, attended=False), clock(1_200), clock(1_200, attended=False), clock(1_900))
    plant.live({"mill-1": MILL}, range(660, 2_700, 60), from_s=600)
    plant.office.store.close()

    (hole,) = ask(client_of(tmp_path), "/api/holes")["holes"]

    assert (hole["from"], hole["to"]) == (moment(600), moment(1_900))
    assert (hole["stops"], len(hole["calls_missed"])) == (2, 2)


def test_a_hole_that_is_open_has_no_end(tmp_path: Path) -> None:
    plant = PlantOfCalls(tmp_path, births=[birth("mill-1")])
    plant.live({"mill-1": MILL}, range(60, 660, 60))
    plant.hear(clock(1_900, attended=False))
    plant.commit()
    plant.office.store.close()

    (hole,) = ask(client_of(tmp_path), "/api/holes")["holes"]

    assert hole == {
        "from": moment(600), "to": None, "seconds": 0, "stops": 0, "coverage": None, "calls_missed": [],
    }  # fmt: skip


def test_a_run_without_a_hole_has_none(tmp_path: Path) -> None:
    plant = PlantOfCalls(tmp_path, births=[birth("mill-1")])
    plant.live({"mill-1": MILL}, range(60, 660, 60))
    # An office that was not there for a moment in which no time went by.
    plant.hear(clock(600, attended=False), clock(600))
    plant.commit()
    plant.office.store.close()

    assert ask(client_of(tmp_path), "/api/holes")["holes"] == []
