"""Machines by hand that report a change of state in every reading, at wall time, and when each was sent."""

import threading
import time
from types import TracebackType
from typing import Self

import msgspec

from benchmarks.bench_broker import BenchBroker
from protocol.address import address_of
from protocol.messages import Birth, Signal, encode
from protocol.moments import from_ms, to_text
from protocol.session import Session
from protocol.states import State

A_LINE = 8
STATES = (State.RUNNING, State.IDLE, State.RUNNING, State.DOWN)
"""What a machine reports in turn."""


class Devices:
    """So many machines, a reading a second each.

    Args:
        broker: Where they speak.
        count: How many.
    """

    def __init__(self, broker: BenchBroker, count: int) -> None:
        self.names = [f"machine-{number:05d}" for number in range(count)]
        self.sent: list[tuple[str, str, float]] = []
        """Machine, the state it reported, and when it did, ms since 1970."""
        self._ending = threading.Event()
        self._speaking: threading.Thread | None = None
        self._session = Session(
            name="devices",
            address=address_of(broker.url, role="machines", credentials=broker.credentials),
        )

    def __enter__(self) -> Self:
        self._session.start()
        self._session.connected.wait(10)
        birth = Birth(
            at=from_ms(_now_ms()),
            kind="cnc-mill",
            states="reported",
            tells=(State.RUNNING, State.IDLE, State.DOWN),
            signals={"power_kw": Signal(unit="kW")},
            ideal_cycle_s=30,
        )
        for number, name in enumerate(self.names):
            self._session.publish(f"{_place(number, name)}/birth", encode(birth), retain=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.rest()
        for number, name in enumerate(self.names):
            last = self._session.publish(f"{_place(number, name)}/birth", b"", retain=True)
        self._session.flush(last)
        self._session.stop()

    def speak(self, *, spread: bool) -> None:
        """Begin to send a reading a second of each machine: all at one moment, or each at its own."""
        self.rest()
        self.sent = []
        self._ending.clear()
        self._speaking = threading.Thread(target=self._speak, kwargs={"spread": spread}, daemon=True)
        self._speaking.start()

    def rest(self) -> None:
        """Send nothing more."""
        self._ending.set()
        if self._speaking is not None:
            self._speaking.join()
            self._speaking = None

    def _speak(self, *, spread: bool) -> None:
        begun_s, second = time.monotonic() + 0.1, 0
        while not self._ending.is_set():
            for number, name in enumerate(self.names):
                due_s = begun_s + second + (number / len(self.names) if spread else 0.0)
                if self._ending.wait(max(0.0, due_s - time.monotonic())):
                    return
                self._report(number, name, second)
            second += 1

    def _report(self, number: int, name: str, second: int) -> None:
        at_ms = _now_ms()
        state = STATES[second % len(STATES)]
        reading = {
            "at": to_text(at_ms), "seq": second, "power_kw": 7.25 + 0.25 * (second % 4),
            "state": state.value, "cause": "jam" if state is State.DOWN else "", "parts": second,
        }  # fmt: skip
        self.sent.append((name, state.value, time.time() * 1_000))
        self._session.publish(f"{_place(number, name)}/readings", msgspec.json.encode(reading))


def _place(number: int, name: str) -> str:
    return f"shopfloor/line-{number // A_LINE}/{name}"


def _now_ms() -> int:
    return int(time.time() * 1_000)
