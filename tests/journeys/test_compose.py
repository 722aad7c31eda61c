"""`docker compose up` in a fresh copy of the project, with a real engine and a real browser."""

from __future__ import annotations

import ssl
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING

import pytest

from demo.claims import HOST
from tests.broker.clients import wait_until
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
    expect_to_be_confined(project)
    wait_for_page(project.address, 30)
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


def expect_to_be_confined(project: ComposeProject) -> None:
    """Nobody is root, writes beside its volumes, holds or gains a right, or takes more than its share."""
    for name, container in project.inspected().items():
        host = container["HostConfig"]
        assert host["ReadonlyRootfs"], name
        assert host["CapDrop"] == ["ALL"], name
        assert host["SecurityOpt"] == ["no-new-privileges:true"], name
        assert min(host["PidsLimit"], host["Memory"]) > 0, name
        # Those two catch up with whatever they have missed.
        assert (host["NanoCpus"] > 0) == (name not in {"ingest", "simulator"}), name
        assert not host["Privileged"], name
        if name == "credentials":
            # It hands files to the accounts of others, has no network, and ends.
            added = {one.removeprefix("CAP_") for one in host["CapAdd"]}
            assert added == {"CHOWN", "DAC_OVERRIDE", "FOWNER"}
            assert host["NetworkMode"] == "none"
        else:
            assert not host["CapAdd"], name
            assert container["Config"]["User"] in {"monitor", "1883:1883"}, name
    for service, user in (("web", "10001"), ("broker", "1883")):
        tried = project.compose("exec", "-T", service, "sh", "-c", "id -u; touch /etc/x 2>&1 || echo no")
        assert tried.splitlines()[0] == user
        assert tried.splitlines()[-1] == "no", tried


def test_with_tls_page_and_broker_are_verified_and_passwords_are_rotated(project: ComposeProject) -> None:
    project.settings["TLS"] = "1"
    project.compose("build")
    project.compose("up", "--detach", "--wait", "web")
    authority = project.compose("exec", "-T", "broker", "cat", "/credentials/ca.crt")
    trusted = ssl.create_default_context(cadata=authority)
    page = f"https://{HOST}:{project.port}/health"
    with urllib.request.urlopen(page, context=trusted, timeout=20) as answer:
        assert answer.read() == b"ok\n"
    asking = "mosquitto_sub --cafile /credentials/ca.crt -h localhost -p 1883 -E -i probe -u health -t health"
    password = project.compose("exec", "-T", "broker", "cat", "/credentials/health").strip()

    project.compose("run", "--rm", "credentials", "--rotate")
    project.compose("kill", "--signal", "HUP", "broker")

    # It reads them when it comes to it.
    old = f"while {asking} -P {password}; do sleep 0.2; done"
    tried = f"{old}; {asking} -P $(cat /credentials/health) && echo the new one alone"
    assert "the new one alone" in project.compose("exec", "-T", "broker", "sh", "-c", tried)
    wait_until(lambda: "(0, 5)" in project.compose("logs", "broker"))
    assert not any("Received" in line for line in project.compose("logs", "broker").splitlines())
