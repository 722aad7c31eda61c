"""Two hours of plant time in tabs, and what they leave in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.chaos.plant import HOUR_MS, Plant
from tests.journeys.floor import wait_for_page

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.broker, pytest.mark.browser, pytest.mark.journey]

DAY_BYTES = 20_000_000
HOURS = 2
LIMIT_BYTES = DAY_BYTES * HOURS // 24
FEW_NODES = 400


def held(page: Page) -> tuple[int, int]:
    """Bytes of JavaScript and nodes that a page holds once its garbage is gone."""
    devtools = page.context.new_cdp_session(page)
    for _ in range(2):
        devtools.send("HeapProfiler.collectGarbage")
    used = devtools.send("Runtime.getHeapUsage")["usedSize"]
    nodes = devtools.send("Memory.getDOMCounters")["nodes"]
    devtools.detach()
    return used, nodes


def test_hours_of_plant_time_leave_little_in_the_browser(tmp_path: Path, browser: Browser) -> None:
    with Plant(tmp_path / "plant", inputs=False) as plant:
        wait_for_page(plant.address, 30)
        plant.reach(HOUR_MS)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        pages = {path: context.new_page() for path in ("/", "/gain")}
        for path, page in pages.items():
            page.goto(f"{plant.address}{path}")
        pages["/"].wait_for_selector(".tile")
        expect(pages["/gain"].locator("#gain-headline")).not_to_be_empty(timeout=60_000)
        for page in pages.values():
            page.wait_for_timeout(3_000)
        begun_ms = plant.committed_ms()
        before = {path: held(page) for path, page in pages.items()}

        plant.reach(begun_ms + HOURS * HOUR_MS)
        for page in pages.values():
            page.wait_for_timeout(1_000)
        after = {path: held(page) for path, page in pages.items()}
        context.close()

    for path in pages:
        assert after[path][0] - before[path][0] < LIMIT_BYTES, (path, before, after)
        assert after[path][1] - before[path][1] < FEW_NODES, (path, before, after)
