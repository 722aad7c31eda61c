"""A part that does what a test asks of it: `python -m tests.demo.stand_in WHAT FILE`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path


def main(what: str, file: Path) -> int:
    stopped = threading.Event()
    if what == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    elif what != "rude":
        signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    processes = [os.getpid()]
    if what == "parent":
        sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
        processes.append(subprocess.Popen(sleeper).pid)
    with file.open("a", encoding="utf-8") as lines:
        lines.write(" ".join(map(str, processes)) + "\n")
    if what == "failing":
        sys.stdout.write("INFO all is well\nWARNING it looks like rain\n")
        sys.stdout.flush()
        raise ValueError("no such machine")
    while not stopped.wait(0.05):
        pass
    with file.open("a", encoding="utf-8") as lines:
        lines.write("stopped\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
