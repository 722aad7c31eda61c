"""What the floor says of goals, of who waits for whom, and of what is selected; and how it is on a phone."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.conftest import TakePicture
from tests.web.accessible import serious
from tests.web.conftest import RunningWeb
from tests.web.plant import NOW_MS, Answerer, HandMachine, HandOffice, a_call
from tests.web.waiting import SOON_MS

pytestmark = [pytest.mark.broker, pytest.mark.browser]

ORDER = "[...document.querySelectorAll('[data-line=machining] .tile')].map(tile => tile.dataset.machine)"
ROWS = "#floor-timeline tbody th"
BOXES = """selectors => selectors.map(one => document.querySelector(one).getBoundingClientRect())
  .map(box => [box.top, box.height])"""
SIZES = """() => [...document.querySelectorAll('#floor button, .pages a')].filter(node => node.offsetParent
    && !node.closest('.timeline, .tile, .line-title, .plant-shares, .line-totals, .door, .panel-head'))
  .map(node => [node.textContent, node.getBoundingClientRect().height])"""


def tile(page: Page, machine: str) -> Locator:
    return page.locator(f".tile[data-machine='{machine}']")


@pytest.fixture
def line(office: HandOffice, web: RunningWeb) -> HandOffice:
    """A line of five: lathe-1 is down, and holds up two behind it; mill-1 is blocked by saw-1."""
    mill = office.machines[0]
    mill.letters, mill.cause = "RRRRRRRRRRRI", "blocked by saw-1"
    office.machines += [
        HandMachine(name="lathe-1", letters="RRRRRRRRRRDD", cause="tool break"),
        HandMachine(name="drill-1", letters="RRRRRRRRRRRI", cause="starved by grinder-1", after="grinder-1"),
        HandMachine(name="grinder-1", letters="RRRRRRRRRRRI", cause="starved by lathe-1", after="lathe-1"),
        HandMachine(name="saw-1", letters="RRRRRRRRRRRD", cause="blade", after="mill-1", parts=38),
    ]
    office.call(a_call("lathe-1", 15, cause="tool break"), a_call("press-1", 5, cause="stopped"))
    office.tell()
    web.hear(office)
    return office


@pytest.mark.usefixtures("line")
def test_a_line_stands_in_the_flow_of_its_parts_and_says_who_waits_for_whom(
    web: RunningWeb, browser_page: Page
) -> None:
    browser_page.goto(web.url)

    # The last that is told of.
    expect(tile(browser_page, "saw-1")).to_be_visible(timeout=SOON_MS)
    assert browser_page.evaluate(ORDER) == ["lathe-1", "grinder-1", "drill-1", "mill-1", "saw-1"]
    cause = "[data-field='cause']"
    expect(tile(browser_page, "grinder-1").locator(cause)).to_have_text("waits for lathe-1")
    # Who stands at the end of the chain is named too.
    expect(tile(browser_page, "drill-1").locator(cause)).to_have_text(
        "waits for grinder-1, held up by lathe-1"
    )
    expect(tile(browser_page, "mill-1").locator(cause)).to_have_text("blocked by saw-1")
    expect(browser_page.locator("[data-line='machining'] .held")).to_have_text(
        "lathe-1, down: tool break, holds up grinder-1, drill-1; saw-1, down: blade, holds up mill-1"
    )
    for machine, said in (
        ("grinder-1", "flows waits"),
        ("drill-1", "flows waits"),
        ("saw-1", "flows blocks"),
    ):
        for name in said.split():
            assert name in (tile(browser_page, machine).get_attribute("class") or ""), machine

    tile(browser_page, "drill-1").get_by_role("button", name="grinder-1", exact=True).click()
    expect(browser_page).to_have_url(f"{web.url}/?machine=grinder-1")


def test_machines_that_wait_for_each_other_in_a_ring_end_no_page(
    office: HandOffice, web: RunningWeb, browser_page: Page
) -> None:
    office.machines += [
        HandMachine(name="a", letters="I", cause="starved by b", after="b"),
        HandMachine(name="b", letters="I", cause="starved by a", after="a"),
        HandMachine(name="c", letters="I", cause="starved by nobody-1", after="c"),
    ]
    office.tell()
    browser_page.goto(web.url)

    expect(tile(browser_page, "a").locator("[data-field='cause']")).to_have_text(
        "waits for b", timeout=SOON_MS
    )
    expect(tile(browser_page, "c").locator("[data-field='cause']")).to_have_text("waits for nobody-1")


def test_a_ring_says_where_the_goal_is_by_now_and_is_not_green_when_behind(
    office: HandOffice, web: RunningWeb, browser_page: Page
) -> None:
    office.machines += [
        HandMachine(name="late-1", letters="RRRRRRIIIIII"),
        HandMachine(name="unsure-1", letters="RRRRRR??????"),
        HandMachine(name="free-1", letters="RRRRRRRRRRRR", goal=None),
    ]
    office.tell()
    browser_page.goto(web.url)
    ring = tile(browser_page, "mill-1").locator(".ring")

    # 75 % of 2 h planned so far are 1 h 30 min, of 8 h planned 6 h.
    expect(ring).to_have_attribute(
        "title",
        "ran 1 h 30 min; goal by now 1 h 30 min, 75.0 % of 2 h 0 min planned so far; "
        "6 h 0 min by the end of the shift",
        timeout=SOON_MS,
    )
    expect(ring).to_have_attribute("data-goal", "met")
    expect(tile(browser_page, "mill-1").locator("[data-field='goal']")).to_have_text("✓on goal")
    late = tile(browser_page, "late-1")
    expect(late.locator(".ring")).to_have_attribute("data-goal", "behind")
    expect(late.locator("[data-field='goal']")).to_have_text("▼30 min behind goal")
    # Had it run in the hour that nobody knows, it would be ahead.
    unsure = tile(browser_page, "unsure-1")
    expect(unsure.locator(".ring")).to_have_attribute("data-goal", "open")
    expect(unsure.locator("[data-field='goal']")).to_have_text("?goal open: 1 h 0 min unknown")
    expect(tile(browser_page, "free-1").locator("[data-field='goal']")).to_be_hidden()

    met, behind = (
        tile(browser_page, name).locator(".ring .value").evaluate("node => getComputedStyle(node).stroke")
        for name in ("mill-1", "late-1")
    )
    assert met != behind
    # A quarter of the shift is over: the dot stands at three o'clock.
    assert ring.locator(".dot").get_attribute("cx") == "57.35"
    ring.focus()
    expect(browser_page.locator(".tip")).to_contain_text("goal by now 1 h 30 min")


@pytest.mark.usefixtures("line")
def test_what_is_selected_filters_calls_totals_and_timeline_and_stands_in_the_address(
    web: RunningWeb, browser_page: Page
) -> None:
    browser_page.goto(web.url)
    lathe = tile(browser_page, "lathe-1")
    expect(lathe).to_be_visible(timeout=SOON_MS)
    expect(browser_page.locator("#plant-totals h2")).to_have_text("Plant")

    lathe.locator(".tile-state").click()

    expect(browser_page).to_have_url(f"{web.url}/?machine=lathe-1")
    expect(browser_page.locator("#picked-words")).to_have_text("lathe-1")
    expect(browser_page.locator("#plant-totals h2")).to_have_text("lathe-1")
    expect(browser_page.locator("#plant-totals [data-field='utilization']")).to_have_text("83.3 %")
    expect(browser_page.locator("#calls-words")).to_have_text("1 of 2 open, 1 not answered")
    expect(browser_page.locator(".call")).to_have_count(1)
    expect(browser_page.locator(ROWS)).to_have_text(["lathe-1"])
    expect(browser_page.locator("#picked-open")).to_have_attribute("href", "/machine/lathe-1")

    browser_page.reload()
    expect(browser_page.locator("#plant-totals h2")).to_have_text("lathe-1", timeout=SOON_MS)
    browser_page.locator("[data-line='pressing'] .line-pick").click()
    expect(browser_page).to_have_url(f"{web.url}/?line=pressing")
    expect(browser_page.locator("#picked-words")).to_have_text("pressing, 1 machine")
    expect(browser_page.locator(ROWS)).to_have_text(["press-1"])

    browser_page.locator(".count[data-state='down']").click()
    expect(browser_page).to_have_url(f"{web.url}/?state=down")
    expect(browser_page.locator("#picked-words")).to_have_text("2 machines down")
    expect(browser_page.locator(ROWS)).to_have_text(["lathe-1", "saw-1"])
    # 100 and 110 of 120 minutes each.
    expect(browser_page.locator("#plant-totals [data-field='utilization']")).to_have_text("87.5 %")
    expect(browser_page.locator("#plant-totals [data-field='plant-parts']")).to_have_text("78")

    browser_page.go_back()
    expect(browser_page.locator("#picked-words")).to_have_text("pressing, 1 machine")
    browser_page.keyboard.press("Escape")
    expect(browser_page.locator("#picked")).to_be_hidden()
    expect(browser_page.locator(ROWS)).to_have_count(6)


def test_a_selection_survives_updates_and_follows_its_state(
    line: HandOffice, web: RunningWeb, browser_page: Page
) -> None:
    browser_page.goto(f"{web.url}/?state=down")
    expect(browser_page.locator("#picked-words")).to_have_text("2 machines down", timeout=SOON_MS)

    line.machines[0].letters += "D"
    line.tell(minutes=10)

    expect(browser_page.locator("#picked-words")).to_have_text("3 machines down", timeout=SOON_MS)
    browser_page.goto(f"{web.url}/?machine=gone-1")
    expect(browser_page.locator("#picked-words")).to_have_text(
        "There is no machine named gone-1 here", timeout=SOON_MS
    )


@pytest.mark.usefixtures("line")
def test_the_floor_is_used_by_keyboard_alone(web: RunningWeb, browser_page: Page) -> None:
    browser_page.goto(web.url)
    expect(tile(browser_page, "lathe-1")).to_be_visible(timeout=SOON_MS)
    tile(browser_page, "lathe-1").locator(".tile-name").focus()

    browser_page.keyboard.press("Tab")
    assert browser_page.evaluate("document.activeElement.getAttribute('aria-label')") == "Show lathe-1 alone"
    browser_page.keyboard.press("Enter")
    expect(browser_page.locator("#picked-words")).to_have_text("lathe-1")
    assert browser_page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    browser_page.keyboard.press("Enter")
    expect(browser_page.locator("#picked")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_selection_fits_and_has_no_serious_finding(
    line: HandOffice, web: RunningWeb, browser_page: Page, scheme: Any
) -> None:
    browser_page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    browser_page.goto(f"{web.url}/?machine=lathe-1&span=1800")
    expect(browser_page.locator("#picked-words")).to_have_text("lathe-1", timeout=SOON_MS)
    with line.speaking():
        expect(browser_page.locator("body")).not_to_have_class("stale", timeout=SOON_MS)
        assert serious(browser_page) == []
        for width in (390, 1280, 1920):
            browser_page.set_viewport_size({"width": width, "height": 900})
            assert browser_page.evaluate("document.documentElement.scrollWidth") == width


def test_on_a_phone_calls_come_first_then_what_does_not_run_and_the_rest_is_folded(
    line: HandOffice, web: RunningWeb, browser_page: Page, picture: TakePicture
) -> None:
    browser_page.set_viewport_size({"width": 390, "height": 844})
    browser_page.goto(web.url)
    stand = browser_page.locator(".not-running")
    expect(stand.locator(".label").first).to_have_text("5 machines", timeout=SOON_MS)

    expect(browser_page.locator(".call")).to_have_count(2)
    # At one moment: a notice that comes or goes above them moves them.
    boxes = browser_page.evaluate(
        BOXES, arg=[".calls", ".not-running", "[data-line='machining']", "#plant-totals"]
    )
    assert all(height > 0 for _, height in boxes)
    assert boxes == sorted(boxes)
    names = stand.locator(".tile-name").all_inner_texts()
    # What is down comes first, the longest of all at the top.
    assert names[:2] == ["lathe-1", "saw-1"]
    expect(tile(browser_page, "press-1")).to_be_hidden()
    browser_page.locator("[data-line='pressing'] .fold").click()
    expect(tile(browser_page, "press-1")).to_be_visible()
    line.tell(minutes=1)
    expect(browser_page.locator("#plant-clock")).to_have_text("08:01:00", timeout=SOON_MS)
    expect(tile(browser_page, "press-1")).to_be_visible()

    assert [size for size in browser_page.evaluate(SIZES) if size[1] < 44] == []
    browser_page.locator("[data-line='pressing'] .fold").click()
    tile(browser_page, "saw-1").locator(".pick").click()
    expect(browser_page.locator("#floor .tile")).to_have_count(1)
    expect(browser_page.locator("#picked-none")).to_be_in_viewport(ratio=1)
    browser_page.locator("#picked-none").click()
    with line.speaking():
        expect(browser_page.locator("body")).not_to_have_class("stale", timeout=SOON_MS)
        assert serious(browser_page) == []
        assert browser_page.evaluate("document.documentElement.scrollWidth") == 390
        browser_page.evaluate("scrollTo(0, 0)")
        picture(browser_page, "phone", size=(390, 844), whole=False)


@pytest.mark.usefixtures("line")
def test_on_a_phone_a_call_is_acknowledged_by_one_thumb(web: RunningWeb, browser_page: Page) -> None:
    answerer = Answerer(web.broker, "office")
    browser_page.set_viewport_size({"width": 390, "height": 844})
    browser_page.goto(web.url)
    button = browser_page.locator(".call button").first
    expect(button).to_be_in_viewport(timeout=SOON_MS)
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 48
    assert box["width"] > 300

    button.click()
    assert answerer.answer("the call for lathe-1 is acknowledged")["call"] == "lathe-1-15"

    expect(browser_page.locator("#calls-said")).to_have_text("the call for lathe-1 is acknowledged.")
    answerer.close()


def test_the_picture_of_the_floor_is_taken(
    line: HandOffice, web: RunningWeb, browser_page: Page, picture: TakePicture
) -> None:
    line.machines += [
        HandMachine(name="packer-1", path="packing", letters="RRRRRRDRRRRR"),
        HandMachine(name="packer-2", path="packing", letters="SSRRRRRRRRRR", after="packer-1"),
        HandMachine(name="press-2", path="pressing", kind="press", parts=None, letters="RRRRRRRRRRRR"),
    ]
    line.call(
        a_call("lathe-1", 15, cause="tool break", escalated_ms=NOW_MS), a_call("saw-1", 5, cause="blade")
    )
    line.tell()
    browser_page.goto(web.url)
    expect(tile(browser_page, "packer-2")).to_be_visible(timeout=SOON_MS)
    with line.speaking():
        expect(browser_page.locator("body")).not_to_have_class("stale", timeout=SOON_MS)
        picture(browser_page, "floor")
