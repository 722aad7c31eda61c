"""Opens a history as ingest does when it starts, in a process of its own that can be killed on the way.

    python -m tests.upgrades.opening URL STATEMENT

At that statement of the migration it says so and waits to be killed; a STATEMENT that is never
reached lets the migration end.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, event

from dashboard.history.store import open_engine
from tests.broker.running import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

CHANGES = ("CREATE", "ALTER", "INSERT", "UPDATE", "DROP")
"""How a statement begins that changes something."""
WAITS = "waits"


def open_and_kill(url: str, statement: int, log: Path) -> bool:
    """Open a history, and end the process by `kill -9` at a statement; False when it ended before that."""
    command = [sys.executable, "-m", "tests.upgrades.opening", url, str(statement)]
    with log.open("ab") as said:
        process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=said, text=True)
    with process:
        assert process.stdout is not None
        waits = process.stdout.readline().strip() == WAITS
        process.kill()
    assert waits or process.returncode == 0, log.read_text(encoding="utf-8")
    return waits


def main(url: str, statement: int) -> None:
    """Open it, and wait at a statement."""
    done = 0

    @event.listens_for(Engine, "before_cursor_execute")
    def wait(_connection: Any, _cursor: Any, statement_text: str, *_: Any) -> None:
        nonlocal done
        if statement_text.lstrip().upper().startswith(CHANGES):
            done += 1
            if done == statement:
                print(WAITS, flush=True)  # noqa: T201 - read by whoever kills it
                threading.Event().wait()

    open_engine(url, create=True).dispose()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
