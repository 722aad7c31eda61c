"""The plant's own topics: what the plant as a whole tells and hears, on one connection."""

import contextlib
import logging
import queue
from collections import deque
from time import monotonic

import msgspec
import paho.mqtt.client as mqtt

from protocol.address import Address
from protocol.assumptions import Assumptions
from protocol.messages import (
    VERSION,
    Call,
    Clock,
    Message,
    MessageError,
    OfficeNotice,
    PlantCommand,
    PlantResult,
    Response,
    Tick,
    Truth,
    Watermark,
    decode,
    encode,
)
from protocol.session import Received, Session
from protocol.topics import BATCH, call_topic, plant_topic, truth_topic
from simulator.commanding.commands import BadCommand, command_in

logger = logging.getLogger(__name__)

FULL_BYTES = 128 * 1024
"""A message with the truth of many that has grown to this size is sent, and the next begun."""

News = OfficeNotice | Watermark | Call | PlantCommand | BadCommand | None
"""What may be heard; None stands for a new connection."""


class OnTheWay:
    """Messages on their way to the broker on one connection."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection
        self._infos: deque[mqtt.MQTTMessageInfo] = deque()

    def add(self, info: mqtt.MQTTMessageInfo) -> None:
        """One more message is on its way."""
        self._infos.append(info)

    @property
    def failed(self) -> bool:
        """Whether the connection has gone before the broker had everything."""
        gone = not self._session.connected.is_set() or self._session.connection != self._connection
        return gone and bool(self._infos)

    def wait(self, timeout_s: float) -> bool:
        """Wait until the broker has everything; False when it has not, or not in time."""
        end_s = monotonic() + timeout_s
        while self._infos:
            if not self._session.flush(self._infos[0], max(0.001, end_s - monotonic())):
                return False
            self._infos.popleft()
        return True


class PlantTopics:
    """A connection for clock, ticks, results and the truth, and for what the office says.

    Args:
        address: Broker and user.
        root: Root of the topics.
        together: Whether the truth of many machines goes in one message.
    """

    def __init__(self, address: Address, *, root: str, together: bool = False) -> None:
        self._root = root
        self._together = together
        self._truths: dict[str, msgspec.Raw] = {}
        self._truths_bytes = 0
        self._session = Session(
            name="simulator",
            address=address,
            filters=[
                *((plant_topic(root, name), 1) for name in ("office", "watermark", "command")),
                (call_topic(root, "+", "+"), 1),
            ],
            inbox=queue.Queue(10_000),
            # After an outage the plant sends again from what is committed: an old tick that paho
            # sends by itself would overtake the readings before it.
            resend=False,
        )
        self._calls = call_topic(root, "", "").rstrip("/") + "/"
        self._results: list[PlantResult] = []

    @property
    def connected(self) -> bool:
        """Whether the connection stands."""
        return self._session.connected.is_set()

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._session.start()

    def stop(self) -> None:
        """Disconnect cleanly."""
        self._session.stop()

    def listen(self, wait_s: float) -> list[News]:
        """What office and operator said; None stands for the news that a new connection stands.

        Args:
            wait_s: Real seconds to wait for the first of it.
        """
        heard = []
        with contextlib.suppress(queue.Empty):
            heard.append(self._session.inbox.get(timeout=wait_s) if wait_s > 0 else None)
            while True:
                heard.append(self._session.inbox.get_nowait())
        return [news for one in heard if one is not None for news in self._understood(one)]

    def say_clock(self, clock: Clock) -> None:
        """Tell the time, retained."""
        if self.connected:
            self._publish("clock", clock, retain=True)

    def say_assumptions(self, assumptions: Assumptions) -> None:
        """Tell what is assumed, and was, retained."""
        if self.connected:
            self._publish("assumptions", assumptions, retain=True)

    def say_tick(self, tick: Tick) -> None:
        """Say that everything up to a moment has been sent."""
        self._publish("tick", tick)

    def say_result(self, result: PlantResult) -> None:
        """Say what came of something that was asked of the plant; without a connection, later."""
        self._results.append(result)
        if self.connected:
            for one in self._results:
                self._publish("result", one)
            self._results.clear()

    def on_the_way(self) -> "OnTheWay":
        """A shipment of messages on this connection."""
        return OnTheWay(self._session)

    def say_truth(self, machine: str, truth: Truth, shipment: "OnTheWay") -> None:
        """Tell what a machine really did, with the others of the span where they are many."""
        if not self._together:
            shipment.add(self._session.publish(truth_topic(self._root, machine), encode(truth)))
            return
        self._truths[machine] = msgspec.Raw(encode(truth))
        self._truths_bytes += len(self._truths[machine])
        if self._truths_bytes > FULL_BYTES:
            self.close(shipment)

    def close(self, shipment: "OnTheWay") -> None:
        """Say that nothing more of the span will come."""
        if self._truths:
            payload = msgspec.json.encode({"v": VERSION, "machines": self._truths})
            shipment.add(self._session.publish(truth_topic(self._root, BATCH), payload))
            self._truths, self._truths_bytes = {}, 0

    def say_response(self, response: Response, shipment: "OnTheWay") -> None:
        """Tell what people do about a call."""
        shipment.add(self._publish("response", response))

    def flush(self, clock: Clock) -> None:
        """Tell the time for the last time, and wait until that is out."""
        if self.connected:
            self._session.flush(self._publish("clock", clock, retain=True), 1.0)

    def _publish(self, name: str, message: Message, *, retain: bool = False) -> mqtt.MQTTMessageInfo:
        return self._session.publish(plant_topic(self._root, name), encode(message), retain=retain)

    def _understood(self, received: Received) -> list[News]:
        if not received.topic:
            self._say_kept_results()
            return [None]
        if received.topic == plant_topic(self._root, "command"):
            if received.retained:
                # It would be asked again at every connection, long after anybody wanted it.
                logger.warning("ignored a command that is retained: send it without")
                return []
            return [command_in(received.payload)]
        try:
            if received.topic == plant_topic(self._root, "office"):
                return [decode(received.payload, OfficeNotice)] if received.payload else []
            if received.topic.startswith(self._calls):
                return [decode(received.payload, Call)] if received.payload else []
            return [decode(received.payload, Watermark)]
        except MessageError as error:
            logger.warning("ignored a message on %s: %s", received.topic, error)
            return []

    def _say_kept_results(self) -> None:
        kept, self._results = self._results, []
        for one in kept:
            self.say_result(one)
