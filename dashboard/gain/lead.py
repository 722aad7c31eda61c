"""How much earlier one plant had made as many good parts as both have made by now.

    lead = moment at which the twin's line had made n - moment at which the plant's line had made n,
    n = the lesser of what both made in the window

Where both plants stand in the same stop, a while apart, both have made the same, and this tells them apart.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from dashboard.parts import Counts, Int64s, increments


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Made:
    """What one machine's counters added, entry by entry; n of them."""

    at_ms: Int64s
    """When, ms since 1970, increasing; shape (n,)."""
    good: Int64s
    """Good parts that it added, fewer than none where a reject was told later than its part; shape (n,)."""


def made_in(counts: Counts, from_ms: int, to_ms: int) -> Made:
    """What was added in (from_ms, to_ms].

    Args:
        counts: The counters from the newest value at or before `from_ms` on.
        from_ms: Beginning, ms since 1970.
        to_ms: End.
    """
    first, last = (int(counts.at_ms.searchsorted(moment, "right")) for moment in (from_ms, to_ms))
    good = increments(counts.parts[:last]) - increments(counts.rejects[:last])
    return Made(at_ms=counts.at_ms[first:last], good=good[first:])


def all_but(behind: int, made: Iterable[Made]) -> int | None:
    """Since when a line has made all of its good parts but the last so many.

    It is told by the end of its time alone, so that nobody needs to read what was before.

    Args:
        behind: So many are made later.
        made: What the machines that count its parts added up to the end, from any moment on.

    Returns:
        ms since 1970; None where it was earlier than what is given.
    """
    lots = list(made)
    at = np.concatenate([np.empty(0, np.int64), *(one.at_ms for one in lots)])
    order = np.argsort(at, kind="stable")
    moments, first = np.unique(at[order], return_index=True)
    if not len(moments):
        return None
    good = np.concatenate([one.good for one in lots])[order]
    later = np.cumsum(np.add.reduceat(good, first)[::-1])[::-1]
    places = np.flatnonzero(later > behind)
    return int(moments[places[-1]]) if len(places) else None
