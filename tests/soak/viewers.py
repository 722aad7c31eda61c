"""Viewers of the page: each takes in every byte of its stream, and comes back when it ends."""

import http.client
import threading
import time
import zlib
from types import TracebackType
from typing import Self

from demo.claims import HOST

AGAIN_S = 2.0
"""As the stream tells a browser."""


class Viewers:
    """So many viewers of the floor.

    Args:
        port: Of the web process.
        count: How many.
    """

    def __init__(self, port: int, count: int) -> None:
        self.updates = 0
        """What the first of them was told."""
        self.silent_s = 0.0
        """The longest time in which nobody told it anything."""
        self.ended = 0
        """Streams that ended, of all."""
        self._port = port
        self._ending = threading.Event()
        self._connections: dict[int, http.client.HTTPConnection] = {}
        self._threads = [
            threading.Thread(target=self._look, args=(number,), daemon=True) for number in range(count)
        ]

    def __enter__(self) -> Self:
        for one in self._threads:
            one.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        for connection in list(self._connections.values()):
            if connection.sock is not None:
                connection.sock.shutdown(2)
        for one in self._threads:
            one.join(5)

    def _look(self, number: int) -> None:
        while not self._ending.is_set():
            connection = http.client.HTTPConnection(HOST, self._port, timeout=60)
            self._connections[number] = connection
            try:
                self._read(connection, first=number == 0)
            except (OSError, http.client.HTTPException, zlib.error):
                pass
            finally:
                connection.close()
            if not self._ending.is_set():
                self.ended += 1
                self._ending.wait(AGAIN_S)

    def _read(self, connection: http.client.HTTPConnection, *, first: bool) -> None:
        connection.request("GET", "/live/state")
        connection.getresponse().read()
        connection.request("GET", "/live/stream?since=1", headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        told_s = time.monotonic()
        while not self._ending.is_set() and (piece := answer.read1(1 << 16)):
            if b"data: {" in unpacker.decompress(piece) and first:
                self.updates += 1
                self.silent_s = max(self.silent_s, time.monotonic() - told_s)
                told_s = time.monotonic()
