"""What a control says when it is obeyed, refused or not heard; a real office has learned a press."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from time import time

import pytest
from playwright.sync_api import Page, expect

from dashboard.history.reader import Reader
from protocol.moments import from_ms, to_text
from tests.broker.clients import Client, wait_until
from tests.broker.running import RunningBroker
from tests.ingest.running import RunningIngest
from tests.web.conftest import RunningWeb
from tests.web.plant import Answerer
from tests.web.waiting import SOON_MS

pytestmark = [pytest.mark.broker, pytest.mark.browser]

NAME = "my-press"
MINUTE = 60_000
MINUTES = 180
BEGUN_MS = (int(time()) // 60 - MINUTES - 2) * MINUTE
AGAIN_MS = BEGUN_MS + 90 * MINUTE
"""From here on it draws three times as much."""


@pytest.fixture
def tolerated_page_errors() -> list[str]:
    """The browser counts every refusal as an error."""
    return ["status of 409", "status of 503", "status of 504", "ERR_INTERNET_DISCONNECTED"]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWeb]:
    """Broker, office and page, and a press of one's own that tells nothing but its power."""
    folder = tmp_path_factory.mktemp("answers")
    broker = RunningBroker(folder / "broker")
    broker.start()
    ingest, web = RunningIngest(broker, folder), RunningWeb(broker, folder)
    ingest.start()
    try:
        web.start()
        tell(broker, web)
        yield web
    finally:
        web.stop()
        ingest.stop()
        broker.kill()


def tell(broker: RunningBroker, web: RunningWeb) -> None:
    """Ten minutes running, ten stopped, a reading a minute; the office learns from the first of them."""
    client = Client(broker.port, "guest", broker.password("guest"))
    for minute in range(MINUTES):
        power = (8.0 if minute // 10 % 2 == 0 else 1.0) * (3 if minute >= 90 else 1)
        reading = {"at": to_text(BEGUN_MS + minute * MINUTE), "power_kw": power}
        client.say([f"shopfloor/{NAME}/readings"], json.dumps(reading))
    reader = Reader(web.history)
    wait_until(lambda: bool(reader.runs()) and len(reader.learnings("", NAME)) == 1)
    reader.close()
    client.close()


def local(at_ms: int) -> str:
    return from_ms(at_ms).strftime("%Y-%m-%dT%H:%M:%S")


def test_learning_again_is_asked_by_a_click_and_every_version_is_listed(
    shop: RunningWeb, browser_page: Page
) -> None:
    browser_page.goto(f"{shop.url}/machine/{NAME}")
    versions = browser_page.locator("#machine-care tbody tr")
    expect(versions).to_have_count(1, timeout=SOON_MS)
    expect(versions.first).to_contain_text("from the beginning on")
    expect(versions.first).to_contain_text("power_kw")
    expect(versions.first).to_contain_text("kW")

    browser_page.get_by_label("Learn again from").fill(local(AGAIN_MS))
    browser_page.get_by_role("button", name="Learn again").click()

    expect(browser_page.locator(".relearn .said")).to_have_text(
        f"{NAME} is learned anew from {to_text(AGAIN_MS)} on; until that is done, version 1 goes on to hold.",
        timeout=SOON_MS,
    )
    expect(versions).to_have_count(2, timeout=SOON_MS)
    expect(versions.first).to_contain_text("at or above", timeout=SOON_MS)
    expect(versions.first).to_contain_text(f"{from_ms(AGAIN_MS):%H:%M} on")
    expect(versions.last).to_contain_text(f"from the beginning until {from_ms(AGAIN_MS):%a}")
    reader = Reader(shop.history)
    first, second = reader.learnings("", NAME)
    reader.close()
    assert first.above is not None
    assert second.above is not None
    assert (first.since_ms, second.since_ms) == (None, AGAIN_MS)
    expect(versions.first).to_contain_text(f"at or above {second.above:.1f}")
    expect(versions.last).to_contain_text(f"at or above {first.above:.2f}")
    # What was typed is still there for who wants to correct it.
    expect(browser_page.get_by_label("Learn again from")).to_have_value(local(AGAIN_MS)[:16] + ":00")


def test_what_the_office_refuses_is_said_beside_the_control_and_what_was_typed_stays(
    shop: RunningWeb, browser_page: Page
) -> None:
    browser_page.goto(f"{shop.url}/machine/{NAME}")
    field = browser_page.get_by_label("Learn again from")
    field.fill("2099-01-01T00:00:01", timeout=SOON_MS)

    browser_page.get_by_role("button", name="Learn again").click()

    said = browser_page.locator(".relearn .said")
    expect(said).to_contain_text(
        "Not done: since 2099-01-01T00:00:01.000Z is ahead of the plant clock", timeout=SOON_MS
    )
    expect(field).to_have_value("2099-01-01T00:00:01")
    expect(browser_page.get_by_role("button", name="Learn again")).to_be_enabled()


def test_a_reason_that_did_not_get_through_stays_written_and_can_be_saved_again(
    shop: RunningWeb, browser_page: Page
) -> None:
    browser_page.goto(f"{shop.url}/losses?window=24h")
    row = browser_page.locator("#stops tbody tr").filter(has_text="10 min").first
    row.get_by_role("button", name="Give a reason").click(timeout=SOON_MS)
    form = browser_page.locator(".reason-form")
    form.get_by_label("Reason").select_option("material missing")
    form.get_by_label("Note").fill("no coils")

    browser_page.context.set_offline(True)
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("status")).to_have_text(
        "Not done: the dashboard does not answer; nothing tells whether it was done.", timeout=SOON_MS
    )
    expect(form.get_by_label("Note")).to_have_value("no coils")
    expect(form.get_by_label("Reason")).to_have_value("material missing")

    browser_page.context.set_offline(False)
    form.get_by_role("button", name="Save").click()
    expect(browser_page.locator("#stops .reason-said").first).to_have_text(
        "material missing", timeout=SOON_MS
    )


def test_a_plant_that_does_not_answer_is_said_and_the_seed_stays(
    shop: RunningWeb, browser_page: Page
) -> None:
    browser_page.goto(shop.url)
    browser_page.get_by_role("button", name="Runs").click(timeout=SOON_MS)
    panel = browser_page.locator("dialog")
    panel.get_by_label("Seed").fill("4711")
    panel.get_by_role("button", name="Start over").click()
    panel.get_by_role("button", name="Yes, end this run").click()

    expect(panel.get_by_role("status")).to_have_text(
        "Not done: the plant does not answer: it may still be done, see whether it was.", timeout=SOON_MS
    )
    expect(panel.get_by_label("Seed")).to_have_value("4711")
    expect(panel.get_by_role("button", name="Start over")).to_be_enabled()


def test_a_bench_that_is_refused_stays_off_and_says_why(shop: RunningWeb, browser_page: Page) -> None:
    plant = Answerer(shop.broker, "plant")
    browser_page.goto(f"{shop.url}/proof")
    switch = browser_page.get_by_role("switch")
    switch.click(timeout=SOON_MS)
    plant.answer("this plant has no bench", ok=False)

    expect(browser_page.locator("#bench-said")).to_have_text(
        "Not done: this plant has no bench.", timeout=SOON_MS
    )
    expect(switch).to_have_attribute("aria-checked", "false")
    plant.close()


def test_a_page_that_may_not_command_says_so_beside_the_control(
    shop: RunningWeb, browser_page: Page, tmp_path: Path
) -> None:
    credentials = tmp_path / "credentials"
    shutil.copytree(shop.broker.credentials, credentials)
    (credentials / "operator").unlink()
    looking = RunningWeb(
        shop.broker, Path(shop.history.removeprefix("sqlite:///")).parent, credentials=credentials
    )
    looking.start()
    browser_page.goto(f"{looking.url}/machine/{NAME}")
    browser_page.get_by_role("button", name="Forget this machine").click(timeout=SOON_MS)
    browser_page.get_by_role("button", name="Forget it").click()

    expect(browser_page.locator(".forget .said")).to_have_text(
        "Not done: this page may not command: it has no operator's password.", timeout=SOON_MS
    )
    expect(browser_page.locator("#machine-body")).to_be_visible()
    browser_page.close()
    looking.stop()
