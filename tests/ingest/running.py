"""The real ingest process."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.broker.clients import Client, wait_until
from tests.broker.running import PROJECT, RunningBroker

START_S = 60.0
"""Python alone may take a quarter of this to start on a machine that is busy with other tests."""


class RunningIngest:
    """`python -m dashboard ingest` on a history of its own, which may be stopped and started again."""

    def __init__(self, broker: RunningBroker, folder: Path, *options: str) -> None:
        self.history = f"sqlite:///{folder / 'history.db'}"
        self.log = folder / "ingest.log"
        self._broker = broker
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it has taken its place in the office."""
        command = [
            sys.executable, "-m", "dashboard", "ingest", "--broker", self._broker.url,
            "--credentials", str(self._broker.credentials), "--history", self.history, *self._options,
        ]  # fmt: skip
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, cwd=PROJECT, stdout=log, stderr=log, env=os.environ)
        witness = Client(self._broker.port, "machines", self._broker.password("machines"))
        witness.listen("shopfloor/_plant/office")
        wait_until(
            lambda: any(b'"boot":"' in one.payload and b'""' not in one.payload for one in witness.heard),
            START_S,
        )
        witness.close()

    @property
    def lives(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process id of the one that runs."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """End it as `kill -9` does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(START_S)
            self._process = None

    def stop(self) -> None:
        """Stop it as its user would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            assert self._process.wait(START_S) == 0
            self._process = None
