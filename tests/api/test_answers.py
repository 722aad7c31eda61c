"""The API, asked of a real history that ingest's office wrote."""

import itertools
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dashboard.app import make_app
from dashboard.history.reader import Reader
from protocol.states import State
from tests.api.asking import ask, settings
from tests.api.conftest import COUNT, NOW_MS
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, RUN

BUCKETS = ("running_s", "idle_s", "down_s", "setup_s", "unknown_s")


def test_the_machines_are_listed_with_state_and_since(client: FlaskClient) -> None:
    machines = {one["name"]: one for one in ask(client, "/api/machines")}

    assert set(machines) == {"mill-1", "press-1"}
    mill = machines["mill-1"]
    assert mill["path"] == "machining"
    assert mill["kind"] == "cnc-mill"
    assert mill["simulated"] is True
    assert mill["how"] == "reported"
    assert mill["run"] == RUN
    assert mill["state"] in {str(state) for state in State}
    assert mill["since"] <= "2026-01-05T06:30:00.000Z"
    assert mill["since"].endswith("Z")


def test_the_buckets_sum_to_planned_to_the_millisecond(client: FlaskClient) -> None:
    for machine in ("mill-1", "press-1"):
        numbers = ask(client, f"/api/kpis?machine={machine}")

        assert numbers["from"] == "2026-01-05T06:00:00.000Z"
        assert numbers["to"] == "2026-01-05T06:30:00.000Z"
        assert sum(round(numbers[name] * 1_000) for name in BUCKETS) == COUNT * MINUTE
        assert numbers["planned_s"] == COUNT * 60
        assert round((numbers["planned_s"] - numbers["observed_s"]) * 1_000) == round(
            numbers["unknown_s"] * 1_000
        )


def test_utilization_is_what_the_intervals_say(client: FlaskClient, history: str) -> None:
    numbers = ask(client, "/api/kpis?machine=mill-1")
    intervals = Reader(history).intervals(RUN, "mill-1", EPOCH_MS, NOW_MS)
    running_ms = sum(end - start for start, end, state, _ in intervals if state is State.RUNNING)

    assert numbers["running_s"] == running_ms / 1_000
    assert numbers["utilization"] == numbers["running_s"] / numbers["observed_s"]
    assert numbers["utilization_low"] <= numbers["utilization"] <= numbers["utilization_high"]


def test_the_plant_is_summed_time_and_counts_of_its_machines(client: FlaskClient) -> None:
    plant = ask(client, "/api/kpis")

    each = plant["machines"]
    assert set(each) == {"mill-1", "press-1"}
    for name in (*BUCKETS, "planned_s", "observed_s", "stopped_s"):
        assert round(plant[name] * 1_000) == sum(round(one[name] * 1_000) for one in each.values())
    assert plant["utilization"] == pytest.approx(plant["running_s"] / plant["observed_s"], abs=1e-12)
    assert plant["parts"] == each["mill-1"]["parts"] > 0
    assert each["press-1"]["parts"] is None


def test_idle_includes_what_power_can_only_call_stopped(client: FlaskClient) -> None:
    press = ask(client, "/api/kpis?machine=press-1")

    assert press["stopped_s"] > 0
    assert press["idle_s"] == press["stopped_s"]
    assert press["uptime"] is None
    assert press["uptime_low"] < press["uptime_high"]


def test_a_window_is_clipped_to_the_runs_now_and_said(client: FlaskClient) -> None:
    numbers = ask(client, "/api/kpis?machine=mill-1&from=2026-01-05T06:10:00.250Z&to=2026-01-06T06:00:00Z")

    assert numbers["from"] == "2026-01-05T06:10:00.250Z"
    assert numbers["to"] == "2026-01-05T06:30:00.000Z"
    assert numbers["planned_s"] == 1_199.75


@pytest.mark.parametrize(
    "text", ["2026-01-05T07:10:00%2B01:00", "2026-01-05T07:10:00+01:00", str(EPOCH_MS + 10 * MINUTE)]
)
def test_moments_are_iso_text_with_a_zone_or_milliseconds(client: FlaskClient, text: str) -> None:
    assert ask(client, f"/api/kpis?machine=mill-1&from={text}")["from"] == "2026-01-05T06:10:00.000Z"


def test_windows_that_meet_add_up_to_the_whole(client: FlaskClient) -> None:
    cut = "2026-01-05T06:13:07.123Z"
    first = ask(client, f"/api/kpis?machine=mill-1&from=2026-01-05T06:00:00Z&to={cut}")
    second = ask(client, f"/api/kpis?machine=mill-1&from={cut}")
    whole = ask(client, "/api/kpis?machine=mill-1")

    for name in BUCKETS:
        assert round((first[name] + second[name]) * 1_000) == round(whole[name] * 1_000)
    assert first["parts"] + second["parts"] == whole["parts"]


def test_intervals_tile_the_window(client: FlaskClient) -> None:
    answer = ask(
        client, "/api/intervals?machine=mill-1&from=2026-01-05T06:01:00Z&to=2026-01-05T06:09:00.500Z"
    )

    intervals = answer["intervals"]
    assert intervals[0]["start"] == answer["from"] == "2026-01-05T06:01:00.000Z"
    assert intervals[-1]["end"] == answer["to"] == "2026-01-05T06:09:00.500Z"
    assert all(a["end"] == b["start"] for a, b in itertools.pairwise(intervals))


def test_runs_and_refused_messages_are_listed(client: FlaskClient) -> None:
    assert {
        "run": RUN,
        "epoch": "2026-01-05T06:00:00.000Z",
        "now": "2026-01-05T06:30:00.000Z",
        "seed": "7",
    } in ask(client, "/api/runs")
    assert ask(client, "/api/refused") == []


@pytest.mark.parametrize(
    ("query", "status", "parameter", "value"),
    [
        ("kpis?machine=nope", 404, "machine", "nope"),
        ("kpis?run=nope", 404, "run", "nope"),
        ("kpis?source=guess", 400, "source", "guess"),
        ("kpis?from=yesterday", 400, "from", "yesterday"),
        ("kpis?from=2026-01-05T06:00:00", 400, "from", "2026-01-05T06:00:00"),
        ("kpis?to=99999999999999999999", 400, "to", "99999999999999999999"),
        (
            "kpis?from=2026-01-05T06:20:00Z&to=2026-01-05T06:10:00Z",
            400,
            "from",
            "2026-01-05T06:20:00Z",
        ),
        ("intervals", 400, "machine", None),
        ("intervals?machine=<b>", 404, "machine", "<b>"),
    ],
)
def test_a_wrong_question_is_answered_with_what_is_allowed(
    client: FlaskClient, query: str, status: int, parameter: str, value: str | None
) -> None:
    body = ask(client, f"/api/{query}", status)

    assert body["parameter"] == parameter
    assert body["value"] == value
    assert body["allowed"] in body["error"]


def test_without_a_history_there_are_no_machines_and_no_error(tmp_path: Path) -> None:
    app, _ = make_app(settings(f"sqlite:///{tmp_path}/none.db"))
    client = app.server.test_client()

    assert ask(client, "/api/machines") == []
    assert ask(client, "/api/runs") == []
    assert ask(client, "/api/refused") == []
    assert ask(client, "/api/kpis", 404)["parameter"] == "run"


def test_every_answer_says_what_a_page_may_load(client: FlaskClient) -> None:
    headers = client.get("/").headers

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert client.get("/health").status_code == 200


def test_the_page_is_said_to_be_english(client: FlaskClient) -> None:
    assert '<html lang="en">' in client.get("/").text
