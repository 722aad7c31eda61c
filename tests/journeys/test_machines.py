"""A machine from the browser, in the running demo: there in seconds, at work, and gone without a trace."""

from __future__ import annotations

import json
import re
import shutil
import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.broker.clients import Client
from tests.broker.running import PROJECT
from tests.journeys.floor import ask
from tests.journeys.started import StartedDemo, answering

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.broker, pytest.mark.browser, pytest.mark.journey]

ANSWERS_S = 60.0
WORKS_S = 60.0
ADDED_S = 30.0
STATES = {"running", "idle", "down", "setup"}
NAMES = ("mill-2", "mill-3")
ROLES = {"office": ("shopfloor/#", "twin/#"), "proof": ("shopfloor/#", "twin/#"), "viewer": ("shopfloor/#",)}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartedDemo]:
    machines = tmp_path_factory.mktemp("machines")
    for name in ("mill-1", "press-1"):
        shutil.copy(PROJECT / "simulator" / "machines" / f"{name}.toml", machines)
    environment = {"MACHINES_DIR": str(machines), "SPEED": "60", "HISTORY_HOURS": "0"}
    with answering(tmp_path_factory.mktemp("demo"), wait_s=ANSWERS_S, **environment) as started:
        yield started


def of_the_api(demo: StartedDemo, machine: str) -> dict[str, str]:
    """What the API says of a machine; empty when it has none of that name."""
    listed: dict[str, dict[str, str]] = {one["name"]: one for one in ask(demo.address, "/api/machines")}
    return listed.get(machine, {})


def until(condition: Callable[[], bool], wait_s: float = WORKS_S) -> None:
    end_s = time.monotonic() + wait_s
    while not condition():
        assert time.monotonic() < end_s, "waited in vain"
        time.sleep(0.1)


def retained(demo: StartedDemo, role: str, *filters: str) -> set[str]:
    """The topics under which the broker keeps something that a role may read."""
    password = (demo.credentials / role).read_text(encoding="utf-8").strip()
    client = Client(demo.mqtt_port, role, password)
    client.listen(*filters, qos=0)
    kept = {one.topic for one in client.heard if one.retain and one.payload}
    client.close()
    return kept


def traces(demo: StartedDemo) -> set[str]:
    """The topics that still speak of one of the machines of this journey."""
    kept = set[str]().union(*(retained(demo, role, *filters) for role, filters in ROLES.items()))
    return {topic for topic in kept if set(topic.split("/")) & set(NAMES)}


def test_a_real_machine_that_has_gone_is_listed_until_it_is_forgotten(
    demo: StartedDemo, browser_page: Page
) -> None:
    client = Client(
        demo.mqtt_port, "machines", (demo.credentials / "machines").read_text(encoding="utf-8").strip()
    )
    birth = {"at": "2026-01-05T06:00:00Z", "states": "reported", "period_ms": 60_000}
    client.say(["shopfloor/old-press/birth"], json.dumps(birth), retain=True)
    client.say(["shopfloor/old-press/readings"], '{"power_kw": 3, "state": "idle"}')
    until(lambda: bool(of_the_api(demo, "old-press")))
    client.say(["shopfloor/old-press/birth"], "", retain=True)
    until(lambda: not of_the_api(demo, "old-press"))
    client.close()
    page = browser_page
    page.goto(f"{demo.address}/machines")

    expect(page.locator("#row-old-press")).to_contain_text("no longer there")
    page.click("#forget-old-press")
    page.click("#yes-old-press")

    expect(page.locator("#row-old-press")).to_have_count(0)
    assert ask(demo.address, "/api/machines?retired=yes") == []


def test_a_machine_is_added_in_the_browser_works_is_changed_cloned_held_and_leaves_no_trace(
    demo: StartedDemo, browser_page: Page
) -> None:
    page = browser_page
    began_s = time.monotonic()
    page.goto(f"{demo.address}/machines")
    expect(page.locator("#add-name")).to_have_value(NAMES[0])
    page.fill("#add-cycle_s", "60")
    page.click("#add-go")
    expect(page.locator("#add-said")).to_have_text(re.compile("its tile was there after"))
    added_s = time.monotonic() - began_s
    assert added_s < ADDED_S

    until(lambda: of_the_api(demo, NAMES[0]).get("state") in STATES)
    assert {topic.rpartition("/")[2] for topic in traces(demo)} >= {"birth", "online", NAMES[0]}

    page.click(f"#pause-{NAMES[0]}")
    expect(page.locator(f"#said-{NAMES[0]}")).to_have_text(f"{NAMES[0]} is paused.")
    until(lambda: of_the_api(demo, NAMES[0]).get("cause") == "paused")
    page.click(f"#clone-{NAMES[0]}")
    page.keyboard.press("Enter")
    expect(page.locator(f"#row-{NAMES[1]}")).to_be_visible(timeout=15_000)
    page.click(f"#change-{NAMES[0]}")
    # Its text is asked for first: until it has come, the form is one for another machine.
    expect(page.locator("#add-name")).to_have_value(NAMES[0])
    page.check("#add-retrofit")
    page.click("#add-go")
    expect(page.locator("#add-said")).to_have_text(f"{NAMES[0]} is another one from now on.")
    until(lambda: of_the_api(demo, NAMES[0]).get("state") in {"running", "stopped"})

    for name in NAMES:
        page.click(f"#remove-{name}")
        page.click(f"#yes-{name}")
        expect(page.locator(f"#row-{name}")).to_have_count(0)
    until(lambda: not traces(demo))
    until(lambda: not any(of_the_api(demo, name) for name in NAMES))
    page.locator(".pages a[data-page='/']").click()
    expect(page.locator("[data-machine='mill-1']")).to_be_visible()
    expect(page.locator("[data-machine='mill-2'], [data-machine='mill-3']")).to_have_count(0)
