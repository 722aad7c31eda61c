"""The guided tour in a real browser: by itself, by keyboard, by a link; what it asks of a plant is undone."""

from __future__ import annotations

import re
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.broker.running import RunningBroker
from tests.web.accessible import serious
from tests.web.conftest import RunningWeb
from tests.web.plant import RUN, Answerer, HandMachine, HandOffice
from tests.web.waiting import SOON_MS, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.broker, pytest.mark.browser]

TOUR = """
title = "A small tour"
text = ["It takes about {minutes} minutes."]
seed = 7

[cast.first]
api = "/api/faultlab"
value = "faults.0.machine"
otherwise = "press-1"

[[step]]
name = "floor"
page = "/"
point = "#plant-totals"
title = "The floor"
text = ["{machines} machines are here."]
stay_s = 60
otherwise = "None is."
read.machines = { count = "#floor .tile" }

[[step]]
name = "break"
page = "/?state=running"
point = ".tile[data-machine='{first}']"
title = "Something breaks"
text = ["{first} is {state}."]
stay_s = 30
do = { what = "fault", machine = "mill-1", fault = "jam" }
otherwise = "It is not here."
read.state = { text = ".tile[data-machine='{first}'] [data-field='state']" }

[[step]]
name = "away"
page = "/lab"
point = "#lab-break-title"
title = "Another page"
text = ["Nothing is known: {number}."]
stay_s = 30
wait = { there = "#never", limit_s = 1 }
otherwise = "It is not there: {number}."
read.number = { api = "/api/faultlab", value = "run" }
"""
PANEL = "#tour-panel"
PLACES = """() => {
  const target = office.tour.pointed(office.tour.state.step).getBoundingClientRect();
  const panel = document.getElementById('tour-panel').getBoundingClientRect();
  const ring = document.querySelector('.tour-ring').getBoundingClientRect();
  return { top: target.top, bottom: target.bottom, panel: panel.top, panel_bottom: panel.bottom,
    panel_left: panel.left, panel_right: panel.right,
    around: ring.top < target.top && ring.bottom > target.bottom,
    width: document.documentElement.scrollWidth,
    frame: document.querySelector('.frame').getBoundingClientRect().bottom }; }"""


@pytest.fixture(scope="module")
def toured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWeb]:
    """A web process with a tour of its own."""
    folder = tmp_path_factory.mktemp("tour")
    (folder / "tour.toml").write_text(TOUR, encoding="utf-8")
    broker = RunningBroker(folder / "broker")
    broker.start()
    running = RunningWeb(broker, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOUR", str(folder / "tour.toml"))
        running.start()
    yield running
    running.stop()
    broker.kill()


@pytest.fixture(autouse=True)
def speaking(toured: RunningWeb) -> Iterator[None]:
    """An office with two machines, which goes on speaking."""
    press = HandMachine(name="press-1", path="pressing", kind="press", parts=None)
    office = HandOffice(toured.broker, [HandMachine(name="mill-1"), press])
    office.tell()
    with ExitStack() as stack:
        stack.enter_context(office.speaking())
        yield
    office.close()


@pytest.fixture
def page(browser_page: Page) -> Page:
    """A page that remembers which commands it has sent, in `asked`."""
    browser_page.set_default_timeout(SOON_MS)
    return browser_page


def commands(page: Page) -> list[str]:
    """What the page asks from now on."""
    asked: list[str] = []

    def see(method: str, url: str, body: str | None) -> None:
        if method == "POST" and url.endswith("/api/commands"):
            asked.append(body or "")

    page.on("request", lambda request: see(request.method, request.url, request.post_data))
    return asked


def begun(page: Page, web: RunningWeb) -> None:
    """Open the floor and begin the tour."""
    page.goto(web.url)
    expect(page.locator("#floor .tile")).to_have_count(2)
    page.locator("#tour").click()
    page.get_by_role("button", name="Begin", exact=True).click()
    at(page, "floor")


def at(page: Page, step: str, state: str = "there") -> None:
    """Wait until the tour has arrived at a step."""
    expect(page.locator(f"{PANEL}[data-step='{step}'][data-state='{state}']")).to_be_visible()


def test_it_is_offered_to_a_new_visitor_once_and_lies_over_nothing(
    toured: RunningWeb, browser: Browser
) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(toured.url)

    offer = page.locator(".tour-offer")
    expect(offer).to_contain_text("A guided tour shows in 2 minutes", timeout=SOON_MS)
    edge, frame = page.evaluate(
        "[document.querySelector('.tour-offer'), document.querySelector('.frame')]"
        ".map(one => one.getBoundingClientRect()).map((box, i) => i ? box.top : box.bottom)"
    )
    assert edge <= frame
    page.get_by_role("button", name="No, thanks").click()
    expect(offer).to_have_count(0)
    expect(page.locator("#tour")).to_be_focused()
    page.reload()
    expect(page.locator("#floor .tile")).to_have_count(2, timeout=SOON_MS)
    expect(offer).to_have_count(0)
    context.close()


def test_by_keyboard_alone_it_is_begun_led_on_and_back_and_ended(toured: RunningWeb, page: Page) -> None:
    asked = commands(page)
    page.goto(toured.url)
    expect(page.locator("#floor .tile")).to_have_count(2)
    page.locator("#tour").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#tour-title")).to_have_text("A small tour")
    expect(page.locator(PANEL)).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    at(page, "floor")
    expect(page).to_have_url(re.compile(r"\?tour=floor$"))
    expect(page.locator(".tour-text")).to_have_text("2 machines are here.")
    expect(page.locator("#tour-next")).to_be_focused()
    expect(page.locator("#tour-heard")).to_have_text("Step 1 of 3. The floor. 2 machines are here.")
    answerer = Answerer(toured.broker, "plant")
    page.keyboard.press("ArrowRight")
    fault = answerer.answer("mill-1 has jam")
    at(page, "break")
    expect(page).to_have_url(re.compile(r"\?state=running&tour=break$"))
    page.keyboard.press("ArrowLeft")
    at(page, "floor")
    page.keyboard.press("Escape")
    cleared = answerer.answer("cleared mill-1: jam")
    answerer.close()
    expect(page.locator(PANEL)).to_have_count(0)
    expect(page.locator("#tour")).to_be_focused()

    assert (fault["what"], fault["machine"], fault["fault"]) == ("fault", "mill-1", "jam")
    assert (cleared["what"], cleared["machine"], cleared["fault"]) == ("clear", "mill-1", "jam")
    assert len(asked) == 2
    assert "tour" not in page.url
    assert page.evaluate("[localStorage.getItem('tour-debts'), sessionStorage.getItem('tour')]") == [
        "[]",
        None,
    ]


def test_it_goes_on_by_itself_from_page_to_page_and_says_so_when_something_is_not_there(
    toured: RunningWeb, page: Page
) -> None:
    answerer = Answerer(toured.broker, "plant")
    begun(page, toured)
    page.locator("#tour-next").click()
    answerer.answer("mill-1 has jam")
    at(page, "break")
    # Nearly all of its time is over; the other tests need some at this step, on a slow computer much.
    page.evaluate("office.tour.state.left_ms = 1000")

    at(page, "away", "late")
    assert page.url.startswith(f"{toured.url}/lab?tour=away")
    expect(page.locator(".tour-text")).to_have_text("It is not there: –.")
    expect(page.locator("#tour-next")).to_have_text("Finish")
    page.locator("#tour-next").click()
    answerer.answer("cleared mill-1: jam")
    answerer.close()
    expect(page.locator(PANEL)).to_have_count(0)


def test_a_reload_stays_at_its_step_and_the_browsers_back_leads_to_the_one_before(
    toured: RunningWeb, page: Page
) -> None:
    answerer = Answerer(toured.broker, "plant")
    begun(page, toured)
    page.get_by_role("button", name="Pause").click()
    page.locator("#tour-next").click()
    answerer.answer("mill-1 has jam")
    at(page, "break")
    asked = commands(page)

    page.reload()
    at(page, "break")
    expect(page.get_by_role("button", name="Go on", exact=True)).to_be_visible()
    page.go_back()
    at(page, "floor")
    assert asked == []
    page.get_by_role("button", name="From the beginning").click()
    answerer.answer("cleared mill-1: jam")
    answerer.close()
    expect(page.locator("#tour-title")).to_have_text("A small tour")


def test_a_link_shows_its_step_and_asks_nothing_of_the_plant_until_somebody_goes_on(
    toured: RunningWeb, page: Page
) -> None:
    asked = commands(page)
    page.goto(f"{toured.url}/?tour=break")

    at(page, "break")
    expect(page.locator(".tour-text")).to_have_text("press-1 is down.")
    assert asked == []
    answerer = Answerer(toured.broker, "plant")
    page.get_by_role("button", name="Go on from here").click()
    assert answerer.answer("mill-1 has jam")["what"] == "fault"
    at(page, "break")
    page.get_by_role("button", name="End the tour").click()
    assert answerer.answer("cleared mill-1: jam")["what"] == "clear"
    answerer.close()


def test_whoever_walks_about_finds_back_and_whoever_takes_hold_of_the_page_stops_the_time(
    toured: RunningWeb, page: Page
) -> None:
    begun(page, toured)
    page.locator("#timeline-title").click()
    expect(page.locator(".tour-said")).to_have_text("Paused: look around for as long as you like.")
    page.locator(".pages [data-page='/lab']").click()

    expect(page.locator("#tour-title")).to_have_text("The tour waits")
    page.get_by_role("button", name="Go on with it").click()
    at(page, "floor")
    expect(page.get_by_role("button", name="Go on", exact=True)).to_be_visible()


def test_what_a_closed_tab_has_left_behind_is_said_and_put_back(toured: RunningWeb, page: Page) -> None:
    debts = [
        {"run": RUN, "undo": {"what": "remove", "machine": "tour-press"}, "words": "the machine tour-press"},
        {"run": "0ther", "undo": {"what": "remove", "machine": "old"}, "words": "the machine old"},
    ]
    page.goto(toured.url)
    page.evaluate("debts => localStorage.setItem('tour-debts', JSON.stringify(debts))", debts)
    page.reload()

    expect(page.locator("#tour-title")).to_have_text("A tour has left something behind")
    expect(page.locator(".tour-text")).to_contain_text("the machine tour-press and the machine old")
    answerer = Answerer(toured.broker, "plant")
    page.get_by_role("button", name="Put it back").click()
    removed = answerer.answer("tour-press is taken away")
    answerer.close()
    expect(page.locator(PANEL)).to_have_count(0)

    assert (removed["what"], removed["machine"]) == ("remove", "tour-press")
    assert page.evaluate("localStorage.getItem('tour-debts')") == "[]"


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 900), (1920, 1080)])
def test_the_panel_and_the_ring_fit_and_what_is_pointed_at_is_not_covered(
    toured: RunningWeb, page: Page, width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    begun(page, toured)
    # It is scrolled to its place in the frames that follow.
    least = "0" if width == 390 else "one.frame"
    wait_until(page, f"(one => one.around && one.bottom <= one.panel && one.top >= {least})(({PLACES})())")

    places = page.evaluate(PLACES)
    assert places["width"] == width
    assert places["panel_bottom"] <= height
    assert 0 <= places["panel_left"] < places["panel_right"] <= width
    assert places["bottom"] <= places["panel"]
    assert places["top"] >= (0 if width == 390 else places["frame"])
    assert serious(page) == []
