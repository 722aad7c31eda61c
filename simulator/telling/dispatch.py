"""A span of plant time on its way to the broker: readings, the truth, and what people say of calls."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from simulator.telling.call_log import CallLog
from simulator.telling.link import Shipment
from simulator.telling.on_the_way import OnTheWay
from simulator.telling.plant_topics import PlantTopics
from simulator.telling.voice import Voice


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """A span on its way to the broker."""

    until_ms: int
    """End of the span, ms since 1970."""
    begun: datetime
    """Wall time at which it began to be sent."""
    batches: tuple[Shipment, ...]
    """The readings, on the machines' connections, of each plant."""
    truths: OnTheWay
    """The truth, on the plant's."""

    @property
    def failed(self) -> bool:
        """Whether it has to be sent again."""
        return self.truths.failed or any(one.failed for one in self.batches)

    def wait(self, timeout_s: float) -> bool:
        """Wait until the broker has everything; False when it has not, or not in time."""
        return all(one.wait(timeout_s) for one in self.batches) and self.truths.wait(timeout_s)


def sent(voices: Sequence[Voice], until_ms: int, *, topics: PlantTopics, calls: CallLog) -> Dispatch:
    """Send the span from the cursor to a moment.

    Args:
        voices: The plant, and its twin where it has one.
        until_ms: The moment, ms since 1970.
        topics: The plant's own connection.
        calls: What the office called for.
    """
    begun = datetime.now(UTC)
    chronicle = voices[0].chronicle
    from_ms, truths = chronicle.cursor_ms, topics.on_the_way()
    batches = tuple(Shipment() for _ in voices)
    for voice, batch in zip(voices, batches, strict=True):
        voice.say(until_ms, batch, truths)
    for response in calls.said(chronicle.responses, from_ms, until_ms):
        topics.say_response(response, truths)
    return Dispatch(until_ms=until_ms, begun=begun, batches=batches, truths=truths)
