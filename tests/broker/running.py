"""A real Mosquitto with the settings, the access list and the credentials that are shipped."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from demo.broker import find_mosquitto, write_mosquitto_settings
from demo.claims import HOST, free_port

PROJECT = Path(__file__).parents[2]
START_S = 10.0


def make_credentials(folder: Path, *options: str) -> str:
    """Make the credentials of every role, and return what was printed."""
    maker = PROJECT / "broker-config" / "make_credentials.py"
    command = [sys.executable, str(maker), "--out", str(folder), *options]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class RunningBroker:
    """A Mosquitto of the test's own, which it may stop, kill and start again."""

    def __init__(self, folder: Path, *, tls: bool = False, audit: bool = False) -> None:
        program = find_mosquitto()
        if program is None:
            pytest.fail("this test needs mosquitto: apt-get install mosquitto, or brew install mosquitto")
        self.port = free_port()
        self.url = f"mqtt{'s' if tls else ''}://{HOST}:{self.port}"
        self.credentials = folder / "credentials"
        self.log = folder / "mosquitto.log"
        make_credentials(self.credentials, *(["--tls"] if tls else []))
        self.settings = write_mosquitto_settings(
            folder / "mosquitto", port=self.port, credentials=self.credentials, tls=tls, audit=audit
        )
        self._command = [str(program), "-c", str(self.settings)]
        self._process: subprocess.Popen[bytes] | None = None

    def password(self, role: str) -> str:
        """Return the password of a role."""
        return (self.credentials / role).read_text(encoding="utf-8").strip()

    def start(self) -> None:
        """Start it, with the memory it has from before, and wait until it listens."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        until_s = time.monotonic() + START_S
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() > until_s:
                self.kill()
                pytest.fail(f"mosquitto did not start: {self.log.read_text(encoding='utf-8')}")
            time.sleep(0.01)

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
            with socket.create_connection((HOST, self.port), timeout=0.5):
                return True
        except OSError:
            return False
