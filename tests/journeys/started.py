"""The demo as a user would start it: `python -m demo` in a process of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from demo.claims import HOST
from tests.broker.running import PROJECT
from tests.journeys.floor import wait_for_page
from tests.ports import own_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

STOP_S = 60.0
PYTHON = (sys.executable, "-m", "demo")


def processes() -> dict[int, tuple[int, str]]:
    """Return parent and command line of every process that still runs, by its id."""
    listing = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,stat=,args="], check=True, capture_output=True, text=True
    ).stdout
    found = {}
    for line in listing.splitlines():
        pid, parent, stat, *args = line.split(maxsplit=3)
        if not stat.startswith("Z"):
            found[int(pid)] = (int(parent), args[0] if args else "")
    return found


def descendants(pid: int) -> dict[int, str]:
    """Return the command lines of all processes below this one."""
    running = processes()
    found: dict[int, str] = {}
    parents = {pid}
    while parents:
        children = {p: args for p, (parent, args) in running.items() if parent in parents}
        parents = set(children) - set(found)
        found |= children
    return found


class StartedDemo:
    """A demo on free ports, with a folder of its own."""

    def __init__(
        self,
        folder: Path,
        *,
        command: Sequence[str] = PYTHON,
        project: Path = PROJECT,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.port = own_port()
        self.mqtt_port = own_port()
        self.address = f"http://{HOST}:{self.port}"
        self.said: list[str] = []
        """Every line it has printed."""
        settings = {
            "PORT": str(self.port),
            "MQTT_PORT": str(self.mqtt_port),
            "STATE_DIR": str(folder / "var"),
            # As for somebody who types it, not below another make, which says where it goes.
            "MAKEFLAGS": "",
            "MAKELEVEL": "0",
            **(environment or {}),
        }
        self.credentials = folder / "var" / "credentials"
        self.process = subprocess.Popen(
            command,
            cwd=project,
            env={**os.environ, **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self.said.append(line.rstrip("\n"))

    def parts(self) -> dict[str, int]:
        """Return the process id of each part that runs."""
        marks = {
            "broker": "mosquitto.conf",
            "ingest": "dashboard ingest",
            "web": "dashboard web",
            "simulator": "simulator run",
            "mazak": "simulator replay",
            "study": "demo study",
        }
        children = {pid: args for pid, (parent, args) in processes().items() if parent == self.process.pid}
        return {name: pid for name, mark in marks.items() for pid, args in children.items() if mark in args}

    def line_with(self, piece: str, wait_s: float = STOP_S) -> str:
        """Return the first line printed that holds this piece, waiting for it."""
        until_s = time.monotonic() + wait_s
        while True:
            found = next((line for line in self.said if piece in line), None)
            if found is not None:
                return found
            assert time.monotonic() < until_s, f"never said {piece!r}: {self.said}"
            time.sleep(0.05)

    def stop(self, number: int = signal.SIGINT) -> int:
        """Stop it as Ctrl-C does, which reaches everything in the foreground; return its exit code."""
        os.killpg(self.process.pid, number)
        code = self.process.wait(STOP_S)
        self._reader.join(STOP_S)
        return code

    def end(self) -> None:
        """Leave nothing behind, whatever has happened."""
        if self.process.poll() is None:
            below = descendants(self.process.pid)
            self.process.kill()
            self.process.wait()
            for pid in set(below) & set(processes()):
                # Without the demo each of them is about to end by itself.
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self._reader.join(STOP_S)


@contextmanager
def answering(folder: Path, *, wait_s: float, **environment: str) -> Iterator[StartedDemo]:
    """A demo once its page answers; also where it never does, nothing of it is left behind."""
    started = StartedDemo(folder, environment=environment)
    try:
        wait_for_page(started.address, wait_s)
        yield started
    finally:
        started.end()
