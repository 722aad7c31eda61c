"""A small office for tests: it hears everything, and answers ticks at once or when it is told to."""

import queue
import secrets
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import paho.mqtt.client as mqtt

from protocol.address import address_of
from protocol.assumptions import Assumptions
from protocol.edge import decode_edge_batch
from protocol.messages import (
    Birth,
    Clock,
    MessageError,
    OfficeNotice,
    PlantResult,
    Tick,
    Truth,
    Truths,
    Watermark,
    decode,
    encode,
)
from protocol.moments import from_ms, to_ms
from protocol.readings import Batch, decode_batch
from protocol.session import Received, Session, Will
from protocol.topics import (
    BATCH,
    GATEWAY,
    machine_filters,
    parse_gateway_topic,
    plant_topic,
    truth_topic,
)
from tests.broker.running import RunningBroker

ROOT = "shopfloor"
PATIENCE_S = 90.0
"""For Python alone a busy machine may need a quarter of a minute to start it."""
WILL_S = 10.0
"""A broker says the will of who is killed at once, and that of who only falls silent after 18 s."""


def wait_until(what: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    """Wait for a condition; fails when it does not come."""
    end_s = time.monotonic() + patience_s
    while not what():
        assert time.monotonic() < end_s, "waited in vain"
        time.sleep(0.01)


class SmallOffice:
    """An office whose history is what it heard, committed with each tick that it answers."""

    def __init__(self, broker: RunningBroker, *, answers: bool = True) -> None:
        self.answers = answers
        """False to answer ticks only by `answer`."""
        self._lost = False
        """Whether a tick may still be on its way that comes behind what was lost."""
        self._committing = threading.Lock()
        self.boot = secrets.token_hex(4)
        self.ticks: list[Tick] = []
        """What was asked for, once both connections heard it: readings and truth up to it are here then."""
        self._halves: dict[str, list[bytes]] = {"office": [], "proof": []}
        """Ticks by the connection that heard them, while the other did not yet."""
        self.clocks: list[Clock] = []
        self.results: list[PlantResult] = []
        self.assumed: list[Assumptions] = []
        self.batches: dict[str, list[tuple[str, Batch]]] = {}
        """By machine: the run's name at the time it came, and the batch."""
        self.muttered: dict[str, int] = {}
        """By machine: messages that were promised to nobody, while the plant knew of no office."""
        self.refused: dict[str, int] = {}
        """By machine: readings that could not be read."""
        self.truths: dict[str, list[Truth]] = {}
        self.births: dict[str, bytes] = {}
        """What is retained, by machine."""
        self.online: dict[str, bytes] = {}
        self.links: dict[str, list[bytes]] = {}
        """By machine: what was said of its link, one after the other."""
        self.apart: dict[str, list[bytes]] = {}
        """By machine: readings that it, or a gateway for it alone, sent in a message of their own."""
        self.gateways: dict[str, bytes] = {}
        """What each gateway says of its link, by its name."""
        self.places: dict[str, set[str]] = {}
        """By machine: the topics under which it has a birth."""
        self._online_at: dict[str, set[str]] = {}
        """By machine: the topics under which something is said of its link."""
        self.committed: dict[str, int] = {}
        """Plant time by run."""
        self._connected: set[str] = set()
        """The connections that stood at some time."""
        self._inbox: queue.Queue[Received] = queue.Queue(200_000)
        self._office = self._session(broker, "office")
        self._proof = self._session(broker, "proof")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Self:
        self._proof.start()
        wait_until(self._proof.connected.is_set)
        self._office.start()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    def leave(self) -> None:
        """Go away, as the will would say it."""
        self._stopping.set()
        self._thread.join()
        if self._office.connected.is_set():
            self._office.flush(self._notice(online=False))
        self._office.stop()
        self._proof.stop()

    def reboot(self) -> None:
        """Say that what was on its way may be lost."""
        self.boot = secrets.token_hex(4)
        self._notice(online=True)

    def lose(self, run: str, committed_ms: int) -> None:
        """Forget all behind a moment of plant time; nothing is committed until the plant goes back."""
        with self._committing:
            self.committed[run], self._lost = committed_ms, True

    def answer(self, tick: Tick) -> None:
        """Answer a tick, with everything up to it committed."""
        at_ms = to_ms(tick.at)
        with self._committing:
            committed_ms = self.committed.get(tick.run, at_ms)
            # A plant that goes back begins with a tick that is committed already.
            self._lost = self._lost and at_ms > committed_ms
            if not self._lost:
                committed_ms = self.committed[tick.run] = max(at_ms, committed_ms)
        watermark = Watermark(office="office", run=tick.run, at=tick.at, committed=from_ms(committed_ms))
        self._office.publish(plant_topic(ROOT, "watermark"), encode(watermark))

    def say_late(self, run: str, at_ms: int) -> None:
        """Say what a watermark said that was long on its way, from before the plant went back."""
        at = from_ms(at_ms)
        watermark = Watermark(office="office", run=run, at=at, committed=at)
        self._office.publish(plant_topic(ROOT, "watermark"), encode(watermark))

    @property
    def at_ms(self) -> int:
        """Plant time up to which the run that is on was told last; its epoch before anything of it was.

        A plant whose tick was answered late asks at the epoch what there is, and goes on where it was.
        """
        ticks = self.ticks.copy()
        run = ticks[-1].run if ticks else ""
        closed = (tick for tick in reversed(ticks) if tick.run == run and tick.sent is not None)
        last = next(closed, ticks[-1] if ticks else None)
        return 0 if last is None else to_ms(last.at)

    def hear_clock(self) -> None:
        """Wait for a clock that is shown from now on: whoever shows it hears commands."""
        now = datetime.now(UTC)
        wait_until(lambda: bool(self.clocks) and self.clocks[-1].wall > now)

    def readings(self, machine: str) -> dict[int, dict[str, float]]:
        """The readings of a machine by plant time, repeats counted once."""
        readings: dict[int, dict[str, float]] = {}
        for _, batch in self.batches.get(machine, []):
            assert batch.at_ms is not None
            for row, offset in enumerate(batch.offsets_ms.tolist()):
                one = {name: column[row].item() for name, column in batch.signals.items()}
                before = readings.setdefault(batch.at_ms + offset, one)
                assert repr(before) == repr(one), "a repeat must say the same"
        return readings

    def truth(self, machine: str) -> list[tuple[int, str, str, int | None, int | None]]:
        """The true changes of a machine by plant time, repeats counted once."""
        changes = {
            (to_ms(truth.at) + one.offset_ms, str(one.state or ""), one.phase, one.parts, one.rejects)
            for truth in self.truths.get(machine, [])
            for one in truth.changes
        }
        return sorted(changes, key=repr)

    def _session(self, broker: RunningBroker, role: str) -> Session:
        office = role == "office"
        topics = [("clock", 1), ("tick", 1), ("result", 1), ("assumptions", 1)] if office else []
        filters = [(plant_topic(ROOT, name), qos) for name, qos in topics]
        if office:
            filters += [
                (one, 1) for kind in ("birth", "readings", "online") for one in machine_filters(ROOT, kind)
            ]
        else:
            filters = [(truth_topic(ROOT, "+"), 1), (plant_topic(ROOT, "tick"), 1)]
        return Session(
            name=role,
            address=address_of(broker.url, role=role, credentials=broker.credentials),
            filters=filters,
            inbox=self._inbox,
            will=Will(
                topic=plant_topic(ROOT, "office"),
                payload=encode(OfficeNotice(names=(), boot="", online=False)),
            )
            if office
            else None,
        )

    def _notice(self, *, online: bool) -> mqtt.MQTTMessageInfo:
        notice = OfficeNotice(names=("office",) if online else (), boot=self.boot, online=online)
        return self._office.publish(plant_topic(ROOT, "office"), encode(notice), retain=True)

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                received = self._inbox.get(timeout=0.05)
            except queue.Empty:
                continue
            self._hear(received)

    def _hear_of_machine(self, machine: str, kind: str, received: Received) -> None:
        if kind == "readings":
            self.apart.setdefault(machine, []).append(received.payload)
            self._hear_batch(machine, received.payload, received.qos)
            return
        if kind == "online":
            self.links.setdefault(machine, []).append(received.payload)
        kept, at = (self.births, self.places) if kind == "birth" else (self.online, self._online_at)
        places = at.setdefault(machine, set())
        (places.add if received.payload else places.discard)(received.topic.removesuffix(f"/{kind}"))
        # What is taken away at its old place may come behind what is said of a machine at its new one.
        if received.payload or not places:
            kept[machine] = received.payload

    def _hear(self, received: Received) -> None:
        *_, machine, kind = ["", *received.topic.split("/")] if received.topic else ["", ""]
        if not received.topic:
            for half in self._halves.values():
                half.clear()
            self._connected.add(received.session)
            # Whoever is told that there is an office speaks to it: both connections are to hear it.
            if self._connected == {"office", "proof"}:
                self.reboot()
        elif kind == "clock":
            self.clocks.append(decode(received.payload, Clock))
        elif kind == "tick":
            self._hear_tick(received)
        elif kind == "result":
            self.results.append(decode(received.payload, PlantResult))
        elif kind == "assumptions":
            self.assumed.append(decode(received.payload, Assumptions))
        elif machine == "_truth":
            self._hear_truth(kind, received.payload)
        elif machine in {BATCH, GATEWAY}:
            self._hear_gateway(received)
        else:
            self._hear_of_machine(machine, kind, received)

    def _hear_tick(self, received: Received) -> None:
        """Take in a tick when the other connection heard it before."""
        mine = self._halves[received.session]
        others = self._halves["proof" if received.session == "office" else "office"]
        if received.payload not in others:
            mine.append(received.payload)
            return
        del others[: others.index(received.payload) + 1]
        mine.clear()
        self.ticks.append(decode(received.payload, Tick))
        if self.answers:
            self.answer(self.ticks[-1])

    def _hear_truth(self, name: str, payload: bytes) -> None:
        many = decode(payload, Truths).machines if name == BATCH else {name: decode(payload, Truth)}
        for machine, truth in many.items():
            self.truths.setdefault(machine, []).append(truth)

    def _hear_gateway(self, received: Received) -> None:
        gateway = parse_gateway_topic(received.topic)
        assert gateway is not None
        if received.topic == gateway.online:
            self.gateways[gateway.name] = received.payload
            return
        for machine, payload in decode_edge_batch(received.payload).items():
            assert isinstance(payload, bytes), payload
            assert decode(self.births[machine], Birth).gateway == gateway.name
            self._hear_batch(machine, payload, received.qos)

    def _hear_batch(self, machine: str, payload: bytes, qos: int) -> None:
        if not qos:
            # It is told once more, in order.
            self.muttered[machine] = self.muttered.get(machine, 0) + 1
            return
        try:
            batch = decode_batch(payload)
        except MessageError:
            self.refused[machine] = self.refused.get(machine, 0) + 1
        else:
            self.batches.setdefault(machine, []).append((batch.run, batch))
