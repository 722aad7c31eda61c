"""KPIs in rows: by machine, line, plant, and by the hours, shifts and days of the calendar."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient

from dashboard.api.row import FIELDS
from dashboard.app import make_app
from dashboard.calendar.places import Calendar
from protocol.readings import Batch, Change, encode_batch
from protocol.states import State
from tests.api.asking import ask, get, settings
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, RUN, close, give, open_office

WINDOW = "from=2026-01-05T06:05:00Z&to=2026-01-05T06:25:00.500Z"
SUMS = [
    field.key
    for field in FIELDS
    if (field.unit == "seconds" and not field.nullable) or field.key in {"stops", "micro_stops", "failures"}
]
CALENDAR = """
zone = "Asia/Kolkata"
[[shift]]
name = "first"
starts = "11:00"
ends = "11:50"
[[shift]]
name = "second"
starts = "11:50"
ends = "12:00"
"""
"""Local time is UTC + 05:30: the shifts are 05:30 to 06:20 and 06:20 to 06:30 UTC; hours begin at half."""


@pytest.fixture(scope="module")
def indian(history: str) -> FlaskClient:
    app, _ = make_app(settings(history, Calendar.of(CALENDAR)))
    made: FlaskClient = app.server.test_client()
    return made


def milliseconds(value: float) -> int:
    return round(value * 1_000)


def test_machines_lines_and_plant_sum_to_the_selection(client: FlaskClient) -> None:
    whole = ask(client, f"/api/kpis?{WINDOW}")

    for by in ("machine", "line", "plant"):
        answer = ask(client, f"/api/kpis?{WINDOW}&by={by}")

        assert answer["by"] == by
        for name in SUMS:
            assert answer[name] == whole[name]
            rows = sum(milliseconds(row[name]) for row in answer["rows"])
            assert rows == milliseconds(whole[name]), name


def test_rows_by_machine_are_what_is_said_of_each_machine(client: FlaskClient) -> None:
    rows = ask(client, f"/api/kpis?{WINDOW}&by=machine")["rows"]
    each = ask(client, f"/api/kpis?{WINDOW}")["machines"]

    assert [row["machine"] for row in rows] == ["mill-1", "press-1"]
    assert [row["line"] for row in rows] == ["machining", "pressing"]
    for row in rows:
        assert {name: row[name] for name in each[row["machine"]]} == each[row["machine"]]


def test_a_line_is_its_machines(client: FlaskClient) -> None:
    line = ask(client, f"/api/kpis?{WINDOW}&line=machining")

    assert line["line"] == "machining"
    assert set(line["machines"]) == {"mill-1"}
    assert line["running_s"] == line["machines"]["mill-1"]["running_s"]


@pytest.mark.parametrize("selection", ["", "&machine=mill-1", "&line=pressing"])
@pytest.mark.parametrize("by", ["shift", "day"])
def test_what_the_calendar_cuts_sums_to_the_whole(indian: FlaskClient, by: str, selection: str) -> None:
    answer = ask(indian, f"/api/kpis?{WINDOW}&by={by}{selection}")

    for name in SUMS:
        assert sum(milliseconds(row[name]) for row in answer["rows"]) == milliseconds(answer[name]), name


def test_hours_are_local_hours_and_say_where_the_window_cut_them(indian: FlaskClient) -> None:
    rows = ask(indian, "/api/kpis?by=hour&from=2026-01-05T05:30:00Z&to=2026-01-05T06:30:00Z")["rows"]
    cut = ask(indian, f"/api/kpis?by=hour&{WINDOW}")["rows"]

    assert [(row["start"], row["end"], row["clipped"]) for row in rows] == [
        ("2026-01-05T05:30:00.000Z", "2026-01-05T06:30:00.000Z", False)
    ]
    assert [(row["start"], row["end"], row["clipped"]) for row in cut] == [
        ("2026-01-05T06:05:00.000Z", "2026-01-05T06:25:00.500Z", True)
    ]


def test_shifts_carry_their_name_and_their_production_day(indian: FlaskClient) -> None:
    rows = ask(indian, "/api/kpis?by=shift&machine=mill-1&from=2026-01-05T06:05:00Z")["rows"]

    assert [(row["shift"], row["date"], row["start"], row["clipped"]) for row in rows] == [
        ("first", "2026-01-05", "2026-01-05T06:05:00.000Z", True),
        ("second", "2026-01-05", "2026-01-05T06:20:00.000Z", False),
    ]
    assert [row["calendar_s"] for row in rows] == [15 * 60, 10 * 60]


def test_time_outside_every_shift_is_not_planned_and_in_no_shift(indian: FlaskClient) -> None:
    answer = ask(indian, "/api/kpis?by=shift&from=2026-01-05T00:00:00Z&to=2026-01-05T05:30:00Z")

    assert answer["rows"] == []
    assert answer["planned_s"] == 0
    assert answer["utilization"] is None


@pytest.mark.parametrize(
    ("query", "status", "parameter", "value"),
    [
        ("kpis?form=2026-01-05T06:05:00Z", 400, "form", "2026-01-05T06:05:00Z"),
        ("kpis?machine=mill-1&machine=press-1", 400, "machine", "press-1"),
        ("kpis?machine=mill-1&line=machining", 400, "line", "machining"),
        ("kpis?line=painting", 404, "line", "painting"),
        ("kpis?by=week", 400, "by", "week"),
        ("kpis?by=hour&from=2025-01-05T06:05:00Z", 400, "by", "hour"),
        ("kpis?plant=twin", 404, "plant", "twin"),
        ("kpis?plant=other", 400, "plant", "other"),
        ("intervals?machine=mill-1&plant=twin", 404, "plant", "twin"),
        ("machines?plant=twin", 404, "plant", "twin"),
        ("intervals?machine=mill-1&format=xml", 400, "format", "xml"),
        ("runs?run=x", 400, "run", "x"),
        ("nothing", 404, "path", "/api/nothing"),
        ("", 404, "path", "/api/"),
    ],
)
def test_what_is_not_understood_is_refused_with_what_is(
    client: FlaskClient, query: str, status: int, parameter: str, value: str
) -> None:
    body = ask(client, f"/api/{query}", status)

    assert (body["parameter"], body["value"]) == (parameter, value)
    assert body["allowed"] in body["error"]


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_csv_of_kpis_holds_the_numbers_of_the_json(client: FlaskClient) -> None:
    answer = get(client, f"/api/kpis?{WINDOW}&by=machine&format=csv")
    rows = ask(client, f"/api/kpis?{WINDOW}&by=machine")["rows"]

    assert "attachment" in answer.headers["Content-Disposition"]
    for found, row in zip(read_csv(answer.text), rows, strict=True):
        for name, value in row.items():
            assert found[name] == ("" if value is None else str(value)), name


def test_the_csv_of_a_selection_is_one_row(client: FlaskClient) -> None:
    (row,) = read_csv(get(client, f"/api/kpis?{WINDOW}&format=csv").text)

    assert row["from"] == "2026-01-05T06:05:00.000Z"
    assert float(row["calendar_s"]) == 2 * (20 * MINUTE + 500) / 1_000


def test_the_csv_of_intervals_tiles_the_window_in_utc(client: FlaskClient) -> None:
    text = get(client, f"/api/intervals?machine=mill-1&{WINDOW}&format=csv").text
    rows = ask(client, f"/api/intervals?machine=mill-1&{WINDOW}")["intervals"]

    assert text.startswith("start,end,state,cause,reason\r\n")
    assert [(row["start"], row["end"], row["state"]) for row in read_csv(text)] == [
        (row["start"], row["end"], row["state"]) for row in rows
    ]


def test_a_cause_that_a_spreadsheet_would_run_gets_an_apostrophe(tmp_path: Path) -> None:
    history = evil_history(tmp_path)
    app, _ = make_app(settings(history))
    text = get(app.server.test_client(), "/api/intervals?machine=mill-1&format=csv").text

    causes = [row["cause"] for row in read_csv(text)]
    assert '\'=HYPERLINK("http://x","a,b")' in causes
    assert "'@SUM(A1)" in causes
    assert not [cause for cause in causes if cause.startswith(("=", "+", "-", "@"))]


def evil_history(folder: Path) -> str:
    """A mill whose control says causes that are formulas."""
    office = open_office(folder, EPOCH_MS + MINUTE)
    changes = (
        Change(offset_ms=10_000, state=State.DOWN, cause='=HYPERLINK("http://x","a,b")'),
        Change(offset_ms=20_000, state=State.IDLE, cause="@SUM(A1)"),
        Change(offset_ms=30_000, state=State.RUNNING),
    )
    batch = Batch(
        at_ms=EPOCH_MS,
        offsets_ms=np.arange(1_000, MINUTE + 1, 1_000),
        signals={"power_kw": np.full(60, 5.0)},
        run=RUN,
        seq=0,
        state=State.RUNNING,
        changes=changes,
    )
    give(office, [("shopfloor/machining/mill-1/readings", encode_batch(batch))])
    close(office, EPOCH_MS + MINUTE)
    return f"sqlite:///{folder}/history.db"
