"""A real PostgreSQL server of the test's own, in a folder that goes with it."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

FOLDERS = ("/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt")
START_S = 30.0
USER = "postgres"


def program(name: str) -> str:
    """The path of one of the server's programs; Debian keeps them off the path, the newest is taken."""
    found = shutil.which(name)
    if found is None:
        versions = sorted(one for folder in FOLDERS for one in Path(folder).glob(f"*/bin/{name}"))
        found = str(versions[-1]) if versions else None
    if found is None:
        pytest.fail(
            "this test needs a PostgreSQL server: apt-get install postgresql, brew install postgresql"
        )
    return found


class RunningPostgresql:
    """A server that listens on a socket in its own folder alone, and makes a database when asked.

    It refuses to run as root, so its programs then run as the user that its package makes.
    """

    def __init__(self) -> None:
        # Not pytest's folder: another user may not enter that, and a socket's path is short.
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._data = self.folder / "data"
        self._user: str | None = None
        if os.geteuid() == 0:
            shutil.chown(self.folder, USER, USER)
            self._user = USER
        self._process: subprocess.Popen[bytes] | None = None
        self._made = 0

    def start(self) -> None:
        """Make its cluster if there is none, start it and wait until it answers."""
        if not self._data.exists():
            options = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", f"--username={USER}"]
            made = self._run([program("initdb"), "-D", str(self._data), *options])
            assert made.wait(60) == 0, self._said
        settings = {"listen_addresses": "", "unix_socket_directories": str(self.folder), "fsync": "off"}
        spoken = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [program("postgres"), "-D", str(self._data), *spoken]
        self._process = self._run(command)
        until_s = time.monotonic() + START_S
        while not self._answers():
            if time.monotonic() > until_s:
                self.stop()
                pytest.fail(f"PostgreSQL did not start: {self._said}")
            if self._process.poll() is not None:
                # Those that served a killed one may still hold on to its memory.
                self._process = self._run(command)
            time.sleep(0.05)

    def kill(self) -> None:
        """End it as `kill -9` does; who serves a connection notices, and ends by itself."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(START_S)
            self._process = None

    @property
    def _said(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8")[-4_000:]

    def database(self) -> str:
        """The URL of a new, empty database."""
        self._made += 1
        name = f"history_{self._made}"
        self._ask(f"CREATE DATABASE {name}")
        return self._url(name)

    def stop(self) -> None:
        """Stop it at once, and take its folder away."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(START_S)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _url(self, name: str) -> str:
        return f"postgresql://{USER}@/{name}?host={self.folder}"

    def _ask(self, statement: str) -> None:
        engine = create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                connection.execute(text(statement))
        finally:
            engine.dispose()

    def _answers(self) -> bool:
        try:
            self._ask("SELECT 1")
        except OperationalError:
            return False
        return True

    def _run(self, command: list[str]) -> "subprocess.Popen[bytes]":
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                user=self._user,
                group=self._user,
                extra_groups=[] if self._user else None,
            )
