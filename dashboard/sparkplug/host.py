"""The host application: takes what edge nodes say, in their order, and says what it means for the office."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec

from dashboard.sparkplug.device import Device
from dashboard.sparkplug.metric_map import MetricMap
from dashboard.sparkplug.node import MAX_WAITING_BYTES, REORDER_S, Node
from protocol.messages import Birth, MessageError
from protocol.readings import Batch
from protocol.sparkplug.births import REBIRTH
from protocol.sparkplug.datatypes import DataType
from protocol.sparkplug.payloads import Metric, Payload, decode_payload, encode_payload
from protocol.sparkplug.topics import MessageType, NodeTopic, check_id, parse_topic
from protocol.topics import MachineTopic

logger = logging.getLogger(__name__)

MAX_NODES = 10_000
HOLD_S = 5.0
"""How often is noted that what real machines have said still holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Born:
    """A machine has said what it is."""

    machine: MachineTopic
    birth: Birth


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A machine has said what it does."""

    machine: MachineTopic
    batch: Batch


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """An edge node has lost a machine, or takes it away for good."""

    machine: MachineTopic
    retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An edge node is online, or is not."""

    gateway: str
    online: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Something cannot be used."""

    topic: str
    payload: bytes
    reason: str


News = Born | Told | Gone | Link | Refused


@dataclass(slots=True)
class Tally:
    """What came of the messages so far."""

    gaps: int = 0
    """Times that a number was missing and did not come."""
    repeats: int = 0
    """Messages whose number had come already."""
    early: int = 0
    """Messages of nodes whose birth is not known."""
    rebirths: int = 0
    """Times that a node was asked for its births."""


class Host:
    """All edge nodes of some groups.

    Args:
        root: First level of the topics of machines.
        rules: What devices and metrics mean.
        now_ms: Plant time.
        shift: Whether moments of real devices are to count as of plant time.
    """

    def __init__(
        self, *, root: str, rules: MetricMap, now_ms: Callable[[], int], shift: Callable[[], bool]
    ) -> None:
        self.tally = Tally()
        self.nodes: dict[tuple[str, str], Node] = {}
        """By group and name."""
        self._root = root
        self._rules = rules
        self._now_ms = now_ms
        self._shift = shift
        self._requests: list[tuple[str, bytes]] = []
        self._held_s = 0.0

    def receive(self, topic: str, payload: bytes, now_s: float) -> Iterator[News]:
        """What a message means, and those that had waited for it.

        Args:
            topic: Where it came.
            payload: Its bytes.
            now_s: Real seconds, going up.
        """
        try:
            said = parse_topic(topic)
            node = self._node(said)
        except MessageError as error:
            yield Refused(topic=topic, payload=payload, reason=str(error))
            return
        try:
            if said.type in {MessageType.NBIRTH, MessageType.NDEATH}:
                yield from self._of_node(node, said.type, decode_payload(payload))
            elif not node.born:
                self.tally.early += 1
                self._ask(node, now_s, "its birth is not known")
            else:
                yield from self._in_turn(node, topic, said, payload, now_s)
        except MessageError as error:
            yield Refused(topic=topic, payload=payload, reason=str(error))
            if said.type != MessageType.NDEATH:
                self._ask(node, now_s, str(error))

    def turn(self, now_s: float, *, complete: bool = False) -> Iterator[News]:
        """Go on without what is missing for too long, and note that real machines are still there.

        Args:
            now_s: Real seconds, going up.
            complete: Whether everything that was sent up to now has come, so that nothing needs waiting for.
        """
        for node in self.nodes.values():
            while node.missing_since_s is not None and (
                complete or now_s - node.missing_since_s >= REORDER_S
            ):
                yield from self._go_on_without(node, now_s)
        if now_s - self._held_s >= HOLD_S:
            self._held_s = now_s
            yield from self._hold()

    def connected(self) -> None:
        """A new connection stands: what came on the one before may have holes."""
        for node in self.nodes.values():
            node.end()
            node.asked_s = None

    def look_for(self, gateway: str, now_s: float) -> None:
        """Ask a node that was known before for its births, unless they have come."""
        _, group, name = gateway.split("/")
        node = self.nodes.setdefault((group, name), Node(group, name))
        if not node.born:
            self._ask(node, now_s, "it was known before, and has said nothing yet")

    def is_born(self, gateway: str) -> bool:
        """Whether the births of a node are known."""
        _, group, name = gateway.split("/")
        node = self.nodes.get((group, name))
        return node is not None and node.born

    def take_requests(self) -> list[tuple[str, bytes]]:
        """Commands that are to be published: topics and payloads."""
        requests, self._requests = self._requests, []
        return requests

    def _node(self, said: NodeTopic) -> Node:
        key = said.group, said.node
        if key not in self.nodes:
            if len(self.nodes) >= MAX_NODES:
                raise MessageError(f"edge node {said.node!r} is one too many: allowed are {MAX_NODES:,}")
            self.nodes[key] = Node(*key)
        return self.nodes[key]

    def _of_node(self, node: Node, kind: MessageType, payload: Payload) -> Iterator[News]:
        if kind == MessageType.NBIRTH:
            if payload.seq is None:
                raise MessageError("an NBIRTH without seq: allowed are 0 to 255")
            node.begin(payload)
            yield Link(gateway=node.gateway, online=True)
        elif node.is_end(payload):
            node.end()
            yield Link(gateway=node.gateway, online=False)

    def _in_turn(
        self, node: Node, topic: str, said: NodeTopic, payload: bytes, now_s: float
    ) -> Iterator[News]:
        device = node.devices.get(said.device)
        content = decode_payload(payload, device.types if device is not None else None)
        if content.seq is None:
            raise MessageError(f"a {said.type} without seq: allowed are 0 to 255")
        ahead = node.ahead(content.seq)
        if ahead < 0:
            self.tally.repeats += 1
        elif ahead > 0:
            node.wait_with(content.seq, topic, payload, now_s)
            if node.waiting_bytes > MAX_WAITING_BYTES:
                yield from self._go_on_without(node, now_s)
        else:
            # Its turn is over whatever it says: the next one is expected in any case.
            node.passed()
            yield from self._take(node, said, content)
            yield from self._drain(node, now_s)

    def _go_on_without(self, node: Node, now_s: float) -> Iterator[News]:
        """Go on with what is there, without what is missing before it."""
        self.tally.gaps += 1
        missing = node.expected
        node.skip()
        self._ask(node, now_s, f"message {missing} did not come")
        yield from self._drain(node, now_s)

    def _drain(self, node: Node, now_s: float) -> Iterator[News]:
        while node.expected in node.waiting:
            topic, payload = node.waiting.pop(node.expected)
            said = parse_topic(topic)
            node.passed()
            device = node.devices.get(said.device)
            try:
                content = decode_payload(payload, device.types if device is not None else None)
                yield from self._take(node, said, content)
            except MessageError as error:
                yield Refused(topic=topic, payload=payload, reason=str(error))
                self._ask(node, now_s, str(error))

    def _take(self, node: Node, said: NodeTopic, content: Payload) -> Iterator[News]:
        if said.type == MessageType.DBIRTH:
            yield from self._born(node, said, content)
        elif said.type == MessageType.DDEATH:
            device = node.devices.pop(said.device, None)
            if device is not None:
                yield Gone(machine=self._topic(device), retired=device.retired)
        elif said.type == MessageType.DDATA:
            device = node.devices.get(said.device)
            if device is None:
                raise MessageError(f"data of {said.device!r} before its birth: it is asked for")
            now_ms = self._now_ms()
            shift_ms = self._shift_ms(device, content, now_ms)
            for batch in device.batches(content, now_ms=now_ms, shift_ms=shift_ms):
                yield Told(machine=self._topic(device, "readings"), batch=batch)

    def _born(self, node: Node, said: NodeTopic, content: Payload) -> Iterator[News]:
        if content.at_ms is None:
            # Who says no moment says what is so now.
            content = msgspec.structs.replace(content, at_ms=self._now_ms())
        device = Device(said, content, self._rules, gateway=node.gateway)
        node.devices[said.device] = device
        yield Born(machine=self._topic(device), birth=device.birth)
        now_ms = self._now_ms()
        shift_ms = self._shift_ms(device, content, now_ms)
        batch = device.begin(content, now_ms=now_ms, shift_ms=shift_ms)
        if batch is not None:
            yield Told(machine=self._topic(device, "readings"), batch=batch)

    def _hold(self) -> Iterator[News]:
        now_ms = self._now_ms()
        for node in self.nodes.values():
            for device in node.devices.values():
                batch = device.hold(now_ms)
                if batch is not None:
                    yield Told(machine=self._topic(device, "readings"), batch=batch)

    def _shift_ms(self, device: Device, content: Payload, now_ms: int) -> int:
        """What makes plant time of a device's moments: beside a simulated plant its clock tells nothing."""
        if device.is_simulated or not self._shift() or content.at_ms is None:
            return 0
        return now_ms - content.at_ms

    def _topic(self, device: Device, kind: str = "birth") -> MachineTopic:
        return MachineTopic(root=self._root, location=device.location, machine=device.name, kind=kind)

    def _ask(self, node: Node, now_s: float, why: str) -> None:
        if not node.may_be_asked(now_s):
            return
        logger.info("%s is asked for its births: %s", node.gateway, why)
        node.asked_s = now_s
        self.tally.rebirths += 1
        topic = NodeTopic(group=check_id(node.group, "group"), type=MessageType.NCMD, node=node.name)
        request = Metric(name=REBIRTH, datatype=DataType.BOOLEAN, value=True, at_ms=self._now_ms())
        payload = Payload(at_ms=self._now_ms(), metrics=[request])
        self._requests.append((str(topic), encode_payload(payload)))
