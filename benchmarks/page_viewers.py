"""Honest readers of the live stream: they take in every byte, and note each update."""

import http.client
import threading
import time
import zlib
from types import TracebackType
from typing import Self

from demo.claims import HOST


class Viewers:
    """So many viewers of the floor, each with a stream of its own.

    Args:
        port: Of the web process.
        count: How many.
    """

    def __init__(self, port: int, count: int) -> None:
        self.updates: list[tuple[float, int]] = []
        """What the first of them got: when, ms since 1970, and how many bytes, as they came over the wire."""
        self._connections: list[http.client.HTTPConnection] = []
        self._readers: list[threading.Thread] = []
        self._port = port
        self._count = count

    def __enter__(self) -> Self:
        for number in range(self._count):
            connection = http.client.HTTPConnection(HOST, self._port, timeout=60)
            connection.request("GET", "/live/state")
            connection.getresponse().read()
            connection.close()
            connection.request("GET", "/live/stream?since=1", headers={"Accept-Encoding": "gzip"})
            self._connections.append(connection)
            reader = threading.Thread(
                target=self._read, args=(connection,), kwargs={"first": number == 0}, daemon=True
            )
            reader.start()
            self._readers.append(reader)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection in self._connections:
            if connection.sock is not None:
                connection.sock.shutdown(2)
        for reader in self._readers:
            reader.join(5)

    def _read(self, connection: http.client.HTTPConnection, *, first: bool) -> None:
        try:
            answer = connection.getresponse()
            unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
            while piece := answer.read1(1 << 16):
                if b"data: {" in unpacker.decompress(piece) and first:
                    self.updates.append((time.time() * 1_000, len(piece)))
        except (OSError, http.client.HTTPException):
            return
