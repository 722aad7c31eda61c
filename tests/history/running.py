"""A real PostgreSQL server of the test's own, in a folder that goes with it."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from tests.broker.running import HERE, Place

FOLDERS = ("/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt")
START_S = 90.0
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

    Args:
        disk: The folder of its cluster, which the user may enter; None for one of its own.
        place: Where it runs: elsewhere than here it listens at that place's address too.
    """

    def __init__(self, *, disk: Path | None = None, place: Place = HERE) -> None:
        # Not pytest's folder: another user may not enter that, and a socket's path is short.
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._place = place
        self._data = (disk or self.folder) / "data"
        self._user: str | None = None
        if os.geteuid() == 0:
            for folder in {self.folder, self._data.parent}:
                shutil.chown(folder, USER, USER)
            self._user = USER
        self._process: subprocess.Popen[bytes] | None = None
        self._made = 0

    def launch(self) -> None:
        """Start it; its cluster is made if there is none."""
        if not self._data.exists():
            options = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", f"--username={USER}"]
            made = self._run([program("initdb"), "-D", str(self._data), *options])
            assert made.wait(60) == 0, self.said()
            if self._place is not HERE:
                with (self._data / "pg_hba.conf").open("a", encoding="utf-8") as rights:
                    rights.write("host all all 10.77.0.0/16 trust\n")
        listens_at = "" if self._place is HERE else self._place.host
        settings = {
            "listen_addresses": listens_at,
            "unix_socket_directories": str(self.folder),
            "fsync": "off",
            "max_wal_size": "256MB",
        }
        spoken = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self._process = self._run([program("postgres"), "-D", str(self._data), *spoken])

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.launch()
        until_s = time.monotonic() + START_S
        while not self._answers():
            if time.monotonic() > until_s:
                self.stop()
                pytest.fail(f"PostgreSQL did not start: {self.said()}")
            if self.ended():
                # Those that served a killed one may still hold on to its memory.
                self.launch()
            time.sleep(0.05)

    def pids(self) -> list[int]:
        """Its process, and those that serve one connection each."""
        if self._process is None:
            return []
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [self._process.pid, *map(int, children.read_text(encoding="ascii").split())]

    def terminate(self) -> None:
        """Stop it as its package does at a restart: who is connected is sent away."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(START_S)
            self._process = None

    def ended(self) -> bool:
        """Whether it has ended by itself."""
        return self._process is not None and self._process.poll() is not None

    def kill(self) -> None:
        """End it as `kill -9` does; who serves a connection notices, and ends by itself."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(START_S)
            self._process = None

    def said(self) -> str:
        """The end of its log."""
        return (self.folder / "log").read_text(encoding="utf-8")[-4_000:]

    def database(self) -> str:
        """The URL of a new, empty database."""
        self._made += 1
        name = f"history_{self._made}"
        self._ask(f"CREATE DATABASE {name}")
        return self._url(name)

    def reached_at(self, url: str) -> str:
        """The URL of a database for those who reach it at its place."""
        return url.partition("@")[0] + f"@{self._place.host}/" + url.partition("@/")[2].partition("?")[0]

    def stop(self) -> None:
        """Stop it at once, and take its folder away."""
        self.terminate()
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
        prefix, becomes = self._place.prefix, self._user
        if prefix and becomes:
            # Only root may enter, who then becomes the user.
            who = pwd.getpwnam(becomes)
            prefix, becomes = (*prefix, f"--setgid={who.pw_gid}", f"--setuid={who.pw_uid}"), None
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [*prefix, *command],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                user=becomes,
                group=becomes,
                extra_groups=[] if becomes else None,
                env=os.environ | self._place.environment,
            )
