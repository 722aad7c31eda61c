"""Losses, stops and reasons as other programs read them, from a real history."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import create_engine, insert

from dashboard.app import make_app
from dashboard.history import tables
from dashboard.losses.reasons import Reasons
from dashboard.losses.words import STOPS
from protocol.moments import from_text, to_text
from tests.api.asking import ask, settings
from tests.api.conftest import NOW_MS
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, RUN

RULES = """
[[reason]]
name = "coffee"
[[reason]]
name = "die change"
loss = "setup"
[[rule]]
if = { machine = "mill-1", state = "idle" }
reason = "coffee"
"""


@pytest.fixture(scope="module")
def client(history: str) -> FlaskClient:
    """The application with a rule of its own."""
    given = settings(history)
    app, _ = make_app(replace(given, reasons=Reasons.of(RULES)))
    made: FlaskClient = app.server.test_client()
    return made


@pytest.fixture
def said(history: str) -> Iterator[object]:
    """Says a reason as ingest keeps it."""
    engine = create_engine(history)

    def say(machine: str, at: str, reason: str) -> None:
        row = {"run": RUN, "machine": machine, "at_ms": from_text(at), "reason": reason, "note": "by hand"}
        with engine.begin() as connection:
            connection.execute(insert(tables.reasons), {**row, "wall_ms": 0})

    yield say
    with engine.begin() as connection:
        connection.execute(tables.reasons.delete())
    engine.dispose()


@pytest.mark.parametrize("asked", ["", "&machine=mill-1", "&machine=press-1", "&line=machining"])
@pytest.mark.parametrize("by", ["time", "count"])
@pytest.mark.parametrize("window", ["", f"&from={EPOCH_MS + 90_500}&to={EPOCH_MS + 500_700}"])
def test_the_steps_sum_to_calendar_time_and_the_pareto_to_what_was_lost(
    client: FlaskClient, asked: str, by: str, window: str
) -> None:
    found = ask(client, f"/api/losses?by={by}{asked}{window}")
    numbers = ask(client, f"/api/kpis?{asked[1:]}{window}")

    steps = {one["key"]: one for one in found["waterfall"]["steps"]}
    taken_ms = [round(one["seconds"] * 1_000) for one in steps.values() if not one["level"]]
    assert sum(taken_ms) + round(found["waterfall"]["good_s"] * 1_000) == round(
        found["waterfall"]["calendar_s"] * 1_000
    )
    assert found["waterfall"]["unaccounted_s"] == 0
    for level in ("calendar", "planned", "observed", "running"):
        assert steps[level]["seconds"] == numbers[f"{level}_s"]
    lost_ms = sum(round(steps[key]["seconds"] * 1_000) for key in STOPS)
    speed_ms = round(max(steps["speed"]["seconds"], 0) * 1_000)
    assert round(found["pareto"]["lost_s"] * 1_000) == lost_ms + speed_ms
    assert found["pareto"]["stops"] == numbers["stops"]
    assert sum(one["stops"] for one in found["pareto"]["losses"]) == numbers["stops"]


def test_stops_come_longest_first_and_say_how_many_there_are(client: FlaskClient) -> None:
    found = ask(client, "/api/stops?limit=3")

    assert found["shown"] == len(found["stops"]) == 3
    assert found["total"] > 3
    lengths = [one["seconds"] for one in found["stops"]]
    assert lengths == sorted(lengths, reverse=True)
    for one in found["stops"]:
        lasted = datetime.fromisoformat(one["end"]) - datetime.fromisoformat(one["start"])
        assert lasted.total_seconds() == one["seconds"]


def test_a_rule_speaks_until_a_person_does_and_again_once_that_is_taken_back(
    client: FlaskClient, said: object
) -> None:
    stop = ask(client, "/api/stops?machine=mill-1&limit=1")["stops"][0]
    assert (stop["reason"], stop["given_by"]) == ("coffee", "rule")

    assert callable(said)
    said("mill-1", stop["at"], "die change")
    corrected = ask(client, "/api/stops?machine=mill-1&limit=1")["stops"][0]
    said("mill-1", stop["at"], "")
    after = ask(client, "/api/stops?machine=mill-1&limit=1")["stops"][0]

    assert (corrected["reason"], corrected["given_by"], corrected["note"]) == (
        "die change",
        "person",
        "by hand",
    )
    assert after == stop


def test_a_reason_counts_for_the_whole_stop_whatever_the_window_shows_of_it(
    client: FlaskClient, said: object
) -> None:
    stop = ask(client, "/api/stops?machine=press-1&limit=1")["stops"][0]
    assert callable(said)
    said("press-1", stop["at"], "die change")
    middle_ms = (from_text(stop["start"]) + from_text(stop["end"])) // 2

    for window in (f"from={middle_ms}", f"to={middle_ms}", f"from={middle_ms - 10}&to={middle_ms + 10}"):
        found = ask(client, f"/api/stops?machine=press-1&{window}")["stops"]
        mine = [one for one in found if one["at"] == stop["at"]]
        assert [one["reason"] for one in mine] == ["die change"], window
    intervals = ask(client, "/api/intervals?machine=press-1")["intervals"]
    assert {one["reason"] for one in intervals if one["start"] == stop["start"]} == {"die change"}


def test_what_power_cannot_tell_becomes_what_its_reason_belongs_to(client: FlaskClient, said: object) -> None:
    stop = ask(client, "/api/stops?machine=press-1&limit=1")["stops"][0]
    before = {
        one["key"]: one["seconds"] for one in ask(client, "/api/losses?machine=press-1")["waterfall"]["steps"]
    }
    assert callable(said)
    said("press-1", stop["at"], "die change")

    found = ask(client, "/api/losses?machine=press-1")
    after = {one["key"]: one["seconds"] for one in found["waterfall"]["steps"]}

    assert stop["loss"] == "stopped"
    assert after["setup"] == pytest.approx(before["setup"] + stop["seconds"])
    assert after["stopped"] == pytest.approx(before["stopped"] - stop["seconds"])
    assert (after["running"], after["calendar"]) == (before["running"], before["calendar"])
    setup = next(one for one in found["pareto"]["losses"] if one["loss"] == "setup")
    assert setup["causes"][0]["cause"] == "die change"


def test_the_reasons_are_listed_with_the_loss_they_belong_to(client: FlaskClient) -> None:
    assert ask(client, "/api/reasons") == {
        "reasons": [{"reason": "coffee", "loss": None}, {"reason": "die change", "loss": "setup"}]
    }


@pytest.mark.parametrize("asked", ["", "&machine=mill-1", "&machine=press-1", "&line=machining"])
def test_the_hours_of_a_heat_map_add_up_to_the_waterfall(client: FlaskClient, asked: str) -> None:
    steps = {one["key"]: one for one in ask(client, f"/api/losses?{asked[1:]}")["waterfall"]["steps"]}

    for measure in ("lost", *STOPS, "speed"):
        found = ask(client, f"/api/heat?measure={measure}{asked}")
        cells = [cell for day in found["days"] for cell in day["cells"]]
        keys = (*STOPS, "speed", "rejects") if measure == "lost" else (measure,)
        assert round(sum(cell["seconds"] for cell in cells) * 1_000) == round(
            sum(steps[key]["seconds"] for key in keys) * 1_000
        )
        assert round(sum(cell["of_s"] for cell in cells)) == round(steps["planned"]["seconds"])


def test_a_reason_moves_the_time_of_a_heat_map_as_that_of_the_waterfall(
    client: FlaskClient, said: object
) -> None:
    stop = ask(client, "/api/stops?machine=press-1&limit=1")["stops"][0]
    assert callable(said)
    said("press-1", stop["at"], "die change")

    found = ask(client, "/api/heat?measure=setup")

    setup = next(one for one in ask(client, "/api/losses")["waterfall"]["steps"] if one["key"] == "setup")
    assert setup["seconds"] >= stop["seconds"]
    cells = [cell for day in found["days"] for cell in day["cells"]]
    assert sum(cell["seconds"] for cell in cells) == pytest.approx(setup["seconds"])


def test_two_machines_or_two_windows_stand_side_by_side(client: FlaskClient) -> None:
    middle = EPOCH_MS + 15 * MINUTE

    machines = ask(client, "/api/losses/compare?machine=mill-1&against=machine:press-1")
    windows = ask(client, f"/api/losses/compare?from={middle}&against=before")

    assert (machines["machine"], machines["against"]["machine"]) == ("mill-1", "press-1")
    assert (windows["against"]["from"], windows["against"]["to"]) == (to_text(EPOCH_MS), to_text(middle))
    for found in (machines, windows):
        assert found["unaccounted_s"] == 0
        for one in found["steps"]:
            assert one["difference_s"] == pytest.approx(one["seconds"] - one["against_s"])
    mine = ask(client, "/api/losses?machine=press-1")["waterfall"]["steps"]
    assert [one["against_s"] for one in machines["steps"]] == [one["seconds"] for one in mine]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/losses/compare", 400),
        ("/api/losses/compare?against=never", 400),
        ("/api/losses/compare?against=machine:nobody", 404),
        ("/api/heat?measure=luck", 400),
        (f"/api/heat?from={EPOCH_MS - 1_001 * 60 * MINUTE}", 400),
        ("/api/stops?micro=none", 400),
    ],
)
def test_what_cannot_be_compared_is_refused_with_what_can(
    client: FlaskClient, path: str, status: int
) -> None:
    assert "allowed" in ask(client, path, status)


@pytest.mark.parametrize(
    "path", ["/api/losses?by=cost", "/api/stops?limit=0", "/api/losses?limit=3", "/api/stops?by=time"]
)
def test_a_wrong_parameter_is_refused_with_what_is_allowed(client: FlaskClient, path: str) -> None:
    assert "allowed" in ask(client, path, 400)


def test_a_window_before_anything_has_no_stops(client: FlaskClient) -> None:
    early, late = to_text(EPOCH_MS - 2 * MINUTE), to_text(EPOCH_MS - MINUTE)
    assert NOW_MS > EPOCH_MS

    found = ask(client, f"/api/losses?from={early}&to={late}")

    assert (found["waterfall"]["calendar_s"], found["pareto"]["losses"]) == (0, [])
    assert ask(client, f"/api/stops?from={early}&to={late}")["stops"] == []
