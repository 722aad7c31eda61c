"""The wall screen: line after line in words that are read from afar, and nothing cut off at 24 machines."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import TakePicture
from tests.web.accessible import serious
from tests.web.conftest import RunningWeb
from tests.web.plant import NOW_MS, HandMachine, HandOffice, a_call
from tests.web.waiting import SOON_MS

pytestmark = [pytest.mark.broker, pytest.mark.browser]

SPILLS = """() => [...document.querySelectorAll('#wall *')].filter(node => {
  const box = node.getBoundingClientRect();
  if (!box.width || getComputedStyle(node).clipPath !== 'none' || node.closest('svg')) return false;
  const card = node.closest('.wall-card'), edge = card ? card.getBoundingClientRect() : null;
  return box.right > innerWidth + 1 || box.bottom > innerHeight + 1 || box.left < -1 || box.top < -1
    || (edge && (box.right > edge.right + 1 || box.bottom > edge.bottom + 1 || box.top < edge.top - 1));
}).map(node => `${node.className} ${node.textContent.slice(0, 40)}`)"""
SMALLEST = """() => Math.min(...[...document.querySelectorAll('.wall-state .word')].map(word =>
  parseFloat(getComputedStyle(word).fontSize)))"""
NAMES = "[...document.querySelectorAll('[data-wall-machine]')].map(one => one.dataset.wallMachine)"
LINES = ("machining", "moulding", "packing")


def fill(office: HandOffice) -> None:
    """Twenty-four machines, most of them in one line."""
    for i in range(22):
        path = "machining" if i < 15 else LINES[i % 3]
        letters = ("RRRRRRRRRRRR", "RRRRRRRRIIII", "RRRRRRRRRPPP", "RRRRRRRRRRDD")[i % 4]
        cause = "starved by mill-1" if i % 4 == 1 else ""
        office.machines.append(HandMachine(name=f"machine-{i + 10}", path=path, letters=letters, cause=cause))
    office.call(
        a_call("mill-1", 90, escalated_ms=NOW_MS, cause="6 stops in 30 min, 3 of them: carton jam"),
        *(a_call(f"machine-{i}", i) for i in range(13, 30, 4)),
    )
    office.tell()


def test_the_wall_says_states_calls_and_the_plants_time_and_is_dark(
    office: HandOffice, web: RunningWeb, browser_page: Page
) -> None:
    browser_page.emulate_media(color_scheme="light")
    browser_page.set_viewport_size({"width": 1920, "height": 1080})
    office.call(a_call("mill-1", 8, escalated_ms=NOW_MS))

    browser_page.goto(f"{web.url}/wall?rotate=0")

    card = browser_page.locator("[data-wall-machine='mill-1']")
    expect(card.locator(".word")).to_have_text("down", timeout=SOON_MS)
    expect(card.locator(".since")).to_have_text("for 10 min")
    expect(card.locator(".cause")).to_have_text("jam")
    expect(card.locator(".goal")).to_have_text("✓ on goal")
    expect(card.locator(".wall-called")).to_have_text("! called")
    expect(browser_page.locator("#wall-name")).to_have_text("machining")
    expect(browser_page.locator("#wall-clock")).to_have_text("08:00:00")
    expect(browser_page.locator("#wall-shift")).to_have_text("early shift, 06:00–14:00")
    expect(browser_page.locator("#wall-utilization")).to_have_text("69.6 %")
    expect(browser_page.locator("#wall-calls li")).to_have_text("!mill-1stopped: jam8 min, escalated")
    expect(browser_page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(browser_page.locator(".frame")).to_be_hidden()


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1280, 720), (3840, 2160), (390, 844)])
def test_twenty_four_machines_are_read_from_five_metres_and_nothing_is_cut_off(
    office: HandOffice, web: RunningWeb, browser_page: Page, width: int, height: int
) -> None:
    fill(office)
    web.hear(office)
    browser_page.set_viewport_size({"width": width, "height": height})
    browser_page.goto(f"{web.url}/wall?rotate=0")
    expect(browser_page.locator("#wall-dots li")).to_have_count(5, timeout=SOON_MS)
    expect(browser_page.locator("#wall-name")).to_contain_text("machining, 1 of 2")

    shown = set()
    with office.speaking():
        expect(browser_page.locator("#notice")).to_be_hidden(timeout=SOON_MS)
        for leaf in range(5):
            # A second turn before the first is drawn would go past what lies between.
            expect(browser_page.locator("#wall-dots li").nth(leaf)).to_have_class("here")
            shown |= set(browser_page.evaluate(NAMES))
            if width > 900:
                assert browser_page.evaluate(SPILLS) == []
                # A letter of 4 % of the height of a screen of 55 inches is 27 mm high.
                assert browser_page.evaluate(SMALLEST) >= 0.038 * height
            assert browser_page.evaluate("document.documentElement.scrollWidth") == width
            browser_page.keyboard.press("ArrowRight")
    assert len(shown) == 24


def test_the_wall_turns_by_itself_and_stops_on_a_button(
    office: HandOffice, web: RunningWeb, browser_page: Page
) -> None:
    office.tell()
    browser_page.goto(f"{web.url}/wall?rotate=3")
    name, pause = browser_page.locator("#wall-name"), browser_page.locator("#wall-pause")
    expect(name).to_have_text("machining", timeout=SOON_MS)
    expect(name).to_have_text("pressing", timeout=SOON_MS)

    pause.click()
    expect(pause).to_have_text("Turn every 3 s")
    # Whoever is slow to stop it finds the other line again.
    before = {"machining": "pressing", "pressing": "machining"}[name.text_content() or ""]
    browser_page.keyboard.press("ArrowLeft")
    expect(name).to_have_text(before)
    browser_page.wait_for_timeout(4_500)

    assert name.text_content() == before


@pytest.mark.usefixtures("office")
def test_where_less_motion_is_asked_for_the_wall_stands_still_until_told(
    web: RunningWeb, browser_page: Page
) -> None:
    browser_page.emulate_media(reduced_motion="reduce")
    browser_page.goto(f"{web.url}/wall?rotate=3")
    name = browser_page.locator("#wall-name")
    expect(name).to_have_text("machining", timeout=SOON_MS)
    browser_page.wait_for_timeout(4_500)
    assert name.text_content() == "machining"

    browser_page.locator("#wall-pause").click()

    expect(name).to_have_text("pressing", timeout=SOON_MS)


def test_an_outage_is_said_on_the_wall_too(office: HandOffice, web: RunningWeb, browser_page: Page) -> None:
    browser_page.goto(f"{web.url}/wall")
    with office.speaking():
        expect(browser_page.locator("#wall-link")).to_have_text("live", timeout=SOON_MS)

    expect(browser_page.locator("#notice")).to_contain_text("Nothing new from the office", timeout=SOON_MS)
    expect(browser_page.locator("#wall-link")).to_contain_text("old")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_wall_has_no_serious_finding_and_its_picture_is_taken(
    office: HandOffice,
    web: RunningWeb,
    browser_page: Page,
    scheme: Any,
    picture: TakePicture,
) -> None:
    fill(office)
    browser_page.add_init_script(f"localStorage.setItem('theme', '{scheme}')")
    browser_page.set_viewport_size({"width": 1920, "height": 1080})
    browser_page.goto(f"{web.url}/wall?rotate=0")
    expect(browser_page.locator("#wall-dots li")).to_have_count(5, timeout=SOON_MS)
    with office.speaking():
        expect(browser_page.locator("body")).not_to_have_class("stale", timeout=SOON_MS)
        if scheme == "dark":
            picture(browser_page, "wall", size=(1920, 1080))

    assert serious(browser_page) == []
