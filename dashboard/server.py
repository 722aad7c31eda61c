"""Serves the application: gunicorn with one worker of many threads, waitress where it does not run.

A stream holds a thread for as long as a page is open, so there are many, and streams leave a reserve.
"""

import gc
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from flask import Flask

from dashboard.history.books import Books
from dashboard.live.channel import Channel
from dashboard.live.routes import THREADS


class CertificateError(ValueError):
    """Raised when the page cannot be served with TLS; says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What the page shows of itself with TLS."""

    file: Path
    """The certificate."""
    key: Path
    """Its key."""

    @classmethod
    def of(cls, credentials: Path | None) -> "Certificate":
        """The page's own, in the folder of credentials.

        Raises:
            CertificateError: It is not there.
        """
        folder = credentials or Path()
        made = cls(file=folder / "page.crt", key=folder / "page.key")
        for file in (made.file, made.key):
            if not os.access(file, os.R_OK):
                raise CertificateError(
                    f"cannot read {file}: broker-config/make_credentials.py --tls makes it in the folder of "
                    "credentials"
                )
        return made


def serve(
    server: Flask,
    channel: Channel,
    books: Books,
    *,
    host: str,
    port: int,
    certificate: Certificate | None = None,
) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit code.

    Args:
        server: The application.
        channel: Started in the process that serves, stopped with it.
        books: The same.
        host: Address to listen at.
        port: Port to listen at.
        certificate: For TLS; None to serve in the clear.

    Raises:
        CertificateError: The server of this system knows no TLS.
    """
    if sys.platform == "win32":
        if certificate is not None:
            raise CertificateError("waitress, which serves the page on Windows, knows no TLS: use Docker")
        return _by_waitress(server, channel, books, host=host, port=port)
    return _by_gunicorn(server, channel, books, host=host, port=port, certificate=certificate)


def settle() -> None:
    """Let what the application is made of be looked through for garbage never again.

    It stays as long as the process does, and looking through it holds up a request for a tenth of a second.
    """
    gc.collect()
    gc.freeze()


def _by_gunicorn(
    server: Flask, channel: Channel, books: Books, *, host: str, port: int, certificate: Certificate | None
) -> int:
    from gunicorn.app.base import BaseApplication  # noqa: PLC0415 - does not exist on Windows

    from dashboard.slow import PatientWorker  # noqa: PLC0415 - the same

    def begin(worker: Any) -> None:
        def ending(handle: Callable[[int, FrameType | None], object]) -> Callable[..., None]:
            def end(number: int, frame: FrameType | None) -> None:
                # Streams end first, so that the worker need not wait for their viewers.
                channel.stopping.set()
                handle(number, frame)

            return end

        signal.signal(signal.SIGTERM, ending(worker.handle_exit))
        for number in (signal.SIGINT, signal.SIGQUIT):
            signal.signal(number, ending(worker.handle_quit))
        settle()
        channel.start()
        books.start()

    def done(_server: Any, _worker: Any) -> None:
        channel.stop()
        books.stop()

    class Application(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            for name, value in {
                "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
                "workers": 1,
                "worker_class": PatientWorker,
                "threads": THREADS,
                "graceful_timeout": 3,
                "timeout": 60,
                "control_socket_disable": True,
                "loglevel": "warning",
                "proc_name": "dashboard-web",
                "post_worker_init": begin,
                "worker_exit": done,
                "certfile": None if certificate is None else str(certificate.file),
                "keyfile": None if certificate is None else str(certificate.key),
            }.items():
                self.cfg.set(name, value)

        def load(self) -> Flask:
            return server

    # Before the worker is forked: what both are made of they then go on to share.
    settle()
    try:
        Application().run()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


def _by_waitress(server: Flask, channel: Channel, books: Books, *, host: str, port: int) -> int:
    from waitress import create_server  # noqa: PLC0415 - installed on Windows alone

    listening = create_server(server, host=host, port=port, threads=THREADS)

    def end(_number: int, _frame: FrameType | None) -> None:
        channel.stopping.set()
        # In a thread of its own: a signal handler may not wait for the loop that it interrupts.
        threading.Thread(target=listening.close).start()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    settle()
    channel.start()
    books.start()
    listening.run()
    channel.stop()
    books.stop()
    return 0
