"""What runs here: the demo in its folder, or Compose; and what the folder says of parts that cannot speak."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

from demo.crew import PROJECT
from demo.plug import runs

if TYPE_CHECKING:
    from pathlib import Path

COMPOSE_S = 8.0
"""How long Compose may take to say what runs."""
_NEEDED = ("broker", "ingest", "web", "simulator")
"""The services without which the page is not whole."""
_SIGNED_IN = re.compile(r"connected to the broker at|refuses user '[^']*': (?P<why>.+?)(; trying again.*)?$")
_TAIL_BYTES = 20_000


def demo_runs(state: Path) -> bool:
    """Whether a demo uses this folder."""
    return runs(state)


def compose_services() -> set[str] | None:
    """The services of Compose that run; None where there is no Compose, or none of it runs."""
    docker = shutil.which("docker")
    if docker is None:
        return None
    try:
        listed = subprocess.run(  # noqa: S603 - what is on the path
            [docker, "compose", "ps", "--services", "--status", "running"],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=COMPOSE_S,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return set(listed.split()) or None


def missing_services(running: set[str]) -> list[str]:
    """Those that are needed and do not run.

    >>> missing_services({"broker", "web", "simulator", "mazak"})
    ['ingest']
    """
    return [name for name in _NEEDED if name not in running]


def refusal_in(log: Path) -> str:
    """Why the broker refused the part that wrote this log; `""` where it did not, or no longer does."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    for line in reversed(lines):
        found = _SIGNED_IN.search(line)
        if found is not None:
            return found["why"] or ""
    return ""
