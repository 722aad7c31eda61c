"""The plant's own topics: what the plant as a whole tells and hears, on one connection."""

import contextlib
import logging
import queue
from dataclasses import dataclass

import paho.mqtt.client as mqtt

from protocol.address import Address
from protocol.assumptions import Assumptions
from protocol.faults import Faults
from protocol.messages import (
    Call,
    Message,
    MessageError,
    OfficeNotice,
    PlantCommand,
    PlantResult,
    Response,
    Tick,
    Watermark,
    decode,
    encode,
)
from protocol.offices import Offices
from protocol.session import Received, Session
from protocol.topics import call_topic, plant_topic
from protocol.twin import TWIN_ROOT
from simulator.commanding.commands import BadCommand, command_in
from simulator.telling.clocks import Clocks
from simulator.telling.on_the_way import OnTheWay
from simulator.telling.truths import Truths

logger = logging.getLogger(__name__)

READER = "the simulator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unheard:
    """Something that the office said and the plant does not understand."""

    topic: str
    """Where it was said."""
    wrong: str
    """What is wrong with it, and what is allowed."""


News = OfficeNotice | Watermark | Call | PlantCommand | BadCommand | Unheard | None
"""What may be heard; None stands for a new connection."""


class PlantTopics:
    """A connection for clock, ticks, results and the truth, and for what the office says.

    Args:
        address: Broker and user.
        root: Root of the topics.
        together: Whether the truth of many machines goes in one message.
    """

    def __init__(self, address: Address, *, root: str, together: bool = False) -> None:
        self._root = root
        self._offices = Offices(root)
        self._session = Session(
            name="simulator",
            address=address,
            filters=[
                *self._offices.filters,
                *((plant_topic(root, name), 1) for name in ("watermark", "command")),
                (call_topic(root, "+", "+"), 1),
            ],
            inbox=queue.Queue(10_000),
            # After an outage the plant sends again from what is committed: an old tick that paho
            # sends by itself would overtake the readings before it.
            resend=False,
        )
        self.truths = Truths(self._session, root, together=together)
        """Where the plant tells the truth."""
        self.twin_truths = Truths(self._session, TWIN_ROOT, together=True)
        """Where its twin does."""
        self._twin_told = True
        """Whether the broker may hold a clock of a twin."""
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

    def say_clock(self, clocks: Clocks) -> None:
        """Tell the time, retained."""
        if self.connected:
            self._say_clocks(clocks)

    def say_assumptions(self, assumptions: Assumptions) -> None:
        """Tell what is assumed, and was, retained."""
        if self.connected:
            self._publish("assumptions", assumptions, retain=True)

    def say_faults(self, faults: Faults) -> None:
        """Tell what can be broken, and what was, retained."""
        if self.connected:
            self._publish("faults", faults, retain=True)

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

    def on_the_way(self) -> OnTheWay:
        """A shipment of messages on this connection."""
        return OnTheWay(self._session)

    def say_response(self, response: Response, shipment: OnTheWay) -> None:
        """Tell what people do about a call."""
        shipment.add(self._publish("response", response))

    def flush(self, clocks: Clocks) -> None:
        """Tell the time, and wait until that is out."""
        if self.connected:
            self._session.flush(self._say_clocks(clocks), 1.0)

    def _say_clocks(self, clocks: Clocks) -> mqtt.MQTTMessageInfo:
        clock, twin = clocks
        # First, so that whoever knows the plant's run knows its twin's.
        if twin is not None or self._twin_told:
            payload = b"" if twin is None else encode(twin)
            self._session.publish(plant_topic(TWIN_ROOT, "clock"), payload, retain=True)
            self._twin_told = twin is not None
        return self._publish("clock", clock, retain=True)

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
            if self._offices.has(received.topic):
                return self._hear_office(received)
            if received.topic.startswith(self._calls):
                return [decode(received.payload, Call, reader=READER)] if received.payload else []
            return [decode(received.payload, Watermark, reader=READER)]
        except MessageError as error:
            return [Unheard(topic=received.topic, wrong=str(error))]

    def _hear_office(self, received: Received) -> list[News]:
        if not received.payload:
            return []
        notice = self._offices.hear(received.topic, decode(received.payload, OfficeNotice, reader=READER))
        return [] if notice is None else [notice]

    def _say_kept_results(self) -> None:
        kept, self._results = self._results, []
        for one in kept:
            self.say_result(one)
