"""The connection of one Sparkplug edge node: births, data and deaths, and what hosts ask of it.

Data travel at QoS 0, which no broker confirms. What was sent before a subscription has reached the broker
when that is answered, so a span is closed by subscribing again to where the node hears commands.
"""

import logging
from itertools import count
from typing import Any

import paho.mqtt.client as mqtt

from protocol.messages import Birth, MessageError
from protocol.moments import to_ms
from protocol.readings import decode_batch
from protocol.sparkplug.births import BD_SEQ, REBIRTH
from protocol.sparkplug.datatypes import DataType
from protocol.sparkplug.host_state import HostState, decode_state
from protocol.sparkplug.payloads import (
    SEQUENCE,
    Metric,
    Payload,
    decode_payload,
    encode_payload,
    numbered,
)
from protocol.sparkplug.topics import MessageType, NodeTopic, state_topic
from simulator.chorus import Leaving, payload_of
from simulator.telling.link import Link, Shipment
from simulator.telling.node_device import NodeDevice

logger = logging.getLogger(__name__)

BACK_S = 0.1
"""A node whose host went offline is back this soon, to hear it come online again."""


class _Answer:
    """A subscription that the broker is to answer."""

    def __init__(self) -> None:
        self.given = False

    def is_published(self) -> bool:
        """Whether it has."""
        return self.given


class NodeLink(Link):
    """An edge node with a connection of its own.

    Args:
        name: The node.
        online: The topic of its death.
        group: Its group.
        host: The host application without which it says nothing; empty for none.
        rest: As every link has it.
    """

    def __init__(self, name: str, online: str, *, group: str, host: str, **rest: Any) -> None:
        super().__init__(name, online, **rest)
        self.devices: dict[str, NodeDevice] = {}
        """Its machines by name."""
        self._group = group
        self._state_topic = state_topic(host) if host else ""
        self._host: HostState | None = None
        self._node = NodeTopic(group=group, type=MessageType.NCMD, node=name)
        self._bd_seq = -1
        self._seq = 0
        self._born = False
        self._now_ms = 0
        """The newest moment that was told of any of its machines."""
        self._aliases: dict[str, dict[str, int]] = {}
        self._new_alias = count(1)
        self._answers: dict[int | None, _Answer] = {}

    @property
    def speaks_for(self) -> int:
        """How many machines it has."""
        return len(self.devices)

    def have(self, machine: str, birth: Birth, location: str) -> None:
        """Have a machine as a device, with this birth; or another birth said."""
        aliases = self._aliases.setdefault(machine, {})
        lost = machine in self.devices and self.devices[machine].lost
        device = NodeDevice(machine, birth, aliases, self._new_alias, location=location)
        device.lost = lost
        self.devices[machine] = device
        self._now_ms = max(self._now_ms, to_ms(birth.at))
        self.goodbye = None
        if self._born and not lost:
            self._say_device(device)
            self._greeting = Shipment()
            self._close(self._greeting)
        self._turned(self)

    def part_with(self, machine: str, shipment: Shipment) -> None:
        """Say that a machine is gone for good."""
        device = self.devices.pop(machine, None)
        if device is not None and self._born:
            self._say(
                MessageType.DDATA,
                Payload(at_ms=self._now_ms, metrics=[device.retirement(self._now_ms)]),
                machine,
            )
            self._say(MessageType.DDEATH, Payload(at_ms=self._now_ms), machine)
        self._close(shipment)
        self._turned(self)

    def lose_device(self, machine: str, *, lost: bool) -> None:
        """Say that it has lost a machine, or has it again."""
        device = self.devices.get(machine)
        if device is None or device.lost == lost:
            return
        device.lost = lost
        if self._born and lost:
            self._say(MessageType.DDEATH, Payload(at_ms=self._now_ms), machine)
        elif self._born:
            self._say_device(device)

    def tell(self, machine: str, leaving: Leaving, *, backlog: bool) -> None:
        """Say what is news in what leaves a machine; what a faulty link has garbled goes as it is."""
        device = self.devices.get(machine)
        if device is None or not self._born:
            return
        payload = payload_of(leaving)
        try:
            batch = decode_batch(payload)
        except MessageError:
            self._publish(MessageType.DDATA, machine, payload)
            return
        end_ms, metrics = device.metrics_of_batch(batch, backlog=backlog)
        self._now_ms = max(self._now_ms, end_ms)
        said = encode_payload(Payload(at_ms=self._now_ms if backlog else end_ms, metrics=metrics), brief=True)
        self._publish(MessageType.DDATA, machine, numbered(said, self._next_seq()))

    def close_span(self, shipment: Shipment) -> None:
        """Count a shipment as arrived once the broker has all that was said so far."""
        if self._client is None or self.down_since_s is not None or not self._born:
            shipment.fail()
            return
        result, mid = self._client.subscribe(str(self._node), qos=1)
        if result != mqtt.MQTT_ERR_SUCCESS:
            shipment.fail()
            return
        answer = self._answers[mid] = _Answer()
        shipment.expect()
        self._on_their_way.append((answer, shipment))
        self._rewatch()

    def say_offline(self, shipment: Shipment) -> None:
        """Say that all of its machines, and then it itself, will not be there any more."""
        if self.down_since_s is not None or self._client is None:
            return
        if self._born:
            for device in self.devices.values():
                if not device.lost:
                    self._say(MessageType.DDEATH, Payload(at_ms=self._now_ms), device.name)
        self._born = False
        self.publish(self._online, self._death(), shipment)

    def leave(self) -> None:
        """Say goodbye for good: it has no machine any more."""
        shipment = Shipment()
        self.say_offline(shipment)
        shipment.complete()
        self.goodbye = shipment
        self._turned(self)

    def _prepare(self, client: mqtt.Client) -> None:
        # Raised with every attempt: a will that the broker still has is never that of a later connection.
        self._bd_seq = (self._bd_seq + 1) % SEQUENCE
        client.will_set(self._online, self._death(), qos=1, retain=False)
        client.on_message = lambda _client, _userdata, message: self._hear(message)
        client.on_subscribe = self._on_subscribe
        self._born = False
        self._answers.clear()

    def _death(self) -> bytes:
        return encode_payload(
            Payload(metrics=[Metric(name=BD_SEQ, datatype=DataType.INT64, value=self._bd_seq)])
        )

    def _greet(self) -> None:
        if self._client is None:
            return
        self._greeting = Shipment()
        filters = [(str(self._node), 1)]
        if self._state_topic:
            filters.append((self._state_topic, 1))
        self._client.subscribe(filters)
        if not self._state_topic:
            self._give_birth()
        elif self._host is None or not self._host.online:
            logger.info("edge node %s waits for %s to say that it is online", self.name, self._state_topic)

    def _give_birth(self) -> None:
        """Say what it is, and what each of its machines is."""
        self._born = True
        self._seq = -1
        node = [
            Metric(name=BD_SEQ, datatype=DataType.INT64, value=self._bd_seq, at_ms=self._now_ms),
            Metric(name=REBIRTH, datatype=DataType.BOOLEAN, value=False, at_ms=self._now_ms),
        ]
        self._say(MessageType.NBIRTH, Payload(at_ms=self._now_ms, metrics=node))
        for device in self.devices.values():
            if not device.lost:
                self._say_device(device)
        words = self._greeting = Shipment()
        self._close(words)
        self._turned(self)

    def _say_device(self, device: NodeDevice) -> None:
        birth = Payload(at_ms=self._now_ms, metrics=device.metrics_of_birth())
        self._say(MessageType.DBIRTH, birth, device.name)
        device.born(self._now_ms)

    def _close(self, shipment: Shipment) -> None:
        if self._born:
            self.close_span(shipment)
        shipment.complete()

    def _say(self, kind: MessageType, payload: Payload, device: str = "") -> None:
        self._publish(kind, device, numbered(encode_payload(payload), self._next_seq()))

    def _publish(self, kind: MessageType, device: str, payload: bytes) -> None:
        topic = NodeTopic(group=self._group, type=kind, node=self.name, device=device)
        self.publish(str(topic), payload, None)

    def _next_seq(self) -> int:
        self._seq = (self._seq + 1) % SEQUENCE
        return self._seq

    def _hear(self, message: mqtt.MQTTMessage) -> None:
        try:
            if message.topic == self._state_topic:
                self._hear_host(decode_state(message.payload))
            elif self._born and _asks_for_rebirth(decode_payload(message.payload)):
                self._give_birth()
        except MessageError as error:
            logger.warning("edge node %s ignored what came on %s: %s", self.name, message.topic, error)

    def _hear_host(self, state: HostState) -> None:
        known, self._host = self._host, state
        if known is not None and state.timestamp < known.timestamp:
            self._host = known  # that was an older connection of the host
            return
        # A host that was away without a word has a new connection, which has heard no births.
        is_new = known is None or state.timestamp > known.timestamp
        if state.online and self._greeting is not None and (is_new or not self._born):
            logger.info("edge node %s: its host is online", self.name)
            self._give_birth()
        elif not state.online and self._born:
            logger.info("edge node %s: its host is offline", self.name)
            self._born = False
            self.publish(self._online, self._death(), None)
            client = self._client
            if client is not None:
                client.disconnect()
            self._delay_s = BACK_S

    def _on_subscribe(self, _client: Any, _userdata: Any, mid: int, _reasons: Any, _props: Any) -> None:
        answer = self._answers.pop(mid, None)
        if answer is not None:
            answer.given = True


def _asks_for_rebirth(payload: Payload) -> bool:
    return any(metric.name == REBIRTH and metric.value is True for metric in payload.metrics)
