"""The programs behind the page for a benchmark: a broker, the office, and what they spend."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.bench_broker import BenchBroker
from benchmarks.fleet import machine_texts
from demo.claims import HOST, free_port
from simulator.specs.kind import load_kinds
from simulator.telling.opening import KINDS_FOLDER

START_S = 60.0


class PageOffice:
    """Broker, ingest and web process, each a process of its own with the shipped settings.

    Args:
        folder: Where history, credentials and logs go.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self.broker = self._stack.enter_context(BenchBroker(folder / "broker"))
        history = f"sqlite:///{(folder / 'history.db').as_posix()}"
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}"
        self.ingest = self.start("ingest", "-m", "dashboard", "ingest", "--history", history)
        web = ("--history", history, "--host", HOST, "--port", str(self.port))
        self.web = self.start("web", "-m", "dashboard", "web", *web)
        wait_for(f"{self.url}/health")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def start(self, name: str, *arguments: str) -> "subprocess.Popen[bytes]":
        """Start a Python program that signs in at the broker; it ends with the office."""
        connection = ("--broker", self.broker.url, "--credentials", str(self.broker.credentials))
        log = self._stack.enter_context((self._folder / f"{name}.log").open("ab"))
        program = (sys.executable, *arguments, *connection)
        return self._stack.enter_context(_running(program, log.fileno()))

    def simulate(self, machines: int, *, speed: str, hours: float, twin: bool = False) -> None:
        """Let a plant of so many machines live, after so many hours of its past.

        Args:
            machines: How many.
            speed: Simulated seconds per second, or `max`.
            hours: Hours lived before the present.
            twin: Whether its twin lives beside it.
        """
        files = self._folder / "machines"
        files.mkdir()
        for name, text in machine_texts(machines, load_kinds(KINDS_FOLDER), a_line=8).items():
            (files / f"{name}.toml").write_text(text, encoding="utf-8")
        self.start(
            "simulator", "-m", "simulator", "run", "--machines", str(files), "--speed", speed,
            "--state", str(self._folder / "simulator"), "--history-hours", str(hours),
            "--twin", "on" if twin else "off",
        )  # fmt: skip


@contextmanager
def _running(program: Sequence[str], log: int) -> "Iterator[subprocess.Popen[bytes]]":
    process = subprocess.Popen(program, stdout=log, stderr=log)  # noqa: S603 - our own programs
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(url: str) -> None:
    """Wait until an address of ours answers."""
    until_s = time.monotonic() + START_S
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - ours
                return
        except OSError:
            if time.monotonic() > until_s:
                sys.exit(f"{url} does not answer")
            time.sleep(0.1)


def cpu_s(pid: int) -> float:
    """Seconds of CPU that a process and those it has started have used, as the kernel counts them."""
    found = 0.0
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text(encoding="ascii").split():
            found += cpu_s(int(child))
    # The clock of another process: its number as clock_getcpuclockid() would work it out.
    return found + time.clock_gettime((~pid << 3) | 2)


def cores() -> int:
    """How many cores there are."""
    return os.cpu_count() or 1
