"""The office of a plant in the same process: the rules of the real one, without broker and history."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from dashboard.calendar.places import Calendar
from dashboard.calls.record import CallRecord
from dashboard.calls.rules import CallRules
from dashboard.condition.outlook import moments
from dashboard.ingest.call_book import CallBook
from dashboard.ingest.judge import Judge
from dashboard.ingest.machine import MachineRecord
from dashboard.parts import Counts
from dashboard.states.rules import StateRules
from protocol.readings import Batch
from simulator.plant import Plant

FAR_MS = 1 << 62
"""When what never happens does."""
PLACES = 3
"""Values reach an office with so many decimal places."""


class Unheard:
    """What an office knows that has not called for anybody yet.

    Args:
        unattended: When the plant goes on without it, from and to, ms since 1970.
    """

    def __init__(self, unattended: Sequence[tuple[int, int]] = ()) -> None:
        self._unattended = list(unattended)

    def calls(self, _run: str, _from_ms: int) -> Sequence[Any]:
        """No call."""
        return []

    def raised(self, _run: str) -> list[int]:
        """No call."""
        return []

    def responses(self, _run: str, _from_ms: int) -> Sequence[Any]:
        """No response."""
        return []

    def unattended(self, _run: str) -> list[tuple[int, int | None]]:
        """The stretches in which the plant goes on without an office."""
        return [(begun_ms, ended_ms) for begun_ms, ended_ms in self._unattended]


class Watched:
    """One machine in the eyes of its office."""

    def __init__(self, record: MachineRecord, book: CallBook, epoch_ms: int) -> None:
        self.record = record
        """What is known of it."""
        self.book = book
        """The calls for it."""
        self.heard_ms = epoch_ms
        """Up to here it has been heard, ms since 1970."""
        self.judged_ms = epoch_ms
        """Up to here it has been judged."""

    def hear(self, batch: Batch | None, until_ms: int) -> None:
        """Take in what it says of the time up to a moment.

        Raises:
            ValueError: It is late.
        """
        if batch is not None:
            rounded = {key: np.round(one, PLACES) for key, one in batch.signals.items()}
            heard = replace(batch, signals=rounded)
            splice = self.record.keeper.apply(heard, self.heard_ms)
            if splice is None:
                raise ValueError(
                    f"{self.record.name}: what it says of the time from {self.heard_ms} on is late"
                )
            self.record.counted_anew(self.record.tally.add(Counts.of(heard, self.heard_ms)))
            self.record.splice(splice)
            if self.record.followed:
                self.record.roll(self.heard_ms, heard)
            self.record.seen(self.heard_ms, heard)
        self.heard_ms = until_ms


class Floor(Mapping[str, MachineRecord]):
    """The machines as the judge finds them: whichever it looks at has been heard up to the present.

    Args:
        machines: The machines by name.
        listen: Lets one be heard up to the present.
    """

    def __init__(self, machines: Mapping[str, Watched], listen: Callable[[Watched], None]) -> None:
        self._machines = machines
        self._listen = listen

    def __getitem__(self, name: str) -> MachineRecord:
        watched = self._machines[name]
        self._listen(watched)
        return watched.record

    def __iter__(self) -> Iterator[str]:
        return iter(self._machines)

    def __len__(self) -> int:
        return len(self._machines)


class Office:
    """Hears what machines say, concludes what they do, and calls for people.

    Calls do not depend on how often it is asked, so it may be asked for a machine only when that matters.

    Args:
        plant: The plant.
        epoch_ms: When the run begins, ms since 1970.
        calls: When a person is called for.
        states: How readings become states.
        calendar: When production is planned.
        unattended: When there is no office, from and to, ms since 1970.
    """

    def __init__(
        self,
        plant: Plant,
        *,
        epoch_ms: int,
        calls: CallRules,
        states: StateRules,
        calendar: Calendar,
        unattended: Sequence[tuple[int, int]] = (),
    ) -> None:
        self._plant = plant
        self._machines: dict[str, Watched] = {}
        known = Unheard(unattended)
        for name in plant.names():
            path = "/".join(plant.location(name))
            record = MachineRecord(
                run=plant.run, name=name, path=path, since_ms=epoch_ms, rule=states.rule(path, name)
            )
            record.adopt(plant.birth(name))
            self._machines[name] = Watched(record, CallBook(plant.run, known, epoch_ms), epoch_ms)
        floor = Floor(self._machines, self._listen)
        self._judge = Judge({plant.run: floor}, rules=calls, calendar=calendar)
        late: dict[int, list[str]] = {}
        for name, one in self._machines.items():
            one.record.followed.follow(self._judge.limits(one.record))
            if one.record.followed:
                late.setdefault(one.record.knowledge.least_ms, []).append(name)
        self._late = late
        """The machines in which trends are looked for, by how much later it is known what they do."""

    def judge(self, name: str) -> list[CallRecord]:
        """The calls for a machine that people are sent now that it is judged up to the present."""
        watched, until_ms = self._machines[name], self._plant.now_ms
        if watched.judged_ms >= until_ms:
            return []
        self._listen(watched)
        book, sent = watched.book, dict[str, CallRecord]()
        for call in self._judge.judge(book, [watched.record], after_ms=watched.judged_ms, until_ms=until_ms):
            if book.known(call.id) is None and not call.missed:
                sent[call.id] = call
            book.take(call)
        watched.judged_ms = until_ms
        return list(sent.values())

    def due(self, now_ms: int) -> list[str]:
        """The machines of which a trend may be called at a moment."""
        return [
            name
            for late_ms, names in self._late.items()
            if moments(now_ms - late_ms - 1, now_ms - late_ms)
            for name in names
        ]

    def due_ms(self, now_ms: int) -> int:
        """The next moment at which a trend may be called, ms since 1970."""
        nexts = [moments(now_ms - late_ms, FAR_MS)[0] + late_ms for late_ms in self._late]
        return min(nexts, default=FAR_MS)

    def forget(self, before_ms: int) -> None:
        """Hold nothing from before a moment."""
        for one in self._machines.values():
            one.book.forget(before_ms)
            one.record.forget(before_ms)

    def _listen(self, watched: Watched) -> None:
        """Hear what a machine has said up to the present."""
        now_ms = self._plant.now_ms
        if watched.heard_ms < now_ms:
            watched.hear(self._plant.batch(watched.record.name, watched.heard_ms, now_ms), now_ms)
