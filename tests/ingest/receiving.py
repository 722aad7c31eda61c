"""A real HTTP server to which calls are posted, and which answers as it is told to."""

import contextlib
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SLOW_S = 300.0
"""How long a slow answer takes at most, where the server does not end before."""


class Receiving:
    """Receives posts.

    Args:
        answer: What is answered to the n-th post, from 0 on: a status, `slow` for none in time, `drip`
            for one without an end, `close` for a connection that is closed, or an address to be sent on to.
    """

    def __init__(self, answer: Callable[[int], int | str] = lambda _: 204) -> None:
        self.answer = answer
        self.posts: list[dict[str, Any]] = []
        """What was posted and answered with a good status."""
        self.attempts = 0
        """Posts of whatever fate."""
        self.gets = 0
        self.headers: list[dict[str, str]] = []
        self._ended = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_port}/calls"

    def wait(self) -> None:
        """Be slow."""
        self._ended.wait(SLOW_S)

    def drips(self) -> bool:
        """Wait a little; False once the server ends."""
        return not self._ended.wait(0.05)

    def close(self) -> None:
        """End."""
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()


def _handler_for(receiving: Receiving) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            number, receiving.attempts = receiving.attempts, receiving.attempts + 1
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            receiving.headers.append(dict(self.headers))
            answer = receiving.answer(number)
            if answer == "slow":
                receiving.wait()
            elif answer == "drip":
                self.wfile.write(b"HTTP/1.1 204 OK\r\n")
                with contextlib.suppress(OSError):
                    while receiving.drips():
                        self.wfile.write(b"x")
            elif answer == "close":
                self.close_connection = True
            elif isinstance(answer, str):
                self.send_response(302)
                self.send_header("Location", answer)
                self.end_headers()
            else:
                if 200 <= answer < 300:
                    receiving.posts.append(body)
                self.send_response(answer)
                self.end_headers()

        def do_GET(self) -> None:
            receiving.gets += 1
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
