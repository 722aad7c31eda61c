"""Spans of a run in which assumptions are the same: a gain belongs to what was assumed meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashboard.gain.paper import Habits


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One span of a run."""

    number: int
    """Counts from 1."""
    label: str
    """What was assumed otherwise than before."""
    from_ms: int
    """When it begins, ms since 1970."""
    to_ms: int
    """When the next one begins, or the run's now."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """All that was assumed, by name."""

    @property
    def habits(self) -> Habits:
        """How a log by hand is assumed to be kept."""
        plain = Habits()
        return Habits(
            logged_from_ms=_ms(self.values.get("logged_from_s"), plain.logged_from_ms),
            rounded_to_ms=_ms(self.values.get("rounded_to_s"), plain.rounded_to_ms),
            reason_share=float(self.values.get("reason_share", plain.reason_share)),
        )


Opened = tuple[int, str, Mapping[str, Any]]
"""(at_ms, label, values) of a segment, as the history keeps it."""


def segments_of(opened: Sequence[Opened], epoch_ms: int, now_ms: int) -> list[Segment]:
    """The segments of a run up to its now; one for all of it where none was opened.

    >>> [one.to_ms for one in segments_of([(0, "as it began", {}), (60, "calls off", {})], 0, 100)]
    [60, 100]
    """
    begun = [one for one in opened if one[0] < now_ms] or [(epoch_ms, "as it began", {})]
    starts = [max(at_ms, epoch_ms) for at_ms, _, _ in begun]
    ends = [*starts[1:], max(now_ms, starts[-1])]
    return [
        Segment(number=number, label=label, from_ms=start, to_ms=end, values=values)
        for number, ((_, label, values), start, end) in enumerate(zip(begun, starts, ends, strict=True), 1)
    ]


def _ms(seconds: Any, otherwise_ms: int) -> int:
    return otherwise_ms if seconds is None else round(float(seconds) * 1_000)
