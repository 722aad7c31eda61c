"""What paired replicas say of the gain: each a plant and its twin from a seed of their own."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Good parts that one line gains in a replica."""

    line: str
    """The line."""
    mean: float
    """The mean over the pairs."""
    low: float | None
    """Lower end of its confidence interval; None below two pairs."""
    high: float | None
    """Upper end of it."""

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
    otherwise: tuple[str, ...]
    """Names of what was assumed otherwise for them than in the time that is looked at."""
