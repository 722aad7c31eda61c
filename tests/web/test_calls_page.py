"""Calls on the pages: who is needed where, what came of it, and a click that acknowledges."""

import pytest
from playwright.sync_api import Page, expect

from tests.web.accessible import serious
from tests.web.conftest import RunningWeb
from tests.web.plant import MINUTE, NOW_MS, Answerer, HandOffice, a_call

pytestmark = [pytest.mark.broker, pytest.mark.browser]


def opened(page: Page, web: RunningWeb) -> None:
    page.goto(web.url)
    page.wait_for_selector(".tile")


def test_without_a_call_the_page_says_so_in_one_line(
    web: RunningWeb, office: HandOffice, browser_page: Page
) -> None:
    office.call()

    opened(browser_page, web)

    expect(browser_page.locator("#calls-words")).to_have_text("no machine needs anybody")
    expect(browser_page.locator(".call")).to_have_count(0)
    expect(browser_page.locator(".tile .called")).to_have_count(2)
    expect(browser_page.locator(".tile .called:visible")).to_have_count(0)


def test_an_open_call_says_where_why_since_when_and_how_far_it_is(
    web: RunningWeb, office: HandOffice, browser_page: Page
) -> None:
    office.call(
        a_call("press-1", 30, cause="stopped", escalated_ms=NOW_MS - 15 * MINUTE),
        a_call("mill-1", 10, acknowledged_ms=NOW_MS - 9 * MINUTE, acknowledged_by="Ada"),
    )

    opened(browser_page, web)

    expect(browser_page.locator(".call")).to_have_count(2)
    press, mill = browser_page.locator(".call").all()
    expect(press.locator(".call-what")).to_have_text("press-1stopped")
    expect(press.locator(".call-when")).to_have_text("since 07:28 · called 07:30, 30 min ago")
    expect(press.locator(".call-state")).to_have_text("nobody has answered: escalated 07:45")
    expect(mill.locator(".call-what")).to_have_text("mill-1stopped: jam")
    expect(mill.locator(".call-state")).to_have_text("acknowledged 07:51 by Ada")
    expect(mill.locator("button")).to_be_hidden()
    expect(browser_page.locator("#calls-words")).to_have_text("2 open, 1 not answered")
    expect(browser_page.locator(".tile[data-machine='press-1'] .called")).to_have_text("called")
    expect(browser_page.locator(".tile[data-machine='mill-1'] .called")).to_have_text("call heard")


def test_a_call_that_is_closed_leaves_the_page_and_the_next_step_is_shown(
    web: RunningWeb, office: HandOffice, browser_page: Page
) -> None:
    office.call(a_call("mill-1", 10), a_call("press-1", 5))
    opened(browser_page, web)
    expect(browser_page.locator(".call")).to_have_count(2)

    office.call(a_call("press-1", 5, acknowledged_ms=NOW_MS, at_machine_ms=NOW_MS + MINUTE))

    expect(browser_page.locator(".call")).to_have_count(1)
    expect(browser_page.locator(".call-state")).to_have_text("at the machine since 08:01")


def test_a_click_acknowledges_and_says_what_the_office_answered(
    web: RunningWeb, office: HandOffice, browser_page: Page
) -> None:
    answerer = Answerer(web.broker, "office")
    office.call(a_call("mill-1", 10))
    opened(browser_page, web)

    browser_page.click(".call button")
    command = answerer.answer("the call for mill-1 is acknowledged")

    expect(browser_page.locator("#calls-said")).to_have_text("the call for mill-1 is acknowledged.")
    assert {key: command[key] for key in ("what", "call")} == {"what": "acknowledge", "call": "mill-1-10"}
    answerer.close()


def test_many_calls_are_shown_on_request(web: RunningWeb, office: HandOffice, browser_page: Page) -> None:
    office.call(*(a_call("mill-1", minutes) for minutes in range(20, 10, -1)))
    opened(browser_page, web)
    expect(browser_page.locator(".call")).to_have_count(6)

    browser_page.click("#calls-more")

    expect(browser_page.locator(".call")).to_have_count(10)
    expect(browser_page.locator("#calls-more")).to_have_attribute("aria-expanded", "true")


def test_a_cause_with_html_in_it_is_shown_as_text(
    web: RunningWeb, office: HandOffice, browser_page: Page
) -> None:
    office.call(a_call("mill-1", 10, cause="<img src=x onerror=alert(1)>"))

    opened(browser_page, web)

    expect(browser_page.locator(".call-why")).to_have_text("stopped: <img src=x onerror=alert(1)>")
    expect(browser_page.locator(".call img")).to_have_count(0)


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_calls_fit_and_have_no_accessibility_finding(
    width: int, theme: str, web: RunningWeb, office: HandOffice, browser_page: Page
) -> None:
    browser_page.set_viewport_size({"width": width, "height": 900})
    browser_page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    office.call(
        a_call("press-1", 30, escalated_ms=NOW_MS, cause="6 stops in 30 min, 3 of them: carton jam" * 2),
        a_call("mill-1", 10, acknowledged_ms=NOW_MS, acknowledged_by="somebody at the page"),
    )
    opened(browser_page, web)
    expect(browser_page.locator(".call")).to_have_count(2)

    assert browser_page.evaluate("document.documentElement.scrollWidth") <= width
    assert serious(browser_page) == []
