"""One replication: a plan lived from one seed, its warm-up cut off, added up and checked."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from protocol.states import State
from simulator.specs.machine import MachineSpec
from simulator.study.conservation import check
from simulator.study.figures import Figures, of_group, of_machine, of_output, under
from simulator.study.floor import Floor
from simulator.study.tally import Lived, Tally

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


def replicate(plan: Plan, seed: int) -> Figures:
    """The figures of one replication.

    Raises:
        ConservationError: What was added up contradicts itself.
    """
    floor = Floor(plan.machines, seed=seed, epoch_ms=EPOCH_MS)
    tallies = {spec.name: Tally(labels=floor.labels(spec.name)) for spec in plan.machines}
    figures: Figures = {}
    for from_ms, to_ms in _spans(plan):
        floor.advance(to_ms)
        counted = from_ms >= EPOCH_MS + plan.warm_up_ms
        for name, tally in tallies.items():
            lived = floor.lived(name, from_ms, to_ms)
            figures |= under(("machines", name, "at_hours"), _seen(tally, lived, plan))
            if counted:
                tally.add(lived)
            else:
                tally.last = int(lived.label[-1])
        floor.forget(to_ms)
    for spec in plan.machines:
        check(spec, tallies[spec.name], window_ms=plan.length_ms)
    return figures | _figures(plan, tallies)


def _spans(plan: Plan) -> Iterator[tuple[int, int]]:
    """A day each, cut where the warm-up ends."""
    edges = {
        *range(0, plan.warm_up_ms, DAY_MS),
        *range(plan.warm_up_ms, plan.warm_up_ms + plan.length_ms, DAY_MS),
    }
    for start, end in pairwise([*sorted(edges), plan.warm_up_ms + plan.length_ms]):
        yield EPOCH_MS + start, EPOCH_MS + end


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
        figures |= under(("lines", line), of_group(own) | of_output(own))
    figures |= under(("plant",), of_group(tallies.values()) | of_output(tallies.values()))
    return figures
