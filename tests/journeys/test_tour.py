"""The whole guided tour, played against the running demo: each step shows what its caption says."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page, expect

from dashboard.tour.scenario import Tour
from dashboard.tour.step import LONGEST_WAIT_S
from tests.broker.clients import wait_until
from tests.journeys.floor import ask
from tests.journeys.started import StartedDemo, answering

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import TakePicture

pytestmark = [pytest.mark.broker, pytest.mark.browser, pytest.mark.journey, pytest.mark.timeout(900)]

ANSWERS_S = 60.0
ARRIVES_MS = 1_000 * (LONGEST_WAIT_S + 20)
"""A step itself gives up after its time, and the panel says so."""
IN_SIGHT_S = 20.0
WIDTH, HEIGHT = 1280, 900
TOUR = Tour.read()
SHOWN = """() => {
  const step = office.tour.state.step, box = office.tour.pointed(step).getBoundingClientRect();
  const panel = document.getElementById('tour-panel').getBoundingClientRect();
  const frame = document.querySelector('.frame'), in_frame = frame.contains(office.tour.pointed(step));
  return { numbers: [...document.querySelectorAll('.tour-number')].map(one => one.textContent),
    top: box.top, bottom: box.bottom, height: box.height, panel: panel.top, end: panel.bottom,
    edge: in_frame ? 0 : frame.getBoundingClientRect().bottom,
    width: document.documentElement.scrollWidth }; }"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartedDemo]:
    """The demo with a short past, so that starting over takes seconds."""
    folder = tmp_path_factory.mktemp("tour")
    with answering(folder, wait_s=ANSWERS_S, HISTORY_HOURS="3", SPEED="30") as started:
        yield started


def begin(page: Page, demo: StartedDemo) -> None:
    """Begin the tour from its seed, in the browser, and hold its time."""
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    page.goto(demo.address)
    expect(page.locator("#floor .tile").first).to_be_visible(timeout=ARRIVES_MS)
    page.locator("#tour").click()
    page.get_by_role("button", name=f"Start over with seed {TOUR.seed}, then begin").click()
    page.get_by_role("button", name="Start over and begin the tour").click()
    expect(page.locator("#tour-next")).to_be_visible(timeout=ARRIVES_MS)
    page.get_by_role("button", name="Pause").click()


def arrived(page: Page, step: str) -> dict[str, Any]:
    """Wait until a step is shown, and say what is."""
    panel = page.locator(f"#tour-panel[data-step='{step}']:not([data-state='arriving'])")
    expect(panel).to_be_visible(timeout=ARRIVES_MS)
    said = page.locator("#tour-panel").inner_text()
    assert panel.get_attribute("data-state") == "there", said
    shown = in_sight(page, step)
    assert all(number.strip(" –…") for number in shown["numbers"]), said
    assert len(shown["numbers"]) >= len(next(one.read for one in TOUR.steps if one.name == step)), said
    return shown


def in_sight(page: Page, step: str) -> dict[str, Any]:
    """Wait until what a step points at stands still, free of frame and panel: the page is scrolled calmly."""
    until_s, before = time.monotonic() + IN_SIGHT_S, None
    while True:
        shown: dict[str, Any] = page.evaluate(SHOWN)
        free = shown["height"] > 0 and shown["edge"] <= shown["top"] and shown["bottom"] <= shown["panel"]
        if free and shown["top"] == before:
            return shown
        assert time.monotonic() < until_s, f"{step}: {shown}"
        before = shown["top"]
        page.wait_for_timeout(50)


def test_every_step_of_the_tour_shows_what_it_says_and_all_is_as_before_in_the_end(
    demo: StartedDemo, browser_page: Page, picture: TakePicture
) -> None:
    page = browser_page
    begin(page, demo)
    machines = set()
    for step in TOUR.steps:
        shown = arrived(page, step.name)
        assert shown["end"] <= HEIGHT, step.name
        assert shown["width"] == WIDTH, step.name
        if step.name == "floor":
            machines = {one["name"] for one in ask(demo.address, "/api/machines")}
            expect(page.locator("#speed")).to_have_text("×60")
        if step.name == "seen":
            picture(page, "tour", whole=False)
        if step.name == "gain":
            page.evaluate("scrollTo(0, 0)")
            picture(page, "tour-gain", whole=False, hidden=".tour-panel, .tour-ring")
        page.locator("#tour-next").click()

    expect(page.locator("#tour-panel")).to_have_count(0)
    assert ask(demo.address, "/api/runs")[0]["seed"] == str(TOUR.seed)
    # The plant has done what it was asked; the history says so with the next word of the office.
    wait_until(lambda: {one["name"] for one in ask(demo.address, "/api/machines")} == machines)
    wait_until(lambda: not any(one["under_way"] for one in ask(demo.address, "/api/faultlab")["faults"]))
    expect(page.locator("#speed")).to_have_text("×30")
    assert page.evaluate("localStorage.getItem('tour-debts')") == "[]"
