"""What a page shows of one machine at one moment, as far as a fault can be seen in it."""

from dataclasses import dataclass, field

Minute = tuple[int, float, float, float]
"""Of one signal: when the minute begins, ms since 1970, its mean, its least and its greatest value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One machine as its tile has it, and what the plant counts."""

    at_ms: int
    """Plant time of this word, ms since 1970."""
    state: str
    """Its state."""
    cause: str = ""
    """The cause that goes with it; empty for a retrofit."""
    since_ms: int = 0
    """Since when the state lasts."""
    online: bool | None = None
    """What it, its will or its gateway said last of its link."""
    shift_ms: int = 0
    """When the shift began from which the four below count."""
    running_ms: int = 0
    """Time running."""
    unknown_ms: int = 0
    """Planned time without evidence."""
    parts: int | None = None
    """Parts, rejects included; None when it counts none."""
    rejects: int | None = None
    """Those that were rejected; None when they are not counted."""
    signals: dict[str, tuple[Minute, ...]] = field(default_factory=dict)
    """By signal its newest minutes in order, at most half an hour of them."""
    ahead_s: float | None = None
    """By how many seconds its clock is ahead; None when it is not."""
    refused: int = 0
    """Messages of it among those that were refused last."""
    repeats: int = 0
    """Messages of the plant that came again."""

    def grown(self, before: "Shown", name: str) -> int:
        """By how much a count or a time of the shift has grown since; a new shift begins from nothing."""
        now: int | None = getattr(self, name)
        then: int | None = getattr(before, name) if before.shift_ms == self.shift_ms else 0
        return max(0, (now or 0) - (then or 0))
