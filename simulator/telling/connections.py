"""The connections over which machines speak, and those where each machine has its own.

A last will belongs to a connection: what a broker says when one breaks is true of one machine here,
and of all machines of a line where a gateway speaks for them (`gateways.py`).
"""

import logging
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Protocol

from protocol.address import Address
from protocol.messages import Birth, encode
from protocol.readings import MAX_PAYLOAD_BYTES
from protocol.topics import MachineTopic
from simulator.chorus import Leaving, payload_of
from simulator.telling.link import Link, Shipment
from simulator.telling.switchboard import Switchboard

logger = logging.getLogger(__name__)


class Connections(Protocol):
    """How machines speak; a factory does not care how many connections that takes."""

    oversized: int
    """Messages that were too long to be sent."""

    @property
    def ready(self) -> bool:
        """Whether the broker knows every machine that is to be there, and none that is not."""

    def start(self) -> None:
        """Begin to connect; returns at once."""

    def keep(self, topic: MachineTopic, birth: Birth) -> None:
        """Have a machine there, with this birth; or its birth published again."""

    def retire(self, topic: MachineTopic) -> Shipment:
        """Have nothing of a machine in retained topics, even if it was never there."""

    def cut_off(self, machines: AbstractSet[str]) -> None:
        """Have these machines without a connection, and no others."""

    def send(self, machine: str, leaving: Leaving, shipment: Shipment | None) -> None:
        """Send a message as part of a shipment; None to send it at QoS 0, which promises it to nobody."""

    def close(self, shipment: Shipment | None) -> None:
        """Say that nothing more of the span will come."""

    def stop(self, timeout_s: float = 2.0) -> bool:
        """Say offline for every machine, wait until that is out, and disconnect.

        Returns:
            False when the broker has not heard every one of them in time.
        """


class Fleet:
    """A connection for each machine, with a will of its own.

    Args:
        address: Broker and user.
        speak: False while somebody else has already said that the broker is away.
    """

    def __init__(self, address: Address, *, speak: Callable[[], bool] = lambda: True) -> None:
        self.oversized = 0
        self._board = Switchboard(address, Link, whom="machines", speak=speak)
        self._topics: dict[str, str] = {}
        self._cut_off: frozenset[str] = frozenset()

    @property
    def ready(self) -> bool:
        """Whether the broker knows every machine that is to be there, and none that is not."""
        return self._board.ready

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._board.start()

    def keep(self, topic: MachineTopic, birth: Birth) -> None:
        """Connect a machine, with this birth; one that is connected is connected anew."""
        payload = encode(birth)
        self._board.order(lambda: self._keep(topic, payload))

    def retire(self, topic: MachineTopic) -> Shipment:
        """Disconnect a machine and leave nothing of it in retained topics, even if it is not connected."""
        shipment = Shipment()
        self._board.order(lambda: self._retire(topic, shipment))
        return shipment

    def cut_off(self, machines: AbstractSet[str]) -> None:
        """Have these machines without a connection, lost without a goodbye, and no others."""
        if machines != self._cut_off:
            self._cut_off = frozenset(machines)
            self._board.order(partial(self._cut, self._cut_off))

    def send(self, machine: str, leaving: Leaving, shipment: Shipment | None) -> None:
        """Send a message of a machine at once, on its connection."""
        payload = payload_of(leaving)
        if len(payload) > MAX_PAYLOAD_BYTES:
            # Brokers cut the connection over it, and it would be sent again for ever.
            self.oversized += 1
            logger.error("%s: a batch of %d bytes is too long and was not sent", machine, len(payload))
        else:
            self._board.order(lambda: self._send(machine, payload, shipment))

    def close(self, shipment: Shipment | None) -> None:
        """Say that nothing more of the span will come."""
        if shipment is not None:
            self._board.order(shipment.complete)

    def stop(self, timeout_s: float = 2.0) -> bool:
        """Say `online` false for every machine, wait until that is out, and disconnect."""
        return self._board.stop(timeout_s)

    def _keep(self, topic: MachineTopic, birth: bytes) -> None:
        link = self._board.open(topic.machine, str(topic.of("online")))
        link.keep(str(topic.of("birth")), birth)
        self._topics[topic.machine] = str(topic.of("readings"))
        if topic.machine in self._cut_off:
            link.cut()

    def _cut(self, machines: AbstractSet[str]) -> None:
        for name, link in self._board.links.items():
            if link.cut_off and name not in machines:
                link.mend()
            elif not link.cut_off and name in machines:
                link.cut()

    def _retire(self, topic: MachineTopic, shipment: Shipment) -> None:
        if topic.machine not in self._board.links:
            self._keep(topic, b"")
        self._board.links[topic.machine].retire(shipment)

    def _send(self, machine: str, payload: bytes, shipment: Shipment | None) -> None:
        link = self._board.links.get(machine)
        if link is not None and link.ready:
            link.publish(self._topics[machine], payload, shipment)
        elif shipment is not None:
            shipment.fail()
