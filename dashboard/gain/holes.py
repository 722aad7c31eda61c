"""What time without an office cost: an estimate, because nobody can know what calls would have done in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dashboard.gain.pairs import Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Without:
    """A stretch in which the plant went on without an office, and what was measured in it."""

    from_ms: int
    """When it began in the window, ms since 1970."""
    to_ms: int
    """When the office was back, or up to when it has been away."""
    over: bool
    """Whether the office is back."""
    missed: int
    """Calls that would have been sent and were not."""
    gained_ms: int
    """Running time gained in it all the same, in milliseconds of machine time."""

    @property
    def lasts_ms(self) -> int:
        """How long it lasted."""
        return self.to_ms - self.from_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """A stretch without an office, and what it cost."""

    without: Without
    """The stretch."""
    stops: int
    """Stops that began in it, and that somebody noticed after a while."""
    noticed_ms: float | None
    """How long that took on average; None without such a stop."""
    usual_ms: float | None
    """The same of stops that began while there was an office."""

    @property
    def cost_ms(self) -> int | None:
        """How much longer its stops went unnoticed than they usually do, all together."""
        if self.noticed_ms is None or self.usual_ms is None:
            return None
        return round((self.noticed_ms - self.usual_ms) * self.stops)


def holes_of(stretches: Sequence[Without], seen: Iterable[Seen]) -> list[Hole]:
    """What each stretch without an office cost.

    Args:
        stretches: Those of the window; they do not overlap.
        seen: The stops of the monitored plant that take a person.
    """
    # What clears by itself, or stops before somebody's eyes, needs no call.
    noticed = [
        (one.start_ms, one.noticed_ms - one.start_ms)
        for one in seen
        if one.noticed_ms is not None and one.noticed_ms > one.start_ms
    ]
    usual = [
        after for start, after in noticed if not any(one.from_ms <= start < one.to_ms for one in stretches)
    ]
    holes = []
    for one in stretches:
        late = [after for start, after in noticed if one.from_ms <= start < one.to_ms]
        holes.append(Hole(without=one, stops=len(late), noticed_ms=_mean(late), usual_ms=_mean(usual)))
    return holes


def _mean(lengths_ms: Sequence[int]) -> float | None:
    return sum(lengths_ms) / len(lengths_ms) if lengths_ms else None
