"""Plays a load to whoever listens at a broker, and waits for the answer that all of it is taken in."""

import queue
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.ingest_load import EPOCH_MS, RUN, Load
from protocol.address import address_of
from protocol.messages import Clock, OfficeNotice, Tick, Watermark, decode, encode
from protocol.moments import from_ms, to_ms
from protocol.session import Received, Session
from protocol.topics import plant_topic

ROOT = "shopfloor"
AHEAD = 3
"""So many ticks are on their way at once: the next is there when one has been answered."""
ANSWER_S = 120.0


class Player:
    """A plant that says what it is told to.

    Args:
        url: The broker's.
        credentials: Folder of passwords.
        load: What is said.
    """

    def __init__(self, url: str, credentials: Path, load: Load) -> None:
        self._load = load
        self._inbox: queue.Queue[Received] = queue.Queue()
        self._session = Session(
            name="machines",
            address=address_of(url, role="machines", credentials=credentials),
            filters=[(plant_topic(ROOT, "office"), 1), (plant_topic(ROOT, "watermark"), 1)],
            inbox=self._inbox,
        )
        self._answered_ms = EPOCH_MS
        self._next = 0

    def __enter__(self) -> Self:
        self._session.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.stop()

    def introduce(self) -> None:
        """Wait for somebody who listens, then say the clock and all births."""
        self._wait(lambda one: one.topic.endswith("/office") and bool(decode(one.payload, OfficeNotice).boot))
        self._tell_clock(EPOCH_MS)
        for place, birth in self._load.births.items():
            self._session.publish(f"{ROOT}/{place}/birth", encode(birth), retain=True)

    def play(self, ticks: int) -> int:
        """Say the next ticks and wait until the last is answered; returns how many batches that were."""
        count = 0
        for at_ms, batches in self._load.ticks[self._next : self._next + ticks]:
            for place, payload in batches:
                self._session.publish(f"{ROOT}/{place}/readings", payload)
            count += len(batches)
            self._tell_clock(at_ms)
            self._session.publish(plant_topic(ROOT, "tick"), encode(Tick(run=RUN, at=from_ms(at_ms))))
            self._next += 1
            behind = self._next - AHEAD
            if behind >= 0:
                self._wait_for(self._load.ticks[behind][0])
        self._wait_for(self._load.ticks[self._next - 1][0])
        return count

    def _tell_clock(self, at_ms: int) -> None:
        clock = Clock(
            run=RUN, epoch=from_ms(EPOCH_MS), at=from_ms(at_ms), wall=from_ms(int(time.time() * 1000)),
            speed=None, catching_up_to=from_ms(self._load.ticks[-1][0]),
        )  # fmt: skip
        self._session.publish(plant_topic(ROOT, "clock"), encode(clock), retain=True)

    def _wait_for(self, at_ms: int) -> None:
        while self._answered_ms < at_ms:
            said = self._wait(lambda one: one.topic.endswith("/watermark"))
            mark = decode(said.payload, Watermark)
            if mark.office == "office" and mark.committed is not None:
                self._answered_ms = max(self._answered_ms, to_ms(mark.at))

    def _wait(self, wanted: Callable[[Received], bool]) -> Received:
        until_s = time.monotonic() + ANSWER_S
        while time.monotonic() < until_s:
            try:
                received = self._inbox.get(timeout=0.5)
            except queue.Empty:
                continue
            if received.topic and wanted(received):
                return received
        raise SystemExit("nobody who listens has answered in time")
