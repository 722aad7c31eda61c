"""Machines that speak Sparkplug B: a line is an edge node, and a machine is one of its devices."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from functools import partial

from protocol.address import Address
from protocol.messages import Birth
from protocol.sparkplug.topics import MessageType, NodeTopic, check_id
from protocol.topics import MachineTopic
from simulator.chorus import Leaving
from simulator.telling.link import Shipment
from simulator.telling.node_link import NodeLink
from simulator.telling.switchboard import Switchboard

PLANT_NODE = "plant"
"""The edge node of machines outside every line."""


class EdgeNodes:
    """An edge node for each line, with a connection and a death of its own.

    Args:
        address: Broker and user.
        group: The group that all of them are in.
        host: The host application that they wait for; empty for none.
        speak: False while somebody else has already said that the broker is away.

    Raises:
        MessageError: The group or the host cannot be a level of a topic.
    """

    def __init__(
        self, address: Address, *, group: str, host: str, speak: Callable[[], bool] = lambda: True
    ) -> None:
        self.oversized = 0
        self._group = check_id(group, "the group's name")
        if host:
            check_id(host, "the host's name")
        make = partial(NodeLink, group=group, host=host)
        self._board = Switchboard(address, make, whom="edge nodes", speak=speak)
        self._nodes: dict[str, str] = {}
        self._cut_off: frozenset[str] = frozenset()

    @property
    def ready(self) -> bool:
        """Whether every node has said its births."""
        return self._board.ready

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._board.start()

    def keep(self, topic: MachineTopic, birth: Birth) -> None:
        """Have the edge node of its line speak for a machine, with this birth."""
        node = self._nodes[topic.machine] = node_of(topic.location)
        location = "" if topic.location == (node,) else f"{topic.path}"
        self._board.order(lambda: self._keep(node, topic.machine, birth, location))

    def retire(self, topic: MachineTopic) -> Shipment:
        """Have a machine no longer; nothing of it is retained in any case."""
        shipment, node = Shipment(), node_of(topic.location)
        if self._nodes.get(topic.machine) == node:
            del self._nodes[topic.machine]
        self._board.order(lambda: self._retire(node, topic.machine, shipment))
        return shipment

    def cut_off(self, machines: AbstractSet[str]) -> None:
        """Say of these machines that their node has lost them, and of no others."""
        before, self._cut_off = self._cut_off, frozenset(machines)
        for machine in sorted(before ^ self._cut_off):
            node = self._nodes.get(machine)
            if node is not None:
                self._board.order(partial(self._lose, node, machine, lost=machine in self._cut_off))

    def send(self, machine: str, leaving: Leaving, shipment: Shipment | None) -> None:
        """Send what is news in a message of a machine."""
        node = self._nodes[machine]
        self._board.order(lambda: self._send(node, machine, leaving, shipment))

    def close(self, shipment: Shipment | None) -> None:
        """Wait for the broker to have all of the span: nothing more of it will come."""
        if shipment is not None:
            self._board.order(lambda: self._close(shipment))

    def stop(self, timeout_s: float = 2.0) -> bool:
        """Say the deaths of all devices and nodes, wait until they are out, and disconnect."""
        return self._board.stop(timeout_s)

    def _keep(self, node: str, machine: str, birth: Birth, location: str) -> None:
        link = self._board.links.get(node)
        if link is None or link.goodbye is not None:
            death = NodeTopic(group=self._group, type=MessageType.NDEATH, node=node)
            link = self._board.open(node, str(death))
        link.have(machine, birth, location)
        link.lose_device(machine, lost=machine in self._cut_off)

    def _retire(self, node: str, machine: str, shipment: Shipment) -> None:
        link = self._board.links.get(node)
        if link is None:
            shipment.complete()
            return
        link.part_with(machine, shipment)
        if not link.speaks_for:
            link.leave()

    def _lose(self, node: str, machine: str, *, lost: bool) -> None:
        link = self._board.links.get(node)
        if link is not None:
            link.lose_device(machine, lost=lost)

    def _send(self, node: str, machine: str, leaving: Leaving, shipment: Shipment | None) -> None:
        link = self._board.links.get(node)
        if link is not None and link.ready:
            link.tell(machine, leaving, backlog=shipment is not None and shipment.late)
        elif shipment is not None:
            shipment.fail()

    def _close(self, shipment: Shipment) -> None:
        for link in self._board.links.values():
            if link.goodbye is None:
                link.close_span(shipment)
        shipment.complete()


def node_of(location: tuple[str, ...]) -> str:
    """The edge node of the machines at a place.

    >>> node_of(("hall-1", "machining")), node_of(())
    ('hall-1:machining', 'plant')
    """
    return ":".join(location) or PLANT_NODE
