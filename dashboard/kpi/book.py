"""What a machine's sealed past adds up to, so that the account of any window is two look-ups.

The past is kept as pieces, as they are in `pieces`, with the sums of all that came before at every
`BLOCK`th of them. The sums up to a moment are those of its block, and the few pieces between.
Nothing is rounded and nothing is left out: an account from a book equals the one worked out directly.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from dashboard.intervals import STATES, Int8s, Int64s, Intervals
from dashboard.kpi.account import FIELDS
from dashboard.kpi.choices import Choices
from dashboard.kpi.doubt import doubtful_edges
from dashboard.kpi.making import entries_of
from dashboard.kpi.pieces import USES, Pieces, Span, pieces_of
from dashboard.parts import SILENT, Counts
from dashboard.states.knowledge import Knowledge

Columns = tuple[Int8s, Int8s, "Ints", Int8s]
"""Uses, states, doubts and begins of some pieces."""
Ints = npt.NDArray[np.signedinteger]
"""Whole numbers no wider than they need be."""
BLOCK = 64
"""After so many pieces, or counts, everything is added up."""
_USES_TO = len(USES)
_STATES_TO = _USES_TO + len(STATES)
_NOT_PLANNED = len(STATES)
"""Stands for the state of time that is not planned."""
_STOP, _MICRO, _FAILURE = 1, 2, 4
_PLANNED, _SILENT = 1, 2
TIME = FIELDS[: FIELDS.index("parts")]
"""The fields that pieces add up to."""
MADE = FIELDS[FIELDS.index("parts") : FIELDS.index("ideal_run_us")]
"""The fields that counts add up to."""
_DOUBT, _STOPS, _MICROS, _FAILURES = (
    TIME.index(name) for name in ("doubt_ms", "stops", "micro_stops", "failures")
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Book:
    """The sealed past of one machine; n pieces and m counts."""

    from_ms: int
    """Where it begins, ms since 1970."""
    until_ms: int
    """Up to where it reaches."""
    starts: Int64s
    """Where each piece begins, ms since 1970; shape (n,)."""
    uses: Int8s
    """Its use; shape (n,)."""
    states: Int8s
    """Its state, `_NOT_PLANNED` outside planned time; shape (n,)."""
    doubts: Ints
    """How many edges cast doubt on it: each of its milliseconds is in doubt so many times; shape (n,)."""
    begins: Int8s
    """Which of stop, micro-stop and failure begin with it; shape (n,)."""
    time: Int64s
    """What all pieces before each block add up to, by `TIME`."""
    counted: Int64s
    """When each count was made, ms since 1970; shape (m,)."""
    parts: Ints
    """How many parts it added; shape (m,)."""
    rejects: Ints
    """How many rejects it added; shape (m,)."""
    kinds: Int8s
    """Whether it was made in planned time, and across unknown time; shape (m,)."""
    made: Int64s
    """What all counts before each block add up to, by `MADE`."""
    parts_from_ms: int | None = None
    """From when on anything counts parts; None where nothing does yet."""
    rejects_from_ms: int | None = None
    """From when on anything counts rejects; None where nothing does yet."""

    @classmethod
    def empty(cls, at_ms: int) -> "Book":
        """The book that begins at a moment, and holds nothing yet."""
        long, short = np.empty(0, np.int64), np.empty(0, np.int8)
        return cls(
            from_ms=at_ms, until_ms=at_ms,
            starts=long, uses=short, states=short, doubts=short, begins=short, time=_first(TIME),
            counted=long, parts=short, rejects=short, kinds=short, made=_first(MADE),
        )  # fmt: skip

    @property
    def nbytes(self) -> int:
        """How much memory it takes, in bytes."""
        columns = (self.starts, self.uses, self.states, self.doubts, self.begins, self.time)
        counts = (self.counted, self.parts, self.rejects, self.kinds, self.made)
        return sum(column.nbytes for column in (*columns, *counts))

    def extended(
        self,
        to_ms: int,
        intervals: Intervals,
        counts: Counts,
        *,
        spans: Sequence[Span],
        choices: Choices,
        knowledge: Knowledge,
    ) -> "Book":
        """The book that reaches up to a moment.

        Args:
            to_ms: Up to where, ms since 1970.
            intervals: What the machine did from `until_ms` on, with `reach_ms` of its surroundings, and
                back to the first of the counts.
            counts: Its counters, from the newest value of each at or before `until_ms` on.
            spans: Its calendar; it tiles what is added and its margins.
            choices: Which definitions hold, the same every time.
            knowledge: How its state is known, the same every time.
        """
        if to_ms <= self.until_ms:
            return self
        pieces = pieces_of(intervals, spans, choices, self.until_ms, to_ms)
        entries = entries_of(counts, pieces, intervals)
        starts, uses, states, doubts, begins = _cut_by_doubt(
            pieces,
            doubtful_edges(intervals, sampled=knowledge.how != "reported"),
            knowledge.reach_ms,
        )
        kinds = (entries.planned * _PLANNED + entries.silent * _SILENT).astype(np.int8)
        grown = replace(
            self,
            until_ms=to_ms,
            starts=np.concatenate((self.starts, starts)),
            uses=np.concatenate((self.uses, uses)),
            states=np.concatenate((self.states, states)),
            doubts=_joined(self.doubts, doubts),
            begins=np.concatenate((self.begins, begins)),
            counted=np.concatenate((self.counted, entries.at_ms)),
            parts=_joined(self.parts, entries.parts),
            rejects=_joined(self.rejects, entries.rejects),
            kinds=np.concatenate((self.kinds, kinds)),
            parts_from_ms=_first_said(self.parts_from_ms, counts.at_ms, counts.parts, to_ms),
            rejects_from_ms=_first_said(self.rejects_from_ms, counts.at_ms, counts.rejects, to_ms),
        )
        return _added_up(grown)

    def cut(self, until_ms: int) -> "Book":
        """The book that reaches up to a moment and no further."""
        if until_ms >= self.until_ms:
            return self
        if until_ms <= self.from_ms:
            return Book.empty(self.from_ms)
        pieces = int(self.starts.searchsorted(until_ms))
        counts = int(self.counted.searchsorted(until_ms, "right"))
        shorter = replace(
            self,
            until_ms=until_ms,
            starts=self.starts[:pieces],
            uses=self.uses[:pieces],
            states=self.states[:pieces],
            doubts=self.doubts[:pieces],
            begins=self.begins[:pieces],
            # The last piece is shorter now.
            time=self.time[: (pieces - 1) // BLOCK + 1],
            counted=self.counted[:counts],
            parts=self.parts[:counts],
            rejects=self.rejects[:counts],
            kinds=self.kinds[:counts],
            made=self.made[: counts // BLOCK + 1],
            parts_from_ms=_up_to(self.parts_from_ms, until_ms),
            rejects_from_ms=_up_to(self.rejects_from_ms, until_ms),
        )
        return _added_up(shorter)


def _added_up(book: Book) -> Book:
    """The same with the sums of blocks that are new."""
    # Of a block that is not full nothing is said: the sums stand before it.
    full = len(book.starts) // BLOCK
    time, known = book.time, len(book.time) - 1
    if known < full:
        part = slice(known * BLOCK, full * BLOCK)
        lengths = np.diff(book.starts[part.start : part.stop + 1], append=book.until_ms)
        columns = (book.uses[part], book.states[part], book.doubts[part], book.begins[part])
        group = np.arange(part.stop - part.start) // BLOCK
        sums = _time_of(group, full - known, lengths[: len(group)], columns)
        time = np.concatenate((time, time[-1] + np.cumsum(sums, axis=0)))
    full = len(book.counted) // BLOCK
    made, known = book.made, len(book.made) - 1
    if known < full:
        part = slice(known * BLOCK, full * BLOCK)
        group = np.arange(part.stop - part.start) // BLOCK
        sums = _made_of(group, full - known, book.parts[part], book.rejects[part], book.kinds[part])
        made = np.concatenate((made, made[-1] + np.cumsum(sums, axis=0)))
    return replace(book, time=time, made=made)


Asked = tuple[Book, int, int]
"""A book and a window [from_ms, to_ms) that it holds."""


def sums_of(asked: Sequence[Asked]) -> Int64s:
    """What each window adds up to, in the order of `FIELDS` up to those that need an ideal cycle.

    All of them at once, because a hundred machines one by one take a hundred times as long.
    """
    upto = _upto([(book, at_ms) for book, from_ms, to_ms in asked for at_ms in (from_ms, to_ms)])
    found: Int64s = upto[1::2] - upto[::2]
    return found


def _upto(points: Sequence[tuple[Book, int]]) -> Int64s:
    """What everything before each moment adds up to."""
    found = np.empty((len(points), len(TIME) + len(MADE)), np.int64)
    pieces: list[tuple[Int64s, Int8s, Int8s, Ints, Int8s]] = []
    counts: list[tuple[Ints, Ints, Int8s]] = []
    for row, (book, at_ms) in enumerate(points):
        place = int(book.starts.searchsorted(at_ms))
        # The last piece before the moment may not be over: it is never taken from the sums of a block.
        block = max(place - 1, 0) // BLOCK
        found[row, : len(TIME)] = book.time[block]
        part = slice(block * BLOCK, place)
        pieces.append(
            (book.starts[part], book.uses[part], book.states[part], book.doubts[part], book.begins[part])
        )
        place = int(book.counted.searchsorted(at_ms, "right"))
        block = place // BLOCK
        found[row, len(TIME) :] = book.made[block]
        part = slice(block * BLOCK, place)
        counts.append((book.parts[part], book.rejects[part], book.kinds[part]))
    sizes = np.array([len(one[0]) for one in pieces])
    group = np.repeat(np.arange(len(points)), sizes)
    starts, uses, states, doubts, begins = (np.concatenate(column) for column in zip(*pieces, strict=True))
    lengths = np.diff(starts, append=0)
    ends = np.cumsum(sizes)[sizes > 0] - 1
    lengths[ends] = np.array([at_ms for _, at_ms in points])[sizes > 0] - starts[ends]
    found[:, : len(TIME)] += _time_of(group, len(points), lengths, (uses, states, doubts, begins))
    group = np.repeat(np.arange(len(points)), [len(one[0]) for one in counts])
    parts, rejects, kinds = (np.concatenate(column) for column in zip(*counts, strict=True))
    found[:, len(TIME) :] += _made_of(group, len(points), parts, rejects, kinds)
    return found


def _time_of(group: Int64s, groups: int, lengths: Int64s, columns: Columns) -> Int64s:
    """What the pieces of each group add up to, by `TIME`."""
    uses, states, doubts, begins = columns
    sums = np.empty((groups, len(TIME)), np.int64)
    # Sums of whole milliseconds are exact in float64 up to 2**53 of them, 285,000 years.
    sums[:, :_USES_TO] = _table(group, groups, uses, _USES_TO, lengths)
    sums[:, _USES_TO:_STATES_TO] = _table(group, groups, states, len(STATES) + 1, lengths)[:, :-1]
    sums[:, _DOUBT] = np.bincount(group, lengths * doubts, groups)
    for place, bit in ((_STOPS, _STOP), (_MICROS, _MICRO), (_FAILURES, _FAILURE)):
        sums[:, place] = np.bincount(group[begins & bit > 0], minlength=groups)
    return sums


def _made_of(group: Int64s, groups: int, parts: Ints, rejects: Ints, kinds: Int8s) -> Int64s:
    """What the counts of each group add up to, by `MADE`."""
    planned = kinds & _PLANNED > 0
    silent = kinds & _SILENT > 0
    columns = (
        parts * planned,
        rejects * planned,
        parts * (planned & silent),
        parts * ~planned,
        rejects * ~planned,
    )
    return np.stack([np.bincount(group, column, groups) for column in columns], axis=1).astype(np.int64)


def _table(group: Int64s, groups: int, codes: Int8s, width: int, weights: Int64s) -> Int64s:
    """The sum of the weights by group and code."""
    found = np.bincount(group * width + codes, weights, groups * width).reshape(groups, width)
    return found.astype(np.int64)


def _cut_by_doubt(
    pieces: Pieces, at_ms: Int64s, period_ms: int
) -> tuple[Int64s, Int8s, Int8s, Int64s, Int8s]:
    """The pieces, each with the number of edges that cast doubt on all of it; equal neighbours are one.

    Args:
        pieces: What the time was used for.
        at_ms: The edges, each of which casts doubt on the period before it.
        period_ms: That period, in milliseconds.
    """
    begun, ended = np.sort(at_ms - period_ms), at_ms
    inside = np.concatenate((begun, ended))
    inside = inside[(inside > pieces.from_ms) & (inside < pieces.end_ms)]
    starts = np.unique(np.concatenate((pieces.start_ms, inside)))
    which = pieces.start_ms.searchsorted(starts, "right") - 1
    uses = pieces.uses[which]
    planned = pieces.planned[which]
    states = np.where(planned, pieces.states[which], np.int8(_NOT_PLANNED))
    doubts = (begun.searchsorted(starts, "right") - ended.searchsorted(starts, "right")) * planned
    begins = (pieces.stops * _STOP + pieces.micro * _MICRO + pieces.failures * _FAILURE).astype(np.int8)[
        which
    ]
    begins[starts != pieces.start_ms[which]] = 0
    differs = np.ones(len(starts), np.bool_)
    differs[1:] = (np.diff(uses) != 0) | (np.diff(states) != 0) | (np.diff(doubts) != 0) | (begins[1:] != 0)
    return starts[differs], uses[differs], states[differs], doubts[differs], begins[differs]


def _joined(column: Ints, more: Int64s) -> Ints:
    """Both in one, in numbers no wider than they need be."""
    return np.concatenate((column, more.astype(np.min_scalar_type(-int(more.max(initial=0)) - 1))))


def _first(fields: Sequence[str]) -> Int64s:
    return np.zeros((1, len(fields)), np.int64)


def _first_said(known_ms: int | None, at_ms: Int64s, column: Int64s, to_ms: int) -> int | None:
    """The first moment up to `to_ms` at which a counter said anything."""
    if known_ms is not None:
        return known_ms
    said = at_ms[(column != SILENT) & (at_ms <= to_ms)]
    return int(said[0]) if len(said) else None


def _up_to(known_ms: int | None, until_ms: int) -> int | None:
    return known_ms if known_ms is not None and known_ms <= until_ms else None
