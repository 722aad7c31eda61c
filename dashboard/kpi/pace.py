"""Parts against plan: what was made, beside the ideal pace held in all planned time."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dashboard.parts import SILENT, Counts, Int64s, increments

CELLS = 300
"""Steps of the curve of parts, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How far the parts are, and how far they should be."""

    made: int
    """Parts made in planned time of the window so far, rejects included."""
    due: float
    """Parts that the plan wants by now."""
    whole: float
    """Parts that it wants at the end of the window."""
    gap_parts: float
    """Made less due: below 0 it is behind."""
    gap_ms: int
    """The same as time at the ideal pace."""
    steps: list[tuple[int, int]]
    """Whenever a part was made: the moment, ms since 1970, and the parts since the beginning."""
    plan: list[tuple[int, float]]
    """The corners of the plan: moment and parts, from edge to edge."""


def pace_of(
    counts: Counts,
    planned: Sequence[tuple[int, int]],
    *,
    ideal_ms: float,
    from_ms: int,
    now_ms: int,
    to_ms: int,
) -> Pace | None:
    """The pace of a machine in [from_ms, to_ms), of which everything is known up to now.

        due = planned time so far / ideal cycle

    Args:
        counts: Its counters, from the newest entry at or before `from_ms` on.
        planned: When production is planned: stretches in order.
        ideal_ms: Shortest time for one part.
        from_ms: Beginning of the window, ms since 1970.
        now_ms: Up to when anything is known.
        to_ms: End of the window; what lies after now is the plan alone.

    Returns:
        None where nothing counts its parts.
    """
    said = counts.parts[: bisect_right(counts.at_ms.tolist(), now_ms)] != SILENT
    if not said.any():
        return None
    at, made = _made(counts, planned, from_ms, now_ms)
    plan = _plan(planned, ideal_ms, from_ms, to_ms)
    due = _planned_ms(planned, from_ms, now_ms) / ideal_ms
    total = int(made[-1]) if len(made) else 0
    gap = total - due
    return Pace(
        made=total,
        due=due,
        whole=plan[-1][1],
        gap_parts=gap,
        gap_ms=round(gap * ideal_ms),
        steps=[(from_ms, 0), *_thinned(at, made, from_ms, now_ms), (now_ms, total)],
        plan=plan,
    )


def _made(
    counts: Counts, planned: Sequence[tuple[int, int]], from_ms: int, now_ms: int
) -> tuple[Int64s, Int64s]:
    """The moments in planned time at which parts were made, and how many had been by then."""
    added = increments(counts.parts)
    inside = (counts.at_ms > from_ms) & (counts.at_ms <= now_ms) & (added > 0)
    # A part counts in the stretch that ends with it.
    within = np.zeros(len(added), np.bool_)
    for begun, ended in planned:
        within |= (counts.at_ms > begun) & (counts.at_ms <= ended)
    inside &= within
    return counts.at_ms[inside], np.cumsum(added[inside])


def _planned_ms(planned: Sequence[tuple[int, int]], from_ms: int, to_ms: int) -> int:
    return sum(max(min(ended, to_ms) - max(begun, from_ms), 0) for begun, ended in planned)


def _plan(
    planned: Sequence[tuple[int, int]], ideal_ms: float, from_ms: int, to_ms: int
) -> list[tuple[int, float]]:
    edges = {from_ms, to_ms}
    edges |= {edge for stretch in planned for edge in stretch if from_ms < edge < to_ms}
    return [(edge, _planned_ms(planned, from_ms, edge) / ideal_ms) for edge in sorted(edges)]


def _thinned(at: Int64s, made: Int64s, from_ms: int, now_ms: int) -> list[tuple[int, int]]:
    """The last step of each cell of time."""
    if len(at) <= CELLS:
        return list(zip(at.tolist(), made.tolist(), strict=True))
    moments: list[int] = at.tolist()
    found: list[int] = []
    for cell in range(1, CELLS + 1):
        place = bisect_left(moments, from_ms + (now_ms - from_ms) * cell // CELLS + 1) - 1
        if place >= 0 and (not found or found[-1] != place):
            found.append(place)
    return [(moments[place], int(made[place])) for place in found]
