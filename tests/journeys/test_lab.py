"""Each of the eighteen faults, begun by a click in a real browser: how soon it is seen, and what comes of it.

Real broker, simulator, ingest and web at the demo's speed; the floor page is open beside the fault lab.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from simulator.faults.catalogue import CATALOGUE, Fault
from tests.broker.clients import wait_until
from tests.chaos.plant import MINUTE_MS, Plant
from tests.journeys.floor import ask, wait_for_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.broker, pytest.mark.browser, pytest.mark.journey]

VISIBLE_S = 3.0
MEASURED_MS = 30_000.0
BROKEN = {"machine": "mill-1", "sensor": "mill-2", "link": "mill-3"}
"""The machine on which the faults of each sort are tried: the second is a retrofit."""
FILES = {
    "mill-1": 'kind = "cnc-mill"\nline = "machining"\n',
    "mill-2": 'kind = "cnc-mill"\nline = "machining"\ncontroller = false\n',
    "mill-3": 'kind = "cnc-mill"\nline = "machining"\n',
    "compressor-1": 'kind = "air-compressor"\nline = "utilities"\n',
}
CLICKED = """() => { window.clicked = {};
  document.addEventListener('click', event => {
    const button = event.target.closest('[data-fault]');
    if (button) window.clicked[button.dataset.fault] ??= Date.now(); }, true); }"""
SHOWN = """() => { window.shown = {};
  new MutationObserver(() => {
    for (const chip of document.querySelectorAll('.tile .fault-chip')) {
      const words = chip.checkVisibility() ? chip.textContent : '';
      if (words) window.shown[`${chip.closest('.tile').dataset.machine}: ${words}`] ??= Date.now(); }
  }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true }); }"""
"""The moments of clicks and of what chips say, by the clock that both pages share: asking costs a second."""
CHIP = ".tile[data-machine='{}'] .fault-chip"


@dataclass(frozen=True, kw_only=True)
class Screens:
    """The fault lab, the floor beside it, and how long it took to see each fault there."""

    address: str
    lab: Page
    floor: Page
    seconds: dict[str, float]


@pytest.fixture(scope="module")
def screens(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screens]:
    folder = tmp_path_factory.mktemp("lab")
    machines = folder / "machines"
    machines.mkdir()
    for name, text in FILES.items():
        (machines / f"{name}.toml").write_text(text, encoding="utf-8")
    with Plant(folder / "plant", seed=1, inputs=False, machines=machines, speed="60") as plant:
        wait_for_page(plant.address, 60)
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
        floor, lab = context.new_page(), context.new_page()
        # A little of its past, so that there is something to compare with.
        plant.reach(5 * MINUTE_MS)
        floor.goto(plant.address)
        for machine in FILES:
            expect(floor.locator(f".tile[data-machine='{machine}']")).to_be_visible()
        lab.goto(f"{plant.address}/lab")
        expect(lab.locator(".lab-fault")).to_have_count(len(CATALOGUE))
        lab.locator("#lab-minutes").fill("600")
        lab.evaluate(CLICKED)
        floor.evaluate(SHOWN)
        seconds = {fault.name: begin(lab, floor, fault) for fault in CATALOGUE.values()}
        yield Screens(address=plant.address, lab=lab, floor=floor, seconds=seconds)
        context.close()


def begin(lab: Page, floor: Page, fault: Fault) -> float:
    """Begin a fault by a click; returns the real seconds until its name is on the tile of its machine."""
    machine = BROKEN[fault.about]
    lab.locator("#lab-machine").select_option(machine)
    button = lab.locator(f"#fault-{fault.name}")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(floor.locator(CHIP.format(machine))).to_contain_text(fault.title)
    clicked_ms: int = lab.evaluate("name => window.clicked[name]", arg=fault.name)
    shown: dict[str, int] = floor.evaluate("window.shown")
    first_ms = min(
        at_ms
        for words, at_ms in shown.items()
        if words.startswith(f"{machine}: Fault on demand:{fault.title}")
    )
    return float(first_ms - clicked_ms) / 1_000


def test_every_fault_is_on_its_tile_by_its_name_within_three_seconds(screens: Screens) -> None:
    assert list(screens.seconds) == list(CATALOGUE)
    late = {fault: f"{seconds:.1f} s" for fault, seconds in screens.seconds.items() if seconds > VISIBLE_S}
    assert not late


def test_a_chip_counts_what_is_under_way_and_leads_to_the_lab(screens: Screens) -> None:
    chip = screens.floor.locator(CHIP.format("mill-1"))

    expect(chip).to_contain_text("starved+6")
    expect(chip).to_have_attribute("href", "/lab?machine=mill-1")
    expect(chip).to_have_attribute(
        "title", re.compile("known from the simulator and not found by measurement")
    )
    expect(screens.floor.locator(CHIP.format("compressor-1"))).to_have_count(0)


def test_what_a_machine_cannot_have_is_said_with_the_reason_and_not_asked_for(screens: Screens) -> None:
    screens.lab.locator("#lab-machine").select_option("compressor-1")
    button = screens.lab.locator("#fault-scrap-burst")

    expect(button).to_have_attribute("aria-disabled", "true")
    expect(button).to_contain_text("Not for compressor-1: it makes no parts")
    button.press("Enter")
    expect(screens.lab.locator("#lab-said")).to_have_text(
        "Not done: compressor-1 cannot have scrap burst: it makes no parts."
    )
    expect(screens.lab.locator("#fault-jam")).to_have_attribute("aria-disabled", "false")


def test_the_scoreboard_says_of_every_fault_what_was_measured_or_why_not(screens: Screens) -> None:
    rows = screens.lab.locator("#lab-scores tbody tr")

    screens.lab.locator("#lab-more").click()
    expect(rows).to_have_count(len(CATALOGUE), timeout=MEASURED_MS)
    link = rows.filter(has=screens.lab.locator("b", has_text="abrupt disconnect"))
    expect(link.locator("td").first).to_contain_text(
        re.compile("its link is lost|unknown, coverage falls"), timeout=MEASURED_MS
    )
    jam = rows.filter(has=screens.lab.locator("b", has_text="jam"))
    expect(jam.locator("td").first).to_contain_text("down, cause jam", timeout=MEASURED_MS)
    for said in rows.locator("td").all_inner_texts():
        number, _, words = said.partition("\n")
        assert number, said
        assert words, said
    scores = {one["fault"]: one for one in ask(screens.address, "/api/faultlab")["faults"]}
    # The word of its state may be there before that of the fault.
    assert 0 <= scores["jam"]["seen_s"] < MEASURED_MS / 1_000
    assert scores["jam"]["lost_against"] == "normal pace"
    assert scores["disconnect"]["lost_against"] == "twin"
    assert all(one["bounds_hold"] is not None or "error" in one["why"] for one in scores.values())


def test_clear_all_takes_every_chip_away_and_another_click_begins_anew(
    screens: Screens, picture: Callable[[Page, str], None]
) -> None:
    expect(screens.lab.locator("#lab-on li")).not_to_have_count(0)

    screens.lab.locator("#lab-clear-all").click()

    expect(screens.lab.locator("#lab-on li")).to_have_count(0)
    expect(screens.lab.locator("#lab-on-none")).to_be_visible()
    expect(screens.floor.locator(".fault-chip:visible")).to_have_count(0)
    wait_until(lambda: not any(one["under_way"] for one in ask(screens.address, "/api/faultlab")["faults"]))
    for name in ("jam", "delay"):
        begin(screens.lab, screens.floor, CATALOGUE[name])
    expect(screens.lab.locator("#lab-on li")).to_have_count(2)
    screens.lab.locator("#lab-more").click()
    expect(screens.lab.locator("#lab-scores tbody tr")).to_have_count(4)
    screens.lab.evaluate("scrollTo(0, 0)")
    picture(screens.lab, "lab")
