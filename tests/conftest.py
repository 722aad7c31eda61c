"""The parts that tests share: a real broker, and a page in a real browser."""

from __future__ import annotations

import gc
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import expect, sync_playwright

from tests.broker.running import RunningBroker

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from playwright.sync_api import Browser, ConsoleMessage, Page, Request, WebError

# The same examples every time, however slow the machine is: a law that fails does so for everybody.
settings.register_profile(
    "laws", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("laws")

# What a page does in a moment takes longer where tests of others take the time.
expect.set_options(timeout=20_000)

BROWSERS = ("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_ARGUMENTS = (
    "--no-sandbox",  # tests run as root in containers
    "--disable-gpu",
    "--headless=new",
    "--disable-background-networking",
)
OF_THE_PAGE_ITSELF = ("data", "blob", "about")
OF_THIS_MACHINE = ("127.0.0.1", "localhost")


PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
PICTURE_WIDTH, PICTURE_HEIGHT = 1280, 900


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage meanwhile, nor later in what was collected: it stays; looking took a quarter."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`pytest --pictures` renews the pictures of the pages in docs/pictures."""
    parser.addoption("--pictures", action="store_true", help="renew the pictures in docs/pictures")


class TakePicture(Protocol):
    """Takes a picture of a page under a name."""

    def __call__(
        self, page: Page, name: str, *, size: tuple[int, int] = ..., whole: bool = True, hidden: str = ...
    ) -> None:
        """Of all of it, or of what a screen of that size shows of it; without what fits a selector."""


@pytest.fixture
def picture(request: pytest.FixtureRequest, tmp_path: Path) -> TakePicture:
    """Take a picture of a page under a name, 1280 pixels wide: into docs/pictures with `--pictures`."""
    renewed = request.config.getoption("--pictures")

    def take(
        page: Page,
        name: str,
        *,
        size: tuple[int, int] = (PICTURE_WIDTH, PICTURE_HEIGHT),
        whole: bool = True,
        hidden: str = "#none",
    ) -> None:
        assert page.evaluate("document.querySelector('main')?.innerText.trim().length > 0"), "an empty page"
        before = page.viewport_size
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.screenshot(
            path=(PICTURES if renewed else tmp_path) / f"{name}.png",
            full_page=whole,
            scale="css",
            style=f"{hidden} {{ visibility: hidden; }}",
        )
        if before is not None:
            page.set_viewport_size(before)

    return take


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[RunningBroker]:
    """A Mosquitto on a port of its own, with the shipped access list and fresh credentials."""
    running = RunningBroker(tmp_path / "broker")
    running.start()
    yield running
    running.kill()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium, one for all tests."""
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if program is None:
        pytest.fail("this test needs Chromium: apt-get install chromium, or install Google Chrome")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=list(BROWSER_ARGUMENTS))
        yield chromium
        chromium.close()


@pytest.fixture
def tolerated_page_errors() -> list[str]:
    """Pieces of console errors that a test provokes on purpose, `ERR_CONNECTION_REFUSED` say."""
    return []


@pytest.fixture
def browser_page(browser: Browser, tolerated_page_errors: list[str]) -> Iterator[Page]:
    """An empty page, which fails its test on errors, on warnings of plotly, and on requests to elsewhere."""
    errors: list[str] = []
    strangers: list[str] = []

    def complain(text: str) -> None:
        if not any(piece in text for piece in tolerated_page_errors):
            errors.append(text)

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" or "plotly" in message.location.get("url", ""):
            complain(f"{message.text} ({message.location.get('url')})")

    def fail(error: WebError) -> None:
        complain(error.error.stack or str(error.error))

    def see(request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme not in OF_THE_PAGE_ITSELF and url.hostname not in OF_THIS_MACHINE:
            strangers.append(request.url)

    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    # Who has been here before: the tour is offered to nobody.
    context.add_init_script(
        "try { localStorage.setItem('tour-offered', 'yes'); } catch (error) { void error; }"
    )
    context.on("console", hear)
    context.on("weberror", fail)
    context.on("request", see)
    yield context.new_page()
    context.close()
    assert not errors, f"errors on the page: {errors}"
    assert not strangers, f"requests that left this machine: {strangers}"
