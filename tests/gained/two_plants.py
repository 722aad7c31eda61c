"""Two plants lived in this process and written by real offices: one whose people hear calls, and its twin.

What is in the history afterwards is what ingest writes: measured rows by the office, calls and responses,
and the truth by its keeper, under a run and under the same run's twin.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from dashboard.calendar.places import Calendar
from dashboard.calls.rules import CallRules
from dashboard.history.store import Store
from dashboard.ingest.office import Office
from dashboard.ingest.proof import Proof
from dashboard.ingest.share import MEASURING
from protocol.messages import Call, Clock, Response, decode, encode
from protocol.moments import from_ms, to_ms
from protocol.readings import encode_batch
from protocol.twin import TWIN_ROOT, is_twin, twin_run
from simulator.plant import Plant
from simulator.specs.kind import load_kinds
from simulator.specs.machine import MachineSpec, load_machine
from simulator.specs.people import load_people

EPOCH_MS = 1_767_592_800_000
"""2026-01-05T06:00:00Z."""
RUN = "a1b2c3d4"
MINUTE = 60_000
HOUR = 60 * MINUTE
PROJECT = Path(__file__).parents[2]
WORDS = {"acknowledged": "acknowledged", "at the machine": "at-machine", "restored": "restored"}


def specs(*names: str) -> list[MachineSpec]:
    """Machines of the demo by their names, all where none is named; with the one sensor that tells."""
    folder = PROJECT / "simulator"
    kinds = load_kinds(folder / "kinds")
    every = [load_machine(file, kinds) for file in sorted((folder / "machines").glob("*.toml"))]
    return [_lean(one) for one in every if not names or one.name in names]


def _lean(spec: MachineSpec) -> MachineSpec:
    kind = spec.settings
    told = "power_kw" if spec.controller else kind.threshold.signal
    sensors = tuple(one for one in kind.sensors if one.name == told and one.quotient is None)
    return replace(spec, settings=replace(kind, sensors=sensors or kind.sensors))


class LivedPlant:
    """One plant, its people, and the office that measures it.

    Args:
        history: URL of the history.
        machines: What stands in it.
        monitored: Whether its people hear calls.
        seed: Seed of its random numbers.
        away: When there is no office: nobody is called, in minutes from the epoch.
        run: Its run, where it is not the one that follows from that.
    """

    def __init__(
        self,
        history: str,
        machines: Sequence[MachineSpec],
        *,
        monitored: bool,
        seed: int = 7,
        away: tuple[int, int] | None = None,
        run: str = "",
    ) -> None:
        folder = PROJECT / "simulator"
        people = load_people(folder / "people.toml", folder / "assumptions.toml")
        self.run = run or (RUN if monitored else twin_run(RUN))
        self._root = TWIN_ROOT if is_twin(self.run) else "shopfloor"
        self.plant = Plant(
            seed, EPOCH_MS, self.run, people=people if monitored else replace(people, hears="nothing")
        )
        for spec in machines:
            self.plant.add(spec, EPOCH_MS)
        self.plant.advance(EPOCH_MS)
        self._monitored = monitored
        self._away = away
        self._open: dict[str, Call] = {}
        self.office = Office(
            root=self._root,
            store=Store(history),
            calls=CallRules.read() if monitored else None,
            calendar=Calendar.read() if monitored else None,
        )
        self._proof = Proof(self.office.store)
        self._say((f"{self._root}/_plant/clock", self._clock(EPOCH_MS)))
        for name in self.plant.names():
            self._say((f"{self._path(name)}/birth", encode(self.plant.birth(name))))

    def live(self, minutes: int) -> None:
        """Live on, tick by tick, and close the history."""
        for minute in range(minutes):
            self._tick(EPOCH_MS + minute * MINUTE, attended=not (self._away and self._is_away(minute)))
        self.office.commit()
        self.office.store.close()

    def _is_away(self, minute: int) -> bool:
        return self._away is not None and self._away[0] <= minute < self._away[1]

    def _tick(self, begin: int, *, attended: bool) -> None:
        to = begin + MINUTE
        self.plant.advance(to)
        self._say((f"{self._root}/_plant/clock", self._clock(to, attended=attended)))
        for name in self.plant.names():
            batch = self.plant.batch(name, begin, to)
            if batch is not None:
                self._say((f"{self._path(name)}/readings", encode_batch(batch)))
            self._proof.receive(name, self.plant.truth(name, begin, to), self.office.writes)
        for response in self._responses(begin, to):
            self._say((f"{self._root}/_plant/response", encode(response)))
        self.office.tick(self.run, to, MEASURING)
        self.office.commit()
        if self.office.calls is None:
            return
        for machine, _, payload in self.office.calls.take_words():
            if payload:
                self._hear(machine, decode(payload, Call))

    def _hear(self, machine: str, call: Call) -> None:
        if call.closed is not None:
            self._open.pop(call.id, None)
        elif call.id not in self._open:
            self._open[call.id] = call
            self.plant.hear_call(machine, to_ms(call.raised))

    def _responses(self, after_ms: int, to: int) -> Iterator[Response]:
        for one in self.plant.responses(after_ms, to):
            for call in list(self._open.values()):
                if call.machine == one.machine and one.step in WORDS and call.rule == "stopped":
                    yield Response(
                        call=call.id, run=self.run, machine=one.machine, what=WORDS[one.step],  # type: ignore[arg-type]
                        at=from_ms(max(one.at_ms, to_ms(call.raised))), by=one.person,
                    )  # fmt: skip

    def _path(self, name: str) -> str:
        return "/".join((self._root, *self.plant.location(name), name))

    def _clock(self, at_ms: int, *, attended: bool = True) -> bytes:
        at = from_ms(at_ms)
        return encode(
            Clock(
                run=self.run, epoch=from_ms(EPOCH_MS), at=at, wall=at, speed=60.0, attended=attended, seed=7
            )
        )

    def _say(self, message: tuple[str, bytes]) -> None:
        topic, payload = message
        self.office.receive(topic, payload, wall_ms=EPOCH_MS, retained=False)


def write_two_plants(
    folder: Path, minutes: int, *names: str, seed: int = 7, away: tuple[int, int] | None = None
) -> str:
    """Live both plants into a history in a folder, and give its URL."""
    history = f"sqlite:///{folder}/history.db"
    live_two_plants(history, minutes, *names, seed=seed, away=away)
    return history


def live_two_plants(
    history: str, minutes: int, *names: str, seed: int = 7, away: tuple[int, int] | None = None
) -> None:
    """Live both plants into the history at a URL."""
    LivedPlant(history, specs(*names), monitored=False, seed=seed).live(minutes)
    LivedPlant(history, specs(*names), monitored=True, seed=seed, away=away).live(minutes)
