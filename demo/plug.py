"""The office's plug: pulled, its process is killed and stays away; pushed, it comes back."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from demo.claims import ClaimError, claim_folder

OFFICE = "ingest"
"""The part that hears the machines and calls for people: without it there is no monitoring."""
WORDS = {
    "pull": (
        "The office is unplugged: nobody hears the machines and nobody is called. The plant lives on; after "
        "a few seconds its clock says that it is unattended. Push the plug by: python -m demo plug push"
    ),
    "push": "The office is plugged in again: it works through what it has missed.",
}


@dataclass(frozen=True, slots=True)
class Plug:
    """Where it is, as a file in the demo's folder."""

    file: Path
    """Exists while the plug is pulled."""

    @classmethod
    def of(cls, state: Path) -> Plug:
        """Return the plug of the demo with this folder."""
        return cls(state / "unplugged")

    @property
    def pulled(self) -> bool:
        """Say whether the office has to stay away."""
        return self.file.exists()

    def pull(self) -> None:
        """Let the demo kill the office, and not start it again."""
        self.file.touch()

    def push(self) -> None:
        """Let the demo start the office."""
        self.file.unlink(missing_ok=True)


def main(arguments: list[str]) -> int:
    """Pull or push the plug of the demo that runs; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m demo plug", description=__doc__)
    parser.add_argument("do", choices=("pull", "push"), help="kill the office, or let it come back")
    parser.add_argument(
        "--state",
        type=Path,
        default=Path(os.environ.get("STATE_DIR") or "var"),
        help="folder of the demo [STATE_DIR]",
    )
    asked = parser.parse_args(arguments)
    state = asked.state.resolve()
    if not runs(state):
        sys.stderr.write(
            f"No demo is running in {state}: start one by python -m demo, or name its folder with --state.\n"
        )
        return 1
    plug = Plug.of(state)
    if asked.do == "pull":
        plug.pull()
    else:
        plug.push()
    sys.stdout.write(f"{WORDS[asked.do]}\n")
    return 0


def runs(state: Path) -> bool:
    """Say whether a demo uses this folder."""
    if not state.is_dir():
        return False
    try:
        claim_folder(state).close()
    except ClaimError:
        return True
    return False
