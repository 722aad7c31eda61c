"""Many pairs over the cores, in the order of their seeds, and what they say together."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

from demo.study.pair import Pair, live_pair
from demo.study.plan import Plan
from protocol.states import State
from simulator.phase import Phase
from simulator.specs.sensor import STATES
from simulator.study.estimate import Estimate, estimate

PLANT = "plant"
"""Name under which all lines together stand in a table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Versus:
    """One figure of the monitored plant beside its twin's, over the pairs."""

    plant: Estimate
    """In the monitored plant."""
    twin: Estimate
    """In its twin."""
    gain: Estimate
    """The one less the other, pair by pair."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What pairs say together, for one pair each."""

    seeds: tuple[int, ...]
    """The seeds."""
    good: dict[str, Versus]
    """Good parts out of each line, and of all lines together under `PLANT`."""
    ahead: dict[str, float]
    """Share of the pairs in which the monitored plant made more of them than its twin."""
    state_hours: dict[State, Versus]
    """Machine-hours in each state."""
    phase_hours: dict[Phase, Versus]
    """Machine-hours in each phase."""
    calls: Estimate
    """Calls that people were sent."""


def pairs_of(plan: Plan, seeds: Sequence[int], *, workers: int = 1) -> Iterator[Pair]:
    """The pair of each seed, in their order; the same whatever the number of workers."""
    if workers == 1 or len(seeds) == 1:
        yield from (live_pair(plan, seed) for seed in seeds)
        return
    # A fresh interpreter inherits no thread and no lock, on every system alike.
    with ProcessPoolExecutor(min(workers, len(seeds)), mp_context=get_context("spawn")) as pool:
        yield from pool.map(partial(live_pair, plan), seeds)


def findings_of(pairs: Sequence[Pair]) -> Findings:
    """What pairs of one plan say together."""
    lines = [*pairs[0].plant.good]
    good = {line: [(one.plant.good[line], one.twin.good[line]) for one in pairs] for line in lines}
    if len(lines) > 1:
        good[PLANT] = [(sum(one.plant.good.values()), sum(one.twin.good.values())) for one in pairs]
    return Findings(
        seeds=tuple(one.seed for one in pairs),
        good={line: _versus(both) for line, both in good.items()},
        ahead={line: sum(one > other for one, other in both) / len(pairs) for line, both in good.items()},
        state_hours={
            state: _versus([(one.plant.hours(state), one.twin.hours(state)) for one in pairs])
            for state in STATES
        },
        phase_hours={
            phase: _versus([(one.plant.phase_hours(phase), one.twin.phase_hours(phase)) for one in pairs])
            for phase in Phase
        },
        calls=estimate(one.plant.calls for one in pairs),
    )


def _versus(both: Sequence[tuple[float, float]]) -> Versus:
    return Versus(
        plant=estimate(plant for plant, _ in both),
        twin=estimate(twin for _, twin in both),
        gain=estimate(plant - twin for plant, twin in both),
    )
