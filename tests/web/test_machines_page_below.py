"""The run, devices of one's own, and who can read the page of machines, in a real browser."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page, expect

from dashboard.conclusions import Heard
from tests.web.accessible import findings
from tests.web.hand_plant import HandPlant
from tests.web.plant import NOW_MS, HandMachine, HandOffice

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.web.conftest import RunningWeb

pytestmark = [pytest.mark.broker, pytest.mark.browser]


@pytest.fixture
def page(machines_page: Page) -> Page:
    """The page of machines, which the hand-made plant answers."""
    return machines_page


def test_plant_time_is_turned_held_and_stepped(page: Page, plant: HandPlant) -> None:
    expect(page.locator("#run-speed-60")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#run-step")).to_be_disabled()
    page.click("#run-speed-max")
    expect(page.locator("#run-said")).to_have_text("plant time goes by as fast as the office follows.")
    expect(page.locator("#run-speed-max")).to_have_attribute("aria-pressed", "true")
    page.click("#run-pause")
    expect(page.locator("#run-pause")).to_have_text("Go on")
    page.click("#run-step")
    expect(page.locator("#run-said")).to_have_text(
        re.compile("until 2026-01-05T08:01:00.000Z, and stands st")
    )
    page.click("#run-jump")
    expect(page.locator("#run-said")).to_have_text(
        re.compile("until the shift ends, 2026-01-05T14:00:00.000Z")
    )
    page.click("#run-pause")
    expect(page.locator("#run-pause")).to_have_text("Pause")

    said: list[tuple[str, Any]] = [(one.what, one.speed or one.seconds) for one in plant.orders]
    assert said == [("speed", "max"), ("pause", None), ("step", 60), ("jump", None), ("resume", None)]


def test_a_run_is_started_over_with_a_seed_after_it_was_asked_for_twice(page: Page, plant: HandPlant) -> None:
    page.get_by_label("Seed").fill("7")
    page.get_by_role("button", name="Start over").click()
    assert plant.orders == []
    page.get_by_role("button", name="Yes, end this run").click()

    page.wait_for_timeout(0)
    expect(page.locator("#run-over .said")).not_to_be_empty()
    expect(page.locator("#run-over .said")).not_to_have_text("Starting over.")
    assert [(one.what, one.seed) for one in plant.orders] == [("start-over", 7)]


def test_the_way_of_connecting_stands_in_the_address_and_holds_the_guests_credential(
    page: Page, web: RunningWeb
) -> None:
    password = web.broker.password("guest")
    for way, title in (
        ("python", "Python"),
        ("micropython", "MicroPython"),
        ("settings", "Node-RED and others"),
    ):
        page.get_by_role("button", name=title, exact=True).click()
        lines = page.locator(f"#connect-{way}")
        expect(lines).to_be_visible()
        for piece in (password, str(web.broker.port), "shopfloor/my-press/readings"):
            assert piece in lines.inner_text()
        assert page.url.endswith(f"?with={way}")
        expect(page.locator("#connect pre:visible")).to_have_count(1)


def test_what_came_is_shown_with_what_was_understood_of_it_or_how_to_mend_it(
    page: Page, office: HandOffice
) -> None:
    expect(page.locator("#checker-none")).to_contain_text("shopfloor/NAME/readings")
    said = Heard(
        wall_ms=int(time.time() * 1_000),
        topic="devices/saw/status/switch:0",
        head='{"apower": 812.4, "note": "<b>hello</b>"}',
        count=3,
        machine="saw",
        at_ms=NOW_MS,
        values={"power_kw": (0.8124, "kW")},
        state="unknown",
        learning="learning: 4 of 30 min",
    )
    office.refuse("none of apower is a number in it: it has state; topics.toml says where to look")
    office.hear(said, patterns=("devices/+/status/switch:0",))

    rows = page.locator("#checker-list tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text(
        'devices/saw/status/switch:0{"apower": 812.4, "note": "<b>hello</b>"}'
    )
    expect(rows.nth(0).locator(".understood")).to_have_text(
        "saw: power_kw 0.81\u00a0kW, read at 08:00:00 plant timeunknownlearning: 4 of 30 min"
    )
    expect(rows.nth(0).locator(".came")).to_have_text(re.compile(r"(just now|\d+ s ago), 3 so far"))
    expect(rows.nth(1).locator(".understood")).to_have_text(
        "refused: none of apower is a number in it: it has state; topics.toml says where to look"
        "Set path and factor of its table in dashboard/topics.toml, and start ingest again."
    )
    expect(page.locator("#checker-map")).to_have_text("The topic map listens for devices/+/status/switch:0.")
    expect(page.locator("#checker-count")).to_contain_text("1 topic understood, 1 message refused")
    found = findings(page, "#checker")
    assert [one["id"] for one in found if one["id"] != "color-contrast"] == []


def test_a_plant_that_cannot_be_asked_is_said_in_words_and_asked_again(
    web: RunningWeb, office: HandOffice, browser_page: Page, tolerated_page_errors: list[str]
) -> None:
    tolerated_page_errors.append("504")
    browser_page.goto(f"{web.url}/machines")
    expect(browser_page.locator("#add-form")).to_contain_text("the plant does not answer")

    plant = HandPlant(web.broker, office)
    browser_page.get_by_role("button", name="Ask again").click()

    expect(browser_page.locator("#add-verdict")).to_have_text(re.compile("^It fits: "))
    plant.close()


@pytest.mark.usefixtures("office")
def test_the_page_fits_and_has_no_accessibility_finding(page: Page) -> None:
    page.fill("#add-cycle_s", "-3")
    page.locator("#add-more summary").click()
    expect(page.locator("#add-cycle_s-wrong")).to_be_visible()
    page.click("#remove-mill-1")
    for width, theme in ((390, "light"), (1280, "dark"), (1920, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        found = findings(page)

        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_page_of_machines_has_its_picture(
    page: Page, picture: Callable[[Page, str], None], office: HandOffice, plant: HandPlant
) -> None:
    plant.roster.put_up("lathe-1", 'kind = "cnc-lathe"\nline = "machining"\n')
    office.machines += [
        HandMachine(name="lathe-1", kind="cnc-lathe", letters="RRRRRRRRRRRR"),
        HandMachine(
            name="my-press", path="", kind="", simulated=False, how="learned", letters="PPPPRRRRRRRR"
        ),
    ]
    office.tell()
    now_ms = int(time.time() * 1_000)
    mine = Heard(
        wall_ms=now_ms - 2_000,
        topic="shopfloor/my-press/readings",
        head='{"power_kw": 3.2, "oil_c": 41}',
        count=12,
        machine="my-press",
        at_ms=NOW_MS,
        values={"power_kw": (3.2, "kW"), "oil_c": (41.0, "°C")},
        state="running",
        learning="",
    )
    plug = Heard(
        wall_ms=now_ms - 5_000,
        topic="devices/band-saw/status/switch:0",
        head='{"id": 0, "output": true, "apower": 812.4, "voltage": 231.5, "current": 3.61}',
        count=3,
        machine="band-saw",
        at_ms=NOW_MS,
        values={"power_kw": (0.8124, "kW"), "current_a": (3.61, "A")},
        state="unknown",
        learning="learning: 4 of 30 min",
    )
    office.refuse(
        "unknown topic 'shopfloor/x/config': "
        "allowed is <root>/<0 to 3 levels>/<machine>/(birth|readings|online)"
    )
    office.hear(mine, plug, patterns=("devices/+/status/switch:0",))
    page.fill("#add-cycle_s", "120")
    page.check("#add-retrofit")
    expect(page.locator("#row-my-press")).to_be_visible()
    expect(page.locator("#row-lathe-1")).to_contain_text("a command, for this run")
    expect(page.locator("#add-verdict")).to_have_text(re.compile("112.8"))
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")

    picture(page, "machines")
