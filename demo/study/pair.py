"""A pair: one plant and its twin from the same seed, and what monitoring gained in it."""

from dataclasses import dataclass

from demo.study.outcome import Outcome, outcome_of
from demo.study.plan import Plan
from protocol.states import State
from simulator.phase import Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What came of a seed."""

    seed: int
    """The seed."""
    plant: Outcome
    """What came of the monitored plant."""
    twin: Outcome
    """What came of its twin."""

    @property
    def gain(self) -> dict[str, int]:
        """Good parts that monitoring gained, by line; negative where it lost some."""
        return {line: good - self.twin.good[line] for line, good in self.plant.good.items()}

    def hours_gained(self, state: State) -> float:
        """Machine-hours that the monitored plant was longer in a state than its twin."""
        return self.plant.hours(state) - self.twin.hours(state)

    def phase_hours_gained(self, phase: Phase) -> float:
        """Machine-hours that the monitored plant was longer in a phase than its twin."""
        return self.plant.phase_hours(phase) - self.twin.phase_hours(phase)


def live_pair(plan: Plan, seed: int) -> Pair:
    """Live a plant and its twin from a seed."""
    return Pair(
        seed=seed,
        plant=outcome_of(plan, seed, monitored=True),
        twin=outcome_of(plan, seed, monitored=False),
    )
