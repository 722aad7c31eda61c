"""Somebody who hears all that edge nodes say, and may ask them for a rebirth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocol.messages import MessageError
from protocol.sparkplug.births import BD_SEQ, REBIRTH
from protocol.sparkplug.datatypes import DataType
from protocol.sparkplug.host_state import HostState, encode_state
from protocol.sparkplug.payloads import Metric, Payload, decode_payload, encode_payload
from protocol.sparkplug.topics import MessageType, NodeTopic, parse_topic, state_topic
from tests.broker.clients import Client

if TYPE_CHECKING:
    from protocol.sparkplug.datatypes import Value
    from tests.broker.running import RunningBroker


@dataclass(frozen=True)
class Heard:
    """One message of an edge node."""

    topic: NodeTopic
    payload: Payload
    raw: bytes
    qos: int
    retained: bool

    @property
    def type(self) -> MessageType:
        """What it is."""
        return self.topic.type

    def value(self, name: str) -> Value:
        """The value of a metric of that name."""
        return next(one.value for one in self.payload.metrics if one.name == name)


class Listener:
    """A client with the role of the office."""

    def __init__(self, broker: RunningBroker) -> None:
        self._client = Client(broker.port, "office", broker.password("office"))
        self._client.listen("spBv1.0/#")

    def close(self) -> None:
        """Sign off."""
        self._client.close()

    def heard(self, node: str, *types: MessageType) -> list[Heard]:
        """What a node said so far, in order; of some types alone."""
        found = []
        for message in list(self._client.heard):
            try:
                topic = parse_topic(message.topic)
            except MessageError:
                continue
            if topic.node == node and topic.type != MessageType.NCMD and (not types or topic.type in types):
                payload = decode_payload(message.payload)
                found.append(Heard(topic, payload, bytes(message.payload), message.qos, message.retain))
        return found

    def bd_seqs(self, node: str, kind: MessageType) -> list[Value]:
        """The numbers that pair births and deaths, as they came."""
        return [one.value(BD_SEQ) for one in self.heard(node, kind)]

    def ask_for_rebirth(self, node: str, *, value: bool = True) -> None:
        """What a host asks of a node."""
        request = Metric(name=REBIRTH, datatype=DataType.BOOLEAN, value=value)
        self.command(node, encode_payload(Payload(metrics=[request])))

    def command(self, node: str, payload: bytes) -> None:
        """Send a node any bytes."""
        self._client.say([str(NodeTopic(group="shopfloor", type=MessageType.NCMD, node=node))], payload)

    def say_state(self, *, online: bool, timestamp: int, host: str = "office") -> None:
        """What the host says of itself."""
        state = HostState(online=online, timestamp=timestamp)
        self._client.say([state_topic(host)], encode_state(state), retain=True)
