"""Viewers who stop in the middle of a request, and what is no request."""

import logging
import socket
import urllib.request
from contextlib import ExitStack

import pytest

from dashboard.gate.refusals import LOGGED, MINUTE_S
from dashboard.live.routes import THREADS
from dashboard.slow import Sparing
from tests.web.conftest import RunningWeb

HALF_A_HEAD = b"GET / HTTP/1.1\r\nHost: local"
HALF_A_BODY = (
    b"POST /api/commands HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: 1000\r\n\r\n{"
)


@pytest.mark.broker
@pytest.mark.parametrize("half", [HALF_A_HEAD, HALF_A_BODY], ids=["head", "body"])
def test_requests_that_stop_in_the_middle_do_not_take_the_page_away(web: RunningWeb, half: bytes) -> None:
    with ExitStack() as held:
        for _ in range(THREADS + 6):
            opened = held.enter_context(socket.create_connection(("127.0.0.1", web.port), timeout=30))
            opened.sendall(half)

        with urllib.request.urlopen(f"{web.url}/health", timeout=60) as answer:  # noqa: S310 - our page
            assert answer.read() == b"ok\n"


def test_what_is_no_request_fills_no_disk() -> None:
    now_s = [0.0]
    sparing = Sparing(lambda: now_s[0])
    line = logging.LogRecord(
        "gunicorn.error", logging.WARNING, "", 0, "Invalid request from %s", ("x",), None
    )

    assert sum(sparing.filter(line) for _ in range(1_000)) == LOGGED
    now_s[0] += MINUTE_S

    assert sparing.filter(line)
    assert line.getMessage() == f"Invalid request from x (and {1_000 - LOGGED} lines before it)"
