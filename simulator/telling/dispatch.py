"""A span of plant time on its way to the broker: readings, the truth, and what people say of calls."""

from dataclasses import dataclass

from simulator.histories.chronicle import Chronicle
from simulator.telling.call_log import CallLog
from simulator.telling.connections import Connections
from simulator.telling.link import Shipment
from simulator.telling.plant_topics import OnTheWay, PlantTopics


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """A span on its way to the broker."""

    until_ms: int
    """End of the span, ms since 1970."""
    batches: Shipment
    """The readings, on the machines' connections."""
    truths: OnTheWay
    """The truth, on the plant's."""

    @property
    def failed(self) -> bool:
        """Whether it has to be sent again."""
        return self.batches.failed or self.truths.failed

    def wait(self, timeout_s: float) -> bool:
        """Wait until the broker has everything; False when it has not, or not in time."""
        return self.batches.wait(timeout_s) and self.truths.wait(timeout_s)


def sent(
    chronicle: Chronicle, until_ms: int, *, connections: Connections, topics: PlantTopics, calls: CallLog
) -> Dispatch:
    """Send the span from the cursor of a chronicle to a moment."""
    from_ms = chronicle.cursor_ms
    batches, truths = Shipment(), topics.on_the_way()
    for told in chronicle.tell(until_ms):
        # One by one, so that broker and office work on the first while the next is computed.
        for leaving in told.leaving:
            connections.send(told.machine, leaving, batches)
        topics.say_truth(told.machine, told.truth, truths)
    topics.close(truths)
    for response in calls.said(chronicle.responses, from_ms, until_ms):
        topics.say_response(response, truths)
    connections.close(batches)
    return Dispatch(until_ms=until_ms, batches=batches, truths=truths)


def mutter(chronicle: Chronicle, until_ms: int, connections: Connections) -> None:
    """Let whoever listens hear what machines say from the cursor of a chronicle to a moment.

    At QoS 0, so that no broker keeps for the office what it will be sent in order anyway.
    """
    for told in chronicle.tell(until_ms):
        for leaving in told.leaving:
            connections.send(told.machine, leaving, None)
    connections.close(None)
