"""The crew: parts are kept alive, stopped in order, and never outlive the demo."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from demo.crew import Crew
from demo.parts import Part
from tests.broker.running import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable

WAIT_S = 60.0


def wait_until(condition: Callable[[], bool]) -> None:
    until_s = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < until_s, "waited in vain"
        time.sleep(0.02)


def look_until(crew: Crew, condition: Callable[[], bool]) -> None:
    until_s = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < until_s, "waited in vain"
        crew.look()
        time.sleep(0.02)


def stand_in(what: str, file: Path, *, stage: int = 1) -> Part:
    command = ("module", "tests.demo.stand_in", what, str(file))
    return Part(name=what, command=command, stage=stage)


def lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def lives(pid: str) -> bool:
    """A process that has ended but was not collected by its new parent counts as gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


@pytest.fixture
def said() -> list[str]:
    return []


def test_parts_stop_by_themselves_in_the_reverse_order_of_their_start(
    tmp_path: Path, said: list[str]
) -> None:
    file = tmp_path / "both"
    first, second = stand_in("first", file, stage=0), stand_in("second", file, stage=1)
    crew = Crew([first, second], tmp_path / "log", said.append)
    crew.start(0)
    wait_until(lambda: len(lines(file)) == 1)
    crew.start(1)
    wait_until(lambda: len(lines(file)) == 2)

    crew.stop()

    assert lines(file)[2:] == ["stopped", "stopped"]
    assert not any(lives(pid) for pid in lines(file)[:2])
    assert said == []


def test_a_part_that_is_killed_is_said_in_one_sentence_and_started_again(
    tmp_path: Path, said: list[str]
) -> None:
    file = tmp_path / "pids"
    crew = Crew([stand_in("ingest", file)], tmp_path / "log", said.append)
    crew.start(1)
    wait_until(lambda: len(lines(file)) == 1)

    os.kill(int(lines(file)[0]), signal.SIGKILL)
    look_until(crew, lambda: len(lines(file)) == 2)
    crew.stop()

    log = tmp_path / "log" / "ingest.log"
    assert said == [
        f"ingest ended by itself (signal 9); starting it again in 1 s. What it said stands in {log}."
    ]


def test_a_part_that_fails_at_once_is_tried_less_and_less_often(tmp_path: Path, said: list[str]) -> None:
    crew = Crew([stand_in("failing", tmp_path / "pids")], tmp_path / "log", said.append)
    crew.start(1)

    look_until(crew, lambda: sum("ended by itself" in line for line in said) == 3)
    crew.stop()

    waits = [line.split(" in ")[1][:3] for line in said if "ended by itself" in line]
    assert waits == ["1 s", "2 s", "4 s"]


def test_the_terminal_shows_warnings_and_what_was_wrong_and_the_log_shows_all(
    tmp_path: Path, said: list[str]
) -> None:
    crew = Crew([stand_in("failing", tmp_path / "pids")], tmp_path / "log", said.append)
    crew.start(1)

    look_until(crew, lambda: bool(said))
    crew.stop()

    assert said[:2] == [
        "  failing | WARNING it looks like rain",
        "  failing | ValueError: no such machine",
    ]
    log = lines(tmp_path / "log" / "failing.log")
    assert log[:3] == [
        "INFO all is well",
        "WARNING it looks like rain",
        "Traceback (most recent call last):",
    ]


def test_what_a_killed_part_had_started_does_not_linger(tmp_path: Path, said: list[str]) -> None:
    file = tmp_path / "pids"
    crew = Crew([stand_in("parent", file)], tmp_path / "log", said.append)
    crew.start(1)
    wait_until(lambda: len(lines(file)) == 1)
    parent, child = lines(file)[0].split()

    os.kill(int(parent), signal.SIGKILL)
    look_until(crew, lambda: bool(said))

    wait_until(lambda: not lives(child))
    crew.stop()


DEMO = """
import sys, time
from pathlib import Path
from demo.crew import Crew
from demo.parts import Part
folder = Path(sys.argv[1])
sleep = ("program", "/bin/sh", "-c", f"echo $$ >{folder}/program; exec sleep 600")
ours = [("module", "tests.demo.stand_in", what, str(folder / what)) for what in ("polite", "rude")]
parts = [Part(name=c[1], command=c, stage=1) for c in [sleep, *ours]]
crew = Crew(parts, folder / "log", print)
crew.start(1)
time.sleep(600)
"""


def test_no_part_outlives_a_demo_that_was_killed(tmp_path: Path) -> None:
    demo = subprocess.Popen([sys.executable, "-c", DEMO, str(tmp_path)], cwd=PROJECT)
    files = [tmp_path / name for name in ("program", "polite", "rude")]
    wait_until(lambda: all(lines(file) for file in files))
    pids = [lines(file)[0] for file in files]
    assert all(lives(pid) for pid in pids)

    demo.kill()
    demo.wait()

    wait_until(lambda: not any(lives(pid) for pid in pids))
    assert lines(tmp_path / "polite")[1:] == ["stopped"]
