"""The programs that make up the demo, and their command lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from demo.claims import HOST

if TYPE_CHECKING:
    from pathlib import Path

RECORDING = "simulator/recordings/mazak-1-20181204.csv.gz"
"""A real day of a mill-turn, from the NIST Smart Manufacturing Systems Test Bed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One program of the demo."""

    name: str
    """What its lines on the terminal and its log file are called."""

    command: tuple[str, ...]
    """Arguments of `python -m demo.attached`."""

    stage: int
    """Stages start in ascending order and stop in descending order."""


def mosquitto(program: Path, settings: Path) -> Part:
    """Return the Mosquitto found on this machine as the broker."""
    return Part(name="broker", command=("program", str(program), "-c", str(settings)), stage=0)


def iotcore(settings: Path) -> Part:
    """Return the broker of last resort, which comes with the Python packages."""
    # Below critical it reports every packet as an error.
    options = ("--config", str(settings), "--log-level", "CRITICAL")
    return Part(name="broker", command=("module", "iotcore", *options), stage=0)


def plant_and_office(
    *, broker: str, credentials: Path | None, state: Path, speed: str, port: int, tls: bool = False
) -> list[Part]:
    """Return the parts that meet at the broker.

    Args:
        broker: URL of the broker.
        credentials: Folder with the password of each role; None to sign in as the URL says.
        state: Folder of history, logs and what the simulator keeps.
        speed: Simulated seconds per second, or `max`.
        port: Where the page listens, on the loopback address.
        tls: Whether it does so with TLS.
    """
    connection = ["--broker", broker]
    if credentials is not None:
        connection += ["--credentials", str(credentials)]

    def part(name: str, stage: int, *arguments: str) -> Part:
        return Part(name=name, command=("module", *arguments, *connection), stage=stage)

    history = ("--history", f"sqlite:///{(state / 'history.db').as_posix()}")
    secure = ("--tls",) if tls else ()
    kept = ("--state", str(state / "simulator"))
    return [
        part("ingest", 1, "dashboard", "ingest", *history),
        part("web", 2, "dashboard", "web", *history, "--host", HOST, "--port", str(port), *secure),
        part("simulator", 2, "simulator", "run", "--speed", speed, *kept),
        # At the lowest priority, so that it takes nothing from the others.
        part("study", 2, "demo", "study", "--publish"),
        part("mazak", 2, "simulator", "replay", RECORDING, "--as", "mazak-1", "--line", "recorded"),
    ]
