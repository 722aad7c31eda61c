"""Viewers of the usual Dash page: each asks for everything anew every second, as the page itself does."""

import http.client
import threading
import time
from types import TracebackType
from typing import Self

from demo.claims import HOST

CALLBACK = "/_dash-update-component"
Question = tuple[str, str]
"""Path and body of a page's own request."""


class Pollers:
    """So many viewers that ask what a page asks.

    Args:
        port: Of the application.
        count: How many.
        question: What the page itself asks.
    """

    def __init__(self, port: int, count: int, question: Question) -> None:
        self.answers: list[int] = []
        """Bytes of each answer to any of them, as they came over the wire."""
        self._ending = threading.Event()
        self._port, self._question = port, question
        self._askers = [
            threading.Thread(target=self._ask, args=(number / max(1, count),), daemon=True)
            for number in range(count)
        ]

    def __enter__(self) -> Self:
        for asker in self._askers:
            asker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        for asker in self._askers:
            asker.join(30)

    def _ask(self, after_s: float) -> None:
        headers = {"Content-Type": "application/json", "Accept-Encoding": "gzip"}
        due_s = time.monotonic() + after_s
        while not self._ending.wait(max(0.0, due_s - time.monotonic())):
            connection = http.client.HTTPConnection(HOST, self._port, timeout=30)
            path, body = self._question
            connection.request("POST", path, body, headers)
            self.answers.append(len(connection.getresponse().read()))
            connection.close()
            due_s = max(due_s + 1.0, time.monotonic())
