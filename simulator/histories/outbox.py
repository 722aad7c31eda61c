"""The outbox: the messages that leave a machine in a span, by what its link makes of them."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import count

from protocol.readings import WrittenBatch, write_batch
from simulator.chorus import Leaving, Told
from simulator.faults.links import Delivery
from simulator.plant import Plant


class Outbox:
    """What leaves the machines of a plant.

    A message that is lost has a number like any other, and so has one that is cut off; a repeat has the
    number of what it repeats.
    """

    def __init__(self) -> None:
        self._numbers: defaultdict[str, count[int]] = defaultdict(count)
        self._repeated: dict[tuple[str, int], int] = {}

    def tell(self, plant: Plant, from_ms: int, to_ms: int) -> Iterator[Told]:
        """What leaves each machine in (`from_ms`, `to_ms`], and what it really did."""
        return plant.tell(
            from_ms,
            to_ms,
            number=lambda name: next(self._numbers[name]),
            leaving=lambda name: self.leaving(plant, name, from_ms, to_ms),
        )

    def leaving(self, plant: Plant, name: str, from_ms: int, to_ms: int) -> list[Leaving]:
        """What leaves a machine in (`from_ms`, `to_ms`], in order."""
        link = plant.link_faults(name, from_ms)
        if link is None or not link.touch(from_ms, to_ms):
            whole = Delivery(from_ms=from_ms, to_ms=to_ms, due_ms=to_ms)
            return list(self._written(plant, name, [whole]))
        # What a fault of its link let through goes as the machine's own, in the order it had.
        return [
            one.payload if isinstance(one, WrittenBatch) else one
            for one in self._written(plant, name, link.due(from_ms, to_ms))
        ]

    def needs_from_ms(self, plant: Plant, before_ms: int) -> int:
        """From where on the plant has to be remembered, if all up to a moment has been told."""
        return min(
            (
                link.needs_from_ms(before_ms)
                for name in plant.names()
                if (link := plant.link_faults(name, before_ms)) is not None
            ),
            default=before_ms,
        )

    def rewind(self) -> None:
        """Take note that what was told may be told again: that is no repeat of the link's."""
        self._repeated.clear()

    def _written(self, plant: Plant, name: str, deliveries: list[Delivery]) -> Iterator[Leaving]:
        batches = {id(one): plant.batch(name, one.from_ms, one.to_ms) for one in deliveries}
        # Silence has no number: whoever counts would miss it.
        numbers = {
            id(one): self._number(name, one)
            for one in sorted(deliveries, key=lambda one: (one.from_ms, one.copy))
            if batches[id(one)] is not None
        }
        for one in deliveries:
            batch = None if one.lost else batches[id(one)]
            if batch is not None:
                at_ms = None if batch.at_ms is None else batch.at_ms + one.ahead_ms
                written = write_batch(replace(batch, at_ms=at_ms, seq=numbers[id(one)]))
                yield written.payload[: len(written.payload) // 2] if one.garbled else written

    def _number(self, name: str, one: Delivery) -> int:
        if not one.copies:
            return next(self._numbers[name])
        key = name, one.from_ms
        number = self._repeated.get(key)
        if number is None:
            number = self._repeated[key] = next(self._numbers[name])
        if one.copy == one.copies:
            del self._repeated[key]
        return number
