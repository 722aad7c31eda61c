"""A real Mosquitto with the settings, the access list and the credentials that are shipped."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from demo.broker import find_mosquitto, write_mosquitto_settings
from demo.claims import HOST
from tests.ports import own_port

if TYPE_CHECKING:
    from collections.abc import Callable

PROJECT = Path(__file__).parents[2]
START_S = 90.0


def make_credentials(folder: Path, *options: str) -> str:
    """Make the credentials of every role, and return what was printed."""
    maker = PROJECT / "broker-config" / "make_credentials.py"
    command = [sys.executable, str(maker), "--out", str(folder), *options]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a program runs."""

    host: str = HOST
    """The address at which it listens."""
    prefix: tuple[str, ...] = ()
    """What is put before its command."""
    environment: dict[str, str] = field(default_factory=dict)
    """What it has in its environment beside ours."""
    inside: Callable[[], AbstractContextManager[None]] = nullcontext
    """Within it, the address can be reached from here."""


HERE = Place()
"""Beside the test itself."""


class RunningBroker:
    """A Mosquitto of the test's own, which it may stop, kill and start again."""

    def __init__(self, folder: Path, *, tls: bool = False, audit: bool = False, place: Place = HERE) -> None:
        program = find_mosquitto()
        if program is None:
            pytest.fail("this test needs mosquitto: apt-get install mosquitto, or brew install mosquitto")
        self.port = own_port()
        self.url = f"mqtt{'s' if tls else ''}://{place.host}:{self.port}"
        self.credentials = folder / "credentials"
        self.log = folder / "mosquitto.log"
        make_credentials(self.credentials, *(["--tls"] if tls else []))
        self.settings = write_mosquitto_settings(
            folder / "mosquitto", port=self.port, credentials=self.credentials, tls=tls, audit=audit
        )
        listener, ours = f"listener {self.port} ", self.settings.read_text(encoding="utf-8")
        self.settings.write_text(ours.replace(listener + HOST, listener + place.host), encoding="utf-8")
        self._place = place
        self._command = [*place.prefix, str(program), "-c", str(self.settings)]
        self._process: subprocess.Popen[bytes] | None = None

    def password(self, role: str) -> str:
        """Return the password of a role."""
        return (self.credentials / role).read_text(encoding="utf-8").strip()

    def launch(self) -> None:
        """Start it, with the memory it has from before."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdout=log, stderr=log, env=os.environ | self._place.environment
            )

    def ended(self) -> bool:
        """Whether it has ended by itself."""
        return self._process is not None and self._process.poll() is not None

    def start(self) -> None:
        """Start it, and wait until it listens."""
        self.launch()
        until_s = time.monotonic() + START_S
        while not self._listens():
            if self.ended() or time.monotonic() > until_s:
                self.kill()
                pytest.fail(f"mosquitto did not start: {self.log.read_text(encoding='utf-8')}")
            time.sleep(0.01)

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None, "the broker does not run"
        return self._process.pid

    def stop(self) -> None:
        """Stop it cleanly: it says wills and writes its memory."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(START_S)
            self._process = None

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(START_S)
            self._process = None

    def _listens(self) -> bool:
        try:
            with self._place.inside(), socket.create_connection((self._place.host, self.port), timeout=0.5):
                return True
        except OSError:
            return False
