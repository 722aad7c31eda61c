"""The truth of a plant on its way out: message by message, or that of many machines in one."""

import msgspec
import paho.mqtt.client as mqtt

from protocol.contract import VERSION
from protocol.messages import Truth, encode
from protocol.session import Session
from protocol.topics import BATCH, truth_topic
from simulator.telling.on_the_way import OnTheWay

FULL_BYTES = 128 * 1024
"""A message with the truth of many that has grown to this size is sent, and the next begun."""


class Truths:
    """Where a plant tells what its machines really did.

    Args:
        session: The connection.
        root: Root of the topics.
        together: Whether the truth of many machines goes in one message.
    """

    def __init__(self, session: Session, root: str, *, together: bool) -> None:
        self._session = session
        self._root = root
        self._together = together
        self._gathered: dict[str, msgspec.Raw] = {}
        self._bytes = 0

    def say(self, machine: str, truth: Truth, shipment: OnTheWay) -> None:
        """Tell what a machine really did, with the others of the span where they are many."""
        if not self._together:
            shipment.add(self._publish(machine, encode(truth)))
            return
        self._gathered[machine] = msgspec.Raw(encode(truth))
        self._bytes += len(self._gathered[machine])
        if self._bytes > FULL_BYTES:
            self.close(shipment)

    def close(self, shipment: OnTheWay) -> None:
        """Say that nothing more of the span will come."""
        if self._gathered:
            payload = msgspec.json.encode({"v": VERSION, "machines": self._gathered})
            shipment.add(self._publish(BATCH, payload))
            self._gathered, self._bytes = {}, 0

    def _publish(self, name: str, payload: bytes) -> mqtt.MQTTMessageInfo:
        return self._session.publish(truth_topic(self._root, name), payload)
