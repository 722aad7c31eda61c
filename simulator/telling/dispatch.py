"""A span of plant time on its way to the broker: readings, the truth, and what people say of calls."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from simulator.histories.chronicle import Chronicle
from simulator.telling.call_log import CallLog
from simulator.telling.link import Shipment
from simulator.telling.on_the_way import OnTheWay
from simulator.telling.plant_topics import PlantTopics
from simulator.telling.voice import Voice


class Span(NamedTuple):
    """What a plant says next."""

    voice: Voice[Chronicle]
    """The plant."""
    until_ms: int
    """From its cursor up to here, ms since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """A span on its way to the broker."""

    until_ms: int
    """End of the span, ms since 1970."""
    twin_until_ms: int | None
    """End of that of the twin, whose next span may not be due yet; None where there is none."""
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


def sent(
    plant: Voice[Chronicle],
    until_ms: int,
    *,
    twin: Span | None,
    topics: PlantTopics,
    calls: CallLog,
    late: bool = False,
    dropped: bool = False,
) -> Dispatch:
    """Send the span from the cursor to a moment.

    Args:
        plant: The plant.
        until_ms: The moment, ms since 1970.
        twin: The twin, and the end of its own span; None where there is none.
        topics: The plant's own connection.
        calls: What the office called for.
        late: Whether the plant has gone beyond it, while nobody was there to hear it.
        dropped: Whether its readings are kept no longer.
    """
    begun = datetime.now(UTC)
    chronicle = plant.chronicle
    from_ms, truths = chronicle.cursor_ms, topics.on_the_way()
    spans = [Span(plant, until_ms)]
    if twin is not None and twin.until_ms > twin.voice.chronicle.cursor_ms:
        spans.append(twin)
    batches = tuple(Shipment(late=late) for _ in spans)
    for span, batch in zip(spans, batches, strict=True):
        span.voice.say(span.until_ms, batch, truths, dropped=dropped)
    for response in calls.said(chronicle.responses, from_ms, until_ms):
        topics.say_response(response, truths)
    return Dispatch(
        until_ms=until_ms,
        begun=begun,
        twin_until_ms=None if twin is None else twin.until_ms,
        batches=batches,
        truths=truths,
    )
