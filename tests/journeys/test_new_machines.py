"""Every way to a new machine, in the running demo: each has a state and a utilization at the API."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from demo.claims import HOST
from protocol.moments import from_text, to_text
from simulator.__main__ import main
from tests.broker.running import PROJECT
from tests.journeys.floor import ask
from tests.journeys.started import StartedDemo, answering

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.broker, pytest.mark.journey]

ANSWERS_S = 60.0
WORKS_S = 60.0
STATES = {"running", "idle", "down", "setup"}
LOOP_MS = 1_000_000
"""The length of the table that is replayed, over and over: six tenths of it are cut."""
PRESS = 'kind = "press"\nline = "forming"\n'


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("machines")
    for name in ("mill-1", "press-1"):
        shutil.copy(PROJECT / "simulator" / "machines" / f"{name}.toml", folder)
    return folder


@pytest.fixture(scope="module")
def demo(machines: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartedDemo]:
    environment = {"MACHINES_DIR": str(machines), "SPEED": "600", "HISTORY_HOURS": "0"}
    with answering(tmp_path_factory.mktemp("demo"), wait_s=ANSWERS_S, **environment) as started:
        yield started


def works(demo: StartedDemo, machine: str) -> None:
    """Wait until a machine has a state and a utilization at the API."""
    until_s = time.monotonic() + WORKS_S
    while not is_at_work(demo, machine):
        assert time.monotonic() < until_s, f"{machine} does not work: {demo.said}"
        time.sleep(0.2)


def is_at_work(demo: StartedDemo, machine: str) -> bool:
    tiles = {one["name"]: one for one in ask(demo.address, "/api/machines")}
    if machine not in tiles or tiles[machine].get("state") not in STATES:
        return False
    kpis: dict[str, Any] = ask(demo.address, f"/api/kpis?{urlencode({'machine': machine})}")
    return kpis["utilization"] is not None and kpis["coverage"] > 0


def known_until_ms(demo: StartedDemo, machine: str) -> int:
    """Up to when the API knows a machine, ms since 1970."""
    (found,) = [one for one in ask(demo.address, "/api/machines") if one["name"] == machine]
    return from_text(found["known_until"])


def used_over_two_loops(demo: StartedDemo, machine: str) -> float:
    """The utilization of a replayed machine over two whole loops of its table, once both are over."""
    from_ms = known_until_ms(demo, machine)
    to_ms, until_s = from_ms + 2 * LOOP_MS, time.monotonic() + WORKS_S
    # Before that has begun for the plant, a window from there on is refused.
    while known_until_ms(demo, machine) < to_ms:
        assert time.monotonic() < until_s, f"{machine} is not known until {to_text(to_ms)}"
        time.sleep(0.2)
    window = urlencode({"machine": machine, "from": to_text(from_ms), "to": to_text(to_ms)})
    while (kpis := ask(demo.address, f"/api/kpis?{window}"))["to"] < to_text(to_ms) or kpis["coverage"] < 1:
        assert time.monotonic() < until_s, f"{machine} is not known until {to_text(to_ms)}: {kpis}"
        time.sleep(0.2)
    used: float = kpis["utilization"]
    return used


def test_a_new_machine_s_file_is_a_machine(demo: StartedDemo, machines: Path) -> None:
    assert main(["new", "cnc-mill", "mill-7", "--line", "machining", "--machines", str(machines)]) == 0

    works(demo, "mill-7")


def test_a_file_that_is_dropped_into_the_folder_is_a_machine(demo: StartedDemo, machines: Path) -> None:
    (machines / "press-7.toml").write_text(PRESS, encoding="utf-8")

    works(demo, "press-7")


def test_a_command_message_makes_a_machine(demo: StartedDemo) -> None:
    password = (demo.credentials / "operator").read_text(encoding="utf-8").strip()
    command = {"id": "by-hand", "what": "add", "machine": "press-8", "text": PRESS}
    publish = ["mosquitto_pub", "-h", HOST, "-p", str(demo.mqtt_port), "-u", "operator", "-P", password]

    subprocess.run(
        [*publish, "-q", "1", "-t", "shopfloor/_plant/command", "-m", json.dumps(command)], check=True
    )

    works(demo, "press-8")


def test_a_replayed_table_is_a_machine(demo: StartedDemo, tmp_path: Path) -> None:
    table = tmp_path / "saw.csv"
    rows = [
        (second, "Cut" if second % 100 < 60 else "Wait", 900 + second % 7) for second in range(0, 1_000, 5)
    ]
    table.write_text(
        "t;mode;Watt\n" + "".join(f"{second};{mode};{watt}\n" for second, mode, watt in rows),
        encoding="utf-8",
    )
    replay = [sys.executable, "-m", "simulator", "replay", str(table), "--as", "saw-1", "--time", "t"]
    replay += ["--state", "mode", "--states", "Cut=running,Wait=idle", "--map", "power_kw=Watt*0.001"]
    replay += ["--broker", f"mqtt://{HOST}:{demo.mqtt_port}", "--credentials", str(demo.credentials)]

    with subprocess.Popen(replay, cwd=PROJECT) as process:
        try:
            works(demo, "saw-1")
            assert used_over_two_loops(demo, "saw-1") == pytest.approx(0.6, abs=0.01)
        finally:
            process.terminate()
