"""What paired replicas say of the gain: each a plant and its twin from a seed of their own."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What is gained in a replica: good parts of one line, or running hours of all machines."""

    line: str
    """The line; `""` for all machines."""
    mean: float
    """The mean over the pairs."""
    low: float | None
    """Lower end of its confidence interval; None below two pairs."""
    high: float | None
    """Upper end of it."""
    of: float | None = None
    """What the same line makes in the twin of a replica, on average; None where that is not told."""

    @property
    def share(self) -> float | None:
        """The mean as a part of what the twin makes; None where that is not told, or nothing."""
        return self.mean / self.of if self.of else None

    @property
    def verdict(self) -> str:
        """Whether it is more, fewer, or not sure."""
        if self.low is not None and self.low > 0:
            return "more"
        if self.high is not None and self.high < 0:
            return "fewer"
        return "not sure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replicas:
    """What the pairs that were lived so far say."""

    pairs: int
    """So many pairs."""
    hours: float
    """Plant hours of each."""
    confidence: float
    """So often an interval holds what endless pairs would say."""
    lines: tuple[Expected, ...]
    """Each line."""
    running: Expected | None = None
    """Running hours of all machines; None where the pairs do not tell."""
    otherwise: tuple[str, ...]
    """Names of what was assumed otherwise for them than in the time that is looked at."""
