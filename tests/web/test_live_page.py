"""What a page makes of the live stream: gaps, refusals, hidden tabs, and numbers that come bit by bit."""

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.web.conftest import RunningWeb
from tests.web.plant import HandMachine, HandOffice
from tests.web.waiting import SOON_MS, wait_until

pytestmark = [pytest.mark.broker, pytest.mark.browser]

STREAM = "window.office?.channel?.state.stream"
PLANT = """JSON.stringify([office.plant.board && {...office.plant.board, wall_ms: 0},
  [...office.plant.machines].map(([name, one]) => [name, one.values, one.strip, one.power])])"""
SWALLOW_ONE = """(() => {
  const Real = window.EventSource;
  window.EventSource = class extends Real {
    set onmessage(hear) {
      super.onmessage = event => { if (window.swallow) window.swallow = false; else hear(event); };
    }
  };
})()"""
COUNT_DRAWS = """(() => {
  window.draws = 0;
  const real = window.requestAnimationFrame;
  window.requestAnimationFrame = call => { window.draws++; return real(call); };
})()"""
FRAMES = """async () => {
  for (let frame = 0; frame < 4; frame++) await new Promise(requestAnimationFrame);
}"""
COUNT_FILLS = """(() => {
  window.fills = 0;
  const real = CanvasRenderingContext2D.prototype.fillRect;
  CanvasRenderingContext2D.prototype.fillRect = function (...all) {
    window.fills++;
    return real.apply(this, all);
  };
})()"""
PRETEND_HIDDEN = """hidden => {
  Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});
  document.dispatchEvent(new Event('visibilitychange'));
}"""


def open_live(page: Page, web: RunningWeb) -> None:
    page.goto(web.url)
    page.wait_for_selector(".tile")
    wait_until(page, f"{STREAM}?.readyState === 1")


def test_numbers_that_came_bit_by_bit_are_those_of_a_page_just_loaded(
    office: HandOffice, mill: HandMachine, web: RunningWeb, browser_page: Page
) -> None:
    open_live(browser_page, web)
    for letter, minutes in (("R", 10), ("D", 10), ("I", 3), ("R", 7), ("R", 1)):
        mill.letters += letter
        mill.parts = (mill.parts or 0) + 3
        office.tell(minutes=minutes)
        browser_page.wait_for_timeout(100)
    office.machines[1].parts = 12
    office.tell(minutes=1)
    expect(browser_page.locator("#plant-clock")).to_have_text("08:32:00", timeout=SOON_MS)
    live = browser_page.evaluate(PLANT)

    browser_page.reload()
    browser_page.wait_for_selector(".tile")
    wait_until(browser_page, "office.plant.board !== null")

    assert browser_page.evaluate(PLANT) == live


def test_a_gap_in_the_sequence_is_noticed_and_what_was_missed_is_fetched(
    office: HandOffice, mill: HandMachine, web: RunningWeb, browser_page: Page
) -> None:
    asked: list[str] = []
    browser_page.on("request", lambda request: asked.append(request.url))
    browser_page.add_init_script(SWALLOW_ONE)
    open_live(browser_page, web)
    asked.clear()

    browser_page.evaluate("window.swallow = true")
    mill.parts = 50
    office.tell(minutes=10)
    wait_until(browser_page, "window.swallow === false")
    mill.parts = 51
    office.tell(minutes=10)

    tile = browser_page.locator("[data-machine='mill-1']")
    expect(tile.locator("[data-field='parts']")).to_have_text("51", timeout=SOON_MS)
    # 90 min running, 20 idle, 30 down: with what was missed added only once.
    expect(tile.locator("[data-field='utilization']")).to_have_text("64.3 %")
    # A slow computer may have asked for what was missed before the next change showed the gap.
    assert any("/live/state" in url or "/live/poll" in url for url in asked)
    wait_until(browser_page, f"{STREAM}?.readyState === 1")


def test_a_page_that_gets_no_stream_polls_until_there_is_one(
    office: HandOffice, web: RunningWeb, browser_page: Page, tolerated_page_errors: list[str]
) -> None:
    tolerated_page_errors.append("503")

    def refuse(route: Route) -> None:
        route.fulfill(status=503, body="all streams are taken")

    browser_page.route("**/live/stream*", refuse)
    browser_page.goto(web.url)
    browser_page.wait_for_selector(".tile")

    office.tell(minutes=7)
    expect(browser_page.locator("#plant-clock")).to_have_text("08:07:00", timeout=SOON_MS)
    assert browser_page.evaluate(f"{STREAM} === null || {STREAM}.readyState !== 1")

    browser_page.unroute("**/live/stream*", refuse)
    wait_until(browser_page, f"{STREAM}?.readyState === 1")
    office.tell(minutes=1)
    expect(browser_page.locator("#plant-clock")).to_have_text("08:08:00", timeout=SOON_MS)


def test_a_hidden_tab_asks_for_nothing_draws_nothing_and_is_right_at_once_when_shown(
    office: HandOffice, mill: HandMachine, web: RunningWeb, browser_page: Page
) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    browser_page.add_init_script(COUNT_DRAWS)
    open_live(browser_page, web)
    browser_page.evaluate(PRETEND_HIDDEN, arg=True)
    browser_page.wait_for_timeout(300)
    # What had begun to be drawn before is drawn by then, also what waits for another frame.
    browser_page.evaluate(FRAMES)
    browser_page.on("request", note)
    browser_page.evaluate("window.draws = 0")

    mill.parts = 77
    for _ in range(6):
        office.tell(minutes=5)
        browser_page.wait_for_timeout(500)

    assert asked == []
    assert browser_page.evaluate("window.draws") == 0
    browser_page.evaluate(PRETEND_HIDDEN, arg=False)
    tile = browser_page.locator("[data-machine='mill-1']")
    expect(tile.locator("[data-field='parts']")).to_have_text("77", timeout=SOON_MS)
    expect(browser_page.locator("#plant-clock")).to_have_text("08:30:00")
    # The state and the stream: nothing of what was missed is played again.
    assert len([url for url in asked if "/live/" in url]) == 2


def test_a_timeline_is_drawn_again_when_its_picture_changes_and_not_before(
    office: HandOffice, mill: HandMachine, web: RunningWeb, browser_page: Page
) -> None:
    browser_page.add_init_script(COUNT_FILLS)
    office.tell(minutes=1)
    open_live(browser_page, web)
    expect(browser_page.locator("#plant-clock")).to_have_text("08:01:00", timeout=SOON_MS)
    wait_until(browser_page, "window.fills > 0")
    browser_page.wait_for_timeout(300)

    # A pixel of two hours is some seven seconds.
    drawn = 0
    for second in range(1, 11):
        browser_page.evaluate("window.fills = 0")
        office.now_ms += 1_000
        office.tell()
        expect(browser_page.locator("#plant-clock")).to_have_text(f"08:01:{second:02}", timeout=SOON_MS)
        browser_page.wait_for_timeout(50)
        drawn += browser_page.evaluate("window.fills > 0")

    assert drawn <= 4
    browser_page.evaluate("window.fills = 0")
    mill.letters += "R"
    office.tell(minutes=10)
    wait_until(browser_page, "window.fills > 0")
