"""A small plant for these tests, and how far its history has come."""

import sqlite3
from collections.abc import Callable
from typing import Any

from simulator.histories.run import Run
from tests.broker import clients
from tests.ingest.running import RunningIngest
from tests.simulator.edge.program import Simulator

MACHINES = {
    "mill-1": 'kind = "cnc-mill"\nline = "machining"\n',
    "mill-2": 'kind = "cnc-mill"\nline = "machining"\n',
    "moulder-1": 'kind = "injection-moulder"\nline = "moulding"\n',
    "packer-1": 'kind = "packaging-line"\nline = "packing"\n',
    "compressor-1": 'kind = "air-compressor"\nline = "services"\n',
    "press-1": 'kind = "press"\nline = "forming"\ncontroller = false\n',
}
SLOW_S = 90.0
"""On a machine that is busy with other things a process may take its time to start."""


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, and fail when it does not come true."""
    clients.wait_until(condition, SLOW_S)


def begin(simulator: Simulator, seed: int = 1) -> Run:
    """Write down a run of these machines."""
    for name, text in MACHINES.items():
        simulator.write(name, text)
    return simulator.begin(seed=seed)


def reached(ingest: RunningIngest, run: str, until_ms: int) -> None:
    """Wait until the history has everything of a run up to a moment."""
    wait_until(lambda: committed_ms(ingest, run) >= until_ms)


def committed_ms(ingest: RunningIngest, run: str) -> int:
    """Up to here the history has a run, measured and true; 0 for nothing."""
    rows = asked(ingest, "SELECT committed_ms FROM watermarks WHERE run = ?", run)
    return min((one for (one,) in rows), default=0) if len(rows) > 1 else 0


def asked(ingest: RunningIngest, question: str, *values: object) -> list[tuple[Any, ...]]:
    """Rows of the history; none before it has tables."""
    file = ingest.history.removeprefix("sqlite:///")
    try:
        connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(question, values).fetchall()
        finally:
            connection.close()
    except sqlite3.OperationalError:
        return []
