"""`/api/gain` on a history that offices wrote: every answer is held against the OpenAPI document."""

import csv
import io

import pytest
from flask.testing import FlaskClient

from dashboard.app import BOOKS, make_app
from protocol.moments import to_text
from protocol.twin import twin_run
from tests.api.asking import ask, get, settings
from tests.gained.conftest import NAMES
from tests.gained.two_plants import EPOCH_MS, MINUTE, RUN

NOW_MS = EPOCH_MS + 200 * MINUTE


@pytest.fixture(scope="module")
def client(two_plants: str) -> FlaskClient:
    app, _ = make_app(settings(two_plants))
    app.server.extensions[BOOKS].keep()
    made: FlaskClient = app.server.test_client()
    return made


def test_the_gain_of_a_run_is_answered_in_parts_and_time(client: FlaskClient) -> None:
    answer = ask(client, "/api/gain")

    assert (answer["run"], answer["twin"]) == (RUN, twin_run(RUN))
    assert (answer["from"], answer["to"]) == (to_text(EPOCH_MS), to_text(NOW_MS))
    assert answer["time"]["machines"] == len(NAMES)
    assert sum(round(one["gained_s"] * 1_000) for one in answer["phases"]) == round(
        answer["time"]["gained_s"] * 1_000
    )
    assert sum(one["gained_s"] for one in answer["machines"]) == pytest.approx(answer["time"]["gained_s"])
    assert [one["line"] for one in answer["lines"]] == ["machining", "packing"]
    assert answer["lines"][0]["counted"] == ["mill-1 in the place of mill-3"]
    assert all(isinstance(one["lead_s"], float) for one in answer["lines"])
    assert answer["money"] is None
    assert answer["replicas"] is None
    assert "no pair of replicas so far" in answer["words"]["sure"]


def test_both_plants_have_the_kpis_that_the_kpi_code_gives(client: FlaskClient) -> None:
    whole = ask(client, "/api/gain")
    window = f"from={whole['from']}&to={whole['to']}"

    for plant, run in (("monitored", RUN), ("twin", twin_run(RUN))):
        kpis = ask(client, f"/api/kpis?run={run}&{window}")
        for key in ("utilization", "uptime_low", "uptime_high", "oee", "coverage"):
            assert whole["kpis"][0][plant][key] == kpis[key]
        assert whole["kpis"][0][plant]["running_s"] == kpis["running_s"]


def test_money_is_parts_times_the_margin_that_was_given(client: FlaskClient) -> None:
    one = ask(client, "/api/gain?margin=machining:12.5")
    every = ask(client, "/api/gain?margin=2")
    gained = {line["line"]: line["gained"] for line in one["lines"]}

    assert one["money"] == gained["machining"] * 12.5
    assert [line["money"] is None for line in one["lines"]] == [False, True]
    assert every["money"] == 2 * sum(gained.values())


def test_windows_are_cut_at_what_both_plants_are_known_of(client: FlaskClient) -> None:
    part = ask(client, f"/api/gain?from={EPOCH_MS + 30 * MINUTE}&to={EPOCH_MS + 90 * MINUTE}")
    later = ask(client, f"/api/gain?to={NOW_MS + MINUTE}")

    assert part["time"]["planned_s"]["monitored"] == 60 * 60 * len(NAMES)
    assert later["to"] == to_text(NOW_MS)
    assert ask(client, "/api/gain?segment=run")["segment"] is None
    assert ask(client, "/api/gain?segment=1")["segment"] == 1


@pytest.mark.parametrize(
    ("question", "status", "parameter"),
    [
        ("run=nope", 404, "run"),
        (f"run={twin_run(RUN)}", 404, "run"),
        ("segment=9", 404, "segment"),
        ("margin=much", 400, "margin"),
        ("margin=-1", 400, "margin"),
        ("margin=NaN", 400, "margin"),
        ("margin=turning:3", 400, "margin"),
        ("from=noon", 400, "from"),
        (f"from={NOW_MS + MINUTE}", 400, "from"),
        ("by=phase&format=xml", 400, "format"),
        ("by=hour&format=csv", 400, "by"),
        ("limit=-3", 400, "limit"),
        ("machine=mill-1", 400, "machine"),
    ],
)
def test_a_wrong_question_is_refused_by_name(
    client: FlaskClient, question: str, status: int, parameter: str
) -> None:
    assert ask(client, f"/api/gain?{question}", status)["parameter"] == parameter


def test_stops_without_a_pair_are_shown_however_many_have_one(client: FlaskClient) -> None:
    pairs = ask(client, "/api/gain?limit=3")["pairs"]
    alone = [row for row in pairs["rows"] if row["gained_s"] is None]
    sizes = [abs(row["gained_s"]) for row in pairs["rows"] if row["gained_s"] is not None]

    assert pairs["paired"] > 3
    assert len(sizes) == 3
    assert sizes == sorted(sizes, reverse=True)
    assert len(alone) == min(3, pairs["only_monitored"] + pairs["only_twin"] + pairs["going_on"])


def test_a_run_without_a_twin_says_so(tmp_path_factory: pytest.TempPathFactory) -> None:
    from tests.ingest.office_of_a_day import close, give, minutes, open_office  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("single")
    office = open_office(folder, EPOCH_MS + 10 * MINUTE)
    give(office, minutes(10))
    close(office, EPOCH_MS + 10 * MINUTE)
    app, _ = make_app(settings(f"sqlite:///{folder}/history.db"))

    answer = ask(app.server.test_client(), "/api/gain", 404)

    assert "has no twin to compare with" in answer["error"]


@pytest.mark.parametrize("by", ["line", "phase", "machine", "pair"])
def test_each_table_is_there_as_csv(client: FlaskClient, by: str) -> None:
    answer = get(client, f"/api/gain?format=csv&by={by}&limit=5")
    rows = list(csv.DictReader(io.StringIO(answer.text)))

    assert answer.mimetype == "text/csv"
    assert rows
    if by == "phase":
        total_s = ask(client, "/api/gain")["time"]["gained_s"]
        assert sum(float(row["gained_s"]) for row in rows) == pytest.approx(total_s)


def test_timelines_have_a_letter_for_each_cell_and_curves_end_at_the_gain(client: FlaskClient) -> None:
    lanes = ask(client, "/api/gain/lanes?cells=120")
    gained = {one["line"]: (one["monitored"], one["twin"]) for one in ask(client, "/api/gain")["lines"]}

    assert {one["machine"] for one in lanes["machines"]} == set(NAMES)
    for one in lanes["machines"]:
        assert len(one["monitored"]) == len(one["twin"]) == 120
        assert set(one["monitored"] + one["twin"]) <= set(lanes["letters"])
    assert {one["line"]: (one["monitored"][-1], one["twin"][-1]) for one in lanes["curves"]} == gained
    assert all(one["monitored"] == sorted(one["monitored"]) for one in lanes["curves"])


def test_the_newest_run_is_asked_for_without_its_twin_being_taken_for_it(client: FlaskClient) -> None:
    assert ask(client, "/api/gain/lanes")["run"] == RUN
