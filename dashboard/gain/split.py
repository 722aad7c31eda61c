"""Where the time that was gained came from: the twin's time without running less the monitored plant's."""

from dataclasses import dataclass

from dashboard.gain.phase import PHASES, Phase
from dashboard.gain.tally import MONITORED, PHASE, PLACES, TWIN
from dashboard.intervals import STATES, Int64s
from protocol.states import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one phase took in both plants."""

    phase: Phase
    """The phase."""
    monitored_ms: int
    """Its time in the monitored plant, in milliseconds."""
    twin_ms: int
    """Its time in the twin."""

    @property
    def gained_ms(self) -> int:
        """What monitoring took off it; negative where it takes more than without."""
        return self.twin_ms - self.monitored_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The common time of both plants, and what each did with it."""

    common_ms: int
    """Machine time that is planned and known in both plants, in milliseconds."""
    running_ms: tuple[int, int]
    """What the monitored plant and its twin ran of it."""
    shares: tuple[Share, ...]
    """Every phase; what they gained adds up to `gained_ms`."""
    states_ms: tuple[dict[State, int], dict[State, int]]
    """By measured state, in both."""
    running_true_ms: tuple[int, int]
    """What both truly ran, of `told_ms`."""
    told_ms: tuple[int, int]
    """Common time of which the truth tells."""
    answered_ms: int
    """Time of the monitored plant without running whose phase people said."""
    planned_ms: tuple[int, int]
    """Planned time of each plant, whether it is known or not."""
    observed_ms: tuple[int, int]
    """Of that, what is known in that plant."""

    @property
    def gained_ms(self) -> int:
        """How much longer the monitored plant ran, in milliseconds of machine time."""
        return self.running_ms[MONITORED] - self.running_ms[TWIN]

    @property
    def standing_ms(self) -> tuple[int, int]:
        """How long both did not run."""
        return self.common_ms - self.running_ms[0], self.common_ms - self.running_ms[1]


def split_of(sums: Int64s, common_ms: int) -> Split:
    """The split of what was added up.

    Args:
        sums: Milliseconds by plant and field; shape (2, FIELDS).
        common_ms: Time in which both are observed.
    """
    phases = sums[:, PHASE].tolist()
    first = len(PHASES)
    states = [dict(zip(STATES, row[first : first + len(STATES)].tolist(), strict=True)) for row in sums]

    def both(field: str) -> tuple[int, int]:
        return int(sums[MONITORED, PLACES[field]]), int(sums[TWIN, PLACES[field]])

    return Split(
        common_ms=common_ms,
        running_ms=(states[MONITORED][State.RUNNING], states[TWIN][State.RUNNING]),
        shares=tuple(
            Share(phase=phase, monitored_ms=monitored_ms, twin_ms=twin_ms)
            for phase, monitored_ms, twin_ms in zip(PHASES, *phases, strict=True)
        ),
        states_ms=(states[MONITORED], states[TWIN]),
        running_true_ms=both("running_true_ms"),
        told_ms=both("told_ms"),
        answered_ms=int(sums[MONITORED, PLACES["answered_ms"]]),
        planned_ms=both("planned_ms"),
        observed_ms=both("observed_ms"),
    )
