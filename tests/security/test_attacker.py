"""Whoever has no credential, a device's, a machine's, a viewer's or no password gets no further than that."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page

from dashboard.gate.door import Door
from dashboard.gate.password import PagePassword
from dashboard.gate.routes import OPEN, guard
from tests.broker.clients import Client, wait_until
from tests.broker.running import RunningBroker
from tests.broker.test_access import ALL_TOPICS, MAY_SAY, OMNISCIENT, add_user
from tests.gate.shut import door, page, set_password
from tests.security.attacker import COMMANDS, HELD_OPEN, OTHERWISE, attempts, denied, without_rule
from tests.web.conftest import RunningWeb

pytestmark = pytest.mark.broker

TRY_ALL = """async tries => {
  const found = [];
  for (const [method, path] of tries) {
    const body = method === "GET" ? undefined : "{}";
    const headers = body ? { "Content-Type": "application/json" } : {};
    const leaving = new AbortController();
    const answer = await fetch(path, { method, body, headers, signal: leaving.signal, redirect: "manual" });
    found.push(answer.status);
    leaving.abort();
  }
  return found;
}"""
SAY_ALL = """async bodies => {
  const found = [];
  for (const body of bodies) {
    const answer = await fetch("/api/commands", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    found.push([answer.status, (await answer.json()).error]);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBroker]:
    """A broker that logs who was refused what, as in the demo and Compose, and one user who hears all."""
    running = RunningBroker(tmp_path_factory.mktemp("watched"), audit=True)
    add_user(running, OMNISCIENT, rights="topic readwrite #")
    set_password(running.credentials)
    running.start()
    yield running
    running.kill()


@pytest.fixture(scope="module")
def shut_web(watched: RunningBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWeb]:
    running = RunningWeb(watched, tmp_path_factory.mktemp("web"), more=("--commands", "password"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def tolerated_page_errors() -> list[str]:
    """What a browser says of refusals."""
    return ["Failed to load resource"]


def refused(broker: RunningBroker) -> int:
    """How many sign-ins the broker's log says were refused."""
    return len(re.findall(r"Sending CONNACK to .*\(0, [45]\)", broker.log.read_text(encoding="utf-8")))


@pytest.mark.parametrize("user", ["", "guest", "operator", "nobody", "health", "#", "machines' --"])
def test_without_a_credential_nobody_gets_in_and_the_log_says_so(watched: RunningBroker, user: str) -> None:
    before = refused(watched)

    client = Client(watched.port, user, "guessed" if user else "")

    assert client.refused == "Not authorized"
    client.close()
    wait_until(lambda: refused(watched) > before)


@pytest.mark.parametrize("user", ["guest", "device", "machines", "viewer"])
def test_whoever_is_in_says_what_the_role_may_and_everything_else_is_refused_and_logged(
    watched: RunningBroker, user: str
) -> None:
    witness = Client(watched.port, OMNISCIENT, watched.password("machines"))
    witness.listen("#")
    client_id = f"attacker-{user}"
    attacker = Client(watched.port, user, watched.password(user), client_id=client_id)

    attacker.say(ALL_TOPICS, "x")
    witness.say(["end"], "of it")
    wait_until(lambda: "end" in witness.topics)

    assert witness.topics - {"end"} == MAY_SAY[user]
    wait_until(lambda: denied(watched, client_id) == set(ALL_TOPICS) - MAY_SAY[user])
    attacker.close()
    witness.close()


def test_every_route_has_a_rule(tmp_path: Path) -> None:
    server = page(tmp_path, door(tmp_path))

    assert without_rule(server) == set()
    taken = {(rule.rule, method) for rule in server.url_map.iter_rules() for method in rule.methods or ()}
    assert set(OTHERWISE) <= taken


def test_a_route_that_is_new_is_shut_until_it_has_a_rule(tmp_path: Path) -> None:
    server = Flask("of tomorrow")
    server.add_url_rule("/api/stop-everything", "stop", lambda: "stopped", methods=["POST", "DELETE"])
    guard(server, Door(password=PagePassword(set_password(tmp_path))))

    client = server.test_client()

    assert without_rule(server) == {("/api/stop-everything", "POST"), ("/api/stop-everything", "DELETE")}
    assert "stop" not in OPEN
    assert client.post("/api/stop-everything", json={}).status_code == 401
    assert client.delete("/api/stop-everything").status_code == 401


@pytest.mark.browser
def test_a_browser_without_the_password_reads_and_changes_nothing_by_any_route(
    shut_web: RunningWeb, browser_page: Page, tmp_path: Path
) -> None:
    tried = attempts(page(tmp_path, door(tmp_path)))
    browser_page.goto(f"{shut_web.url}/tour.json")
    # A page of ours that draws nothing meanwhile; its own policy lets data fetch nothing.
    browser_page.goto(f"{shut_web.url}/nowhere")

    statuses = browser_page.evaluate(TRY_ALL, [[one.method, one.path] for one in tried])

    done = {
        (one.rule, one.method)
        for one, status in zip(tried, statuses, strict=True)
        if one.method != "GET" and status not in {400, 401, 403, 404, 405, 413, 415}
    }
    # Signing out nobody, and a callback without a body, which Dash answers with its own error.
    assert done <= {("/api/session", "DELETE"), ("/_dash-update-component", "POST")}
    shut_away = [
        one.path
        for one, status in zip(tried, statuses, strict=True)
        if one.method == "GET" and status in {401, 403} and one.rule != HELD_OPEN
    ]
    assert shut_away == []


@pytest.mark.browser
def test_a_browser_without_the_password_commands_nothing_and_each_try_is_logged(
    shut_web: RunningWeb, watched: RunningBroker, browser_page: Page
) -> None:
    witness = Client(watched.port, OMNISCIENT, watched.password("machines"))
    witness.listen("shopfloor/_plant/command", "shopfloor/_office/command")
    before = shut_web.log.read_text(encoding="utf-8").count("refused POST /api/commands")
    browser_page.goto(f"{shut_web.url}/nowhere")

    said = browser_page.evaluate(SAY_ALL, [{"what": what, "machine": "mill-1"} for what in COMMANDS])

    assert {tuple(one) for one in said} == {(401, "commands from here need the operator's password")}
    witness.listen("shopfloor/_plant/command")
    assert witness.heard == []
    log = shut_web.log.read_text(encoding="utf-8")
    assert log.count("refused POST /api/commands from 127.0.0.1") - before == len(COMMANDS)
    witness.close()


def test_no_log_holds_a_secret(shut_web: RunningWeb, watched: RunningBroker) -> None:
    said = shut_web.log.read_text(encoding="utf-8") + watched.log.read_text(encoding="utf-8")

    secrets = {file.name: file.read_text(encoding="utf-8").strip() for file in watched.credentials.iterdir()}
    assert said
    assert [name for name, secret in secrets.items() if name != "acl" and secret in said] == []
