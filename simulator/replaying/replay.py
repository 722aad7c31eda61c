"""The replay: a recorded machine that goes on as if it stood in the plant, in plant time.

It is a process of its own and belongs to no run: it follows the plant's clock, which is retained, and
knows the office only from its notices. A plant time always shows the same reading, so whatever may
have been lost is simply sent again.
"""

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path
from time import monotonic

import paho.mqtt.client as mqtt

from protocol.address import Address
from protocol.messages import Clock, MessageError, OfficeNotice, Watermark, decode, encode
from protocol.moments import to_ms, to_text
from protocol.offices import Offices
from protocol.readings import encode_batch
from protocol.session import Received, Session, Will
from protocol.topics import MachineTopic, check_name, plant_topic
from simulator.histories.chronicle import ROOT
from simulator.replaying.recording import Recording
from simulator.telling.work import heartbeat, listen_to_signals

logger = logging.getLogger(__name__)

SECOND_MS = 1_000
SPAN_MS = 60_000
"""A batch holds at most this much plant time."""
BURST = 60
"""Batches on their way before the broker has to have acknowledged them."""
ON_START_MS = 24 * 3_600_000
"""How much plant time is sent at the start, at most."""
AGAIN_MS = 3_600_000
"""How much is sent again when the office or the broker came back, at least."""
PATIENCE_S = 5.0
"""Real seconds without a plant clock after which that is said."""
TURN_S = 0.25


def replay(
    recording: Recording,
    *,
    machine: str,
    line: str,
    kind: str,
    broker: Address,
    heartbeat_file: Path | None,
) -> None:
    """Replay a recording as a machine on a line, until SIGTERM or SIGINT.

    Raises:
        MessageError: The machine or the line has a name that no topic can hold.
    """
    location = tuple(check_name(level, "the line") for level in line.split("/"))
    topic = MachineTopic(
        root=ROOT, location=location, machine=check_name(machine, "the machine's name"), kind="readings"
    )
    stopping = threading.Event()
    listen_to_signals(stopping)
    follower = Follower(recording, topic, kind=kind, broker=broker, beat=heartbeat(heartbeat_file))
    follower.start()
    while not stopping.is_set():
        follower.turn()
    follower.stop()


class Follower:
    """A recorded machine that follows the plant's clock.

    Args:
        recording: What it shows.
        topic: Where its readings go.
        kind: What its birth calls it.
        broker: Broker and user.
        beat: Called now and then while it is well.
    """

    def __init__(
        self,
        recording: Recording,
        topic: MachineTopic,
        *,
        kind: str,
        broker: Address,
        beat: Callable[[], None],
    ) -> None:
        self._recording = recording
        self._topics = {
            name: str(
                MachineTopic(root=topic.root, location=topic.location, machine=topic.machine, kind=name)
            )
            for name in ("birth", "readings", "online")
        }
        self._machine = topic.machine
        self._kind = kind
        self._beat = beat
        self._numbers = count()
        self._clock: Clock | None = None
        self._sent_ms = 0
        self._boot = ""
        self._committed: dict[str, int | None] = {}
        self._unanswered: set[str] = set()
        """Offices that have not said what they have committed since the last of them was started."""
        self._missing_since_s: float | None = monotonic()
        self._offices = Offices(topic.root)
        self._session = Session(
            name=topic.machine,
            address=broker,
            filters=[
                (plant_topic(topic.root, "clock"), 1),
                *self._offices.filters,
                (plant_topic(topic.root, "watermark"), 1),
            ],
            inbox=queue.Queue(10_000),
            will=Will(topic=self._topics["online"], payload=b"false"),
            resend=False,
        )

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._session.start()

    def stop(self) -> None:
        """Say that the machine is offline, and disconnect."""
        if self._session.connected.is_set():
            words = self._session.publish(self._topics["online"], b"false", retain=True)
            self._session.flush(words, 1.5)
        self._session.stop()

    def turn(self) -> None:
        """Hear what is new, and send what the plant's clock has come to."""
        inbox = self._session.inbox
        waits = self._clock is None or self._sent_ms >= self._now_ms()
        try:
            self._hear(inbox.get(timeout=TURN_S) if waits else inbox.get_nowait())
            while True:
                self._hear(inbox.get_nowait())
        except queue.Empty:
            pass
        if not self._session.connected.is_set():
            return
        self._beat()
        if self._clock is None:
            self._miss_the_clock()
        else:
            self._send()

    def _now_ms(self) -> int:
        return to_ms(self._clock.at) // SECOND_MS * SECOND_MS if self._clock is not None else 0

    def _miss_the_clock(self) -> None:
        if self._missing_since_s is not None and monotonic() - self._missing_since_s >= PATIENCE_S:
            self._missing_since_s = None
            logger.warning("no plant clock on %s: waiting for a simulator", plant_topic(ROOT, "clock"))

    def _hear(self, received: Received) -> None:
        if not received.topic:
            self._introduce()
            self._go_back(self._now_ms() - AGAIN_MS)
            return
        name = received.topic.rsplit("/", 1)[-1]
        try:
            if name == "clock":
                self._hear_clock(decode(received.payload, Clock, reader="the replay"))
            elif self._offices.has(received.topic):
                if received.payload:
                    self._offices.hear(
                        received.topic, decode(received.payload, OfficeNotice, reader="the replay")
                    )
                if self._offices.notice is not None:
                    self._hear_office(self._offices.notice)
            else:
                self._hear_watermark(decode(received.payload, Watermark, reader="the replay"))
        except MessageError as error:
            logger.warning("ignored a message on %s: %s", received.topic, error)

    def _hear_clock(self, clock: Clock) -> None:
        before, self._clock = self._clock, clock
        if before is None or before.run != clock.run:
            epoch_ms = to_ms(clock.epoch)
            # At the first clock, what lies further back has most likely been sent by the process before.
            self._sent_ms = max(epoch_ms, self._now_ms() - ON_START_MS) if before is None else epoch_ms
            self._committed.clear()
            self._introduce()
            logger.info("%s follows run %s from %s", self._machine, clock.run, to_text(self._sent_ms))

    def _hear_office(self, notice: OfficeNotice) -> None:
        if notice.online and notice.boot != self._boot:
            if self._boot:
                self._go_back(min([self._now_ms() - AGAIN_MS, *self._known()]))
            self._committed.clear()
            self._unanswered = set(notice.names)
            self._boot = notice.boot

    def _hear_watermark(self, watermark: Watermark) -> None:
        if self._clock is None or watermark.run != self._clock.run:
            return
        kept = watermark.committed
        self._committed[watermark.office] = to_ms(kept) if kept is not None else to_ms(self._clock.epoch)
        if watermark.office in self._unanswered:
            self._unanswered.remove(watermark.office)
            self._go_back(min(self._known()))

    def _known(self) -> list[int]:
        return [at_ms for at_ms in self._committed.values() if at_ms is not None]

    def _go_back(self, to_ms_: int) -> None:
        if self._clock is not None:
            self._sent_ms = min(self._sent_ms, max(to_ms_, to_ms(self._clock.epoch)))

    def _introduce(self) -> None:
        if self._clock is None or not self._session.connected.is_set():
            return
        birth = self._recording.birth(at_ms=to_ms(self._clock.epoch), kind=self._kind)
        self._session.publish(self._topics["birth"], encode(birth), retain=True)
        self._session.publish(self._topics["online"], b"true", retain=True)

    def _send(self) -> None:
        """Send up to `BURST` batches, and wait until the broker has them."""
        connection = self._session.connection
        now_ms = self._now_ms()
        sent_ms = self._sent_ms
        last: mqtt.MQTTMessageInfo | None = None
        for _ in range(BURST):
            until_ms = min(sent_ms + SPAN_MS, now_ms)
            if until_ms <= sent_ms:
                break
            for batch in self._recording.batches(sent_ms, until_ms):
                payload = encode_batch(replace(batch, seq=next(self._numbers)))
                last = self._session.publish(self._topics["readings"], payload)
            sent_ms = until_ms
        if last is None or (self._session.flush(last) and self._session.connection == connection):
            self._sent_ms = max(self._sent_ms, sent_ms)
