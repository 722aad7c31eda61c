"""Questions to the API, a few a second: windows of up to a day, anywhere in the history, by seed."""

import http.client
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

from demo.claims import HOST

EACH_S = 0.5
"""Real seconds between two questions."""
SHORTEST_MS, LONGEST_MS = 60_000, 24 * 3_600_000
KINDS = ("kpis", "losses", "gain", "health", "kpis", "readings", "kpis", "stops", "calls", "faultlab")
"""What is asked, in turn."""
WITHOUT_WINDOW = frozenset({"health", "faultlab"})


def paths(
    seed: int, machines: Sequence[tuple[str, str, str]], window: Callable[[], tuple[int, int]]
) -> Iterator[tuple[str, str]]:
    """What is asked and where, without end.

    Args:
        seed: The same seed asks the same.
        machines: Name, line and a signal of each machine.
        window: From when to when there is a history, ms since 1970.
    """
    choose = random.Random(seed)  # noqa: S311 - fixed questions, no secret
    while True:
        for kind in KINDS:
            if kind in WITHOUT_WINDOW:
                yield kind, f"/api/{kind}"
                continue
            begun_ms, now_ms = window()
            long_ms = min(choose.randint(SHORTEST_MS, LONGEST_MS), now_ms - begun_ms)
            from_ms = begun_ms + int(choose.random() * (now_ms - begun_ms - long_ms))
            asked = {"from": _text(from_ms), "to": _text(from_ms + long_ms)}
            name, line, signal = choose.choice(machines)
            if kind == "readings":
                asked |= {"machine": name, "signal": signal}
            elif kind != "gain":
                asked |= choose.choice(({"machine": name}, {"line": line}, {}))
            yield kind, f"/api/{kind}?{urlencode(asked)}"


def _text(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1_000, UTC).isoformat(timespec="milliseconds")


class Asker:
    """Asks, one question after the other.

    Args:
        port: Of the web process.
        asked: What is asked and where.
    """

    def __init__(self, port: int, asked: Iterator[tuple[str, str]]) -> None:
        self.count = 0
        self.failed: list[str] = []
        """Questions that were not answered, with what came instead."""
        self._port, self._asked = port, asked
        self._times: dict[str, list[float]] = {}
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._thread.join(30)

    def times(self) -> dict[str, list[float]]:
        """Milliseconds of the answers since the last time, by what was asked."""
        with self._lock:
            found, self._times = self._times, {}
        return found

    def _ask(self) -> None:
        for kind, path in self._asked:
            begun_s = time.perf_counter()
            wrong = self._wrong(path)
            took_ms = (time.perf_counter() - begun_s) * 1e3
            self.count += 1
            if wrong:
                self.failed.append(f"{path}: {wrong}")
            with self._lock:
                self._times.setdefault(kind, []).append(took_ms)
            if self._ending.wait(max(0.0, EACH_S - took_ms / 1e3)):
                return

    def _wrong(self, path: str) -> str:
        connection = http.client.HTTPConnection(HOST, self._port, timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            return type(error).__name__
        finally:
            connection.close()
        return "" if answer.status == http.HTTPStatus.OK else f"{answer.status} {body[:200]!r}"
