"""`docker compose up` in a fresh copy of the project, with a real engine and a real browser."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.journeys.clone import clone
from tests.journeys.composed import ComposeProject, composed
from tests.journeys.floor import expect_tile, look_at_the_floor, machines_of, wait_for_page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = [pytest.mark.engine, pytest.mark.journey, pytest.mark.timeout(600)]

SERVICES = {"credentials", "broker", "ingest", "web", "simulator", "study", "mazak"}


@pytest.fixture
def project(tmp_path: Path) -> Iterator[ComposeProject]:
    yield from composed(ComposeProject(clone(tmp_path / "clone")))


def test_one_command_leads_to_the_full_floor_and_down_leaves_nothing(
    project: ComposeProject, browser_page: Page
) -> None:
    project.compose("build")
    project.compose("up", "--detach", "--wait")

    assert set(project.compose("ps", "--all", "--services").split()) == SERVICES
    wait_for_page(project.address, 5)
    look_at_the_floor(browser_page, project.address, machines_of(project.folder))

    new = [sys.executable, "-m", "simulator", "new", "cnc-mill", "mill-77", "--line", "machining"]
    subprocess.run(new, cwd=project.folder, check=True)
    expect_tile(browser_page, "mill-77")
    (project.folder / "simulator" / "machines" / "mill-77.toml").unlink()
    expect_tile(browser_page, "mill-77", there=False)

    line = next(said for said in project.compose("logs", "credentials").splitlines() if "-u guest" in said)
    line = line.partition("| ")[2]
    subprocess.run(line, shell=True, check=True)  # noqa: S602 - as a person would paste it
    expect_tile(browser_page, "my-press")

    browser_page.goto("about:blank")
    project.compose("down", "--volumes")
    assert project.left("container", "--all") == []
    assert project.left("volume") == []
    assert project.left("network") == []
