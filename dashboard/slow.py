"""Viewers who send or take slowly: they hold a thread of the server's for seconds, and never all of them.

gunicorn waits for the rest of a request as long as it does not come, with a thread that is then nobody
else's. Sixty requests that stop in the middle would be the whole page.
"""

import errno
import logging
import socket
import sys
import threading
from collections.abc import Callable
from time import monotonic
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from dashboard.gate.refusals import LOGGED, MINUTE_S
from dashboard.gate.routes import READING

REQUEST_S = 15.0
"""A request that has not come as a whole by then is given up."""
AT_ONCE = 8
"""So many requests may be on their way in at a time: beyond it the eldest are given up, if they are slow."""
SLOW_S = 1.0
"""On its way for longer a request is slow."""
TAKING_MS = 30_000
"""Whoever takes nothing of an answer for so long is given up."""


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """Serves with threads, and lends them for so long."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._guard = threading.Lock()
        self._coming: dict[TConn, float] = {}
        """The requests on their way in, and since when, the eldest first."""

    def init_process(self) -> None:
        """Begin to serve, in a process of its own."""
        self.log.error_log.addFilter(Sparing())
        super().init_process()

    def handle(self, conn: TConn) -> Any:
        """Take a request from a connection, and answer it."""
        with self._guard:
            self._coming[conn] = monotonic()
        try:
            if sys.platform == "linux":
                # The kernel ends it, encrypted or not, when what was sent finds no room for so long.
                conn.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, TAKING_MS)
            return super().handle(conn)
        finally:
            self._has_come(conn)

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """Answer a request whose head has come."""
        if req.method in READING:
            # Nobody waits for the body of what only reads.
            self._has_come(conn)
        try:
            return super().handle_request(req, conn)
        except TimeoutError as error:
            # The server knows what to do about a viewer who is gone.
            raise ConnectionResetError(errno.ECONNRESET, "nothing was taken of an answer") from error

    def murder_pending(self) -> None:
        """Give up the connections that are waited for in vain; comes by once a second, or more often."""
        super().murder_pending()
        now_s = monotonic()
        with self._guard:
            ages = [(conn, now_s - since_s) for conn, since_s in self._coming.items()]
        spare = len(ages) - AT_ONCE
        for place, (conn, age_s) in enumerate(ages):
            if age_s > REQUEST_S or (place < spare and age_s > SLOW_S):
                self._give_up(conn)

    def _has_come(self, conn: TConn) -> None:
        with self._guard:
            self._coming.pop(conn, None)

    def _give_up(self, conn: TConn) -> None:
        self._has_come(conn)
        try:
            # It reads as the end of what comes; an answer that is on its way already goes on. Not the
            # method of an encrypted one, which would go on in the clear.
            socket.socket.shutdown(conn.sock, socket.SHUT_RD)
        except OSError:
            # It has ended by itself.
            return


class Sparing(logging.Filter):
    """Lets so many lines a minute through: whoever sends what is no request does not fill the disk by that.

    Args:
        clock: Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._minute_s, self._in_minute = clock(), 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a line is written; the first of a minute says how many were not in the one before."""
        now_s = self._clock()
        if now_s - self._minute_s >= MINUTE_S:
            left_out = self._in_minute - LOGGED
            if left_out > 0:
                record.msg, record.args = f"{record.getMessage()} (and {left_out} lines before it)", ()
            self._minute_s, self._in_minute = now_s, 0
        self._in_minute += 1
        return self._in_minute <= LOGGED
