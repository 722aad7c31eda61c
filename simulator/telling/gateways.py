"""A connection for each line, whose gateway speaks for its machines: births, readings, and its own will."""

import logging
from collections import defaultdict
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from functools import partial

from msgspec.structs import replace

from protocol.address import Address
from protocol.edge import encode_edge_batch
from protocol.messages import Birth, encode
from protocol.readings import MAX_PAYLOAD_BYTES, WrittenBatch
from protocol.topics import GatewayTopic, MachineTopic
from simulator.chorus import Leaving
from simulator.telling.link import Link, Shipment
from simulator.telling.switchboard import Switchboard

logger = logging.getLogger(__name__)

FULL_BYTES = 256 * 1024
"""A message that has grown to this size is sent, and the next begun."""


class Gateways:
    """A gateway for each line, with a connection and a will of its own.

    Args:
        address: Broker and user.
        speak: False while somebody else has already said that the broker is away.
    """

    def __init__(self, address: Address, *, speak: Callable[[], bool] = lambda: True) -> None:
        self.oversized = 0
        self._board = Switchboard(address, Link, whom="gateways", speak=speak)
        self._gateways: dict[str, GatewayTopic] = {}
        self._cut_off: frozenset[str] = frozenset()
        self._gathered: defaultdict[GatewayTopic, _Gathered] = defaultdict(_Gathered)

    @property
    def ready(self) -> bool:
        """Whether the broker knows every machine that is to be there, and none that is not."""
        return self._board.ready

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._board.start()

    def keep(self, topic: MachineTopic, birth: Birth) -> None:
        """Have the gateway of its line speak for a machine, with this birth."""
        gateway = self._gateways[topic.machine] = _gateway_of(topic)
        payload = encode(replace(birth, gateway=gateway.name))
        online = b"false" if topic.machine in self._cut_off else b""
        self._board.order(lambda: self._keep(gateway, topic, payload, online))

    def retire(self, topic: MachineTopic) -> Shipment:
        """Leave nothing of a machine in retained topics, even if no gateway speaks for it."""
        shipment, gateway = Shipment(), _gateway_of(topic)
        if self._gateways.get(topic.machine) == gateway:
            del self._gateways[topic.machine]
        self._board.order(lambda: self._retire(gateway, topic, shipment))
        return shipment

    def cut_off(self, machines: AbstractSet[str]) -> None:
        """Say of these machines that their gateway has lost them, and of no others."""
        before, self._cut_off = self._cut_off, frozenset(machines)
        for machine in sorted(before ^ self._cut_off):
            gateway = self._gateways.get(machine)
            if gateway is not None:
                online = b"false" if machine in self._cut_off else b""
                self._board.order(partial(self._say_online, gateway, machine, online))

    def send(self, machine: str, leaving: Leaving, shipment: Shipment | None) -> None:
        """Send a batch with those of the other machines of its line, when there are enough of them.

        A message that a fault of its link made, which may be late, come twice or be cut off, goes alone.
        """
        gateway = self._gateways[machine]
        size = len(leaving) if isinstance(leaving, bytes) else len(leaving.own)
        most = (
            MAX_PAYLOAD_BYTES if isinstance(leaving, bytes) else MAX_PAYLOAD_BYTES // 2 - len(leaving.moments)
        )
        if size > most:
            self.oversized += 1
            logger.error("%s: a batch of %d bytes is too long and was not sent", machine, size)
        elif isinstance(leaving, bytes):
            topic = str(gateway.machine(machine, "readings"))
            self._board.order(lambda: self._send(gateway, topic, leaving, shipment))
        else:
            self._gather(gateway, machine, leaving, shipment)

    def close(self, shipment: Shipment | None) -> None:
        """Send what has been gathered of the span: nothing more of it will come."""
        for gateway in self._gathered:
            self._flush(gateway, shipment)
        if shipment is not None:
            self._board.order(shipment.complete)

    def stop(self, timeout_s: float = 2.0) -> bool:
        """Say `online` false for every gateway, wait until that is out, and disconnect."""
        return self._board.stop(timeout_s)

    def _gather(
        self, gateway: GatewayTopic, machine: str, batch: WrittenBatch, shipment: Shipment | None
    ) -> None:
        gathered, size = self._gathered[gateway], len(batch.own)
        if gathered.bytes and gathered.bytes + size > FULL_BYTES:
            self._flush(gateway, shipment)
        gathered.add(machine, batch)

    def _flush(self, gateway: GatewayTopic, shipment: Shipment | None) -> None:
        batches = self._gathered[gateway].take()
        if batches:
            # Written in the thread of the caller, which computes, and not in the one that sends.
            payload = encode_edge_batch(batches)
            self._board.order(lambda: self._send(gateway, gateway.readings, payload, shipment))

    def _keep(self, gateway: GatewayTopic, topic: MachineTopic, birth: bytes, online: bytes) -> None:
        link = self._board.links.get(gateway.name)
        if link is None or link.goodbye is not None:
            link = self._board.open(gateway.name, gateway.online)
        link.keep(str(topic.of("birth")), birth)
        # What a machine of its own connection left there would contradict its gateway.
        link.keep(str(topic.of("online")), online)

    def _say_online(self, gateway: GatewayTopic, machine: str, online: bytes) -> None:
        link = self._board.links.get(gateway.name)
        if link is not None and link.goodbye is None:
            link.keep(str(gateway.machine(machine, "online")), online)

    def _retire(self, gateway: GatewayTopic, topic: MachineTopic, shipment: Shipment) -> None:
        link = self._board.links.get(gateway.name)
        if link is None:
            link = self._board.open(gateway.name, gateway.online)
        link.erase([str(topic.of("birth")), str(topic.of("online"))], shipment)
        if not link.speaks_for:
            # Nobody is left on the line: the gateway goes too, once the broker has heard of its last.
            link.retire(Shipment())

    def _send(self, gateway: GatewayTopic, topic: str, payload: bytes, shipment: Shipment | None) -> None:
        link = self._board.links.get(gateway.name)
        if link is not None and link.ready:
            link.publish(topic, payload, shipment)
        elif shipment is not None:
            shipment.fail()


class _Gathered:
    """Batches of a line that wait for the others of their span."""

    def __init__(self) -> None:
        self.bytes = 0
        self._batches: dict[str, WrittenBatch] = {}

    def add(self, machine: str, batch: WrittenBatch) -> None:
        self._batches[machine] = batch
        self.bytes += len(batch.own)

    def take(self) -> dict[str, WrittenBatch]:
        batches, self._batches, self.bytes = self._batches, {}, 0
        return batches


def _gateway_of(topic: MachineTopic) -> GatewayTopic:
    return GatewayTopic(root=topic.root, location=topic.location)
