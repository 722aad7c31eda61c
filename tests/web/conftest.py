"""A web process of the product's own, and an office by hand that feeds it."""

import os
import re
import signal
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from demo.claims import HOST
from tests.broker.running import PROJECT, RunningBroker
from tests.ports import own_port
from tests.web.hand_plant import HandPlant
from tests.web.plant import HandMachine, HandOffice

START_S = 60.0
FITS = re.compile(r"^It fits: ")


class RunningWeb:
    """`python -m dashboard web` on a port of its own."""

    def __init__(
        self,
        broker: RunningBroker,
        folder: Path,
        *,
        credentials: Path | None = None,
        more: tuple[str, ...] = (),
    ) -> None:
        self.port = own_port()
        self.url = f"http://{HOST}:{self.port}"
        self.history = f"sqlite:///{folder / 'history.db'}"
        self.log = folder / "web.log"
        self.broker = broker
        self._credentials = credentials or broker.credentials
        self._more = more
        self.trusted: ssl.SSLContext | None = None
        """Whom a page with TLS is verified by."""
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [
            sys.executable, "-m", "dashboard", "web", "--broker", self.broker.url, "--port", str(self.port),
            "--credentials", str(self._credentials), "--history", self.history, *self._more,
        ]  # fmt: skip
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=PROJECT, stdout=log, stderr=log, env={**os.environ, "HOST": HOST}
            )
        try:
            self._wait_for_answer(self._process)
        except AssertionError:
            # No test has it yet, so nobody else would end it.
            self.stop(signal.SIGKILL)
            raise

    def _wait_for_answer(self, process: "subprocess.Popen[bytes]") -> None:
        until_s = time.monotonic() + START_S
        while not self._answers():
            assert process.poll() is None, self.log.read_text(encoding="utf-8")
            assert time.monotonic() < until_s, f"no answer: {self.log.read_text(encoding='utf-8')}"
            time.sleep(0.05)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Stop it by a signal; returns its exit code."""
        if self._process is None:
            return 0
        self._process.send_signal(number)
        code = self._process.wait(START_S)
        self._process = None
        return code

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=2, context=self.trusted):  # noqa: S310 - ours
                return True
        except OSError:
            return False


@contextmanager
def running_web(folder: Path) -> Iterator[RunningWeb]:
    """A web process on a broker and a history of its own."""
    broker = RunningBroker(folder / "broker")
    broker.start()
    running = RunningWeb(broker, folder)
    running.start()
    yield running
    running.stop()
    broker.kill()


@pytest.fixture(scope="session")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWeb]:
    """A web process and its broker for all tests that leave them as they are."""
    with running_web(tmp_path_factory.mktemp("web")) as running:
        yield running


@pytest.fixture
def own_web(broker: RunningBroker, tmp_path: Path) -> Iterator[RunningWeb]:
    """A web process and its broker for one test, which may stop them."""
    running = RunningWeb(broker, tmp_path)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def mill() -> HandMachine:
    """Ten minutes a letter: 90 min running, 20 min idle, 10 min down."""
    return HandMachine(name="mill-1", cause="jam")


def an_office(broker: RunningBroker, mill: HandMachine) -> Iterator[HandOffice]:
    press = HandMachine(name="press-1", path="pressing", kind="press", parts=None, letters="RRRRRRPPPP?R")
    office = HandOffice(broker, [mill, press])
    office.tell()
    yield office
    if not office.left:
        office.close()


@pytest.fixture
def office(web: RunningWeb, mill: HandMachine) -> Iterator[HandOffice]:
    """An office with two machines, which has spoken once."""
    yield from an_office(web.broker, mill)


@pytest.fixture
def own_office(own_web: RunningWeb, mill: HandMachine) -> Iterator[HandOffice]:
    """The same, on the broker of `own_web`."""
    yield from an_office(own_web.broker, mill)


@pytest.fixture
def plant(web: RunningWeb, office: HandOffice) -> Iterator[HandPlant]:
    """A plant by hand that answers commands, whose machines the office tells of."""
    standing = HandPlant(web.broker, office)
    yield standing
    standing.close()


@pytest.fixture
def machines_page(web: RunningWeb, plant: HandPlant, browser_page: Page) -> Page:
    """The page of machines, once its plant has been asked and the form fits."""
    assert plant.roster.machines
    browser_page.goto(f"{web.url}/machines")
    expect(browser_page.locator("#add-verdict")).to_have_text(FITS)
    expect(browser_page.locator("#row-mill-1 [data-what=remove]")).to_be_visible()
    return browser_page
