"""The lines with which a device of one's own joins, run as they are copied, through a real broker."""

from __future__ import annotations

import ast
import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from dashboard.pages.guest import WAYS, Guest, guest_line, guest_of, python_lines, shell_loop
from tests.broker.clients import Client, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.broker.running import RunningBroker

pytestmark = pytest.mark.broker

TOPIC = "shopfloor/my-press/readings"


@pytest.fixture
def office(broker: RunningBroker) -> Iterator[Client]:
    client = Client(broker.port, "office", broker.password("office"))
    client.listen(TOPIC)
    yield client
    client.close()


@pytest.mark.parametrize(
    ("write", "run"),
    [
        (guest_line, ["sh", "-c"]),
        (shell_loop, ["sh", "-c"]),
        (python_lines, [sys.executable, "-c"]),
    ],
)
def test_lines_that_are_copied_reach_the_office(
    write: Callable[[Guest], str], run: list[str], broker: RunningBroker, office: Client
) -> None:
    lines = write(guest_of(f"127.0.0.1:{broker.port}", "shopfloor", broker.credentials))

    with subprocess.Popen([*run, lines], start_new_session=True) as process:
        wait_until(lambda: TOPIC in office.topics)
        process.send_signal(signal.SIGTERM)

    said = json.loads(office.heard[0].payload)
    assert isinstance(said["power_kw"], float)


def test_lines_without_a_password_ask_for_none_and_python_is_python() -> None:
    guest = guest_of("broker.example", "shopfloor", None)

    for _, write in WAYS.values():
        lines = write(guest)
        assert "broker.example" in lines
        assert "guest" not in lines
    assert guest.port == 1883
    for name in ("python", "micropython"):
        ast.parse(WAYS[name][1](guest))
        ast.parse(WAYS[name][1](guest_of('a"b:1', "shop\\floor", None)))
