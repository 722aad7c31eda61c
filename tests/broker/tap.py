"""A tap between clients and a broker: passes every byte on, and remembers what clients ask of the broker."""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass, field
from typing import Self

from demo.claims import HOST

CONNECT, PUBLISH, SUBSCRIBE = 1, 3, 8
READ_BYTES = 1 << 16


@dataclass(slots=True)
class Asked:
    """What one client asked of the broker."""

    client: str = ""
    """Its id."""
    level: int = 0
    """Version of the protocol: 4 is 3.1.1."""
    keepalive_s: int = 0
    """How often it says that it is there."""
    user: bool = False
    """Whether it names a user."""
    kinds: set[int] = field(default_factory=set)
    """The packets it sent, by their type."""
    qos: set[int] = field(default_factory=set)
    """With which QoS it published."""
    filters: dict[str, int] = field(default_factory=dict)
    """What it subscribed to, each with its QoS."""
    longest: int = 0
    """Bytes of its longest packet."""


class Tap:
    """Listens beside a broker.

    Args:
        port: Where the broker listens.
    """

    def __init__(self, port: int) -> None:
        self.asked: list[Asked] = []
        """What each connection asked."""
        self._port = port
        self._listening = socket.create_server((HOST, 0))
        self.url = f"mqtt://{HOST}:{self._listening.getsockname()[1]}"
        """Where clients find it."""

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                broker = socket.create_connection((HOST, self._port))
                one = Asked()
                self.asked.append(one)
                for source, target, asked in ((client, broker, one), (broker, client, None)):
                    source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    threading.Thread(target=_pass_on, args=(source, target, asked), daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket, asked: Asked | None) -> None:
    rest = b""
    with contextlib.suppress(OSError), source, target:
        while data := source.recv(READ_BYTES):
            target.sendall(data)
            if asked is not None:
                rest = _read(rest + data, asked)


def _read(data: bytes, asked: Asked) -> bytes:
    """Take note of every whole packet; what is left over."""
    while len(data) > 1:
        length = at = 0
        for at in range(1, min(len(data), 5)):
            length |= (data[at] & 127) << 7 * (at - 1)
            if data[at] < 128:
                break
        else:
            return data
        end = at + 1 + length
        if len(data) < end:
            return data
        _note(data[0], data[at + 1 : end], asked)
        asked.longest = max(asked.longest, end)
        data = data[end:]
    return data


def _note(head: int, body: bytes, asked: Asked) -> None:
    kind = head >> 4
    asked.kinds.add(kind)
    if kind == CONNECT:
        _, rest = _text(body)
        asked.level, flags, asked.keepalive_s = rest[0], rest[1], int.from_bytes(rest[2:4], "big")
        asked.user = bool(flags & 128)
        asked.client, _ = _text(rest[4:])
    elif kind == PUBLISH:
        asked.qos.add(head >> 1 & 3)
    elif kind == SUBSCRIBE:
        rest = body[2:]
        while rest:
            name, rest = _text(rest)
            asked.filters[name], rest = rest[0], rest[1:]


def _text(data: bytes) -> tuple[str, bytes]:
    length = int.from_bytes(data[:2], "big")
    return data[2 : 2 + length].decode(), data[2 + length :]
