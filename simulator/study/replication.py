"""One replication: a plan lived from one seed, its warm-up cut off, added up and checked."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from protocol.states import State
from simulator.specs.machine import MachineSpec
from simulator.specs.people import People
from simulator.study.conservation import Stocktaking, check, check_flow
from simulator.study.figures import Figures, of_buffer, of_group, of_machine, of_output, under
from simulator.study.tally import Level, Lived, Tally
from simulator.study.witness import Witness

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
EPOCH_MS = 1_767_571_200_000
"""Monday 2026-01-05 00:00 UTC: when every replication begins."""
UP = (State.RUNNING, State.IDLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is lived in every replication."""

    machines: tuple[MachineSpec, ...]
    """The machines."""
    people: People | None = None
    """Who tends them; None when every stop is mended at once."""
    warm_up_ms: int
    """Plant time that is lived first and not counted, in milliseconds."""
    length_ms: int
    """Plant time that is counted."""
    at_ms: tuple[int, ...] = ()
    """Moments after the beginning at which is asked who is running, warm-up or not."""

    @property
    def lines(self) -> dict[str, list[MachineSpec]]:
        """The machines by the place where they stand."""
        lines: dict[str, list[MachineSpec]] = {}
        for spec in self.machines:
            lines.setdefault("/".join(spec.location), []).append(spec)
        return lines

    @property
    def last(self) -> set[str]:
        """The machines that nothing follows: what they make leaves the plant."""
        followed = {spec.feed.after for spec in self.machines if spec.feed}
        return {spec.name for spec in self.machines if spec.name not in followed}


def replicate(plan: Plan, seed: int) -> Figures:
    """The figures of one replication.

    Raises:
        ConservationError: What was added up contradicts itself.
    """
    witness = Witness(plan.machines, seed=seed, epoch_ms=EPOCH_MS, people=plan.people)
    # At the epoch itself machines are put up and joined.
    witness.advance(EPOCH_MS)
    tallies = {spec.name: Tally(labels=witness.labels(spec.name)) for spec in plan.machines}
    begin_ms = EPOCH_MS + plan.warm_up_ms
    before = _count(witness, EPOCH_MS)
    figures: Figures = {}
    for from_ms, to_ms in _spans(plan):
        if from_ms == begin_ms:
            before = _count(witness, from_ms)
        witness.advance(to_ms)
        for name, tally in tallies.items():
            lived = witness.lived(name, from_ms, to_ms)
            figures |= under(("machines", name, "at_hours"), _seen(tally, lived, plan))
            if from_ms >= begin_ms:
                tally.add(lived)
            else:
                tally.last = int(lived.label[-1])
        witness.forget(to_ms)
    after = _count(witness, begin_ms + plan.length_ms)
    for spec in plan.machines:
        check(spec, tallies[spec.name], window_ms=plan.length_ms)
    check_flow(witness.specs, before, after)
    return figures | _figures(plan, tallies) | _levels(before, after, plan.length_ms)


def _spans(plan: Plan) -> Iterator[tuple[int, int]]:
    """A day each, cut where the warm-up ends."""
    end = plan.warm_up_ms + plan.length_ms
    edges = {*range(0, plan.warm_up_ms, DAY_MS), *range(plan.warm_up_ms, end, DAY_MS)}
    for first, last in pairwise([*sorted(edges), end]):
        yield EPOCH_MS + first, EPOCH_MS + last


def _count(witness: Witness, at_ms: int) -> Stocktaking:
    return Stocktaking(
        machines={name: witness.count(name, at_ms) for name in witness.specs},
        buffers=witness.buffers(),
        trains=witness.trains(),
    )


def _seen(tally: Tally, lived: Lived, plan: Plan) -> Figures:
    seen: Figures = {}
    for after_ms in plan.at_ms:
        at_ms = EPOCH_MS + after_ms
        if lived.from_ms <= at_ms < lived.to_ms:
            row = int(np.searchsorted(lived.start_ms, at_ms, side="right")) - 1
            state = tally.labels[int(lived.label[row])].state
            hour = f"{after_ms / HOUR_MS:g}"
            seen[hour, "running"] = float(state is State.RUNNING)
            seen[hour, "up"] = float(state in UP)
    return seen


def _figures(plan: Plan, tallies: dict[str, Tally]) -> Figures:
    figures: Figures = {}
    for spec in plan.machines:
        kind = spec.settings
        ideal = kind.ideal_cycle_s if kind.makes_parts else None
        figures |= under(("machines", spec.name), of_machine(tallies[spec.name], ideal_cycle_s=ideal))
    for line, specs in plan.lines.items():
        own = [tallies[spec.name] for spec in specs]
        leaving = [tallies[spec.name] for spec in specs if _leaves(spec, specs)]
        figures |= under(("lines", line), of_group(own) | of_output(leaving))
    leaving = [tallies[name] for name in tallies if name in plan.last]
    return figures | under(("plant",), of_group(tallies.values()) | of_output(leaving))


def _leaves(spec: MachineSpec, line: list[MachineSpec]) -> bool:
    """Whether what a machine makes leaves its line."""
    return not any(other.feed and other.feed.after == spec.name for other in line)


def _levels(before: Stocktaking, after: Stocktaking, length_ms: int) -> Figures:
    figures: Figures = {}
    for name, stock in after.buffers.items():
        level = Level(window_ms=length_ms, part_ms=stock.part_ms - before.buffers[name].part_ms)
        figures |= under(("buffers", name), of_buffer(level))
    return figures
