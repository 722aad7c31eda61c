"""What stands around every page: all pages within reach at any width, and numbers in the reader's way."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.accessible import serious
from tests.web.conftest import RunningWeb
from tests.web.looks import LOOKS
from tests.web.waiting import SOON_MS

pytestmark = [pytest.mark.broker, pytest.mark.browser]

ALL_PAGES = ("Floor", "Losses", "Gain", "Proof", "Machines", "Fault lab", "Health", "Industry 4.0")
FILL = """names => { const row = document.querySelector('.pages');
  const there = [...row.children].map(link => link.textContent);
  for (const name of names) if (!there.includes(name)) {
    const link = document.createElement('a');
    link.href = '/' + encodeURIComponent(name);
    link.textContent = name;
    row.append(link);
  } }"""
BOXES = """() => [...document.querySelectorAll(
    '.frame > *:not(.pages), .pages a, .frame button')].map(node => {
  const box = node.getBoundingClientRect();
  return [node.id || node.className || node.textContent, box.left, box.right, box.top, box.bottom]; })"""
MOVES = """() => [...document.querySelectorAll('*')].filter(node => ['', '::before', '::after'].some(part => {
  const style = getComputedStyle(node, part || null);
  return style.transitionDuration.split(',').some(one => parseFloat(one) > 0)
    || (style.animationName !== 'none' && parseFloat(style.animationDuration) > 0); })).length"""
SAID = """() => ({ percent: office.percent(0.8333), bounds: office.shareOrBounds(null, 0.5, 0.75, 1),
  count: office.count(1234567), small: office.value(7.256), seconds: office.exactly(61500),
  decimal: office.decimal(1234.5, 1), none: office.count(null), duration: office.duration(3720000) })"""


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
@pytest.mark.usefixtures("office")
def test_the_frame_holds_all_eight_pages_and_nothing_lies_over_another(
    web: RunningWeb, browser_page: Page, width: int, scheme: Any
) -> None:
    browser_page.emulate_media(color_scheme=scheme)
    browser_page.set_viewport_size({"width": width, "height": 900})
    browser_page.goto(web.url)
    expect(browser_page.locator("#shift-name")).to_have_text("Early shift", timeout=SOON_MS)
    browser_page.evaluate(FILL, arg=ALL_PAGES)

    assert browser_page.evaluate("document.documentElement.scrollWidth") == width
    boxes = browser_page.evaluate(BOXES)
    for i, (name, left, right, top, bottom) in enumerate(boxes):
        for other, its_left, its_right, its_top, its_bottom in boxes[i + 1 :]:
            apart = right <= its_left or its_right <= left or bottom <= its_top or its_bottom <= top
            inside = "frame-buttons" in (name, other)
            assert apart or inside, f"{name} and {other} overlap at {width}"
    shown = browser_page.locator(".frame").bounding_box()
    assert shown is not None
    assert shown["height"] < {390: 130, 1280: 92, 1920: 60}[width]


@pytest.mark.usefixtures("office")
def test_on_a_phone_the_pages_are_a_row_under_the_thumb_and_the_present_one_is_in_sight(
    web: RunningWeb, browser_page: Page
) -> None:
    browser_page.set_viewport_size({"width": 390, "height": 844})
    browser_page.goto(f"{web.url}/industry")
    expect(browser_page.locator("#shift-name")).to_have_text("Early shift", timeout=SOON_MS)
    browser_page.evaluate(FILL, arg=ALL_PAGES)
    browser_page.evaluate("dispatchEvent(new Event('resize'))")

    here = browser_page.locator(".pages [aria-current=page]")
    expect(here).to_have_text("Industry 4.0")
    expect(here).to_be_in_viewport(ratio=1)
    box = here.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] == 844
    assert box["height"] >= 48

    # Whatever has the focus is in sight too, and the end of the page is not hidden below the row.
    browser_page.locator(".pages a").first.focus()
    expect(browser_page.locator(".pages a").first).to_be_in_viewport(ratio=1)
    # At one moment: the page goes on filling in, and its end would be further down.
    assert browser_page.evaluate(
        """() => { scrollTo({ top: document.documentElement.scrollHeight, behavior: 'instant' });
          return document.querySelector('main').getBoundingClientRect().bottom
            <= document.querySelector('.pages').getBoundingClientRect().top + 1; }"""
    )


@pytest.fixture(params=["en-GB", "de-DE"])
def spoken(request: pytest.FixtureRequest, browser: Browser) -> Iterator[tuple[str, Page]]:
    """A page of a reader of a language."""
    context = browser.new_context(locale=request.param)
    yield request.param, context.new_page()
    context.close()


@pytest.mark.usefixtures("office")
def test_numbers_are_written_as_the_browsers_language_has_them(
    web: RunningWeb, spoken: tuple[str, Page]
) -> None:
    language, page = spoken
    page.goto(web.url)
    tile = page.locator("[data-machine='mill-1']")
    expect(tile).to_be_visible(timeout=SOON_MS)

    english = {
        "percent": "83.3 %",
        "bounds": "50–75 %",
        "count": "1,234,567",
        "small": "7.26",
        "seconds": "1\u00a0min\u00a01.5\u00a0s",
        "decimal": "1,234.5",
        "none": "–",
        "duration": "1 h 2 min",
    }
    german = {
        "percent": "83,3 %",
        "count": "1.234.567",
        "small": "7,26",
        "seconds": "1\u00a0min\u00a01,5\u00a0s",
        "decimal": "1.234,5",
    }
    mark = "." if language == "en-GB" else ","
    assert page.evaluate(SAID) == (english if language == "en-GB" else {**english, **german})
    expect(tile.locator("[data-field='utilization']")).to_have_text(f"75{mark}0 %")
    expect(page.locator("#achieved")).to_have_text(f"achieved ×59{mark}9")


def test_numbers_are_formatted_in_one_place() -> None:
    for file in Path("dashboard/assets").glob("*.js"):
        if file.name.startswith("plotly"):
            continue
        text = file.read_text(encoding="utf-8")
        assert "toLocaleString" not in text, file.name
        assert ("NumberFormat" in text) == (file.name == "words.js"), file.name


@pytest.mark.usefixtures("office")
def test_who_wants_less_motion_sees_none(
    web: RunningWeb, browser_page: Page, tolerated_page_errors: list[str]
) -> None:
    # There is no run of which these pages could tell.
    tolerated_page_errors.append("404")
    browser_page.emulate_media(reduced_motion="reduce")
    for path in ("/", "/proof", "/gain", "/industry"):
        browser_page.goto(web.url + path)
        expect(browser_page.locator("#shift-name")).to_have_text("Early shift", timeout=SOON_MS)

        assert browser_page.evaluate(MOVES) == 0, path


@pytest.mark.usefixtures("office")
def test_the_frame_has_no_serious_finding_and_is_walked_through_by_keyboard(
    web: RunningWeb, browser_page: Page
) -> None:
    browser_page.set_viewport_size({"width": 1280, "height": 900})
    browser_page.goto(web.url)
    expect(browser_page.locator("#shift-name")).to_have_text("Early shift", timeout=SOON_MS)
    browser_page.evaluate(FILL, arg=ALL_PAGES)
    assert serious(browser_page, ".frame") == []

    browser_page.locator(".brand").focus()
    walked = []
    for _ in range(len(ALL_PAGES) + 3):
        browser_page.keyboard.press("Tab")
        walked.append(browser_page.evaluate("document.activeElement.textContent"))
    assert sorted(walked[: len(ALL_PAGES)]) == sorted(ALL_PAGES)
    assert walked[len(ALL_PAGES) :] == ["Tour", "Runs", "System"]
