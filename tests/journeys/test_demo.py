"""`python -m demo` from start to Ctrl-C, with a real broker and a real browser."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from demo.claims import is_free
from tests.journeys.clone import clone
from tests.journeys.floor import expect_tile, look_at_the_floor, machines_of, wait_for_page
from tests.journeys.started import StartedDemo, descendants, processes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = [pytest.mark.broker, pytest.mark.browser, pytest.mark.journey]

ANSWERS_S = 60.0
INSTALLS_S = 240.0


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[StartedDemo]:
    started = StartedDemo(tmp_path)
    yield started
    started.end()


def test_one_command_leads_to_the_full_floor_and_ctrl_c_leaves_nothing(
    demo: StartedDemo, browser_page: Page
) -> None:
    wait_for_page(demo.address, ANSWERS_S)
    look_at_the_floor(browser_page, demo.address, machines_of())

    line = demo.line_with("mosquitto_pub").strip()
    subprocess.run(line, shell=True, check=True)  # noqa: S602 - as a person would paste it
    expect_tile(browser_page, "my-press")

    browser_page.goto("about:blank")
    left = set(descendants(demo.process.pid))
    assert len(left) >= 5
    assert demo.stop() == 0
    assert left & set(processes()) == set()
    assert is_free(demo.port)
    assert is_free(demo.mqtt_port)
    assert demo.said[-1] == "Everything has stopped."
    assert not [said for said in demo.said if "ended by itself" in said or "did not stop" in said]


def test_make_demo_alone_leads_from_a_fresh_clone_to_the_full_floor(
    tmp_path: Path, browser_page: Page
) -> None:
    project = clone(tmp_path / "clone")
    started = StartedDemo(tmp_path, command=("make", "demo"), project=project)
    try:
        started.line_with("The shop floor is at", INSTALLS_S)
        look_at_the_floor(browser_page, started.address, machines_of(project))

        browser_page.goto("about:blank")
        left = set(descendants(started.process.pid))
        started.stop()
        assert left & set(processes()) == set()
        assert started.said[-1] == "Everything has stopped."
    finally:
        started.end()
