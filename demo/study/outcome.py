"""What came of one plant: parts out of each line, time by state and by phase, and a digest of its truth."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from demo.study.life import Life
from demo.study.plan import Plan
from protocol.states import State
from simulator.behaviour.machine import Machine
from simulator.phase import Phase
from simulator.specs.sensor import STATES
from simulator.study.tally import Lived, Tally
from simulator.study.witness import lived

SPAN_MS = 24 * 3_600_000
"""So much is lived before it is added up and forgotten."""
MEMORY_MS = 26 * 3_600_000
"""How far back plant and office remember; the same as the real office."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A stop that somebody had to see to."""

    machine: str
    """The machine."""
    begun_ms: int
    """When it began, ms since 1970."""
    noticed_ms: int
    """When somebody knew of it."""
    restored_ms: int | None
    """When it was over; None where that is later than the pair."""
    called: bool
    """Whether a call told of it, and not a round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one plant."""

    good: Mapping[str, int]
    """Good parts out of each line, those of its last machines."""
    state_ms: Mapping[str, Mapping[State, int]]
    """Time in each state, by machine."""
    phase_ms: Mapping[str, Mapping[Phase, int]]
    """Time in each phase, by machine."""
    failures: Mapping[str, int]
    """Unbroken stretches of down time that began, by machine."""
    calls: int
    """Calls that people were sent."""
    truth: str
    """Digest of all that truly happened: every change of every machine, and every part."""
    stops: tuple[Stop, ...]
    """The stops that were noticed in the last day, in order of their being noticed."""

    def hours(self, state: State) -> float:
        """Hours that all machines together were in a state."""
        return sum(times[state] for times in self.state_ms.values()) / 3_600_000

    def phase_hours(self, phase: Phase) -> float:
        """Hours that all machines together were in a phase."""
        return sum(times[phase] for times in self.phase_ms.values()) / 3_600_000


def outcome_of(plan: Plan, seed: int, *, monitored: bool) -> Outcome:
    """Live a plant of a plan, and say what came of it."""
    life = Life(plan, seed, monitored=monitored)
    machines = {spec.name: life.plant.machine(spec.name) for spec in plan.machines}
    tallies = {name: Tally(labels=machine.labels) for name, machine in machines.items()}
    digests = {name: _Digest(machine) for name, machine in machines.items()}
    begin_ms = plan.epoch_ms + plan.warm_up_ms
    for from_ms, to_ms in _spans(plan):
        life.live(to_ms)
        for name, machine in machines.items():
            span = lived(machine, from_ms, to_ms)
            digests[name].add(span)
            if from_ms < begin_ms:
                tallies[name].last = int(span.label[-1])
            else:
                tallies[name].add(span)
        life.forget(to_ms - MEMORY_MS)
    made = {name: tally.parts - tally.rejects for name, tally in tallies.items()}
    phases = {name: dict.fromkeys(Phase, 0) for name in tallies}
    states = {name: dict.fromkeys(STATES, 0) for name in tallies}
    for name, tally in tallies.items():
        for label, spent_ms in zip(tally.labels, tally.label_ms, strict=True):
            phases[name][label.phase] += spent_ms
            states[name][label.state] += spent_ms
    truth = hashlib.blake2b(digest_size=8)
    for name, digest in digests.items():
        truth.update(f"{name}\0{digest.text}\0".encode())
    return Outcome(
        good={line: sum(made[name] for name in names) for line, names in plan.last.items()},
        state_ms=states,
        phase_ms=phases,
        failures={name: tally.failures for name, tally in tallies.items()},
        calls=len(life.sent),
        truth=truth.hexdigest(),
        stops=tuple(_stops(life, plan)),
    )


class _Digest:
    """Digest of what truly happened to one machine, however the time is cut."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._starts, self._labels, self._parts = (hashlib.blake2b(digest_size=8) for _ in range(3))
        self._before = -1

    def add(self, span: Lived) -> None:
        """Take in a span that begins where the one before ended."""
        labels = self._machine.labels
        classes = np.array(labels.truths, np.int64)[span.label]
        turns = np.flatnonzero(np.diff(classes, prepend=self._before))
        self._starts.update(span.start_ms[turns].tobytes())
        self._labels.update(classes[turns].tobytes())
        made = self._machine.diary.made_within(span.from_ms, span.to_ms)
        self._parts.update(np.array(made, np.int64).tobytes())
        self._before = int(classes[-1])

    @property
    def text(self) -> str:
        """The digest, with what its numbers stand for."""
        words = "\0".join(f"{one.state} {one.phase} {one.cause}" for one in self._machine.labels)
        told = (one.hexdigest() for one in (self._starts, self._labels, self._parts))
        return "\0".join((*told, words))


def _spans(plan: Plan) -> Iterator[tuple[int, int]]:
    """A day each, cut where what is counted begins."""
    begin_ms = plan.epoch_ms + plan.warm_up_ms
    edges = [*range(plan.epoch_ms, begin_ms, SPAN_MS), *range(begin_ms, plan.end_ms, SPAN_MS), plan.end_ms]
    yield from pairwise(edges)


def _stops(life: Life, plan: Plan) -> Iterator[Stop]:
    said = life.plant.responses(plan.end_ms - SPAN_MS, plan.end_ms)
    restored = {(one.machine, one.stopped_ms): one.at_ms for one in said if one.step == "restored"}
    for one in said:
        # Who only acknowledges a call, for what nobody has to mend, has seen to no stop.
        if one.step == "acknowledged" and one.called_ms != one.stopped_ms:
            yield Stop(
                machine=one.machine,
                begun_ms=one.stopped_ms,
                noticed_ms=one.at_ms,
                restored_ms=restored.get((one.machine, one.stopped_ms)),
                called=one.called_ms is not None,
            )
