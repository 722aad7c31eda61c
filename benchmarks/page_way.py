"""How long a report took from the wire to the tile, hop by hop."""

import queue
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from types import TracebackType
from typing import Self

from benchmarks.bench_broker import BenchBroker
from benchmarks.page_tab import Noted
from dashboard.conclusions import ConclusionError, Tile, decode
from protocol.address import address_of
from protocol.session import Received, Session
from protocol.topics import office_topic

Report = tuple[str, str, float]
"""A machine, a state, and a moment in ms since 1970."""
HOPS = (
    "wire to the office's word",
    "word to the browser",
    "browser to the changed tile",
    "tile to the drawn frame",
)


class Told:
    """What the office tells of machines, and when it reaches whoever listens, as a web process does."""

    def __init__(self, broker: BenchBroker) -> None:
        self.said: list[Report] = []
        self._inbox: queue.Queue[Received] = queue.Queue()
        self._ending = threading.Event()
        self._session = Session(
            name="told",
            address=address_of(broker.url, role="viewer", credentials=broker.credentials),
            filters=[(office_topic("shopfloor", "machine", "+"), 0)],
            inbox=self._inbox,
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Self:
        self._session.start()
        self._listener.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._listener.join()
        self._session.stop()

    def _listen(self) -> None:
        while not self._ending.is_set():
            try:
                received = self._inbox.get(timeout=0.1)
            except queue.Empty:
                continue
            at_ms = time.time() * 1_000
            if received.topic and received.payload:
                try:
                    tile = decode(received.payload, Tile)
                except ConclusionError:
                    continue
                self.said.append((tile.name, tile.state, at_ms))


@dataclass(frozen=True, slots=True)
class Way:
    """Milliseconds of every report that arrived, hop by hop."""

    hops: tuple[list[float], ...]
    """Each of `HOPS`; only the last two where nobody listens to the office."""
    whole: list[float]
    """From the wire to the changed tile."""
    lost: int
    """Reports that the tile did not show before the measurement ended."""


def way(sent: Sequence[Report], said: Sequence[Report], noted: Noted) -> Way:
    """The way of each report: a tile is right once it shows it or a later one."""
    changed = _answered(sent, noted.changed)
    told = _answered(sent, said)
    hops: tuple[list[float], ...] = ([], [], [], [])
    whole = []
    for report in sent:
        name, _, sent_ms = report
        if report not in changed:
            continue
        at_ms = changed[report]
        whole.append(at_ms - sent_ms)
        told_ms = told.get(report)
        came_ms = max((one for one in noted.came if one <= at_ms), default=None)
        if told_ms is not None and came_ms is not None:
            hops[0].append(told_ms - sent_ms)
            hops[1].append(came_ms - told_ms)
            hops[2].append(at_ms - came_ms)
        hops[3].append(noted.drawn[name, at_ms] - at_ms)
    return Way(hops, whole, len(sent) - len(whole))


def _answered(sent: Iterable[Report], seen: Iterable[Report]) -> dict[Report, float]:
    """When each report, or a later one of its machine, was seen first."""
    waiting: dict[str, list[Report]] = {}
    events = sorted([(one[2], 0, one) for one in sent] + [(one[2], 1, one) for one in seen])
    found = {}
    for at_ms, is_seen, one in events:
        open_ones = waiting.setdefault(one[0], [])
        if not is_seen:
            open_ones.append(one)
            continue
        newest = max((i for i, report in enumerate(open_ones) if report[1] == one[1]), default=-1)
        for report in open_ones[: newest + 1]:
            found[report] = at_ms
        del open_ones[: newest + 1]
    return found


def shown(ms: Sequence[float]) -> str:
    """Median, what 95 % stay within, and the longest."""
    ordered = sorted(ms)
    if not ordered:
        return "-"
    return f"{median(ordered):.0f}, {ordered[int(len(ordered) * 0.95)]:.0f}, {ordered[-1]:.0f}"
