"""A Mosquitto with the shipped settings for benchmarks, which says how much it has been sent."""

import queue
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from demo.broker import find_mosquitto, write_mosquitto_settings
from demo.claims import HOST, free_port
from protocol.address import Address
from protocol.session import Received, Session

MAKER = Path(__file__).parents[1] / "broker-config" / "make_credentials.py"
COUNTED = ("publish/messages/received", "publish/bytes/received", "messages/sent")


class BenchBroker:
    """The broker, and a listener to its own figures."""

    def __init__(self, folder: Path) -> None:
        program = find_mosquitto()
        if program is None:
            sys.exit("this benchmark needs mosquitto: apt-get install mosquitto mosquitto-clients")
        self.port = free_port()
        self.url = f"mqtt://{HOST}:{self.port}"
        self.credentials = folder / "credentials"
        subprocess.run(  # noqa: S603 - our own program
            [sys.executable, str(MAKER), "--out", str(self.credentials)], check=True, capture_output=True
        )
        settings = write_mosquitto_settings(
            folder / "mosquitto", port=self.port, credentials=self.credentials
        )
        self._add_listener(settings)
        self.process = subprocess.Popen(  # noqa: S603 - the broker
            [str(program), "-c", str(settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while not self._listens():
            time.sleep(0.01)
        self._inbox: queue.Queue[Received] = queue.Queue()
        self._figures: dict[str, float] = {}
        self._session = Session(
            name="bench",
            address=Address(host=HOST, port=self.port, user="bench", password=self.password("machines")),
            filters=[(f"$SYS/broker/{name}", 0) for name in COUNTED],
            inbox=self._inbox,
        )
        self._session.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.stop()
        self.process.kill()
        self.process.wait()

    def password(self, role: str) -> str:
        """The password of a role."""
        return (self.credentials / role).read_text(encoding="utf-8").strip()

    def figures(self) -> dict[str, float]:
        """What it has counted since it began, about a second ago."""
        while not self._inbox.empty():
            received = self._inbox.get()
            if received.topic:
                self._figures[received.topic.removeprefix("$SYS/broker/")] = float(received.payload)
        return dict(self._figures)

    def _add_listener(self, settings: Path) -> None:
        settings.write_text(settings.read_text(encoding="utf-8") + "sys_interval 1\n", encoding="utf-8")
        passwd, acl = self.credentials / "passwd", self.credentials / "acl"
        entries = passwd.read_text(encoding="utf-8").splitlines()
        mine = next(one for one in entries if one.startswith("machines:"))
        passwd.write_text("\n".join([*entries, mine.replace("machines:", "bench:", 1), ""]), encoding="utf-8")
        rights = acl.read_text(encoding="utf-8") + "\nuser bench\ntopic read $SYS/#\n"
        acl.write_text(rights, encoding="utf-8")

    def _listens(self) -> bool:
        try:
            with socket.create_connection((HOST, self.port), timeout=0.5):
                return True
        except OSError:
            return False
