"""The nouns of a machine's diary: labels, and stretches of intervals."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from protocol.states import State
from simulator.phase import STATE_OF, Phase
from simulator.specs.kind import Kind
from simulator.specs.sensor import STATES
from simulator.streams import Float64s

Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

CYCLE = 0
"""Number of the label of a cycle."""
HANDLING = 1
"""Number of the label of the time between two cycles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What an interval is: a number in the columns stands for one of these."""

    state: State
    """The state."""
    phase: Phase
    """The phase."""
    cause: str
    """What made it stop; empty while it runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Intervals of one machine without a gap, and the parts made in them.

    A stretch is a plan: what comes between cuts it, so it is true up to the plant's present alone.
    """

    start_ms: Int64s
    """When each interval begins, ms since 1970; shape (n,)."""
    end_ms: int
    """When the last one ends."""
    label: Int64s
    """Number of each interval's label; shape (n,)."""
    position: Float64s
    """Where in its cycle, 0 to 1, each interval begins; of a compressor, in its band; shape (n,)."""
    pace: Float64s
    """By how much of a cycle the position rises in a millisecond, 0 while not running; shape (n,)."""
    part_ms: Int64s
    """When each part was made; shape (m,)."""
    rejected: Bools
    """Whether it was rejected; shape (m,)."""
    worn: Mapping[str, Float64s] = field(default_factory=dict)
    """Share of its life, 0 to 1, that each wearing component has used when each interval begins; shape (n,).

    Components by the `symptom` of the stops they end in, such as `bearing` or `tool`. Back at 0 after the
    repair or the change; a column `worn.bearing` of the diary.
    """
    wearing: Mapping[str, Float64s] = field(default_factory=dict)
    """By how much that share rises in a millisecond of each interval; a column `wearing.bearing`."""
    more: Mapping[str, Float64s] = field(default_factory=dict)
    """Columns of this sort of machine alone, such as a compressor's `pressure_bar`."""


class Labels:
    """All labels of one machine by their numbers; a new one is added when it is first met."""

    def __init__(self, labels: Sequence[Label]) -> None:
        self.reports: list[int] = []
        """By the number of a label, the least that reports the same: state and cause."""
        self.truths: list[int] = []
        """By the number of a label, the least that truly is the same: state, cause and phase."""
        self._labels: list[Label] = []
        self._numbers: dict[tuple[State, Phase, str], int] = {}
        self._states = np.empty(0, dtype=np.int64)
        for label in labels:
            self._add(label)

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, number: int) -> Label:
        return self._labels[number]

    def __iter__(self) -> Iterator[Label]:
        return iter(self._labels)

    def number(self, phase: Phase, cause: str, state: State | None = None) -> int:
        """The number of a label.

        Args:
            phase: Its phase.
            cause: Its cause.
            state: Its state; None for the one that goes with the phase.
        """
        state = state or STATE_OF[phase]
        number = self._numbers.get((state, phase, cause))
        if number is None:
            number = len(self._labels)
            self._add(Label(state=state, phase=phase, cause=cause))
        return number

    @property
    def states(self) -> Int64s:
        """The place in `STATES` of each label's state."""
        if len(self._states) != len(self._labels):
            self._states = np.array([STATES.index(one.state) for one in self._labels], dtype=np.int64)
        return self._states

    def _add(self, label: Label) -> None:
        number = len(self._labels)
        self._labels.append(label)
        self.truths.append(self._numbers.setdefault((label.state, label.phase, label.cause), number))
        same = (
            n for n, one in enumerate(self._labels) if (one.state, one.cause) == (label.state, label.cause)
        )
        self.reports.append(next(same))


def labels_of(kind: Kind) -> tuple[Label, ...]:
    """The labels that a kind begins with: cycle, handling, causes of stops, pauses of its pattern."""
    return (
        Label(state=State.RUNNING, phase=Phase.CYCLE, cause=""),
        Label(state=State.IDLE, phase=Phase.HANDLING, cause=kind.handling_cause),
        *(
            Label(state=STATE_OF[stop.phase], phase=stop.phase, cause=cause)
            for stop in kind.stops
            for cause, _ in stop.causes
        ),
        *(
            Label(state=STATE_OF[phase], phase=phase, cause=cause)
            for phase, cause in (kind.pattern.pauses if kind.pattern else ())
        ),
    )
