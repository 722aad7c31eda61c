"""The fault lab in a real browser: what may be broken, what is, chips on other pages, and who can use it."""

from __future__ import annotations

import re
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from protocol.address import address_of
from protocol.faults import Breakable, FaultEntry, Faults, FaultSpell
from protocol.messages import encode
from protocol.moments import from_ms
from protocol.session import Session
from protocol.topics import plant_topic
from simulator.faults.catalogue import CATALOGUE
from tests.web.accessible import serious
from tests.web.looks import LOOKS
from tests.web.plant import MINUTE, NOW_MS, RUN, TAKEN_S, Answerer, HandOffice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.web.conftest import RunningWeb

pytestmark = [pytest.mark.broker, pytest.mark.browser]

CHIP = ".tile[data-machine='{}'] .fault-chip"
STUCK = FaultSpell(
    machine="press-1", fault="stuck", signal="power_kw", severity=0.5, words="the same at any severity",
    begun=from_ms(NOW_MS - MINUTE), until=from_ms(NOW_MS + 14 * MINUTE),
)  # fmt: skip
JAM = FaultSpell(
    machine="mill-1", fault="jam", severity=0.8, words="jammed for 84 % of every two minutes",
    begun=from_ms(NOW_MS - 2 * MINUTE), until=from_ms(NOW_MS + 3 * MINUTE),
)  # fmt: skip
DELAY = FaultSpell(
    machine="mill-1", fault="delay", severity=0.5, words="its messages come 10.2 min late",
    begun=from_ms(NOW_MS - MINUTE), until=from_ms(NOW_MS + 9 * MINUTE),
)  # fmt: skip


class HandPlant:
    """Says what can be broken in it, and what is."""

    def __init__(self, web: RunningWeb) -> None:
        broker = web.broker
        address = address_of(broker.url, role="machines", credentials=broker.credentials)
        self._session = Session(name="hand-plant", address=address)
        self._session.start()
        assert self._session.connected.wait(TAKEN_S)

    def close(self) -> None:
        """Say nothing any more, and leave."""
        self.say_nothing()
        self._session.stop()

    def say_nothing(self) -> None:
        """Take back what was said."""
        self._say(b"")

    def tell(self, *spells: FaultSpell) -> None:
        """Say which faults there were."""
        catalogue = tuple(
            FaultEntry(
                fault=one.name, title=one.title, about=one.about, severity=one.severity,
                duration_s=one.duration_s, expected=one.expected,
            )
            for one in CATALOGUE.values()
        )  # fmt: skip
        machines = {
            "mill-1": Breakable(signals=("power_kw", "vibration_mm_s")),
            "press-1": Breakable(signals=("power_kw",), without={"scrap-burst": "it makes no parts"}),
        }
        self._say(encode(Faults(run=RUN, catalogue=catalogue, machines=machines, spells=spells)))

    def _say(self, payload: bytes) -> None:
        told = self._session.publish(plant_topic("shopfloor", "faults"), payload, qos=1, retain=True)
        assert self._session.flush(told, TAKEN_S)


@pytest.fixture(autouse=True)
def plant(web: RunningWeb, office: HandOffice) -> Iterator[HandPlant]:
    one = HandPlant(web)
    one.tell()
    with ExitStack() as stack:
        stack.enter_context(office.speaking())
        yield one
    one.close()


def opened(page: Page, web: RunningWeb, address: str = "/lab") -> None:
    page.goto(f"{web.url}{address}")
    expect(page.locator(".lab-fault")).to_have_count(len(CATALOGUE))


def test_every_fault_is_a_button_in_its_group_with_what_one_will_see(
    web: RunningWeb, browser_page: Page
) -> None:
    opened(browser_page, web)

    for about in ("machine", "sensor", "link"):
        buttons = browser_page.locator(f"[data-about='{about}'] .lab-fault")
        ids = [one.get_attribute("id") for one in buttons.all()]
        assert ids == [f"fault-{name}" for name, one in CATALOGUE.items() if one.about == about]
    jam = browser_page.locator("#fault-jam")
    expect(jam).to_contain_text("Down, cause jam; parts fewer")
    expect(jam).to_contain_text("5 min")
    expect(jam).to_have_attribute("aria-pressed", "false")


def test_a_fault_is_begun_and_cleared_by_keyboard_alone(
    web: RunningWeb, plant: HandPlant, browser_page: Page
) -> None:
    answerer = Answerer(web.broker, "plant")
    opened(browser_page, web, "/lab?machine=press-1")
    expect(browser_page.locator("#lab-machine")).to_have_value("press-1")

    browser_page.locator("#lab-severity").focus()
    browser_page.keyboard.press("End")
    browser_page.keyboard.press("Tab")
    browser_page.keyboard.type("10")
    browser_page.keyboard.press("Tab")
    browser_page.keyboard.press("Tab")
    expect(browser_page.locator("#fault-jam")).to_be_focused()
    browser_page.locator("#fault-stuck").focus()
    browser_page.keyboard.press("Enter")
    begun = answerer.answer("press-1 has stuck of power_kw")
    expect(browser_page.locator("#lab-said")).to_have_text("press-1 has stuck of power_kw.")
    plant.tell(STUCK)
    expect(browser_page.locator("#fault-stuck")).to_have_attribute("aria-pressed", "true")
    expect(browser_page.locator("#fault-stuck")).to_be_focused()
    browser_page.keyboard.press("Enter")
    cleared = answerer.answer("cleared press-1: stuck of power_kw")
    plant.tell()
    expect(browser_page.locator("#fault-stuck")).to_have_attribute("aria-pressed", "false")
    answerer.close()

    del begun["id"], cleared["id"]
    assert begun == {
        "v": 1, "what": "fault", "machine": "press-1", "fault": "stuck", "signal": "power_kw",
        "severity": 1.0, "duration_s": 600.0,
    }  # fmt: skip
    assert cleared == {"v": 1, "what": "clear", "machine": "press-1", "fault": "stuck", "signal": "power_kw"}


def test_what_a_machine_cannot_have_is_said_with_the_reason(web: RunningWeb, browser_page: Page) -> None:
    opened(browser_page, web, "/lab?machine=press-1")

    expect(browser_page.locator("#fault-scrap-burst")).to_contain_text("Not for press-1: it makes no parts")
    expect(browser_page.locator("#fault-scrap-burst")).to_have_attribute("aria-disabled", "true")
    expect(browser_page.locator("#fault-jam")).to_have_attribute("aria-disabled", "false")


def test_a_chip_on_the_tile_and_on_the_machines_page_says_what_is_known_and_from_where(
    web: RunningWeb, plant: HandPlant, browser_page: Page
) -> None:
    browser_page.goto(web.url)
    expect(browser_page.locator(".tile")).to_have_count(2)
    plant.tell(JAM, DELAY, STUCK)
    chip = browser_page.locator(CHIP.format("mill-1"))

    expect(chip).to_contain_text("delay+1")
    expect(chip).to_have_attribute(
        "title", re.compile("known from the simulator and not found by measurement")
    )
    expect(browser_page.locator(CHIP.format("press-1"))).to_contain_text("stuck of power_kw")
    plant.tell(STUCK)
    expect(chip).to_be_hidden()
    browser_page.locator(CHIP.format("press-1")).click()
    expect(browser_page.locator("#lab-machine")).to_have_value("press-1")
    browser_page.goto(f"{web.url}/machine/press-1")
    expect(browser_page.locator("#machine-faults .fault-chip")).to_contain_text("stuck of power_kw")


def test_a_fault_leaves_every_page_when_plant_time_has_passed_it(
    web: RunningWeb, office: HandOffice, plant: HandPlant, browser_page: Page
) -> None:
    plant.tell(JAM)
    browser_page.goto(web.url)
    expect(browser_page.locator(CHIP.format("mill-1"))).to_be_visible()

    office.tell(minutes=3)

    expect(browser_page.locator(CHIP.format("mill-1"))).to_be_hidden()


def test_where_no_plant_says_what_can_be_broken_the_page_says_so(
    web: RunningWeb, plant: HandPlant, browser_page: Page
) -> None:
    plant.tell(JAM)
    opened(browser_page, web)
    expect(browser_page.locator("#lab-on li")).to_have_count(1)

    plant.say_nothing()

    expect(browser_page.locator(".lab-fault")).to_have_count(0)
    expect(browser_page.locator("#lab-on li")).to_have_count(0)
    expect(browser_page.locator("#lab-none")).to_contain_text("No simulated plant has said")


def test_clear_all_asks_the_plant_once_and_only_where_something_is_broken(
    web: RunningWeb, plant: HandPlant, browser_page: Page
) -> None:
    answerer = Answerer(web.broker, "plant")
    plant.tell(JAM, STUCK)
    opened(browser_page, web)
    expect(browser_page.locator("#lab-on li")).to_have_count(2)

    browser_page.locator("#lab-clear-all").click()
    asked = answerer.answer("cleared mill-1: jam, press-1: stuck of power_kw")
    plant.tell()

    assert asked["what"] == "clear"
    assert "machine" not in asked
    expect(browser_page.locator("#lab-on li")).to_have_count(0)
    expect(browser_page.locator("#lab-clear-all")).to_have_attribute("aria-disabled", "true")
    answerer.close()


def test_a_score_that_cannot_be_said_is_a_dash_with_the_reason(
    web: RunningWeb, plant: HandPlant, browser_page: Page
) -> None:
    plant.tell(JAM)
    opened(browser_page, web)
    row = browser_page.locator("#lab-scores tbody tr")

    expect(row).to_have_count(1)
    expect(row.locator("td[data-label='Called']")).to_have_text(
        re.compile("^–the history knows nothing of this machine yet$")
    )


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_the_lab_fits_and_has_no_accessibility_finding(
    web: RunningWeb, plant: HandPlant, browser_page: Page, width: int, theme: str
) -> None:
    browser_page.set_viewport_size({"width": width, "height": 900})
    browser_page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    plant.tell(JAM, DELAY, STUCK)
    opened(browser_page, web)
    expect(browser_page.locator("#lab-scores tbody tr")).to_have_count(3)
    expect(browser_page.locator("#lab-on li")).to_have_count(3)

    assert serious(browser_page) == []
    assert browser_page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_tile_with_a_chip_has_no_accessibility_finding(
    web: RunningWeb, plant: HandPlant, browser_page: Page
) -> None:
    plant.tell(JAM, DELAY, STUCK)
    browser_page.goto(web.url)
    expect(browser_page.locator(".fault-chip:visible")).to_have_count(2)

    assert serious(browser_page, ".lines") == []
