"""Credentials rotated while everything runs: the old ones are refused, and every part goes on."""

import json
import shutil
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from demo.claims import HOST
from protocol.address import AUTHORITY, ROLES, Address, address_of
from protocol.session import Session
from tests.broker.clients import wait_until
from tests.broker.running import PROJECT
from tests.journeys.started import StartedDemo

pytestmark = [pytest.mark.broker, pytest.mark.journey]
BACK_S = 90.0


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[StartedDemo]:
    """A demo with TLS and two machines of its own."""
    machines = tmp_path / "machines"
    machines.mkdir()
    for name in ("mill-1", "press-1"):
        shutil.copy(PROJECT / "simulator" / "machines" / f"{name}.toml", machines)
    started = StartedDemo(tmp_path, environment={"TLS": "1", "MACHINES_DIR": str(machines), "TWIN": "off"})
    started.address = started.address.replace("http://", "https://")
    yield started
    started.end()


def ask(demo: StartedDemo, path: str) -> Any:
    trusted = ssl.create_default_context(cafile=demo.credentials / AUTHORITY)
    with urllib.request.urlopen(f"{demo.address}{path}", context=trusted, timeout=10) as answer:  # noqa: S310
        return json.load(answer)


def answers(demo: StartedDemo) -> bool:
    try:
        return bool(ask(demo, "/api/runs"))
    except (OSError, ValueError):
        return False


def now_of(demo: StartedDemo) -> str:
    """Plant time up to which everything is worked out and pages are told."""
    return str(ask(demo, "/live/state")["d"]["board"]["now_ms"])


def refusal_of(address: Address) -> str:
    session = Session(name="probe", address=address, quiet=True)
    session.start()
    wait_until(lambda: bool(session.refusal) or session.connected.is_set(), 20)
    session.stop()
    return session.refusal


def test_credentials_are_rotated_while_everything_runs_with_tls(demo: StartedDemo) -> None:
    demo.line_with("The shop floor is at https://", BACK_S)
    wait_until(lambda: answers(demo), BACK_S)
    assert "--cafile" in demo.line_with("-u guest") or "ca_certs" in demo.line_with("-u guest")
    url = f"mqtts://{HOST}:{demo.mqtt_port}"
    old = {role: address_of(url, role=role, credentials=demo.credentials) for role in ROLES}

    rotated = subprocess.run(
        [sys.executable, "-m", "demo", "rotate", "--state", str(demo.credentials.parent)],
        cwd=PROJECT, capture_output=True, text=True, check=True,
    )  # fmt: skip

    new = {role: address_of(url, role=role, credentials=demo.credentials) for role in ROLES}
    assert not {one.password for one in old.values()} & {one.password for one in new.values()}
    # As told, and not as it stands in its file by now.
    stale = {role: replace(one, file=None) for role, one in old.items()}
    wait_until(lambda: refusal_of(stale["guest"]) == "Not authorized", 30)
    assert {role: refusal_of(one) for role, one in stale.items()} == dict.fromkeys(ROLES, "Not authorized")
    assert {role: refusal_of(one) for role, one in new.items()} == dict.fromkeys(ROLES, "")
    begun = now_of(demo)
    wait_until(lambda: now_of(demo) != begun, BACK_S)
    wait_until(lambda: ask(demo, "/api/health")["sentences"] == [], BACK_S)
    log = "".join(file.read_text(encoding="utf-8") for file in (demo.credentials.parent / "log").iterdir())
    secrets = {str(one.password) for one in (*old.values(), *new.values())}
    said = "\n".join(line for line in demo.said if "-u guest" not in line) + log + rotated.stdout
    assert not [secret for secret in secrets if secret in said]
