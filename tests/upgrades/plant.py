"""A small plant of any version of the product, from the folder that its source lies in."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from demo.claims import HOST
from tests.broker.running import RunningBroker
from tests.ports import own_port

if TYPE_CHECKING:
    from types import TracebackType

MACHINES = ("mill-1", "compressor-1")
"""One whose control reports, and a retrofit."""
PATIENCE_S = 600.0


class Plant:
    """Broker, ingest, web and simulator, each of whichever version lies in a folder.

    Args:
        folder: Where the parts keep what they keep.
        office: The source of ingest and web.
        factory: The source of the simulator.
        broker: A broker that is there already; None for one of its own.
    """

    def __init__(
        self, folder: Path, *, office: Path, factory: Path, broker: RunningBroker | None = None
    ) -> None:
        self.folder = folder
        self.office = office
        self.factory = factory
        self.history = folder / "history.db"
        self.port = own_port()
        self.broker = broker or RunningBroker(folder / "broker")
        self._is_mine = broker is None
        self._parts: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._is_mine:
            self.broker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in list(self._parts):
            self.kill(name)
        if self._is_mine:
            self.broker.kill()

    def start_ingest(self, *options: str) -> None:
        """Start what works out the history."""
        where = (*self._at_broker(), *self._at_history())
        self._start("ingest", self.office, "dashboard", "ingest", *where, *options)

    def start_web(self) -> None:
        """Start what answers at the API, and wait until it does."""
        port = str(self.port)
        self._start(
            "web", self.office, "dashboard", "web", *self._at_broker(), *self._at_history(), "--port", port
        )
        self.wait_for(lambda: self.ask("/api/runs") is not None)

    def start_simulator(self, *options: str) -> None:
        """Start the plant."""
        machines = self.folder / "machines"
        machines.mkdir(exist_ok=True)
        for name in MACHINES:
            shutil.copy(self.factory / "simulator" / "machines" / f"{name}.toml", machines)
        self._start(
            "simulator", self.factory, "simulator", "run", *self._at_broker(),
            "--machines", str(machines), "--state", str(self.folder / "state"),
            "--wait-for-office", "forever", *options,
        )  # fmt: skip

    def ask(self, path: str) -> Any:
        """The answer at a path of the API; None where there is none, or none yet."""
        try:
            with urllib.request.urlopen(f"http://{HOST}:{self.port}{path}", timeout=30) as answer:
                return json.load(answer)
        except (urllib.error.URLError, TimeoutError, json.JSONDecodeError):
            return None

    def wait_for(self, condition: Any, patience_s: float = PATIENCE_S) -> None:
        """Wait until something holds; fail when a part ends meanwhile, or it takes too long."""
        until_s = time.monotonic() + patience_s
        while not condition():
            for name, part in self._parts.items():
                assert part.poll() is None, f"{name} ended by itself: {self.said(name)[-3_000:]}"
            assert time.monotonic() < until_s, (
                f"waited in vain: {[self.said(one)[-900:] for one in self._parts]}"
            )
            time.sleep(0.1)

    def stop(self, name: str) -> None:
        """Stop a part as its user would."""
        part = self._parts.pop(name)
        part.terminate()
        part.wait(60)

    def kill(self, name: str) -> None:
        """End a part as `kill -9` does, with those that it has started."""
        part = self._parts.pop(name)
        os.killpg(part.pid, signal.SIGKILL)
        part.wait()

    def said(self, name: str) -> str:
        """What stands in the log of a part."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8")

    def _start(self, name: str, source: Path, *command: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._parts[name] = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=source,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={name: value for name, value in os.environ.items() if name not in {"SPEED", "SEED"}},
            )

    def _at_broker(self) -> tuple[str, ...]:
        return "--broker", self.broker.url, "--credentials", str(self.broker.credentials)

    def _at_history(self) -> tuple[str, ...]:
        return "--history", f"sqlite:///{self.history}"
