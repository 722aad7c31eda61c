"""Runs one part in this process, and ends it when the demo that started it is gone.

`python -m demo.attached module simulator run ...` or `... program /usr/sbin/mosquitto -c ...`.
The demo holds the other end of our standard input; it closes when the demo ends, however that
happens, `kill -9` included.
"""

from __future__ import annotations

import ctypes
import os
import platform
import runpy
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_S = 10.0
"""How long a part may take to stop by itself before its process is ended."""
PR_SET_PDEATHSIG = 1
"""Linux's request for a signal when the parent dies."""


def _when_the_demo_is_gone(stop: Callable[[], object]) -> None:
    def wait() -> None:
        # Not sys.stdin: a thread that blocks there holds a lock which the interpreter's end wants.
        while os.read(0, 64):
            pass
        threading.Timer(PATIENCE_S, os._exit, args=(1,)).start()
        stop()

    threading.Thread(target=wait, daemon=True, name="demo-is-there").start()


def run_module(name: str, arguments: list[str]) -> None:
    """Run a package as `python -m` would."""
    if sys.platform == "win32":
        # The only signal that reaches one process group there; programs know the one of Ctrl-C.
        signal.signal(signal.SIGBREAK, lambda *_: signal.raise_signal(signal.SIGINT))
        _when_the_demo_is_gone(lambda: os._exit(1))
    else:
        _when_the_demo_is_gone(lambda: os.kill(os.getpid(), signal.SIGTERM))
    sys.argv = [name, *arguments]
    runpy.run_module(name, run_name="__main__", alter_sys=True)


def run_program(command: list[str]) -> NoReturn:
    """Run a program that is not ours: become it on Linux, stand beside it elsewhere."""
    if platform.system() == "Linux":
        demo = os.getppid()
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != demo:  # it ended before we could ask to be told
            sys.exit(1)
        os.execv(command[0], command)  # noqa: S606 - the broker that the demo found
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 - the same
    _when_the_demo_is_gone(program.terminate)
    for number in (signal.SIGTERM, signal.SIGINT, getattr(signal, "SIGBREAK", signal.SIGTERM)):
        signal.signal(number, lambda *_: program.terminate())
    sys.exit(program.wait())


if __name__ == "__main__":
    if sys.argv[1] == "program":
        run_program(sys.argv[2:])
    run_module(sys.argv[2], sys.argv[3:])
