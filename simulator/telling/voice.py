"""A plant and over what it speaks: it introduces its machines, and says what is told of them."""

from typing import Generic, TypeVar

from protocol.messages import Birth
from protocol.topics import MachineTopic
from simulator.histories.chronicle import Chronicle
from simulator.telling.connections import Connections
from simulator.telling.link import Shipment
from simulator.telling.on_the_way import OnTheWay
from simulator.telling.truths import Truths

MOVE_S = 1.0
"""A machine that moved is waited for this long to be gone from its old place."""


Lived_co = TypeVar("Lived_co", bound=Chronicle, covariant=True)


class Voice(Generic[Lived_co]):
    """A plant, and over what it speaks.

    Args:
        chronicle: The plant.
        connections: Over which its machines speak.
        truths: Where it tells what they really did.
    """

    def __init__(self, chronicle: Lived_co, connections: Connections, truths: Truths) -> None:
        self.chronicle = chronicle
        self.connections = connections
        self._truths = truths
        self._introduced: dict[str, tuple[MachineTopic, Birth]] = {}

    @property
    def machines(self) -> int:
        """How many machines have been introduced."""
        return len(self._introduced)

    def introduce(self) -> None:
        """Bring the connections in line with the machines at the cursor."""
        machines = self.chronicle.machines()
        gone = [
            self.connections.retire(topic)
            for name, (topic, _) in self._introduced.items()
            if name not in machines or machines[name][0] != topic
        ]
        for shipment in gone:
            # A machine that moved may not be seen at two places.
            shipment.wait(MOVE_S)
        for name, (topic, birth) in machines.items():
            if self._introduced.get(name) != (topic, birth):
                self.connections.keep(topic, birth)
        self._introduced = machines

    def say(self, until_ms: int, batches: Shipment, truths: OnTheWay, *, dropped: bool = False) -> None:
        """Say all of the span from the cursor to a moment.

        Args:
            until_ms: The moment, ms since 1970.
            batches: What the readings are part of.
            truths: What the truth is part of.
            dropped: Whether the readings of the span are kept no longer: then the truth alone is told.
        """
        for told in self.chronicle.tell(until_ms):
            # One by one, so that broker and office work on the first while the next is computed.
            for leaving in () if dropped else told.leaving:
                self.connections.send(told.machine, leaving, batches)
            self._truths.say(told.machine, told.truth, truths)
        self._truths.close(truths)
        self.connections.close(batches)

    def mutter(self, until_ms: int) -> None:
        """Let whoever listens hear what machines say from the cursor to a moment.

        At QoS 0, so that no broker keeps for the office what it will be sent in order anyway.
        """
        for told in self.chronicle.tell(until_ms):
            for leaving in told.leaving:
                self.connections.send(told.machine, leaving, None)
        self.connections.close(None)
