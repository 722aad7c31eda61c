"""Any page on paper: black on white and whole, whatever is seen on the screen."""

import re

import pytest
from playwright.sync_api import Page, expect

from dashboard.pages.frame import PAGES
from tests.web.conftest import RunningWeb
from tests.web.plant import HandOffice
from tests.web.waiting import SOON_MS

pytestmark = [pytest.mark.broker, pytest.mark.browser]

WIDTH = 1032
"""A4 on its side with margins of 12 mm, at 96 dots an inch."""
CUT_OFF = f"""() => [...document.querySelectorAll('main *')]
  .filter(one => getComputedStyle(one).position !== 'absolute')
  .filter(one => one.getBoundingClientRect().right > {WIDTH + 1})
  .map(one => one.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("tolerated_page_errors", [["404"]])
@pytest.mark.parametrize("path", [*PAGES, "/machine/mill-1"])
def test_a_page_is_printed_black_on_white_without_what_only_a_screen_can_do(
    office: HandOffice, web: RunningWeb, browser_page: Page, path: str
) -> None:
    browser_page.set_viewport_size({"width": WIDTH, "height": 700})
    browser_page.emulate_media(color_scheme="dark")
    browser_page.goto(f"{web.url}{path}")
    expect(browser_page.locator("main")).to_be_visible(timeout=SOON_MS)
    expect(browser_page.locator("#link-words")).not_to_have_text("connecting", timeout=SOON_MS)

    browser_page.emulate_media(media="print")

    style = "one => [getComputedStyle(one).backgroundColor, getComputedStyle(one).color]"
    assert browser_page.locator("body").evaluate(style) == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    expect(browser_page.locator("nav.pages")).to_be_hidden()
    expect(browser_page.locator("#theme")).to_be_hidden()
    expect(browser_page.locator("#plant-clock")).to_be_visible()
    assert browser_page.evaluate(CUT_OFF) == []
    assert sheets(browser_page) >= 1
    assert office.machines


@pytest.mark.parametrize("tolerated_page_errors", [["404"]])
def test_one_link_below_every_page_leads_to_the_report(
    office: HandOffice, web: RunningWeb, browser_page: Page
) -> None:
    for path in PAGES:
        browser_page.goto(f"{web.url}{path}")
        link = browser_page.locator(".foot").get_by_role("link", name="Shift report for paper")
        expect(link).to_have_attribute("href", "/report", timeout=SOON_MS)
    assert office.machines


def sheets(page: Page) -> int:
    """On how many sheets of paper a page is printed."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(prefer_css_page_size=True)))
