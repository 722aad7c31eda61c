"""The program that calls are posted to: its address and secret, and one post."""

import contextlib
import os
import socket
import threading
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from dashboard.calls.rules import CallsError
from dashboard.calls.webhook import ADDRESSES, Webhook, is_address
from protocol.version import VERSION

HOPELESS = frozenset({400, 405, 413, 414, 415, 422, 431})
"""Answers that say of this very message that it will never be taken."""
REDIRECTS = range(300, 400)
LATE = "it does not answer in time"


class PostError(Exception):
    """Raised when a post has not arrived; says why, and neither address nor secret."""


class RefusedError(PostError):
    """Raised when the receiver will not take a message, however often it is posted."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Receiver:
    """Who gets the posts."""

    url: str
    """The address."""
    headers: dict[str, str]
    """What goes with each post, the secret among it."""
    timeout_s: float
    """How long a post may take."""

    @property
    def name(self) -> str:
        """Scheme, host and port: the rest of an address may be a secret."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    def post(self, body: bytes) -> None:
        """Post a message once.

        Raises:
            RefusedError: It will never be taken.
            PostError: It has not arrived, and may another time.
        """
        request = Request(self.url, data=body, headers=self.headers, method="POST")  # noqa: S310 - checked
        cut = Cut(self.timeout_s)
        try:
            # What it answers beyond the status is of no interest, and may be endless.
            with cut:
                _opener(cut).open(request, timeout=self.timeout_s).close()
        except HTTPError as error:
            error.close()
            if error.code in HOPELESS:
                raise RefusedError(f"it answers {error.code}") from error
            also = ", and redirects are not followed" if error.code in REDIRECTS else ""
            raise PostError(f"it answers {error.code}{also}") from error
        except (OSError, HTTPException, ValueError) as error:
            raise PostError(LATE if cut.done else _why(error)) from error
        if cut.done:
            # An answer that was cut looks like one that has ended.
            raise PostError(LATE)


def receiver_of(hook: Webhook, source: str) -> Receiver | None:
    """The receiver that the settings name, with what they keep elsewhere; None where there is none.

    Args:
        hook: The settings.
        source: Name of the file.

    Raises:
        CallsError: What is kept elsewhere is not there, or is of no use.
    """
    if hook.url is None:
        return None
    url = _kept(hook.url, f"{source}: [webhook]: key 'url'")
    if not is_address(url):
        raise CallsError(
            f"{source}: [webhook]: key 'url': {hook.url}: no address is kept there: allowed is {ADDRESSES}"
        )
    headers = {"Content-Type": "application/json", "User-Agent": f"machine-monitoring/{VERSION}"}
    if hook.secret is not None:
        secret = _kept(hook.secret, f"{source}: [webhook]: key 'secret'")
        if not secret or not secret.isascii() or not secret.isprintable():
            raise CallsError(
                f"{source}: [webhook]: key 'secret': {hook.secret}: allowed is one line of ASCII characters"
            )
        headers[hook.header] = secret
    return Receiver(url=url, headers=headers, timeout_s=hook.timeout_ms / 1_000)


def _kept(place: str, where: str) -> str:
    """What is kept in an environment variable or a file, or what stands in its place."""
    kind, _, name = place.partition(":")
    if kind == "env":
        if name not in os.environ:
            raise CallsError(f"{where}: the environment has no variable {name!r}: allowed is one that is set")
        return os.environ[name].strip()
    if kind == "file":
        try:
            return Path(name).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise CallsError(f"{where}: {name}: cannot be read: allowed is a text file") from error
    return place


class Cut:
    """Cuts the connections of a post that takes too long: a receiver may answer a byte a second for ever.

    Args:
        after_s: How long it may take.
    """

    def __init__(self, after_s: float) -> None:
        self.done = False
        """Whether it has taken too long."""
        self._connections: list[HTTPConnection] = []
        self._timer = threading.Timer(after_s, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def plain(self, host: str, **more: Any) -> HTTPConnection:
        """A connection that can be cut."""
        return self._keep(HTTPConnection(host, **more))

    def secure(self, host: str, **more: Any) -> HTTPConnection:
        """The same with TLS."""
        return self._keep(HTTPSConnection(host, **more))

    def _keep(self, connection: HTTPConnection) -> HTTPConnection:
        self._connections.append(connection)
        return connection

    def _cut(self) -> None:
        self.done = True
        for connection in self._connections:
            if connection.sock is not None:
                with contextlib.suppress(OSError):  # it may end at this very moment
                    connection.sock.shutdown(socket.SHUT_RDWR)


def _opener(cut: Cut) -> OpenerDirector:
    """What speaks HTTP and HTTPS, follows no redirect, and knows no other scheme."""

    class Plain(HTTPHandler):
        def http_open(self, request: Request) -> HTTPResponse:
            return self.do_open(cut.plain, request)

    class Secure(HTTPSHandler):
        def https_open(self, request: Request) -> HTTPResponse:
            return self.do_open(cut.secure, request)

    opener = OpenerDirector()
    for handler in (ProxyHandler, Plain, Secure, HTTPDefaultErrorHandler, HTTPErrorProcessor):
        opener.add_handler(handler())
    return opener


def _why(error: Exception) -> str:
    """What went wrong, without the address that some errors repeat."""
    reason = getattr(error, "reason", error)
    if isinstance(reason, TimeoutError):
        return LATE
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror
    return type(reason).__name__
