"""Every number opens, by pointer and by keys; runs, forgetting and learning anew ask before they do."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dashboard.kpi.definitions import DEFINITIONS
from tests.broker.running import RunningBroker
from tests.web.accessible import serious
from tests.web.conftest import RunningWeb
from tests.web.plant import Answerer, HandMachine, HandOffice
from tests.web.proven import write_history
from tests.web.waiting import SOON_MS, wait_until

pytestmark = [pytest.mark.broker, pytest.mark.browser]

FOCUSED = "document.activeElement.dataset.explain"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWeb]:
    """A web process on a history of two hours."""
    folder: Path = tmp_path_factory.mktemp("opening")
    broker = RunningBroker(folder / "broker")
    broker.start()
    running = RunningWeb(broker, folder)
    write_history(folder)
    running.start()
    yield running
    running.stop()
    broker.kill()


@pytest.fixture
def told(shop: RunningWeb) -> Iterator[HandOffice]:
    """The office's word on the machines of the history."""
    office = HandOffice(
        shop.broker,
        [
            HandMachine(name="mill-5", letters="RRIRRRRDRRRR"),
            HandMachine(name="my-lathe", path="", kind="lathe"),
        ],
    )
    office.tell()
    shop.hear(office)
    yield office
    office.close()


def test_a_number_opens_by_enter_closes_by_escape_and_gives_the_focus_back(
    told: HandOffice, shop: RunningWeb, browser_page: Page
) -> None:
    browser_page.goto(f"{shop.url}/machine/mill-5")
    number = browser_page.locator("[data-explain=utilization]")
    expect(number).not_to_have_text("–", timeout=SOON_MS)

    number.focus()
    browser_page.keyboard.press("Enter")

    panel = browser_page.locator("dialog.explain")
    expect(panel.locator("h2")).to_have_text("Utilization of mill-5", timeout=SOON_MS)
    # 115 of 120 minutes but for 15 down, 10 unknown and the second that the last reading holds.
    expect(panel).to_contain_text("running / observed")
    expect(panel).to_contain_text("unaccounted for: 0 s")
    expect(panel).to_contain_text("SEMI E10")
    expect(panel).to_contain_text("ISO 22400-2")
    expect(panel).to_contain_text("intervals behind it")
    told.tell(minutes=1)  # what is beneath goes on
    browser_page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    assert browser_page.evaluate(FOCUSED) == "utilization"


@pytest.mark.usefixtures("told")
def test_the_opened_number_is_that_of_the_api_to_the_digit(shop: RunningWeb, browser_page: Page) -> None:
    browser_page.goto(f"{shop.url}/machine/mill-5")
    number = browser_page.locator("[data-explain=uptime]")
    expect(number).not_to_have_text("–", timeout=SOON_MS)

    number.click()

    with urllib.request.urlopen(  # noqa: S310 - our page
        f"{shop.url}/api/kpis?machine=mill-5&from={number.get_attribute('data-from')}"
        f"&to={number.get_attribute('data-to')}",
        timeout=60,
    ) as answer:
        uptime = json.load(answer)["uptime"]
    expect(browser_page.locator("dialog .value")).to_have_text(f"{uptime * 100:.2f} %", timeout=SOON_MS)


@pytest.mark.usefixtures("told")
def test_every_defined_number_of_a_machine_opens(shop: RunningWeb, browser_page: Page) -> None:
    browser_page.goto(f"{shop.url}/machine/mill-5")
    expect(browser_page.locator("[data-explain=utilization]")).not_to_have_text("–", timeout=SOON_MS)
    keys = browser_page.locator("#machine-numbers [data-explain]").evaluate_all(
        "all => all.map(one => one.dataset.explain)"
    )

    assert len(keys) >= 14
    for key in keys:
        browser_page.locator(f"[data-explain={key}]").click()
        expect(browser_page.locator("dialog .formula")).to_have_text(
            DEFINITIONS[key].formula, timeout=SOON_MS
        )
        expect(browser_page.locator("dialog")).to_contain_text("unaccounted for: 0 s")
        browser_page.get_by_role("button", name="Close").click()


@pytest.mark.usefixtures("told")
def test_the_numbers_of_plant_and_lines_open_too(shop: RunningWeb, browser_page: Page) -> None:
    browser_page.goto(shop.url)

    browser_page.locator("#plant-totals [data-explain=utilization]").click(timeout=SOON_MS)
    expect(browser_page.locator("dialog h2")).to_have_text("Utilization of the plant", timeout=SOON_MS)
    browser_page.keyboard.press("Escape")
    browser_page.locator("[data-line=machining] [data-explain=coverage]").click()

    expect(browser_page.locator("dialog h2")).to_have_text("Coverage of machining", timeout=SOON_MS)


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("width", [390, 1280])
def test_an_opened_number_fits_and_has_no_serious_accessibility_finding(
    shop: RunningWeb, browser_page: Page, width: int
) -> None:
    browser_page.set_viewport_size({"width": width, "height": 800})
    browser_page.goto(shop.url)
    browser_page.locator("#plant-totals [data-explain=uptime]").click(timeout=SOON_MS)
    expect(browser_page.locator("dialog .formula")).to_be_visible(timeout=SOON_MS)

    assert serious(browser_page) == []
    assert browser_page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.usefixtures("told")
def test_the_window_is_shown_in_rows_and_can_be_taken_along(shop: RunningWeb, browser_page: Page) -> None:
    browser_page.goto(f"{shop.url}/machine/mill-5")
    rows = browser_page.locator("#machine-rows tbody tr")
    browser_page.get_by_text("In rows, and as CSV").click(timeout=SOON_MS)

    expect(rows).to_have_count(2, timeout=SOON_MS)
    expect(rows.nth(0)).to_contain_text("06:00–07:00")
    browser_page.get_by_role("button", name="by shift").click()
    expect(rows).to_have_count(1, timeout=SOON_MS)
    address = browser_page.locator("#csv-kpis").get_attribute("href")
    with urllib.request.urlopen(f"{shop.url}{address}", timeout=60) as answer:  # noqa: S310 - our page
        assert answer.headers["Content-Type"].startswith("text/csv")


@pytest.mark.usefixtures("told")
def test_the_floor_leads_to_its_numbers_and_to_the_report(shop: RunningWeb, browser_page: Page) -> None:
    browser_page.goto(shop.url)
    links = browser_page.locator("#floor .downloads a")
    expect(links).to_have_text(["Numbers as CSV", "Report of the last shift", "Wall screen"], timeout=SOON_MS)

    address = links.first.get_attribute("href")
    with urllib.request.urlopen(f"{shop.url}{address}", timeout=60) as answer:  # noqa: S310 - our page
        assert b"mill-5" in answer.read()


def test_starting_over_asks_first_and_takes_the_seed_along(
    told: HandOffice, shop: RunningWeb, browser_page: Page
) -> None:
    plant = Answerer(shop.broker, "plant")
    browser_page.goto(shop.url)
    browser_page.get_by_role("button", name="Runs").click(timeout=SOON_MS)
    panel = browser_page.locator("dialog")
    expect(panel).to_contain_text(told.board_of().run, timeout=SOON_MS)

    panel.get_by_label("Seed").fill("7")
    panel.get_by_role("button", name="Start over").click()
    expect(panel).to_contain_text("a new one begins with seed 7.")
    panel.get_by_role("button", name="Yes, end this run").click()
    command = plant.answer("run 42 begins")

    assert (command["what"], command["seed"]) == ("start-over", 7)
    expect(panel).to_contain_text("run 42 begins")
    plant.close()


@pytest.mark.usefixtures("told")
def test_a_device_of_ones_own_can_be_forgotten_and_a_simulated_machine_cannot(
    shop: RunningWeb, browser_page: Page
) -> None:
    office = Answerer(shop.broker, "office")
    browser_page.goto(f"{shop.url}/machine/my-lathe")
    browser_page.get_by_role("button", name="Forget this machine").click(timeout=SOON_MS)
    browser_page.get_by_role("button", name="Forget it").click()
    command = office.answer("my-lathe is forgotten")

    assert (command["what"], command["machine"]) == ("forget", "my-lathe")
    expect(browser_page.locator("#machine-care")).to_contain_text("my-lathe is forgotten.")
    browser_page.goto(f"{shop.url}/machine/mill-5")
    expect(browser_page.locator("#machine-care")).to_contain_text("Its control reports", timeout=SOON_MS)
    expect(browser_page.get_by_role("button", name="Forget this machine")).to_have_count(0)
    office.close()


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("path", ["/", "/proof", "/losses", "/machine/mill-5"])
def test_the_navigation_says_where_one_is_and_fits_a_phone(
    shop: RunningWeb, browser_page: Page, path: str
) -> None:
    browser_page.set_viewport_size({"width": 390, "height": 800})
    browser_page.goto(shop.url + path)
    expect(browser_page.locator("#plant-clock")).not_to_have_text("–", timeout=SOON_MS)

    here = browser_page.locator("nav.pages [aria-current=page]")
    assert here.all_inner_texts() == {"/": ["Floor"], "/proof": ["Proof"], "/losses": ["Losses"]}.get(
        path, []
    )
    wait_until(browser_page, "document.documentElement.scrollWidth === 390")
