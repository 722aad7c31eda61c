"""What the history holds, row by row, as pages and the API are given it."""

from dataclasses import dataclass

from dashboard.states.knowledge import Knowledge
from dashboard.states.learning import Learned, knowledge_with
from protocol.messages import Birth
from protocol.readings import Float64s, Int64s


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One run in the history."""

    run: str
    """Its id; `""` for real machines without a simulated plant."""
    epoch_ms: int
    """Plant time at which it began."""
    now_ms: int
    """Plant time up to which it is in the history."""
    seed: int | None = None
    """Seed of its random numbers; None where there is none, or none was told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineRow:
    """One machine of a run."""

    run: str
    """The run."""
    name: str
    """Its name."""
    path: str
    """Its location."""
    since_ms: int
    """Since when it exists."""
    retired_ms: int | None
    """When it was retired, None while it is there."""
    known_until_ms: int
    """Up to when there is evidence of its state."""
    birth: Birth | None
    """What it said of itself."""
    learned: Learned | None
    """What was learned from its power, if that is how its state is known."""
    least_ms: int = 0
    """The longest that a state of it ever had to last where readings alone tell it, in milliseconds."""

    @property
    def knowledge(self) -> Knowledge:
        """How its state is known, and by what it is doubted."""
        return knowledge_with(self.birth, self.learned, self.least_ms)

    @property
    def kind(self) -> str:
        """Sort of machine, `""` if it never said."""
        return self.birth.kind if self.birth else ""

    @property
    def simulated(self) -> bool:
        """Whether it is a simulated machine."""
        return self.birth is not None and self.birth.simulated

    @property
    def how(self) -> str:
        """How its state is known: reported, sensed or learned; the word of its `Knowledge`."""
        return self.birth.states if self.birth else "learned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollup:
    """One signal by the minute, before that by the hour, in columns of shape (n,); silence is absent."""

    minute_ms: Int64s
    """Beginning of each, increasing, ms since 1970."""
    length_ms: Int64s
    """How long each is, in milliseconds: a minute or an hour."""
    count: Int64s
    """Number of values."""
    mean: Float64s
    """Their mean, in the signal's unit."""
    min: Float64s
    """The smallest."""
    max: Float64s
    """The largest."""
    last: Float64s
    """The last one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonRow:
    """What a person said of a moment within a stop."""

    at_ms: int
    """The moment, ms since 1970."""
    reason: str
    """What made the machine stop; `""` takes back what was said before."""
    note: str
    """More, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RewriteRow:
    """Intervals or counts of a machine that are not what they were."""

    number: int
    """Counts up with every rewrite."""
    run: str
    """The run."""
    machine: str
    """The machine."""
    from_ms: int
    """Windows that end after this moment may have other numbers now, ms since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningRow:
    """One version of what was learned of a machine, or the one that is being learned anew."""

    version: int
    """Counts from 1."""
    since_ms: int | None
    """From when on it holds, ms since 1970; None for all time up to the next."""
    from_ms: int | None
    """First reading it was learned from; None while it is being learned."""
    to_ms: int | None
    """Last reading it was learned from."""
    signal: str
    """The signal that tells; `""` for none."""
    above: float | None
    """At or above this value the machine runs, in the signal's unit; None where it cannot tell."""
    below: float | None
    """At or below this value it is stopped."""
    period_ms: int | None
    """For how long one reading is evidence."""
    readings: int | None
    """How many readings it was learned from."""
