"""What devices of one's own have said lately, and what was understood of it, for whoever connects one."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isnan

from dashboard.conclusions import Heard, HeardLately
from dashboard.ingest.machine import MachineRecord
from dashboard.ingest.part import MOST_HEARD
from dashboard.ingest.refused import shown
from dashboard.units import unit_of
from protocol.readings import Batch

MAX_VALUES = 8
"""So many values of a message are told."""
MAX_TOPIC = 160
MAX_HEAD = 200


@dataclass(slots=True, kw_only=True)
class _Last:
    head: str
    wall_ms: int
    at_ms: int
    machine: str
    values: dict[str, float]
    count: int = field(default=1)


class HeardDevices:
    """The newest message on each topic of a device without a birth."""

    def __init__(self) -> None:
        self.patterns: list[str] = []
        """What is listened for beside the plant's own topics, by the topic map."""
        self._last: OrderedDict[str, _Last] = OrderedDict()

    def take(
        self, topic: str, payload: bytes, batch: Batch, *, machine: str, at_ms: int, wall_ms: int
    ) -> None:
        """Note one message.

        Args:
            topic: Where the device said it.
            payload: What it said there.
            batch: What was understood of it.
            machine: The machine it is.
            at_ms: When the last of it was read, plant time.
            wall_ms: When it came.
        """
        before = self._last.pop(topic, None)
        values = {
            name: float(column[-1])
            for name, column in list(batch.signals.items())[:MAX_VALUES]
            if len(column) and not isnan(column[-1])
        }
        self._last[topic] = _Last(
            head=shown(payload[:MAX_HEAD].decode("utf-8", "replace"), MAX_HEAD),
            wall_ms=wall_ms,
            at_ms=at_ms,
            machine=machine,
            values=values,
            count=1 if before is None else before.count + 1,
        )
        if len(self._last) > MOST_HEARD:
            self._last.popitem(last=False)

    def forget(self, machine: str) -> None:
        """Tell no more of a machine, until it speaks again."""
        for topic in [topic for topic, last in self._last.items() if last.machine == machine]:
            del self._last[topic]

    def lately(self, machines: Mapping[str, MachineRecord], now_ms: int) -> HeardLately:
        """What pages are told: the newest first."""
        return HeardLately(
            patterns=self.patterns[:MOST_HEARD],
            newest=[
                self._told(topic, last, machines.get(last.machine), now_ms)
                for topic, last in reversed(self._last.items())
            ],
        )

    def _told(self, topic: str, last: _Last, record: MachineRecord | None, now_ms: int) -> Heard:
        return Heard(
            wall_ms=last.wall_ms,
            topic=shown(topic, MAX_TOPIC),
            head=last.head,
            count=last.count,
            machine=last.machine,
            at_ms=last.at_ms,
            values={name: (value, unit_of(None, name)) for name, value in last.values.items()},
            state="" if record is None else str(record.timeline.state_at(now_ms)[0]),
            learning="" if record is None else record.progress,
        )
