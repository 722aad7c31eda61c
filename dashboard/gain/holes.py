"""What time without an office cost: an estimate, because nobody can know what calls would have done in it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """A stretch in which the plant went on without an office, and nobody was called."""

    from_ms: int
    """When it began, ms since 1970."""
    to_ms: int
    """When the office was back, or up to when it has been away."""
    over: bool
    """Whether it is back."""
    missed: int
    """Calls that would have been sent and were not."""
    gained_ms: int
    """Running time gained in it all the same, in milliseconds of machine time."""
    rate: float | None
    """Machine time gained for each moment with an office, in the same window; None where there was none."""

    @property
    def lasts_ms(self) -> int:
        """How long it lasted."""
        return self.to_ms - self.from_ms

    @property
    def cost_ms(self) -> int | None:
        """What it cost: the gain that its length would have brought at the rate of the rest, less its own."""
        return None if self.rate is None else round(self.rate * self.lasts_ms) - self.gained_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Without:
    """A stretch without an office, with what was measured in it."""

    from_ms: int
    """When it began in the window, ms since 1970."""
    to_ms: int
    """When it ended in it."""
    over: bool
    """Whether the office is back."""
    missed: int
    """Calls that were sent to nobody."""
    gained_ms: int
    """Running time gained in it."""


def holes_of(stretches: list[Without], *, window_ms: int, gained_ms: int) -> list[Hole]:
    """What each stretch without an office cost.

    Args:
        stretches: Those of the window; they do not overlap.
        window_ms: Length of the window, in milliseconds.
        gained_ms: Machine time gained in all of it.
    """
    attended_ms = window_ms - sum(one.to_ms - one.from_ms for one in stretches)
    rest_ms = gained_ms - sum(one.gained_ms for one in stretches)
    rate = rest_ms / attended_ms if attended_ms > 0 else None
    return [
        Hole(
            from_ms=one.from_ms,
            to_ms=one.to_ms,
            over=one.over,
            missed=one.missed,
            gained_ms=one.gained_ms,
            rate=rate,
        )
        for one in stretches
    ]
