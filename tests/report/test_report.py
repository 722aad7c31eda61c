"""The shift report: the same bytes every time, everything in one file, and readable everywhere."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page

from dashboard.__main__ import main
from dashboard.app import make_app
from dashboard.calendar.places import Calendar
from dashboard.ingest.share import MEASURING
from dashboard.report.window import ReportError, shift_window, span_window
from protocol.moments import from_text
from tests.api.asking import ask, get, settings
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, RUN, close, give, minutes, open_office

PROJECT = Path(__file__).parents[2]
COUNT = 500
"""Minutes of the run: the early shift of 480 is over, the late one goes on."""
SHIFT = "2026-01-05/early"
SHEETS = range(3, 8)
"""Of paper that the report of two machines may take; how many depends on the fonts that are there."""


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder: Path = tmp_path_factory.mktemp("report")
    office = open_office(folder, EPOCH_MS + COUNT * MINUTE)
    give(office, minutes(COUNT))
    close(office, EPOCH_MS + COUNT * MINUTE)
    return f"sqlite:///{folder}/history.db"


@pytest.fixture(scope="module")
def client(history: str) -> FlaskClient:
    app, _ = make_app(settings(history))
    client: FlaskClient = app.server.test_client()
    return client


def written(history: str, file: Path, *words: str) -> str:
    assert main(["report", "--history", history, "--out", str(file), *words]) == 0
    return file.read_text(encoding="utf-8")


def test_the_same_command_makes_the_same_bytes_in_every_process(history: str, tmp_path: Path) -> None:
    made = []
    for seed in ("1", "4711"):
        file = tmp_path / f"{seed}.html"
        command = [
            sys.executable, "-m", "dashboard", "report", "--history", history, "--run", RUN,
            "--shift", SHIFT, "--out", str(file),
        ]  # fmt: skip
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo" if seed == "1" else "UTC"}
        subprocess.run(command, cwd=PROJECT, check=True, env=environment)
        made.append(file.read_bytes())

    assert made[0] == made[1]


def test_a_shift_that_is_over_reads_the_same_when_the_plant_has_gone_on(tmp_path: Path) -> None:
    office = open_office(tmp_path, EPOCH_MS + COUNT * MINUTE)
    messages = minutes(COUNT)
    give(office, messages[: 2 * 485])
    office.tick(RUN, EPOCH_MS + 485 * MINUTE, MEASURING)
    office.commit()
    history = f"sqlite:///{tmp_path}/history.db"
    before = written(history, tmp_path / "before.html", "--shift", SHIFT)

    give(office, messages[2 * 485 :])
    close(office, EPOCH_MS + COUNT * MINUTE)

    assert written(history, tmp_path / "after.html", "--shift", SHIFT) == before


def test_the_page_process_gives_the_same_file(history: str, client: FlaskClient, tmp_path: Path) -> None:
    file = written(history, tmp_path / "report.html", "--shift", SHIFT)

    assert get(client, f"/report?shift={SHIFT}").text == file
    assert get(client, "/report").text == file, "the newest shift that is over"


def test_the_report_says_the_numbers_of_the_api(history: str, client: FlaskClient, tmp_path: Path) -> None:
    text = written(history, tmp_path / "report.html", "--shift", SHIFT)
    window = "from=2026-01-05T06:00:00Z&to=2026-01-05T14:00:00Z"
    plant = ask(client, f"/api/kpis?{window}")
    digest = Calendar.read().digest

    assert f"{plant['utilization'] * 100:.1f} %" in text
    assert f"{plant['machines']['mill-1']['parts']:,}" in text
    assert "Unaccounted: 0 s" in text
    for fact in (RUN, "<dt>seed</dt><dd>7</dd>", digest, "2026-01-05T06:00:00.000Z", "micro_stop_s", "0.1.0"):
        assert fact in text


def test_it_names_the_command_that_makes_it_again(history: str, tmp_path: Path) -> None:
    first = written(history, tmp_path / "first.html", "--line", "machining")
    (command,) = re.findall(r"<code>python -m dashboard report (.*?) --out report.html</code>", first)

    assert command == f"--run {RUN} --shift {SHIFT} --line machining"
    assert written(history, tmp_path / "again.html", *command.split()) == first


def test_a_shift_that_goes_on_says_so_and_names_its_moments(history: str, tmp_path: Path) -> None:
    text = written(history, tmp_path / "late.html", "--shift", "2026-01-05/late")

    assert "Not over yet" in text
    assert "--from 2026-01-05T14:00:00.000Z --to 2026-01-05T14:20:00.000Z" in text


def test_what_comes_from_outside_is_text_and_nothing_else(tmp_path: Path) -> None:
    history = strange_history(tmp_path)
    text = written(history, tmp_path / "strange.html", "--from", "2026-01-05T06:00:00Z")

    assert "&lt;script&gt;" in text
    assert "<script" not in text


def strange_history(folder: Path) -> str:
    """A mill that says a script is the cause of its stop."""
    office = open_office(folder, EPOCH_MS + 2 * MINUTE)
    payload = (
        b'{"run": "a1b2c3d4", "at": "2026-01-05T06:00:00Z", "offsets_ms": [60000], "power_kw": [5], '
        b'"state": "running", "changes": [{"offset_ms": 1000, "state": "down", '
        b'"cause": "<script>alert(1)</script>"}]}'
    )
    give(office, [("shopfloor/machining/mill-1/readings", payload)])
    close(office, EPOCH_MS + 2 * MINUTE)
    return f"sqlite:///{folder}/history.db"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--shift", "2026-01-05/noon"], "2026-01-05/early, 2026-01-05/late, 2026-01-05/night"),
        (["--shift", "early"], "a production day and a shift's name"),
        (["--shift", "2026-01-06/early"], "a shift that has begun"),
        (["--run", "nope"], RUN),
        (["--line", "painting"], "machining, pressing"),
        (["--from", "yesterday"], "RFC 3339"),
        (["--from", "2026-01-06T06:00:00Z"], "a moment before to"),
        (["--shift", SHIFT, "--to", "2026-01-06T06:00:00Z"], "a shift, or from and to"),
    ],
)
def test_what_cannot_be_reported_is_said_in_a_sentence(
    history: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(["report", "--history", history, "--out", str(tmp_path / "no.html"), *words]) == 2

    error = capsys.readouterr().err
    assert error.startswith("dashboard report: ")
    assert said in error
    assert not (tmp_path / "no.html").exists()


def test_the_page_process_refuses_with_the_same_sentence(client: FlaskClient) -> None:
    assert ask(client, "/report?shift=2026-01-05/noon", 404)["allowed"].startswith("2026-01-05/early")
    assert ask(client, "/report?shift=noon", 404)["parameter"] == "shift"
    assert ask(client, "/report?from=noon", 400)["parameter"] == "from"
    assert ask(client, "/report?plant=twin", 404)["parameter"] == "plant"


def test_a_night_shift_is_named_by_its_production_day() -> None:
    berlin = Calendar.of(
        'zone = "Europe/Berlin"\n'
        '[[shift]]\nname = "day"\nstarts = "06:00"\n[[shift]]\nname = "night"\nstarts = "22:00"\n'
    )
    now_ms = from_text("2026-12-01T00:00:00Z")

    night = shift_window(berlin.site, "2026-10-24/night", now_ms)

    assert night.to_ms - night.from_ms == 9 * 3_600_000, "the clocks are set back"
    with pytest.raises(ReportError, match="shift"):
        shift_window(berlin.site, "2026-10-24/early", now_ms)
    with pytest.raises(ReportError, match="before to"):
        span_window(now_ms, now_ms, now_ms)


@pytest.mark.browser
@pytest.mark.parametrize(("width", "colours"), [(1280, "light"), (390, "light"), (390, "dark")])
def test_it_opens_without_a_request_and_fits_the_screen(
    browser: Browser, history: str, tmp_path: Path, width: int, colours: str
) -> None:
    file = tmp_path / "report.html"
    written(history, file, "--shift", SHIFT)
    page = browser.new_page(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if colours == "dark" else "light",
        java_script_enabled=True,
    )
    asked: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: errors.append(message.text))

    page.goto(file.as_uri())

    assert asked == [file.as_uri()]
    assert errors == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.locator("h1").inner_text() == "Shift report: early shift of Mon 5 Jan 2026, plant"
    assert page.locator("svg.timeline").count() == 2
    assert page.locator(".hours").inner_text().split()[0] == "06:00"
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "14px"
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (dark == "rgb(14, 19, 25)") is (colours == "dark")
    page.close()


@pytest.mark.browser
def test_on_paper_it_is_light_and_no_table_is_cut_off(browser: Browser, history: str, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    written(history, file, "--shift", SHIFT)
    # A4 on its side with margins of 12 mm, at 96 dots an inch.
    page = browser.new_page(viewport={"width": 1032, "height": 700}, color_scheme="dark")
    page.emulate_media(media="print")

    page.goto(file.as_uri())

    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert (
        page.evaluate("Math.max(...[...document.querySelectorAll('table')].map(t => t.offsetWidth))") <= 1032
    )
    cut = "[...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right > 1033)"
    assert page.evaluate(f"{cut}.map(one => one.outerHTML.slice(0, 100))") == []
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) in SHEETS
    # A4 on its side, in points.
    assert set(re.findall(rb"/MediaBox\s*\[([^\]]+)\]", printed)) == {b"0 0 841.91998 594.95996"}
    page.close()


@pytest.mark.browser
def test_its_picture(
    browser: Browser, history: str, tmp_path: Path, picture: Callable[[Page, str], None]
) -> None:
    file = tmp_path / "report.html"
    written(history, file, "--shift", SHIFT)
    page = browser.new_page()

    page.goto(file.as_uri())

    assert page.locator("main h2").count() == 11
    # Its beginning, as it would be on the first sheets: the whole of it is too large for a picture.
    page.evaluate("for (const one of document.querySelectorAll('section:nth-of-type(n+6)')) one.remove()")
    picture(page, "report")
    page.close()


def test_each_sheet_says_what_it_is_of_and_nothing_from_outside_ends_the_style(
    history: str, tmp_path: Path
) -> None:
    page = written(history, tmp_path / "report.html", "--shift", SHIFT)

    assert '@bottom-right { content: "page " counter(page) " of " counter(pages);' in page
    assert r"@top-left { content: \"Shift\20 report" in page.replace('"', '\\"')
    assert page.count("</style>") == 1
