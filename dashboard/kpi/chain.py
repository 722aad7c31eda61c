"""Several machines' time laid end to end, so that a hundred of them are worked out in one go.

Each machine's evidence is a link: it keeps its surroundings, and nothing is known or planned between two
links. So no stop, no count and no doubt reaches from one into another, and what is worked out of the
chain is what would be worked out of each machine by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dashboard.intervals import STATES, UNKNOWN, Int8s, Int64s, Intervals
from dashboard.kpi.account import reach_ms
from dashboard.kpi.causes import Causes
from dashboard.kpi.choices import Choices
from dashboard.kpi.making import entries_of
from dashboard.kpi.pieces import Pieces, Span, is_stop, pieces_of
from dashboard.parts import SILENT, Counts
from dashboard.states.knowledge import Knowledge

NOT_PLANNED = len(STATES)
"""Stands for the state of time that is not planned."""
STOP, MICRO, FAILURE = 1, 2, 4
"""What may begin with a piece."""
PLANNED, ACROSS_SILENCE = 1, 2
"""What may be said of a count."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Link:
    """A stretch of one machine's time, and by what it is worked out."""

    from_ms: int
    """Where it begins, ms since 1970."""
    to_ms: int
    """Where it ends."""
    low_ms: int
    """From where on there is evidence: before the beginning, and no later than its first count."""
    known_until_ms: int
    """Up to when there is evidence."""
    spans: Sequence[Span]
    """The machine's calendar; it tiles the stretch and its margins."""
    knowledge: Knowledge
    """How the machine's state is known."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """What the history tells of several links: n intervals and m counts, by link and then by time."""

    owners: Int64s
    """Of which link each interval is; shape (n,)."""
    start_ms: Int64s
    """When it begins, ms since 1970; one may begin before its link does; shape (n,)."""
    states: Int8s
    """Its state, as an index into `STATES`; shape (n,)."""
    causes: Sequence[str]
    """Its cause; n of them."""
    counters: Int64s
    """Of which link each count is; shape (m,)."""
    counts: Counts
    """The counts: of each link from the newest value of each counter at or before it, to its end."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chain:
    """What became of the time of several links; n pieces and m counts, in the time of the chain."""

    offsets_ms: Int64s
    """By how much the time of the chain is ahead of that of each link; shape (links,)."""
    from_ms: Int64s
    """Where each link begins; shape (links,)."""
    to_ms: Int64s
    """Where each link ends; shape (links,)."""
    starts: Int64s
    """Where each piece begins; shape (n,)."""
    uses: Int8s
    """Its use; shape (n,)."""
    states: Int8s
    """Its state, `NOT_PLANNED` outside planned time; shape (n,)."""
    doubts: Int64s
    """How many edges cast doubt on it; shape (n,)."""
    begins: Int8s
    """Which of stop, micro-stop and failure begin with it; shape (n,)."""
    causes: Int64s
    """The number of the cause of a stop, 0 without one; shape (n,)."""
    counted: Int64s
    """When each count within a link was made; shape (m,)."""
    parts: Int64s
    """How many parts it added; shape (m,)."""
    rejects: Int64s
    """How many rejects it added; shape (m,)."""
    kinds: Int8s
    """Whether it was made in planned time, and across unknown time; shape (m,)."""
    parts_from_ms: list[int | None]
    """From when on each link counts parts, in its own time; None where it does not."""
    rejects_from_ms: list[int | None]
    """From when on each link counts rejects."""


class _Stretch(NamedTuple):
    kind: str
    from_ms: int
    to_ms: int


class _Cut(NamedTuple):
    starts: Int64s
    uses: Int8s
    states: Int8s
    doubts: Int64s
    begins: Int8s
    causes: Int64s


def chain_of(links: Sequence[Link], evidence: Evidence, choices: Choices, causes: Causes) -> Chain:
    """What became of the time of each link.

    Args:
        links: At least one; each ends after it begins.
        evidence: What is known of them.
        choices: Which definitions hold.
        causes: The numbers of causes.
    """
    period = np.array([one.knowledge.reach_ms for one in links], np.int64)
    low = np.array([one.low_ms for one in links], np.int64)
    high = np.array([one.to_ms + reach_ms(choices, one.knowledge) for one in links], np.int64)
    # Doubt reaches back one period from the first evidence of a link: not as far as the one ahead.
    gap = int(period.max()) + choices.margin_ms + 2
    room = high - low + gap
    offsets = np.cumsum(room) - room - low + low[0]
    intervals, owners = _joined_intervals(links, evidence, low, high, offsets)
    begun = np.array([one.from_ms for one in links], np.int64) + offsets
    ended = np.array([one.to_ms for one in links], np.int64) + offsets
    pieces = pieces_of(intervals, _joined_spans(links, offsets, high), choices, int(begun[0]), int(ended[-1]))
    known = intervals.states != UNKNOWN
    sampled = np.array([one.knowledge.how != "reported" for one in links], np.bool_)
    edges = np.flatnonzero(known[:-1] & (sampled[owners[:-1]] | ~known[1:]))
    cut = _cut_by_doubt(
        pieces, causes.numbers(pieces.causes), intervals.start_ms[edges + 1], period[owners[edges]]
    )
    counts, counters = evidence.counts, evidence.counters
    at = counts.at_ms + offsets[counters]
    firsts = np.flatnonzero(np.diff(counters, prepend=-1))
    entries = entries_of(Counts(at, counts.parts, counts.rejects), pieces, intervals, firsts=firsts)
    link = begun.searchsorted(entries.at_ms - 1, "right") - 1
    # The first counts of a link only tell where its counters stood.
    inside = entries.at_ms <= ended[link]
    kinds = (entries.planned * PLANNED + entries.silent * ACROSS_SILENCE).astype(np.int8)
    return Chain(
        offsets_ms=offsets, from_ms=begun, to_ms=ended,
        starts=cut.starts, uses=cut.uses, states=cut.states, doubts=cut.doubts, begins=cut.begins,
        causes=cut.causes,
        counted=entries.at_ms[inside], parts=entries.parts[inside], rejects=entries.rejects[inside],
        kinds=kinds[inside],
        parts_from_ms=_first_said(len(links), evidence, counts.parts),
        rejects_from_ms=_first_said(len(links), evidence, counts.rejects),
    )  # fmt: skip


def _joined_intervals(
    links: Sequence[Link], evidence: Evidence, low: Int64s, high: Int64s, offsets: Int64s
) -> tuple[Intervals, Int64s]:
    """All intervals in the time of the chain, unknown where nothing is known; and of which link each is."""
    every = np.arange(len(links))
    own = evidence.owners
    within = evidence.start_ms < high[own]
    last = own.searchsorted(every, "right") - 1
    until = np.array([one.known_until_ms for one in links], np.int64)
    has_any = (last >= 0) & (own[last] == every) if len(own) else np.zeros(len(links), np.bool_)
    # Evidence may have been read a moment after the rows it belongs to.
    until[has_any] = np.maximum(until[has_any], evidence.start_ms[last[has_any]] + 1)
    silent = np.flatnonzero(until < high)
    # At one moment the last of these holds: where the link begins, its intervals, its silence, its end.
    moments = np.concatenate(
        (low, np.maximum(evidence.start_ms, low[own])[within], np.maximum(until, low)[silent], high)
    )
    owners = np.concatenate((every, own[within], silent, every))
    rows = np.zeros(len(moments), np.int64)
    rows[len(links) : len(links) + int(within.sum())] = np.flatnonzero(within) + 1
    moments += offsets[owners]
    order = np.argsort(moments, kind="stable")
    order = order[np.diff(moments[order], append=moments.max() + 1) > 0]
    rows = rows[order]
    states = np.concatenate((np.array([UNKNOWN], np.int8), evidence.states))[rows]
    told = ["", *evidence.causes]
    end_ms = int(high[-1] + offsets[-1]) + 1
    return Intervals(moments[order], states, [told[row] for row in rows.tolist()], end_ms), owners[order]


def _joined_spans(links: Sequence[Link], offsets: Int64s, high: Int64s) -> list[_Stretch]:
    """The calendars in the time of the chain, cut where links begin and end; off between them."""
    found: list[_Stretch] = []
    for one, offset, high_ms in zip(links, offsets.tolist(), high.tolist(), strict=True):
        for span in one.spans:
            edges = [edge for edge in (one.from_ms, one.to_ms) if span.from_ms < edge < span.to_ms]
            start_ms = span.from_ms
            for edge in (*edges, span.to_ms):
                found.append(_Stretch(span.kind, start_ms + offset, edge + offset))
                start_ms = edge
        end_ms = max(one.spans[-1].to_ms, high_ms)
        found.append(_Stretch("off", end_ms + offset, end_ms + offset + 1))
    return found


def _cut_by_doubt(pieces: Pieces, causes: Int64s, at_ms: Int64s, period_ms: Int64s) -> _Cut:
    """The pieces, each with the number of edges that cast doubt on all of it; equal neighbours are one.

    Args:
        pieces: What the time was used for.
        causes: The number of the cause of each.
        at_ms: The edges, each of which casts doubt on the period before it.
        period_ms: The period of each, in milliseconds.
    """
    begun, ended = np.sort(at_ms - period_ms), at_ms
    inside = np.concatenate((begun, ended))
    inside = inside[(inside > pieces.from_ms) & (inside < pieces.end_ms)]
    starts = np.sort(np.concatenate((pieces.start_ms, inside)))
    starts = starts[np.diff(starts, prepend=starts[0] - 1) > 0]
    which = pieces.start_ms.searchsorted(starts, "right") - 1
    uses = pieces.uses[which]
    planned = pieces.planned[which]
    states = np.where(planned, pieces.states[which], np.int8(NOT_PLANNED))
    doubts = (begun.searchsorted(starts, "right") - ended.searchsorted(starts, "right")) * planned
    begins = (pieces.stops * STOP + pieces.micro * MICRO + pieces.failures * FAILURE).astype(np.int8)[which]
    begins[starts != pieces.start_ms[which]] = 0
    caused = np.where(is_stop(uses), causes[which], 0)
    differs = np.ones(len(starts), np.bool_)
    differs[1:] = begins[1:] != 0
    for column in (uses, states, doubts, caused):
        differs[1:] |= column[1:] != column[:-1]
    return _Cut(
        starts[differs], uses[differs], states[differs], doubts[differs], begins[differs], caused[differs]
    )


def _first_said(count: int, evidence: Evidence, column: Int64s) -> list[int | None]:
    """The moment at which a counter of each link first said anything."""
    found: list[int | None] = [None] * count
    said = np.flatnonzero(column != SILENT)
    firsts = said[np.diff(evidence.counters[said], prepend=-1) > 0]
    for owner, at_ms in zip(
        evidence.counters[firsts].tolist(), evidence.counts.at_ms[firsts].tolist(), strict=True
    ):
        found[owner] = at_ms
    return found
