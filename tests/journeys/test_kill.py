"""Any one part is killed: the page comes back by itself, with the same numbers for what lay before."""

from __future__ import annotations

import os
import signal
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from tests.broker.clients import wait_until
from tests.journeys.floor import ask, expect_change, expect_full, machines_of, wait_for_page
from tests.journeys.started import StartedDemo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

pytestmark = [pytest.mark.broker, pytest.mark.browser, pytest.mark.journey]

BACK_S = 30.0
BEFORE = timedelta(minutes=10)
"""Plant time between the end of the compared window and the kill, so that its edges are settled."""
HOW_A_PAGE_MISSES_ITS_SERVER = (
    "ERR_CONNECTION_REFUSED",
    "ERR_CONNECTION_RESET",
    "ERR_INCOMPLETE_CHUNKED_ENCODING",
    "ERR_EMPTY_RESPONSE",
    "status of 503",
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartedDemo]:
    started = StartedDemo(tmp_path_factory.mktemp("demo"))
    wait_for_page(started.address, BACK_S)
    yield started
    started.end()


def numbers(demo: StartedDemo, window: dict[str, str]) -> dict[str, Any]:
    """Return what the API says of every machine in a window that lies in the past."""
    answer: dict[str, Any] = ask(demo.address, f"/api/kpis?{urlencode(window)}")["machines"]
    return answer


@pytest.mark.parametrize("part", ["broker", "ingest", "web", "simulator", "study", "mazak"])
def test_a_killed_part_comes_back_and_the_past_keeps_its_numbers(
    demo: StartedDemo, browser_page: Page, tolerated_page_errors: list[str], part: str
) -> None:
    tolerated_page_errors += HOW_A_PAGE_MISSES_ITS_SERVER
    browser_page.goto(demo.address)
    expect_full(browser_page, machines_of(), BACK_S)
    shift = ask(demo.address, "/api/kpis")
    end = datetime.fromisoformat(shift["to"]) - BEFORE
    window = {"from": (end - timedelta(hours=7)).isoformat(), "to": end.isoformat()}
    before, runs = numbers(demo, window), len(ask(demo.address, "/api/runs"))
    killed = demo.parts()[part]

    os.kill(killed, signal.SIGKILL)

    wait_until(lambda: demo.parts().get(part, killed) != killed)
    wait_for_page(demo.address, BACK_S)
    expect_full(browser_page, machines_of(), BACK_S)
    expect_change(browser_page, BACK_S)
    assert set(before) == machines_of()
    assert numbers(demo, window) == before
    assert len(ask(demo.address, "/api/runs")) == runs
    assert any(said.startswith(f"{part} ended by itself (signal 9)") for said in demo.said)
