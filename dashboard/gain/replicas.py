"""What paired replicas say of the gain: each a plant and its twin from a seed of their own."""

from dataclasses import dataclass

SURE_PAIRS = 100
"""From so many pairs on an interval without zero is called sure. A 95 % interval of few pairs, looked at
again and again while they come in, lies beside zero by luck far more often than once in twenty times."""


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

    def verdict(self, one: Expected) -> str:
        """Whether it is surely more or fewer, more or fewer so far, or not sure at all."""
        if one.low is not None and one.low > 0:
            found = "more"
        elif one.high is not None and one.high < 0:
            found = "fewer"
        else:
            return "not sure"
        return found if self.pairs >= SURE_PAIRS else f"so far {found}"
