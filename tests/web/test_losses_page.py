"""The page of losses in a real browser, with a real broker, ingest and history behind it."""

import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from protocol.moments import to_text
from tests.broker.clients import Client
from tests.broker.running import PROJECT, RunningBroker
from tests.golden.logbook import Logbook
from tests.web.accessible import serious
from tests.web.conftest import START_S, RunningWeb
from tests.web.looks import LOOKS
from tests.web.waiting import SOON_MS

pytestmark = [pytest.mark.broker, pytest.mark.browser]

MINUTE = 60
LENGTH_S = 480 * MINUTE
HOUR_MS = 3_600_000
BEGINS_MS = int(time.time() * 1_000) // HOUR_MS * HOUR_MS - LENGTH_S * 1_000
"""Whole hours, so that every hour of the heat map says the same at any time of the day."""
ENDS_MS = BEGINS_MS + LENGTH_S * 1_000
CALENDAR = 'zone = "UTC"\n[[shift]]\nname = "day"\nstarts = "00:00"\n'
LOGS = [
    # The published example of losses, G14 of FACTS, whose 40 start-up rejects no counter tells apart.
    Logbook(
        topic="shopfloor/pressing/press-14",
        begins=to_text(BEGINS_MS),
        states=[("running", 400 * MINUTE), ("down", 50 * MINUTE), ("setup", 30 * MINUTE)],
        ideal_cycle_s=30,
        counts=[(40 * MINUTE * step, 70 * step, 10 * step) for step in range(11)],
    ),
    Logbook(
        topic="shopfloor/machining/mill-9",
        begins=to_text(BEGINS_MS),
        states=[
            ("running", 100 * MINUTE),
            ("idle", 20 * MINUTE),
            ("running", 199 * MINUTE),
            ("idle", 30),
            ("running", 100 * MINUTE),
            ("down", 40 * MINUTE),
            ("running", 21 * MINUTE - 30),
        ],
    ),
]
WINDOW = f"from={BEGINS_MS}&to={ENDS_MS}"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWeb]:
    """Two real machines, whose logs end with the last whole hour."""
    folder = tmp_path_factory.mktemp("losses")
    (folder / "calendar.toml").write_text(CALENDAR, encoding="utf-8")
    broker = RunningBroker(folder / "broker")
    broker.start()
    running = RunningWeb(broker, folder)
    ingest = subprocess.Popen(
        [
            sys.executable, "-m", "dashboard", "ingest", "--broker", broker.url,
            "--credentials", str(broker.credentials), "--history", running.history,
            "--calendar", str(folder / "calendar.toml"), "--heartbeat", str(folder / "beat"),
        ],
        cwd=PROJECT,
    )  # fmt: skip
    try:
        running.start()
        tell(broker, folder)
        wait_for_stops(running)
        yield running
    finally:
        running.stop()
        ingest.terminate()
        ingest.wait(START_S)
        broker.kill()


def tell(broker: RunningBroker, folder: Path) -> None:
    """Say both logs over the broker."""
    until_s = time.monotonic() + START_S
    while not (folder / "beat").exists():
        assert time.monotonic() < until_s, "ingest did not start"
        time.sleep(0.05)
    client = Client(broker.port, "machines", broker.password("machines"))
    for log in LOGS:
        client.say([f"{log.topic}/birth"], log.birth(), retain=True)
        for batch in log.batches():
            client.say([f"{log.topic}/readings"], batch)
    client.close()


def answer(web: RunningWeb, path: str) -> Any:
    with urllib.request.urlopen(f"{web.url}{path}", timeout=60) as found:  # noqa: S310 - our page
        return json.loads(found.read())


def wait_for_stops(web: RunningWeb) -> None:
    until_s = time.monotonic() + START_S
    while True:
        try:
            if answer(web, f"/api/stops?{WINDOW}")["total"] >= 4:
                return
        except OSError:
            pass
        assert time.monotonic() < until_s, "the history has no stops"
        time.sleep(0.1)


def test_the_published_losses_come_through_broker_ingest_and_api(shop: RunningWeb) -> None:
    found = answer(shop, f"/api/losses?machine=press-14&{WINDOW}")

    steps = {one["key"]: (one["seconds"] / MINUTE, one["parts"]) for one in found["waterfall"]["steps"]}
    assert steps["planned"] == (480, 960)
    assert steps["down"] == (50, 100)
    assert steps["setup"] == (30, 60)
    assert steps["speed"] == (50, 100)
    assert steps["rejects"] == (50, 100)
    assert steps["good"] == (300, 600)
    assert found["waterfall"]["unaccounted_s"] == 0
    assert steps["good"][0] / steps["planned"][0] == 0.625


def test_the_page_shows_where_the_time_went(shop: RunningWeb, browser_page: Page) -> None:
    open_losses(shop, browser_page)
    browser_page.goto(f"{shop.url}/losses?from={to_text(BEGINS_MS)}&to={to_text(ENDS_MS)}")
    expect(browser_page.locator("#losses-words")).to_contain_text("2 machines", timeout=SOON_MS)
    browser_page.locator("#losses-of").select_option("machine:press-14")

    table = browser_page.locator("#losses-steps")
    expect(table).to_contain_text("a part is 30 s of ideal cycle", timeout=SOON_MS)
    expect(table).to_contain_text("unaccounted for: 0 s")
    row = table.get_by_role("row").filter(has_text="reduced speed")
    expect(row).to_contain_text("−50 min")
    expect(row).to_contain_text("100.0")
    expect(browser_page.locator("#losses-of")).to_have_value("machine:press-14")
    # Of 480 planned minutes 400 run: the bar of a level begins at the left, that of a step where it ends.
    bars = {
        step: table.locator(f"[data-step={step}] i").evaluate("bar => [bar.style.left, bar.style.width]")
        for step in ("planned", "down", "speed", "good")
    }
    share = 100 * MINUTE / LENGTH_S
    assert bars["planned"] == ["0%", "100%"]
    assert [float(text.rstrip("%")) for text in bars["down"]] == pytest.approx(
        [400 * share, 50 * share], abs=0.1
    )
    assert float(bars["good"][1].rstrip("%")) == pytest.approx(300 * share, abs=0.1)


def test_a_loss_opens_into_its_causes_and_count_orders_anew(shop: RunningWeb, browser_page: Page) -> None:
    open_losses(shop, browser_page)
    ranks = browser_page.locator("#losses-ranks")
    expect(ranks.get_by_role("button").first).to_have_text("breakdowns", timeout=SOON_MS)
    expect(ranks.get_by_role("button").first).to_have_attribute("aria-expanded", "true")

    waiting = ranks.get_by_role("button", name="waiting")
    waiting.focus()
    waiting.press("Enter")
    expect(waiting).to_have_attribute("aria-expanded", "true", timeout=SOON_MS)
    expect(ranks.locator("tr.cause")).to_contain_text("cause not told")
    expect(waiting).to_be_focused()
    assert "loss=idle" in browser_page.url
    browser_page.get_by_role("button", name="by count").click()
    expect(ranks).to_contain_text("of stops", timeout=SOON_MS)
    expect(ranks.get_by_role("row").filter(has_text="breakdowns")).to_contain_text("50.0 %")
    expect(ranks).to_contain_text("began in this window")


def test_a_cell_of_the_heat_map_opens_its_hour(shop: RunningWeb, browser_page: Page) -> None:
    open_losses(shop, browser_page)
    browser_page.locator("#losses-of").select_option("machine:mill-9")
    heat = browser_page.locator("#losses-heat")
    expect(browser_page.locator("#losses-words")).to_contain_text("1 machine", timeout=SOON_MS)
    browser_page.get_by_label("measure").select_option("utilization")
    expect(heat.locator("caption")).to_contain_text("running / observed", timeout=SOON_MS)
    browser_page.get_by_label("measure").select_option("down")
    expect(heat.locator("caption")).to_contain_text("breakdowns: time lost in % of planned", timeout=SOON_MS)

    darkest = heat.locator("td[style*='--heat: 1'] a, td[style*='--heat:1'] a").first
    words = darkest.get_attribute("aria-label") or ""
    assert re.search(r": \d+\.\d %, .+ of .+ planned$", words), words
    darkest.focus()
    darkest.press("Enter")

    # An hour may end in the next day, which the sentence then names.
    begun = words.partition(" to ")[0]
    expect(browser_page.locator("#losses-words")).to_contain_text(f"{begun} to ", timeout=SOON_MS)
    expect(heat.locator("a[aria-current]")).to_have_count(1, timeout=SOON_MS)
    assert "from=" in browser_page.url
    browser_page.go_back()
    expect(heat.locator("a[aria-current]")).to_have_count(0, timeout=SOON_MS)


def test_two_machines_are_compared_step_by_step_and_the_choice_is_in_the_address(
    shop: RunningWeb, browser_page: Page
) -> None:
    browser_page.goto(f"{shop.url}/losses?from={to_text(BEGINS_MS)}&to={to_text(ENDS_MS)}&machine=press-14")
    expect(browser_page.locator("#losses-words")).to_contain_text("1 machine", timeout=SOON_MS)
    # Once the machines are there to be chosen from.
    browser_page.locator("#losses-against").select_option("machine:mill-9")

    table = browser_page.locator("#losses-steps")
    row = table.get_by_role("row").filter(has_text="breakdowns")
    expect(row).to_contain_text("−10 min", timeout=SOON_MS)
    cells = row.get_by_role("cell").all_inner_texts()
    assert cells[1:] == ["−50 min", "−40 min", "−10 min", "−10.4 %", "−8.3 %", "−2.1 pts"]
    expect(table).to_contain_text("differences unaccounted for: 0 s")
    assert "against=machine%3Amill-9" in browser_page.url

    browser_page.reload()
    expect(row).to_contain_text("−2.1 pts", timeout=SOON_MS)
    expect(browser_page.locator("#losses-against")).to_have_value("machine:mill-9", timeout=SOON_MS)
    browser_page.locator("#losses-against").select_option("before")
    # Both logs begin with the window: before it there was nothing to hold it against, and the page says so.
    expect(browser_page.locator("#losses-against-words")).to_contain_text(
        "Nothing is known of", timeout=SOON_MS
    )


def test_micro_stops_of_one_cause_are_one_row_that_opens(shop: RunningWeb, browser_page: Page) -> None:
    open_losses(shop, browser_page)
    group = browser_page.locator("#stops tr.group")
    expect(group).to_contain_text("1 micro-stop", timeout=SOON_MS)
    expect(browser_page.locator("#stops [data-stop]")).to_have_count(3)

    group.get_by_role("button", name="Unfold").press("Enter")

    one = browser_page.locator("#stops tr.of-group")
    expect(one).to_contain_text("30 s", timeout=SOON_MS)
    expect(group.get_by_role("button")).to_be_focused()
    group.get_by_role("button", name="Fold").press("Enter")
    expect(one).to_have_count(0)


def test_a_person_gives_corrects_and_takes_back_a_reason(shop: RunningWeb, browser_page: Page) -> None:
    open_losses(shop, browser_page)
    row = browser_page.locator("#stops tbody tr").filter(has_text="mill-9").filter(has_text="40 min")
    expect(row).to_have_count(1, timeout=SOON_MS)

    # Nobody says why it was down, and the rule for long breakdowns speaks.
    expect(row).to_contain_text("by a rule")
    row.get_by_role("button", name="Correct").click()
    row.get_by_label("Reason").select_option("waiting for maintenance")
    row.get_by_label("Note").fill("<b>nobody</b> came")
    row.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("waiting for maintenance", timeout=SOON_MS)
    expect(row).to_contain_text("given by a person: <b>nobody</b> came")
    expect(browser_page.locator("#losses-ranks")).to_contain_text("waiting for maintenance", timeout=SOON_MS)

    browser_page.reload()
    browser_page.get_by_role("button", name="last 24 h").click()
    expect(row).to_contain_text("waiting for maintenance", timeout=SOON_MS)
    row.get_by_role("button", name="Correct").click()
    row.get_by_label("Reason").select_option("team meeting or handover")
    row.get_by_role("button", name="Save").click()
    expect(row.locator(".reason-said")).to_have_text("team meeting or handover", timeout=SOON_MS)

    row.get_by_role("button", name="Correct").click()
    row.get_by_role("button", name="Take back").click()
    expect(row).to_contain_text("by a rule", timeout=SOON_MS)
    expect(row.locator(".reason-said")).to_have_text("machine broken")


def test_writing_is_left_by_escape_and_nothing_is_said(shop: RunningWeb, browser_page: Page) -> None:
    open_losses(shop, browser_page)
    row = browser_page.locator("#stops tbody tr").filter(has_text="mill-9").filter(has_text="20 min")
    row.get_by_role("button", name="Give a reason").click(timeout=SOON_MS)

    row.get_by_label("Note").press("Escape")

    expect(row.get_by_role("button", name="Give a reason")).to_be_focused()


def test_whoever_is_writing_goes_on_when_the_window_becomes_another_one(
    shop: RunningWeb, browser_page: Page
) -> None:
    open_losses(shop, browser_page)
    row = browser_page.locator("#stops tbody tr").filter(has_text="mill-9").filter(has_text="40 min")
    row.get_by_role("button", name="Correct").click(timeout=SOON_MS)
    row.get_by_label("Note").fill("half a sen")

    with browser_page.expect_response(lambda one: "/api/stops" in one.url):
        browser_page.get_by_role("button", name="last 8 h").click()

    expect(row.get_by_label("Note")).to_have_value("half a sen")
    row.get_by_role("button", name="Cancel").click()
    expect(row.get_by_role("button", name="Correct")).to_be_focused()


def test_rows_that_say_the_same_stay_as_they_are(shop: RunningWeb, browser_page: Page) -> None:
    browser_page.goto(f"{shop.url}/losses?window=24h")
    expect(browser_page.locator("#stops tbody tr").first).to_be_visible(timeout=SOON_MS)
    browser_page.evaluate("window.row = document.querySelector('#stops tbody tr')")

    with browser_page.expect_response(lambda one: "/api/stops" in one.url) as asked:
        browser_page.evaluate("dash_clientside.set_props('losses-ask', { data: Date.now() })")
    asked.value.finished()
    browser_page.evaluate(
        "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
    )

    assert browser_page.evaluate("window.row.isConnected")


def test_a_machines_page_has_its_stops_with_the_same_control(shop: RunningWeb, browser_page: Page) -> None:
    browser_page.goto(f"{shop.url}/machine/mill-9")

    # The shift may have begun after the log.
    expect(browser_page.locator("#machine-stops .stops-sum")).to_contain_text("stop", timeout=SOON_MS)
    expect(browser_page.get_by_role("heading", name="Stops", exact=True).last).to_be_visible()


def test_its_picture(shop: RunningWeb, browser_page: Page, picture: Callable[[Page, str], None]) -> None:
    open_losses(shop, browser_page)
    expect(browser_page.locator("#losses-heat table")).to_be_visible(timeout=SOON_MS)
    picture(browser_page, "losses")


def test_window_and_machine_stand_in_the_address(shop: RunningWeb, browser_page: Page) -> None:
    open_losses(shop, browser_page)
    words, of = browser_page.locator("#losses-words"), browser_page.locator("#losses-of")
    of.select_option("mill-9")
    expect(words).to_contain_text("1 machine", timeout=SOON_MS)
    of.select_option("pressing")
    browser_page.get_by_role("button", name="by count").click()
    expect(browser_page).to_have_url(f"{shop.url}/losses?window=24h&line=pressing&by=count")

    browser_page.reload()
    expect(words).to_contain_text("1 machine", timeout=SOON_MS)
    expect(of).to_have_value("line:pressing")
    expect(browser_page.locator("#losses-ranks")).to_contain_text("of stops", timeout=SOON_MS)
    expect(browser_page.locator("#stops tbody tr").first).to_contain_text("press-14", timeout=SOON_MS)
    numbers = browser_page.get_by_role("link", name="Numbers as CSV").get_attribute("href")
    with urllib.request.urlopen(f"{shop.url}{numbers}", timeout=60) as found:  # noqa: S310 - our page
        assert [line.count(b"press-14") for line in found.read().splitlines()] == [0, 1]

    for _ in range(2):
        browser_page.go_back()
    expect(of).to_have_value("machine:mill-9")
    expect(browser_page.locator("#stops tbody tr").first).to_have_attribute(
        "data-stop", re.compile("^mill-9 "), timeout=SOON_MS
    )
    browser_page.go_back()
    expect(words).to_contain_text("2 machines", timeout=SOON_MS)
    expect(of).to_have_value("")


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_the_page_fits_and_has_no_serious_accessibility_finding(
    shop: RunningWeb, browser_page: Page, width: int, theme: Any
) -> None:
    browser_page.emulate_media(color_scheme=theme)
    browser_page.set_viewport_size({"width": width, "height": 900})
    open_losses(shop, browser_page)
    browser_page.locator("#stops tbody tr").first.get_by_role("button").click(timeout=SOON_MS)

    assert serious(browser_page) == []
    assert browser_page.evaluate("document.documentElement.scrollWidth") == width


def open_losses(web: RunningWeb, page: Page) -> None:
    """The page with the window that has all of both logs."""
    page.goto(f"{web.url}/losses")
    page.get_by_role("button", name="last 24 h").click(timeout=SOON_MS)
    expect(page.locator("#losses-words")).to_contain_text("2 machines", timeout=SOON_MS)
    expect(page.locator("#stops tbody tr").first).to_be_visible(timeout=SOON_MS)
