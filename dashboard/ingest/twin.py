"""The office of the twin: it measures the plant in which nobody hears the calls, and tells nobody.

It works with the same rules as the plant's own office, shares what gathers for the next commit with it,
and stands in the history under the run of the twin: so one tick and one commit cover both.
"""

from dashboard.ingest.office import Office
from dashboard.ingest.roll_call import RollCall
from dashboard.ingest.share import MEASURING
from protocol.messages import Tick
from protocol.moments import to_ms
from protocol.session import Received
from protocol.topics import machine_filters, plant_topic, truth_topic
from protocol.twin import TWIN_ROOT, twin_run


class TwinOffice:
    """The twin, as ingest hears it.

    Args:
        office: The plant's own office.
    """

    def __init__(self, office: Office) -> None:
        self.office = Office.beside(office, root=TWIN_ROOT)
        self.truth_prefix = truth_topic(TWIN_ROOT, "")
        """What the topics of its truth begin with."""
        self.roll_call = RollCall(self.office)
        self._clock_topic = plant_topic(TWIN_ROOT, "clock")

    def has(self, topic: str) -> bool:
        """Whether a topic is one of the twin's."""
        return topic.startswith(f"{TWIN_ROOT}/")

    def is_clock(self, topic: str) -> bool:
        """Whether a topic is that of the twin's clock."""
        return topic == self._clock_topic

    def connected(self) -> None:
        """A new connection stands: the broker is about to say again what it keeps."""
        self.office.fleet.connected()
        self.roll_call.begin()

    def receive(self, received: Received, wall_ms: int) -> None:
        """Take in what the twin said of itself and of its machines."""
        if self.is_clock(received.topic):
            if not received.payload:
                return  # it is lived no longer, and what is known of it stays
            self.roll_call.hear_clock(retained=received.retained)
        self.office.receive(
            received.topic,
            received.payload,
            wall_ms=wall_ms,
            retained=received.retained,
            again=received.again,
        )
        # Nobody is shown a tile of it.
        self.office.fleet.take_retired()

    def tick(self, tick: Tick, office: str, wall_ms: int) -> None:
        """Take note that all of the twin up to a moment has been taken in, if there is one."""
        if tick.twin_at is not None:
            self.office.tick(twin_run(tick.run), to_ms(tick.twin_at), office)
            if office == MEASURING:
                self.roll_call.tick(wall_ms)

    def committed_ms(self, tick: Tick, office: str, plants_ms: int | None) -> int | None:
        """Up to where both have a run in the history, by how far the plant's own office has it.

        Args:
            tick: A tick of the run, which says whether there is a twin.
            office: Who asks.
            plants_ms: Plant time up to which the plant is in the history; None for nothing of it.
        """
        if tick.twin_at is None or plants_ms is None:
            return plants_ms
        twins_ms = self.office.committed_ms(twin_run(tick.run), office)
        return None if twins_ms is None else min(plants_ms, twins_ms)


FILTERS = (
    *((one, 0) for kind in ("birth", "online") for one in machine_filters(TWIN_ROOT, kind)),
    *((one, 1) for one in machine_filters(TWIN_ROOT, "readings")),
)
"""What is heard of the twin's machines. Its clock comes before that of the plant."""
CLOCK_FILTER = (plant_topic(TWIN_ROOT, "clock"), 0)
TRUTH_FILTER = (truth_topic(TWIN_ROOT, "+"), 1)
