"""The article's picture in a real browser: its blocks, what lights them, and who can read it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.web.accessible import findings
from tests.web.conftest import RunningWeb
from tests.web.looks import LOOKS
from tests.web.plant import HandOffice

pytestmark = [pytest.mark.broker, pytest.mark.browser]

BLOCKS = ["Sensor data", "Machine communications", "Automation systems", "Big data", "Cloud", "AI"]


def opened(page: Page, web: RunningWeb, office: HandOffice) -> None:
    page.goto(f"{web.url}/industry")
    expect(page.locator(".block")).to_have_count(len(BLOCKS))
    # A page that follows later than it counted counts again with the office's next word.
    with office.speaking():
        expect(page.locator(".block[data-block='cloud']")).to_have_attribute("data-lit", "yes")


def test_the_picture_has_the_industrial_iot_within_industry_4_0_and_the_others_beside_it(
    web: RunningWeb, office: HandOffice, browser_page: Page, picture: Callable[[Page, str], None]
) -> None:
    office.work()
    opened(browser_page, web, office)

    picture(browser_page, "industry")
    assert browser_page.locator(".block-title").all_text_contents() == BLOCKS
    # At one moment: a notice that comes above the picture moves it.
    bottom, lowest = browser_page.evaluate(
        """names => [document.querySelector('.iiot').getBoundingClientRect().bottom, names.map(name =>
          [...document.querySelectorAll('.block')].find(one => one.textContent.includes(name))
            .querySelector('rect').getBoundingClientRect().bottom)]""",
        arg=BLOCKS,
    )
    assert [edge < bottom for edge in lowest] == [True] * 3 + [False] * 3


def test_a_block_says_its_number_with_unit_and_time_in_the_picture_and_in_words(
    own_web: RunningWeb, own_office: HandOffice, browser_page: Page
) -> None:
    own_office.work(run="")
    opened(browser_page, own_web, own_office)

    block = browser_page.locator(".block[data-block='cloud']")
    expect(block.locator(".block-number")).to_have_text("1")
    expect(block.locator(".block-unit")).to_have_text("page follows live")
    expect(block).to_have_attribute(
        "aria-label", re.compile(r"^Cloud, at work: 1 page follows live: no webhook is set")
    )
    expect(browser_page.locator("tr[data-block='cloud'] .now")).to_have_text(
        re.compile(r"^at work: 1 page follows live: no webhook is set")
    )
    # Without a run in the history there is nothing to be said of one.
    expect(browser_page.locator("tr[data-block='automation'] .now")).to_have_text(
        "not yet: – calls acted upon"
    )


def test_blocks_that_need_the_office_go_out_when_it_is_silent(
    own_web: RunningWeb, own_office: HandOffice, browser_page: Page
) -> None:
    own_office.work()
    opened(browser_page, own_web, own_office)

    own_office.leave()

    expect(browser_page.locator(".block[data-block='sensors'] .block-lamp")).to_have_text("office silent")
    expect(browser_page.locator(".block[data-block='cloud']")).to_have_attribute("data-lit", "yes")


def test_every_block_is_reached_by_the_keyboard_and_leads_to_where_it_is_seen(
    web: RunningWeb, office: HandOffice, browser_page: Page
) -> None:
    office.work()
    opened(browser_page, web, office)
    browser_page.locator(".block").first.focus()
    reached = []
    for _ in BLOCKS:
        reached.append(browser_page.evaluate("document.activeElement.dataset.block"))
        browser_page.keyboard.press("Tab")

    assert reached == ["sensors", "communication", "automation", "history", "cloud", "ai"]
    for link in browser_page.locator("#industry-table a").all():
        answer = browser_page.request.get(f"{web.url}{link.get_attribute('href')}")
        assert answer.ok
    browser_page.locator(".block[data-block='history']").press("Enter")
    expect(browser_page.locator("#losses")).to_be_visible()


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_the_picture_fits_and_has_no_accessibility_finding(
    width: int, theme: str, web: RunningWeb, office: HandOffice, browser_page: Page
) -> None:
    browser_page.set_viewport_size({"width": width, "height": 900})
    browser_page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    office.work()
    opened(browser_page, web, office)
    found = findings(browser_page)

    assert browser_page.evaluate("document.documentElement.scrollWidth") <= width
    assert [one["id"] for one in found] == []
    # No words leave their block.
    assert (
        browser_page.evaluate(
            """() => [...document.querySelectorAll('.block')].flatMap(block => {
             const room = block.querySelector('rect').getBoundingClientRect();
             return [...block.querySelectorAll('text')].filter(one => {
               const box = one.getBoundingClientRect();
               const out = box.left < room.left || box.right > room.right || box.bottom > room.bottom;
               return one.textContent && out;
             }).map(one => one.textContent);
           })"""
        )
        == []
    )


def test_turning_a_telephone_draws_the_picture_anew(
    web: RunningWeb, office: HandOffice, browser_page: Page
) -> None:
    office.work()
    browser_page.set_viewport_size({"width": 390, "height": 900})
    opened(browser_page, web, office)
    tall = browser_page.locator("#industry-picture svg").bounding_box()

    browser_page.set_viewport_size({"width": 900, "height": 390})

    expect(browser_page.locator("#industry-picture svg")).to_have_attribute("width", re.compile("^8"))
    wide = browser_page.locator("#industry-picture svg").bounding_box()
    assert tall is not None
    assert wide is not None
    assert tall["height"] > 1_000 > wide["height"]
    expect(browser_page.locator(".block[data-block='cloud'] .block-unit")).not_to_be_empty()
