"""A machine as a device of an edge node: the metrics of its birth, and what of its batches is news.

State, cause and counters are said when they change; of a signal every value is one of its readings.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan

from protocol.messages import Birth
from protocol.readings import Batch
from protocol.sparkplug.births import LOCATION, RETIRED, metrics_of, properties_of
from protocol.sparkplug.datatypes import DataType, Value
from protocol.sparkplug.payloads import Metric

STATE, CAUSE, PARTS, REJECTS = "State", "Cause", "Parts", "Rejects"
_TYPES = {
    STATE: DataType.STRING, CAUSE: DataType.STRING, PARTS: DataType.INT64, REJECTS: DataType.INT64,
}  # fmt: skip

Event = tuple[int, int, str, Value]
"""A value at a moment, and its place among those of one moment."""


@dataclass(slots=True)
class _Told:
    """What a host knows of a machine from what it was told in order."""

    until_ms: int | None = None
    """Up to here; None while it was told nothing."""
    words: tuple[str, str] | None = None
    """State and cause; None where it knows none."""
    parts: int | None = None
    rejects: int | None = None


class NodeDevice:
    """What an edge node says of one machine.

    Args:
        name: The machine.
        birth: What it is.
        aliases: Numbers of its metrics by name; new ones are added, unique in its edge node.
        new_alias: The next free number.
        location: Its levels where they are not what its edge node says, else `""`.
    """

    def __init__(
        self, name: str, birth: Birth, aliases: dict[str, int], new_alias: Iterator[int], *, location: str
    ) -> None:
        self.name = name
        self.birth = birth
        self.lost = False
        """Whether its edge node has no connection with it."""
        self._aliases = aliases
        self._new_alias = new_alias
        self._location = location
        self._live = _Told()
        self._past = _Told()
        self._latest: dict[str, tuple[Value, int]] = {}
        self._reached_ms: int | None = None

    def metrics_of_birth(self) -> list[Metric]:
        """All that it will ever say in this session, with the newest values; those before any are null."""
        constant = [
            *metrics_of(self.birth),
            *(
                [Metric(name=LOCATION, datatype=DataType.STRING, value=self._location)]
                if self._location
                else ()
            ),
            Metric(name=RETIRED, datatype=DataType.BOOLEAN, value=False),
        ]
        changing = []
        for name in self._names():
            value, at_ms = self._latest.get(name, (None, None))
            signal = self.birth.signals.get(name)
            changing.append(
                Metric(
                    name=name,
                    alias=self._alias(name),
                    at_ms=at_ms,
                    datatype=_TYPES.get(name, DataType.DOUBLE),
                    value=value,
                    properties={} if signal is None else properties_of(signal),
                )
            )
        return [_with_alias(one, self._alias(one.name)) for one in constant] + changing

    def born(self, at_ms: int) -> None:
        """Its birth is said: a host knows that, and nothing that was said before."""
        known = {name: value for name, (value, _) in self._latest.items()}
        state, cause, parts, rejects = (known.get(name) for name in (STATE, CAUSE, PARTS, REJECTS))
        self._past = _Told()
        self._live = _Told(
            until_ms=self._latest[STATE][1] if state is not None else None,
            words=(str(state), str(cause or "")) if state is not None else None,
            parts=parts if isinstance(parts, int) else None,
            rejects=rejects if isinstance(rejects, int) else None,
        )
        self._reached_ms = max(at_ms, self._reached_ms or at_ms)

    def metrics_of_batch(self, batch: Batch, *, backlog: bool) -> tuple[int, list[Metric]]:
        """The end of a batch, ms since 1970, and what of it a host does not know yet, in order.

        Args:
            batch: What the machine says, with its moment.
            backlog: Whether it was kept for a host that was away; what lies before what was said already is
                backlog in any case.
        """
        begun_ms = batch.at_ms or 0
        end_ms = begun_ms + max(
            int(batch.offsets_ms[-1]) if len(batch.offsets_ms) else 0,
            batch.changes[-1].offset_ms if batch.changes else 0,
        )
        past = backlog or (self._reached_ms is not None and end_ms <= self._reached_ms)
        told = self._past if past else self._live
        events = [
            *self._states(batch, begun_ms, told),
            *self._counts(batch, begun_ms, told),
            *_signals(batch, begun_ms),
        ]
        events.sort(key=lambda event: event[:2])
        if past and told.words is not None and (not events or events[-1][0] < end_ms):
            # Backlog says for itself how far it reaches: that it is sent now says nothing of then.
            events.append((end_ms, 0, STATE, told.words[0]))
            events.append((end_ms, 1, CAUSE, told.words[1]))
        told.until_ms = end_ms
        if not past:
            self._reached_ms = end_ms
            self._latest |= {name: (value, at_ms) for at_ms, _, name, value in events}
            if told.words is not None:
                self._latest |= {STATE: (told.words[0], end_ms), CAUSE: (told.words[1], end_ms)}
        return end_ms, [
            Metric(
                alias=self._alias(name),
                at_ms=at_ms,
                datatype=_TYPES.get(name, DataType.DOUBLE),
                value=value,
                historical=past,
            )
            for at_ms, _, name, value in events
        ]

    def retirement(self, at_ms: int) -> Metric:
        """The last it says: it is taken away for good."""
        return Metric(alias=self._alias(RETIRED), at_ms=at_ms, datatype=DataType.BOOLEAN, value=True)

    def _names(self) -> list[str]:
        counts = [PARTS, REJECTS] if self.birth.ideal_cycle_s is not None else []
        own = [STATE, CAUSE] if self.birth.states == "reported" else []
        return [*own, *counts, *self.birth.signals]

    def _alias(self, name: str) -> int:
        if name not in self._aliases:
            self._aliases[name] = next(self._new_alias)
        return self._aliases[name]

    def _states(self, batch: Batch, begun_ms: int, told: _Told) -> Iterator[Event]:
        if batch.state is not None:
            words = str(batch.state), batch.cause
            before_ms = told.until_ms
            goes_on = before_ms is not None and before_ms <= begun_ms <= before_ms + self.birth.period_ms
            if not goes_on and before_ms is not None and before_ms < begun_ms and told.words is not None:
                # Of the time in between it has nothing to say: a host may not take it for unchanged.
                yield before_ms, 0, STATE, None
            if not goes_on:
                told.parts = told.rejects = None
            if not goes_on or words != told.words:
                yield begun_ms, 0, STATE, words[0]
                yield begun_ms, 1, CAUSE, words[1]
            told.words = words
        for change in batch.changes:
            if change.state is not None:
                told.words = str(change.state), change.cause
                yield begun_ms + change.offset_ms, 0, STATE, told.words[0]
                yield begun_ms + change.offset_ms, 1, CAUSE, told.words[1]

    def _counts(self, batch: Batch, begun_ms: int, told: _Told) -> Iterator[Event]:
        said: list[tuple[int, int | None, int | None]] = [
            (change.offset_ms, change.parts, change.rejects) for change in batch.changes
        ]
        for name, column in (("parts", batch.parts), ("rejects", batch.rejects)):
            if column is not None:
                for offset_ms, value in zip(batch.offsets_ms.tolist(), column.tolist(), strict=False):
                    if not isnan(value):
                        count = int(value)
                        said.append((offset_ms, count, None) if name == "parts" else (offset_ms, None, count))
        for offset_ms, parts, rejects in sorted(said, key=lambda one: one[0]):
            if parts is not None and parts != told.parts:
                told.parts = parts
                yield begun_ms + offset_ms, 2, PARTS, parts
            if rejects is not None and rejects != told.rejects:
                told.rejects = rejects
                yield begun_ms + offset_ms, 3, REJECTS, rejects


def _signals(batch: Batch, begun_ms: int) -> Iterator[Event]:
    moments = [begun_ms + offset_ms for offset_ms in batch.offsets_ms.tolist()]
    for name, column in batch.signals.items():
        for at_ms, value in zip(moments, column.tolist(), strict=True):
            if not isnan(value):
                yield at_ms, 4, name, value


def _with_alias(metric: Metric, alias: int) -> Metric:
    return Metric(name=metric.name, alias=alias, datatype=metric.datatype, value=metric.value)
