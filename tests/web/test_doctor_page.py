"""Health in a real browser: the chain, the sentence for what is wrong on every page, and who can read it."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dashboard.conclusions import Keeping, Process
from protocol.messages import Clock, encode
from protocol.moments import from_ms
from tests.broker.clients import Client
from tests.web.accessible import findings
from tests.web.conftest import RunningWeb, running_web
from tests.web.looks import LOOKS
from tests.web.plant import RUN, SHIFT_MS, HandOffice
from tests.web.waiting import SOON_MS, wait_until

pytestmark = [pytest.mark.broker, pytest.mark.browser]

FULL = "database or disk is full"
LINKS = ["broker", "simulator", "ingest", "history", "web", "browser"]
NOTE_WORDS = """node => {
  const note = () => { window.noted = window.noted || node.textContent; };
  new MutationObserver(note).observe(node, {childList: true, characterData: true, subtree: true});
}"""
"""What a button says for two seconds, however late somebody looks."""
DISK_FULL = re.compile(
    r"^The history cannot be written: the disk is full\. The office keeps its connection .* "
    r"Since \d\d:\d\d:\d\d\. Make room on the disk that holds var/history\.db"
)


class Chain:
    """Plant and office, which say every half second how they are.

    Args:
        web: Whose broker hears them.
        office: The office by hand.
    """

    def __init__(self, web: RunningWeb, office: HandOffice) -> None:
        self.failing = ""
        """Why the history takes nothing."""
        self._office = office
        self._plant = Client(web.broker.port, "machines", web.broker.password("machines"))
        self._since_ms: int | None = None

    def close(self) -> None:
        """Leave."""
        self._plant.close()

    def say(self) -> None:
        """Say how all is now."""
        wall_ms = int(time.time() * 1_000)
        self._since_ms = (self._since_ms or wall_ms) if self.failing else None
        keeping = Keeping(
            committed_wall_ms=self._since_ms or wall_ms, took_ms=3.4, failing=self.failing,
            failing_since_wall_ms=self._since_ms, size_bytes=23_400_000,
            free_bytes=0 if self.failing else 76_200_000_000,
        )  # fmt: skip
        process = Process(
            wall_ms=wall_ms, waiting=5, dropped=0, late=2, memory_bytes=82_300_000, keeping=keeping
        )
        clock = Clock(
            run=RUN, epoch=from_ms(SHIFT_MS), at=from_ms(self._office.now_ms), wall=datetime.now(UTC),
            speed=60.0, achieved=59.9,
        )  # fmt: skip
        self._plant.say(["shopfloor/_plant/clock"], encode(clock), retain=True)
        self._office.work(process=process)


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWeb]:
    """A web process of these tests alone: once it has heard a plant's clock, it misses it for good."""
    with running_web(tmp_path_factory.mktemp("doctor")) as running:
        yield running


@contextmanager
def living(web: RunningWeb, office: HandOffice) -> Iterator[Chain]:
    """A chain that goes on until the end."""
    chain, ended = Chain(web, office), threading.Event()

    def speak() -> None:
        while not ended.wait(0.5):
            office.now_ms += 1_000
            chain.say()

    chain.say()
    speaker = threading.Thread(target=speak)
    speaker.start()
    try:
        yield chain
    finally:
        ended.set()
        speaker.join()
        chain.close()


@pytest.fixture
def chain(web: RunningWeb, office: HandOffice) -> Iterator[Chain]:
    with living(web, office) as alive:
        yield alive


def lamp(page: Page, link: str) -> Any:
    return page.locator(f"#doctor-chain [data-link='{link}']")


def opened(page: Page, web: RunningWeb) -> None:
    page.goto(f"{web.url}/doctor")
    expect(page.locator("#doctor-chain > li")).to_have_count(len(LINKS))


def test_a_chain_that_holds_is_six_lamps_and_one_sentence(
    web: RunningWeb, chain: Chain, browser_page: Page
) -> None:
    opened(browser_page, web)

    # There is no history in this plant, which the page says as well.
    expect(lamp(browser_page, "broker")).to_have_attribute("data-lamp", "well", timeout=SOON_MS)
    for link in ("simulator", "ingest", "web", "browser"):
        expect(lamp(browser_page, link)).to_have_attribute("data-lamp", "well", timeout=SOON_MS)
    expect(lamp(browser_page, "simulator").locator(".number")).to_have_text("×59.9")
    expect(lamp(browser_page, "ingest").locator(".number")).to_have_text("776")
    expect(lamp(browser_page, "ingest").locator(".unit")).to_have_text("readings a second")
    expect(lamp(browser_page, "broker").locator(".lamp")).to_have_text("well")
    expect(browser_page.locator("td[data-key='ingest.waiting']")).to_have_text("5 of 100,000")
    expect(browser_page.locator("td[data-key='history.commit_ms']")).to_have_text("3.4 ms")
    expect(browser_page.locator("td[data-key='browser.way']")).to_have_text("stream")
    expect(browser_page.locator("td[data-key='broker.version']")).to_contain_text("mosquitto version 2")
    assert chain.failing == ""


def test_a_full_disk_is_said_on_every_page_with_since_when_and_what_to_do_until_there_is_room(
    web: RunningWeb, chain: Chain, browser_page: Page, picture: Callable[[Page, str], None]
) -> None:
    browser_page.goto(web.url)
    expect(browser_page.locator("#link-words")).to_have_text("live", timeout=SOON_MS)
    expect(browser_page.locator("#notice")).to_be_hidden()

    chain.failing = FULL

    expect(browser_page.locator("#notice")).to_have_text(DISK_FULL, timeout=SOON_MS)
    expect(browser_page.locator(".pages [data-page='/doctor']")).to_have_attribute(
        "aria-label", "Health: a link is broken"
    )
    browser_page.locator(".pages [data-page='/doctor']").click()
    expect(browser_page.locator("#notice")).to_have_text(DISK_FULL)
    expect(lamp(browser_page, "history")).to_have_attribute("data-lamp", "broken", timeout=SOON_MS)
    expect(lamp(browser_page, "history").locator(".lamp")).to_have_text("broken")
    expect(lamp(browser_page, "ingest")).to_have_attribute("data-lamp", "well")
    expect(browser_page.locator("#doctor-words")).to_have_text(
        "History is broken; 5 of 6 links are known to hold."
    )
    expect(browser_page.locator("#doctor-sentences > li").first).to_contain_text("docker system df")
    picture(browser_page, "health")

    chain.failing = ""

    expect(browser_page.locator("#notice")).to_be_hidden(timeout=SOON_MS)
    expect(browser_page.locator(".pages [data-page='/doctor']")).not_to_have_attribute(
        "aria-label", "Health: a link is broken"
    )


def test_a_page_process_that_is_gone_is_the_browsers_to_say(
    own_web: RunningWeb, own_office: HandOffice, browser_page: Page, tolerated_page_errors: list[str]
) -> None:
    tolerated_page_errors += [
        "ERR_CONNECTION_REFUSED",
        "ERR_CONNECTION_RESET",
        "ERR_INCOMPLETE_CHUNKED_ENCODING",
        "ERR_EMPTY",
    ]
    with living(own_web, own_office):
        opened(browser_page, own_web)
        expect(lamp(browser_page, "ingest")).to_have_attribute("data-lamp", "well", timeout=SOON_MS)
        own_web.stop()

        expect(lamp(browser_page, "web")).to_have_attribute("data-lamp", "broken", timeout=SOON_MS)
        expect(lamp(browser_page, "broker")).to_have_attribute("data-lamp", "unknown")
        expect(browser_page.locator("#doctor-words")).to_have_text(
            "Web is broken; 0 of 6 links are known to hold."
        )
        expect(browser_page.locator("#doctor-sentences")).to_contain_text(
            "The page process does not answer this browser."
        )
        expect(browser_page.locator("#doctor-sentences")).to_contain_text("docker compose up -d web")
        expect(browser_page.locator("#notice")).to_contain_text("The dashboard does not answer")

        own_web.start()
        expect(lamp(browser_page, "web")).to_have_attribute("data-lamp", "well", timeout=SOON_MS)


def test_a_credential_that_the_broker_refuses_has_a_sentence_of_its_own(
    own_web: RunningWeb, browser_page: Page
) -> None:
    broker = own_web.broker
    passwords = broker.credentials / "passwd"
    right = passwords.read_text(encoding="utf-8")
    browser_page.goto(own_web.url)
    refused = f"The broker at 127.0.0.1:{broker.port} refuses the page's credential (user viewer)"

    broker.stop()
    others = [line for line in right.splitlines(keepends=True) if not line.startswith("viewer:")]
    passwords.write_text("".join(others), encoding="utf-8")
    broker.start()
    expect(browser_page.locator("#notice")).to_contain_text(refused, timeout=SOON_MS)

    broker.stop()
    passwords.write_text(right, encoding="utf-8")
    broker.start()
    expect(browser_page.locator("#notice")).not_to_contain_text(refused, timeout=SOON_MS)


def test_health_is_reached_and_used_by_the_keyboard_alone(
    web: RunningWeb, chain: Chain, browser_page: Page
) -> None:
    browser_page.goto(web.url)
    link = browser_page.locator(".pages [data-page='/doctor']")
    link.focus()
    browser_page.keyboard.press("Enter")
    expect(browser_page.locator("#doctor")).to_be_visible()
    expect(link).to_have_attribute("aria-current", "page")

    copy = browser_page.locator("[data-copy='doctor-command']")
    copy.focus()
    copy.evaluate(NOTE_WORDS)
    browser_page.keyboard.press("Enter")

    wait_until(browser_page, "['Copied', 'Selected'].includes(window.noted)")
    assert chain.failing == ""


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_health_fits_and_has_no_accessibility_finding(
    width: int, theme: str, web: RunningWeb, chain: Chain, browser_page: Page
) -> None:
    browser_page.set_viewport_size({"width": width, "height": 900})
    browser_page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    chain.failing = FULL
    opened(browser_page, web)
    expect(lamp(browser_page, "history")).to_have_attribute("data-lamp", "broken", timeout=SOON_MS)
    expect(browser_page.locator("td[data-key='ingest.waiting']")).to_be_visible()

    found = findings(browser_page)

    assert browser_page.evaluate("document.documentElement.scrollWidth") <= width
    assert [one["id"] for one in found] == []
