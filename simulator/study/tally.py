"""What a machine, or a buffer, did in a window: whole milliseconds and whole parts, added up span by span."""

from dataclasses import dataclass, field

import numpy as np

from protocol.states import State
from simulator.behaviour.stretch import Bools, Int64s, Labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What a machine did in a span [from_ms, to_ms), in columns that are cut to it."""

    from_ms: int
    """When the span begins, ms since 1970."""
    to_ms: int
    """When it ends."""
    start_ms: Int64s
    """When each interval begins; the first one with the span."""
    label: Int64s
    """Number of each interval's label."""
    parts: int
    """Parts made in (from_ms, to_ms], rejects included."""
    rejects: int
    """Parts rejected among them."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """The sums of one machine over a window."""

    labels: Labels
    """What the numbers in the columns stand for."""
    label_ms: list[int] = field(default_factory=list)
    """Time with each label."""
    label_count: list[int] = field(default_factory=list)
    """How often a stretch with each label began."""
    window_ms: int = 0
    """Length of the window."""
    parts: int = 0
    """Parts made, rejects included."""
    rejects: int = 0
    """Parts rejected."""
    stops: int = 0
    """Unbroken stretches without running that began in the window."""
    failures: int = 0
    """Unbroken stretches of down time that began in the window."""
    last: int | None = None
    """Label at the end of what was added, or just before the window; None when nothing was."""

    def __post_init__(self) -> None:
        self._grow()

    def add(self, lived: Lived) -> None:
        """Add a span that begins where the last one ended."""
        self._grow()
        ends = np.append(lived.start_ms[1:], lived.to_ms)
        # Sums of whole numbers below 2**53 are exact in a float64.
        spent = np.bincount(lived.label, weights=ends - lived.start_ms, minlength=len(self.labels))
        running = np.array([label.state is State.RUNNING for label in self.labels])
        down = np.array([label.state is State.DOWN for label in self.labels])
        before = np.empty_like(lived.label)
        before[1:] = lived.label[:-1]
        first = self.last is None
        before[0] = lived.label[0] if self.last is None else self.last
        changed = before != lived.label
        changed[0] |= first
        begun = np.bincount(lived.label[changed], minlength=len(self.labels))
        self.label_ms = [a + int(b) for a, b in zip(self.label_ms, spent, strict=True)]
        self.label_count = [a + int(b) for a, b in zip(self.label_count, begun, strict=True)]
        self.stops += _begun(~running, before, lived.label, first=first)
        self.failures += _begun(down, before, lived.label, first=first)
        self.window_ms += lived.to_ms - lived.from_ms
        self.parts += lived.parts
        self.rejects += lived.rejects
        self.last = int(lived.label[-1])

    def state_ms(self) -> dict[State, int]:
        """Time in each state."""
        sums: dict[State, int] = {}
        for label, ms in zip(self.labels, self.label_ms, strict=True):
            sums[label.state] = sums.get(label.state, 0) + ms
        return sums

    def _grow(self) -> None:
        """Room for labels that came up since: a line names the machine that made another one wait."""
        more = len(self.labels) - len(self.label_ms)
        self.label_ms += [0] * more
        self.label_count += [0] * more


def _begun(among: Bools, before: Int64s, after: Int64s, *, first: bool) -> int:
    """How many stretches of some labels begin."""
    begins = among[after] & ~among[before]
    begins[0] |= first and among[after[0]]
    return int(np.count_nonzero(begins))


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """The level of one buffer over a window."""

    window_ms: int
    """Length of the window."""
    part_ms: int
    """Level times time, summed: parts x milliseconds."""
