"""A plant, its broker and its office as programs, an operator who asks at chosen moments, what is kept."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

import msgspec

from dashboard.calendar.places import Calendar
from dashboard.conclusions import Board
from dashboard.history.numbers import numbers_of
from dashboard.history.reader import Reader
from dashboard.kpi.basis import Basis
from protocol.moments import to_ms
from simulator.histories.run import read_run
from tests.broker.clients import Client
from tests.chaos.dump import Row, dump
from tests.chaos.plant import EPOCH_MS, MINUTE_MS, Plant
from tests.simulator.edge.operator import Operator

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from dashboard.conclusions import Numbers
    from dashboard.history.reader import Source
    from protocol.messages import PlantResult
    from protocol.states import State

BASIS = Basis(calendar=Calendar.read())


class Floor(Plant):
    """Broker, simulator and ingest around one history; time goes by as the operator asks."""

    def __init__(self, folder: Path, machines: Path, *, relive: Path | None = None) -> None:
        # What becomes of a twin is asked in `tests/twin`.
        super().__init__(folder, machines=machines, inputs=False, relive=relive, twin=False)
        self.operator: Operator | None = None
        self.witnesses: list[Client] = []
        """Hear what machines say of their links, as the office, and what that tells its viewers."""

    def __enter__(self) -> Self:
        self.start("broker")
        try:
            self.start("simulator")
            self.operator = Operator(self.broker)
            for role, topic in (
                ("office", "shopfloor/+/+/online"),
                ("viewer", "shopfloor/_office/plant"),
                ("office", "shopfloor/_plant/clock"),
            ):
                self.witnesses.append(Client(self.broker.port, role, self.broker.password(role)))
                self.witnesses[-1].listen(topic)
            # A plant that tells the time has subscribed to what is asked of it.
            self.wait_for(lambda: bool(self.witnesses[2].heard))
            if self._relive is None:
                # Without an office the plant waits at its epoch, so everything happens when it is asked for.
                self.ask(what="pause")
            self.start("ingest")
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.operator is not None:
            self.operator.stop()
        for one in self.witnesses:
            one.close()
        super().__exit__(kind, error, trace)

    def ask(self, **fields: Any) -> PlantResult:
        """Ask something of the plant; every question has a name of its own, unless it gives one."""
        assert self.operator is not None
        self._asked = getattr(self, "_asked", 0) + 1
        return self.operator.ask(**{"id": f"q{self._asked}", **fields})

    def go_on_to(self, minutes: float) -> None:
        """Let the plant live up to so many minutes after the epoch, and stand still there."""
        run = read_run(self.state)
        assert run is not None
        until_ms = EPOCH_MS + round(minutes * MINUTE_MS)
        result = self.ask(what="step", seconds=(until_ms - run.position_ms) / 1_000)
        assert result.ok, result.message
        self.reach(until_ms - EPOCH_MS)

    def online(self) -> dict[str, list[bytes]]:
        """What each machine, or its will, said of its link, one after the other, by topic."""
        said: dict[str, list[bytes]] = {}
        for one in self.witnesses[0].heard:
            said.setdefault(one.topic, []).append(bytes(one.payload))
        return said

    def clocks_ahead(self) -> dict[str, float]:
        """What the office last said of clocks that are ahead, in seconds."""
        boards = self.witnesses[1].heard
        return msgspec.json.decode(boards[-1].payload, type=Board).ahead_s if boards else {}

    def kept(self, until_minutes: float) -> Kept:
        """What the history says of the time up to so many minutes after the epoch."""
        # What was said of links before the history got so far has come to the witness, too.
        self.witnesses[0].listen("barrier")
        return Kept.read(self, until_minutes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A history, read."""

    rows: dict[str, list[Row]]
    """The rows of every table that is compared, without the run's name."""
    faults: list[Row]
    """What the truth says of faults: machine, fault, signal, beginning and end in minutes, severity."""
    refused: list[tuple[str, str]]
    """Topic and reason of the messages that could not be used."""
    ingest: str
    """The log of ingest."""
    online: dict[str, list[bytes]]
    """What each machine, or its will, said of its link while all was under way, by topic."""
    reader: Reader
    """The history itself."""
    run: str
    """The run."""

    @classmethod
    def read(cls, floor: Floor, until_minutes: float) -> Kept:
        """Read a history whose writer may still be at work."""
        until_ms = EPOCH_MS + round(until_minutes * MINUTE_MS)
        with sqlite3.connect(f"file:{floor.history}?mode=ro", uri=True, timeout=10) as connection:
            faults = connection.execute(
                "SELECT machine, fault, signal, from_ms, until_ms, severity FROM truth_faults WHERE run = ?",
                (floor.run.id,),
            ).fetchall()
            refused = connection.execute("SELECT topic, reason FROM refusals ORDER BY number").fetchall()
        connection.close()
        rows = dump(floor.history, floor.run.id, until_ms)
        for name in ("counts", "truth_counts"):
            rows[name] = counted(rows[name])
        return cls(
            rows=rows,
            faults=[
                (*row[:3], (row[3] - EPOCH_MS) / MINUTE_MS, (row[4] - EPOCH_MS) / MINUTE_MS, row[5])
                for row in sorted(faults)
            ],
            refused=refused,
            ingest=floor.said("ingest"),
            online=floor.online(),
            reader=Reader(f"sqlite:///{floor.history}"),
            run=floor.run.id,
        )

    def of(self, machine: str, *tables: str) -> dict[str, list[Row]]:
        """The rows of one machine."""
        return {
            name: [row for row in rows if row[0] == machine]
            for name, rows in self.rows.items()
            if name in tables or not tables
        }

    def numbers(
        self, machine: str, from_minutes: float, to_minutes: float, source: Source = "measured"
    ) -> Numbers:
        """Its KPIs in a window, in minutes after the epoch."""
        machines = [one for one in self.reader.machines(self.run) if one.name == machine]
        window = (EPOCH_MS + round(one * MINUTE_MS) for one in (from_minutes, to_minutes))
        return numbers_of(self.reader, BASIS, machines, *window, source=source)

    def stretches(
        self, machine: str, from_minutes: float, to_minutes: float, source: Source = "measured"
    ) -> list[tuple[float, float, State, str]]:
        """What it was doing in a window: beginning and end in seconds of the window, state, cause."""
        from_ms = EPOCH_MS + round(from_minutes * MINUTE_MS)
        found = self.reader.intervals(
            self.run, machine, from_ms, EPOCH_MS + round(to_minutes * MINUTE_MS), source
        )
        return [
            ((start - from_ms) / 1_000, (end - from_ms) / 1_000, state, cause)
            for start, end, state, cause in found
        ]

    def refusals(self, machine: str) -> list[str]:
        """Why messages of a machine could not be used."""
        return [reason for topic, reason in self.refused if f"/{machine}/" in topic]

    def seconds(
        self, machine: str, state: State, from_minutes: float, to_minutes: float, source: Source = "measured"
    ) -> float:
        """For how long it was in a state in a window, in seconds."""
        found = self.stretches(machine, from_minutes, to_minutes, source)
        return sum(end - begin for begin, end, one, _ in found if one is state)


def counted(rows: list[Row]) -> list[Row]:
    """Where a counter rose: every message repeats how it stands, however messages are cut."""
    before = [("", 0, 0, 0), *rows]
    return [row for last, row in pairwise(before) if (row[0], *row[2:]) != (last[0], *last[2:])]


def minute_of(result: PlantResult) -> float:
    """Plant time of an answer, in minutes after the epoch."""
    return (to_ms(result.at) - EPOCH_MS) / MINUTE_MS
