"""The whole demo as a user starts it, its processes, its files, and what it says in its logs."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from demo.claims import HOST
from tests.broker.running import PROJECT
from tests.ports import own_port

FULL_S = 600.0
STOP_S = 40.0
BAD = re.compile(r"\b(WARNING|ERROR|CRITICAL)\b|^Traceback")
WORSE = re.compile(r"\b(ERROR|CRITICAL)\b|^Traceback")
VARIES = re.compile(r"\d[\d.,:]*")
LISTED = 400
"""So many different sentences are kept."""


class Said:
    """The warnings and errors in the logs of the parts, read as they grow.

    Args:
        folder: Folder of the logs.
    """

    def __init__(self, folder: Path) -> None:
        self.warnings = 0
        self.errors = 0
        self.sentences: Counter[str] = Counter()
        """How often each was said, numbers aside."""
        self._folder = folder
        self._read: dict[Path, int] = {}

    def look(self) -> None:
        """Read what has been said since."""
        for log in sorted(self._folder.glob("*.log")):
            read = self._read.get(log, 0)
            with log.open("rb") as file:
                if log.stat().st_size < read:
                    read = 0  # it began anew
                file.seek(read)
                whole, newline, _ = file.read().rpartition(b"\n")
            self._read[log] = read + len(whole) + len(newline)
            for line in whole.decode(errors="replace").splitlines():
                self._take(log.stem, line)

    def _take(self, part: str, line: str) -> None:
        if not BAD.search(line):
            return
        if WORSE.search(line):
            self.errors += 1
        else:
            self.warnings += 1
        sentence = f"{part}: {VARIES.sub('#', line)}"
        if sentence in self.sentences or len(self.sentences) < LISTED:
            self.sentences[sentence] += 1


class Demo:
    """`python -m demo` in a folder of its own.

    Args:
        state: Its folder.
        speed: Simulated seconds per second.
        seed: Seed of the plant.
    """

    def __init__(self, state: Path, *, speed: str, seed: int) -> None:
        self.port, self.mqtt_port = own_port(), own_port()
        self.state = state
        self.history = state / "history.db"
        self.credentials = state / "credentials"
        self.broker = f"mqtt://{HOST}:{self.mqtt_port}"
        self.said = Said(state / "log")
        self._settings = {
            "SPEED": speed, "SEED": str(seed), "PORT": str(self.port), "MQTT_PORT": str(self.mqtt_port),
            "STATE_DIR": str(state),
        }  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.state.mkdir(parents=True, exist_ok=True)
        with (self.state / "demo.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "demo"],
                cwd=PROJECT,
                env={**os.environ, **self._settings},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()

    @property
    def pid(self) -> int:
        """The process that started all others."""
        assert self._process is not None
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether it still does."""
        return self._process is not None and self._process.poll() is None

    def wait_until_full(self, machines: int) -> None:
        """Wait until the page has all machines and the plant has lived through its past."""
        end_s = time.monotonic() + FULL_S
        while time.monotonic() < end_s and self.runs:
            try:
                address = f"http://{HOST}:{self.port}/live/state"
                with urllib.request.urlopen(address, timeout=5) as answer:
                    board = msgspec.json.decode(answer.read())["d"]["board"]
            except (OSError, KeyError, ValueError):
                board = None
            if board and board["machines"] >= machines and board["catching_up_to_ms"] is None:
                return
            time.sleep(0.2)
        raise SystemExit(f"the page was not full within {FULL_S:g} s: {self.state / 'demo.log'} says why")
