"""README's lines for testing another dashboard, run as written at a broker that knows no account."""

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.broker import find_mosquitto
from demo.claims import free_port, is_free
from protocol.messages import Birth, decode, decode_online
from protocol.readings import decode_batch
from simulator.commanding.table import FORMS
from simulator.faults.catalogue import CATALOGUE
from simulator.specs.kind import load_kinds
from tests.broker.clients import Client, wait_until

PROJECT = Path(__file__).parents[2]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("## Test another dashboard with it")[2].partition("\n## ")[0]
(LINES,) = re.findall(r"```sh\n(.*?)```", SECTION, re.DOTALL)
FLEET = 40
START_S = 60.0


@pytest.fixture
def open_port(tmp_path: Path) -> Iterator[int]:
    """A Mosquitto that lets everybody in."""
    program = find_mosquitto()
    assert program is not None, "this test needs mosquitto: apt-get install mosquitto"
    port = free_port()
    settings = tmp_path / "mosquitto.conf"
    settings.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n", encoding="utf-8")
    broker = subprocess.Popen([program, "-c", settings], stderr=subprocess.DEVNULL)
    wait_until(lambda: not is_free(port))
    yield port
    broker.kill()
    broker.wait()


def newest(client: Client, ending: str) -> dict[str, bytes]:
    """The newest message of each machine on topics that end so."""
    return {
        one.topic.removesuffix(ending): bytes(one.payload)
        for one in client.heard
        if one.topic.endswith(ending)
    }


@pytest.mark.broker
def test_the_lines_for_another_dashboard_make_a_fleet_that_speaks_and_leaves_by_its_wills(
    open_port: int, tmp_path: Path
) -> None:
    # A reader is in the folder of the repository, which is to stay as it is.
    (tmp_path / "simulator").symlink_to(PROJECT / "simulator")
    listener = Client(open_port, "anybody", "")
    listener.listen("shopfloor/#")
    program = LINES.replace("1883", str(open_port)).replace("python", f"exec {shlex.quote(sys.executable)}")
    simulator = subprocess.Popen(
        ["/bin/sh", "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: len(newest(listener, "/readings")) == FLEET, START_S)
        births = {
            topic: decode(payload, Birth) for topic, payload in newest(listener, "/birth").items() if payload
        }
        batch = decode_batch(newest(listener, "/readings")["shopfloor/line-1/mill-1"])

        assert len(births) == FLEET
        assert batch.signals.keys() == births["shopfloor/line-1/mill-1"].signals.keys()
        assert len(batch.offsets_ms) == 1

        simulator.send_signal(signal.SIGKILL)
        wait_until(lambda: [*map(decode_online, newest(listener, "/online").values())] == [False] * FLEET)
    finally:
        simulator.kill()
        simulator.wait()
        listener.close()


def test_what_the_section_counts_is_so() -> None:
    numbers = {"six": 6}
    (kinds,) = re.findall(r"Values: (\w+) kinds of machine", SECTION)
    (fault, more) = re.findall(r"command fault mill-1 ([\w-]+)` and \[(\d+) more\]", SECTION)[0]

    assert numbers[kinds] == len(load_kinds(PROJECT / "simulator" / "kinds"))
    assert fault in CATALOGUE
    assert int(more) == len(CATALOGUE) - 1
    assert "fault" in FORMS
