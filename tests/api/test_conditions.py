"""Where the signals of machines are going, as the API answers it."""

from pathlib import Path

from flask.testing import FlaskClient

from dashboard.app import make_app
from tests.api.asking import ask, settings
from tests.ingest.plant_of_trends import HOUR_S, LIMIT, Wearing, cuts, live, plant_of

UNTIL_S = 5 * HOUR_S


def test_a_signal_that_grows_is_told_with_its_limit_and_when_it_is_reached(tmp_path: Path) -> None:
    plant = plant_of(tmp_path, ["mill-1", "mill-2"])
    told = {"mill-1": Wearing(), "mill-2": Wearing(begins_s=UNTIL_S, seed=2)}
    live(plant, told, cuts(UNTIL_S + 90))
    plant.office.store.close()
    app, _ = make_app(settings(f"sqlite:///{tmp_path}/history.db"))
    client: FlaskClient = app.server.test_client()

    found = ask(client, "/api/conditions")

    rows = {(one["machine"], one["signal"]): one for one in found["conditions"]}
    assert found["at"] == "2026-01-05T11:00:00.000Z"
    # A signal without a normal range has no end to reach.
    assert list(rows) == [
        (name, signal) for name in ("mill-1", "mill-2") for signal in ("power_kw", "vibration_mm_s")
    ]
    grows = rows["mill-1", "vibration_mm_s"]
    assert (grows["unit"], grows["low"], grows["high"], grows["limit"]) == ("mm/s", 0.0, LIMIT, LIMIT)
    assert 1.6 < grows["level"] < 2.0
    moments = [grows[key] for key in ("rises_since", "reached_from", "reached", "reached_until")]
    assert moments == sorted(moments)
    assert grows["rises_since"] < found["at"] < grows["reached_from"]
    assert grows["words"].startswith(f"vibration_mm_s reaches {LIMIT} mm/s in ")
    assert grows["baseline"] < grows["now"] < grows["limit"]
    assert "of the way to the limit" in grows["found"]
    assert grows["minutes"] > 200
    still = rows["mill-2", "vibration_mm_s"]
    assert (still["limit"], still["reached"], still["reached_from"]) == (None, None, None)
    assert 1.0 < still["level"] < 1.2
    assert (still["words"], still["found"], still["baseline"]) == ("", "", None)

    (only,) = {one["machine"] for one in ask(client, "/api/conditions?machine=mill-2")["conditions"]}
    assert only == "mill-2"


def test_a_run_in_which_nothing_was_read_for_long_enough_foresees_nothing(client: FlaskClient) -> None:
    found = ask(client, "/api/conditions")

    assert all(one["limit"] is None for one in found["conditions"])


def test_a_machine_that_there_is_not_is_refused(client: FlaskClient) -> None:
    assert "machine" in ask(client, "/api/conditions?machine=nothing", 404)["error"]
