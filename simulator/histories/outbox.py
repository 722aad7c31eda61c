"""The outbox: the messages that leave a machine in a span, by what its link makes of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from protocol.readings import encode_batch
from simulator.faults.links import Delivery, LinkFaults
from simulator.faults.spells import Spell
from simulator.plant import Plant


class Outbox:
    """What leaves the machines of a plant.

    A message that is lost has a number like any other, and so has one that is cut off; a repeat has the
    number of what it repeats.

    Args:
        seed: Seed of the run.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._numbers: defaultdict[str, count[int]] = defaultdict(count)
        self._repeated: dict[tuple[str, int], int] = {}

    def leaving(self, plant: Plant, name: str, from_ms: int, to_ms: int) -> list[bytes]:
        """The JSON of what leaves a machine in (`from_ms`, `to_ms`], in order."""
        spells = plant.spells.of(name, "link")
        if not spells:
            return self._encoded(plant, name, [Delivery(from_ms=from_ms, to_ms=to_ms, due_ms=to_ms)])
        return self._encoded(plant, name, self._faults(plant, name, spells).due(from_ms, to_ms))

    def needs_from_ms(self, plant: Plant, before_ms: int) -> int:
        """From where on the plant has to be remembered, if all up to a moment has been told."""
        return min(
            (
                self._faults(plant, name, spells).needs_from_ms(before_ms)
                for name in plant.names()
                if (spells := plant.spells.of(name, "link"))
            ),
            default=before_ms,
        )

    def rewind(self) -> None:
        """Take note that what was told may be told again: that is no repeat of the link's."""
        self._repeated.clear()

    def _faults(self, plant: Plant, name: str, spells: Sequence[Spell]) -> LinkFaults:
        return LinkFaults(spells, seed=self._seed, period_ms=plant.period_ms(name))

    def _encoded(self, plant: Plant, name: str, deliveries: list[Delivery]) -> list[bytes]:
        numbers = {
            id(one): self._number(name, one)
            for one in sorted(deliveries, key=lambda one: (one.from_ms, one.copy))
        }
        payloads = []
        for one in deliveries:
            batch = None if one.lost else plant.batch(name, one.from_ms, one.to_ms)
            if batch is not None:
                at_ms = None if batch.at_ms is None else batch.at_ms + one.ahead_ms
                payload = encode_batch(replace(batch, at_ms=at_ms, seq=numbers[id(one)]))
                payloads.append(payload[: len(payload) // 2] if one.garbled else payload)
        return payloads

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
