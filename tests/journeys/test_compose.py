"""`docker compose up` in a fresh copy of the project, with a real engine and a real browser."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from demo.claims import HOST, free_port
from tests.journeys.clone import clone
from tests.journeys.floor import expect_tile, look_at_the_floor, machines_of, wait_for_page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = [pytest.mark.engine, pytest.mark.journey, pytest.mark.timeout(600)]

SERVICES = {"credentials", "broker", "ingest", "web", "simulator", "study", "mazak"}


class ComposeProject:
    """A copy of the project as a clone would be, run under a name and on ports of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = f"journey-{secrets.token_hex(4)}"
        self.port, self.mqtt_port = free_port(), free_port()
        self.address = f"http://{HOST}:{self.port}"

    def compose(self, *arguments: str, wait_s: float = 300) -> str:
        """Run `docker compose` and return what it prints."""
        settings = {"PORT": str(self.port), "MQTT_PORT": str(self.mqtt_port)}
        ended = subprocess.run(
            ["docker", "compose", "--project-name", self.name, *arguments],
            cwd=self.folder,
            env={**os.environ, **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=wait_s,
            check=False,
        )
        assert ended.returncode == 0, f"docker compose {' '.join(arguments)}: {ended.stdout}"
        return ended.stdout

    def left(self, what: str, *options: str) -> list[str]:
        """Return the containers, volumes or networks that the engine has for this project."""
        mine = f"label=com.docker.compose.project={self.name}"
        listing = ["docker", what, "ls", *options, "--quiet", "--filter", mine]
        return subprocess.run(listing, check=True, capture_output=True, text=True).stdout.split()


@pytest.fixture
def project(tmp_path: Path) -> Iterator[ComposeProject]:
    if subprocess.run(["docker", "compose", "version"], check=False).returncode != 0:
        pytest.fail("this test needs Docker with Compose: https://docs.docker.com/get-docker")
    made = ComposeProject(clone(tmp_path / "clone"))
    yield made
    made.compose("down", "--volumes", "--timeout", "2")


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
