"""What machines say over some minutes of the plant, made beforehand by the simulator."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.fleet import machine_texts
from protocol.messages import Birth
from protocol.moments import to_text
from protocol.readings import decode_batch
from simulator.chorus import payload_of
from simulator.histories.outbox import Outbox
from simulator.plant import Plant
from simulator.specs.kind import load_kinds
from simulator.specs.machine import parse_machine
from simulator.telling.opening import KINDS_FOLDER

EPOCH_MS = 1_767_600_000_000
RUN = "b1e2d3c4"
SEED = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Machines of every kind in turn, each with eight signals, and what they say."""

    births: dict[str, Birth]
    """What each says of itself, by its place and name, `line-000/machine-00001`."""
    ticks: list[tuple[int, list[tuple[str, bytes]]]]
    """Plant time of each tick, ms since 1970, and the batches that come before it, by place and name."""
    readings: int
    """Readings in all of them: one is eight signals of one machine at one moment."""
    batch: int
    """Readings in a batch."""

    @property
    def messages(self) -> int:
        """How many batches they are."""
        return sum(len(batches) for _, batches in self.ticks)

    @property
    def size(self) -> int:
        """Bytes of all batches."""
        return sum(len(payload) for _, batches in self.ticks for _, payload in batches)


def make_load(machines: int, *, batch: int, ticks: int, period_ms: int = 1_000) -> Load:
    """What machines say.

    Args:
        machines: How many.
        batch: Readings in each message.
        ticks: How many messages of each.
        period_ms: Plant time from one reading to the next, in milliseconds.
    """
    kinds = load_kinds(KINDS_FOLDER)
    plant = Plant(SEED, EPOCH_MS, RUN)
    places = {}
    for name, text in machine_texts(machines, kinds).items():
        spec = parse_machine(f"period_ms = {period_ms}\n{text}", f"{name}.toml", kinds)
        plant.add(spec, EPOCH_MS)
        places[name] = "/".join((*spec.location, name))
    outbox = Outbox()
    told = [
        (at_ms, list(batches)) for at_ms, batches in _told(plant, outbox, places, batch * period_ms, ticks)
    ]
    return Load(
        births={place: plant.birth(name) for name, place in places.items()},
        ticks=told,
        readings=batch * sum(len(batches) for _, batches in told),
        batch=batch,
    )


def _told(
    plant: Plant, outbox: Outbox, places: dict[str, str], tick_ms: int, ticks: int
) -> Iterator[tuple[int, Iterator[tuple[str, bytes]]]]:
    for number in range(ticks):
        from_ms = EPOCH_MS + number * tick_ms
        plant.advance(from_ms + tick_ms)
        said = outbox.tell(plant, from_ms, from_ms + tick_ms)
        yield (
            from_ms + tick_ms,
            ((places[one.machine], payload_of(batch)) for one in said for batch in one.leaving),
        )


def one_by_one(load: Load, ticks: int) -> Load:
    """The first ticks of a load as a naive device says them: a reading a message, of numbers and a time."""
    told = []
    for at_ms, batches in load.ticks[:ticks]:
        singles = []
        for place, payload in batches:
            batch = decode_batch(payload)
            moments = ((batch.at_ms or 0) + batch.offsets_ms).tolist()
            rows = zip(*(column.tolist() for column in batch.signals.values()), strict=True)
            for moment, row in zip(moments, rows, strict=True):
                said = {"at": to_text(moment), **dict(zip(batch.signals, row, strict=True))}
                singles.append((place, json.dumps(said).replace("NaN", "null").encode()))
        told.append((at_ms, singles))
    return Load(births=load.births, ticks=told, readings=sum(len(one) for _, one in told), batch=1)
