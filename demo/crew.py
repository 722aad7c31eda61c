"""Starts the parts, watches them, starts again what ended by itself, and stops them all."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING

from demo.plug import OFFICE
from demo.sieve import Sieve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from demo.parts import Part
    from demo.plug import Plug

PROJECT = Path(__file__).parents[1]
"""Where the packages lie, so that `-m` finds them wherever the demo was started from."""

BROKER = "broker"
"""The part that reads passwords when it is told to."""
BACK_OFF_S = (1, 2, 4, 8, 16, 30)
"""How long to wait before a part is started for the first, second ... time again."""
STEADY_S = 60.0
"""A part that ran for this long is started again as if for the first time."""
STOP_S = 8.0
"""How long a part may take to stop by itself."""
LOOK_S = 0.1
"""How often the parts are looked at."""

WORTH_SHOWING = re.compile(r"\b(warning|error|critical)\b", re.IGNORECASE)


def worth_showing(line: str, *, in_traceback: bool) -> tuple[bool, bool]:
    """Say whether a line of a log belongs on the terminal, and whether a traceback goes on after it.

    Of a traceback it is the last line, which says what was wrong; the log has all of it.

    >>> worth_showing("INFO all is well", in_traceback=False)
    (False, False)
    >>> worth_showing("Traceback (most recent call last):", in_traceback=False)
    (False, True)
    >>> worth_showing('  File "app.py", line 1', in_traceback=True)
    (False, True)
    >>> worth_showing("ValueError: no such machine", in_traceback=True)
    (True, False)
    """
    if line.startswith("Traceback "):
        return False, True
    if in_traceback:
        goes_on = line.startswith((" ", "\t")) or not line
        return not goes_on, goes_on
    return bool(WORTH_SHOWING.search(line)), False


class Member:
    """One part, its process, and its log."""

    def __init__(self, part: Part, log: Path, say: Callable[[str], None]) -> None:
        self.part = part
        self.log = log
        self.starts = 0
        """How often it was started since it last ran steadily."""
        self.due_s: float | None = None
        """When to start it again, on the monotonic clock; None while it runs."""
        self._say = say
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._started_s = 0.0

    def start(self) -> None:
        """Start the part's process and follow what it prints."""
        self._process = subprocess.Popen(  # noqa: S603 - our own
            [sys.executable, "-m", "demo.attached", *self.part.command],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            # A group of its own: Ctrl-C reaches the demo alone, which then stops the parts in order.
            start_new_session=os.name == "posix",
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        self.starts += 1
        self.due_s = None
        self._started_s = time.monotonic()
        self._reader = threading.Thread(target=self._follow, args=(self._process.stdout,))
        self._reader.start()

    def ended(self) -> int | None:
        """Return how the process ended, and None while it runs."""
        return self._process.poll() if self._process else None

    def reload(self) -> None:
        """Have the broker read its files of passwords and rights again."""
        if self._process is None:
            return
        if sys.platform == "linux":
            # There the part has become the broker itself.
            self._process.send_signal(signal.SIGHUP)
        else:
            self._process.terminate()

    def pull(self) -> None:
        """End the process as a plug that is pulled does, without a word to it."""
        self.due_s = None
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        self.clean_up()
        self._say(f"{self.part.name} is unplugged.")

    def push(self) -> None:
        """Start the part that was unplugged."""
        self._say(f"{self.part.name} is plugged in again.")
        self.starts = 0
        self.start()

    @property
    def runs(self) -> bool:
        """Whether it has a process, or is about to get one again."""
        return self._process is not None or self.due_s is not None

    def plan_to_start_again(self, code: int) -> None:
        """Say that the part ended by itself, and set the time at which it starts again."""
        self.clean_up()
        if time.monotonic() - self._started_s > STEADY_S:
            self.starts = 1
        wait_s = BACK_OFF_S[min(self.starts, len(BACK_OFF_S)) - 1]
        self.due_s = time.monotonic() + wait_s
        how = f"exit code {code}" if code >= 0 else f"signal {-code}"
        self._say(
            f"{self.part.name} ended by itself ({how}); starting it again in {wait_s} s. "
            f"What it said stands in {self.log}."
        )

    def ask_to_stop(self) -> None:
        """Ask the process to end; `finish` waits for it."""
        if self._process is None or self._process.poll() is not None:
            return
        with contextlib.suppress(OSError):  # it may end at this very moment
            if sys.platform == "win32":
                self._process.send_signal(signal.CTRL_BREAK_EVENT)
            else:
                self._process.terminate()

    def finish(self, until_s: float) -> None:
        """Wait for the process to end, and end it when it does not."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, until_s - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._say(f"{self.part.name} did not stop within {STOP_S:.0f} s and was ended.")
            self._process.kill()
            self._process.wait()
        self.clean_up()

    def clean_up(self) -> None:
        """End what the process has left behind, and close its pipes."""
        process = self._process
        if process is None:
            return
        if sys.platform != "win32":
            # Workers of a server that was killed would keep its port.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        if process.stdin:
            process.stdin.close()
        if self._reader:
            self._reader.join(2.0)
        self._process = None

    def _follow(self, output: IO[str]) -> None:
        in_traceback = False
        keeps = Sieve().take if self.part.name == BROKER else lambda line: [line]
        with output, self.log.open("a", encoding="utf-8") as log:
            for line in output:
                for text in keeps(line.rstrip()):
                    log.write(f"{text}\n")
                    log.flush()
                    shown, in_traceback = worth_showing(text, in_traceback=in_traceback)
                    if shown:
                        self._say(f"{self.part.name:>9} | {text}")


def _made(passwords: Path | None) -> int | None:
    """When a file of passwords was made, which is replaced as a whole; None where there is none."""
    try:
        return None if passwords is None else passwords.stat().st_mtime_ns
    except OSError:
        return None


class Crew:
    """All parts of the demo, from their start to their end.

    Args:
        parts: The parts.
        logs: Folder of what they print.
        say: What prints to the terminal.
        plug: The plug of the office; without one it is always plugged in.
        passwords: The broker's file of passwords; None for a broker of one's own.
    """

    def __init__(
        self,
        parts: Iterable[Part],
        logs: Path,
        say: Callable[[str], None],
        *,
        plug: Plug | None = None,
        passwords: Path | None = None,
    ) -> None:
        self._plug = plug
        self._passwords = passwords
        self._passwords_made = _made(passwords)
        self._unplugged = False
        logs.mkdir(parents=True, exist_ok=True)
        self._members = [Member(part, logs / f"{part.name}.log", say) for part in parts]
        for member in self._members:
            member.log.write_text("", encoding="utf-8")

    def start(self, stage: int) -> None:
        """Start the parts of one stage."""
        for member in self._members:
            if member.part.stage == stage:
                member.start()

    def stages(self) -> list[int]:
        """Return the stages in the order of their start."""
        return sorted({member.part.stage for member in self._members})

    def look(self) -> None:
        """Start again what has ended by itself, when its time has come; tell the broker of new passwords."""
        if (made := _made(self._passwords)) != self._passwords_made:
            self._passwords_made = made
            for member in self._members:
                if member.part.name == BROKER:
                    member.reload()
        for member in self._members:
            if member.part.name == OFFICE and self._is_unplugged(member):
                continue
            code = member.ended()
            if code is not None:
                member.plan_to_start_again(code)
            elif member.due_s is not None and time.monotonic() >= member.due_s:
                member.start()

    def _is_unplugged(self, office: Member) -> bool:
        """Pull or push the plug of the office, if that has been asked for."""
        pulled = self._plug is not None and self._plug.pulled
        if pulled and office.runs:
            office.pull()
            self._unplugged = True
        elif self._unplugged and not pulled:
            office.push()
            self._unplugged = False
        return pulled

    def watch(self, until: threading.Event) -> None:
        """Keep all parts alive until the event."""
        while not until.wait(LOOK_S):
            self.look()

    def stop(self) -> None:
        """Stop every part, the last started first."""
        for stage in reversed(self.stages()):
            members = [member for member in self._members if member.part.stage == stage]
            for member in members:
                member.ask_to_stop()
            until_s = time.monotonic() + STOP_S
            for member in members:
                member.finish(until_s)
