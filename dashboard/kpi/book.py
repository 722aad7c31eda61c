"""What a machine's sealed past adds up to, so that the account of any window is two look-ups.

The past is kept as pieces, as they are in `pieces`, with the sums of all that came before at every
`BLOCK`th of them. The sums up to a moment are those of its block, and the few pieces between.
Nothing is rounded and nothing is left out: an account from a book equals the one worked out directly.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from dashboard.intervals import STATES, Int8s, Int64s
from dashboard.kpi.account import FIELDS
from dashboard.kpi.chain import ACROSS_SILENCE, FAILURE, MICRO, PLANNED, STOP, Chain, Ints
from dashboard.kpi.pieces import USES

_Column = TypeVar("_Column", Int64s, Int8s, Ints)
Columns = tuple[Int8s, Int8s, Ints, Int8s]
"""Uses, states, doubts and begins of some pieces."""
BLOCK = 64
"""After so many pieces, or counts, everything is added up."""
_USES_TO = len(USES)
_STATES_TO = _USES_TO + len(STATES)
TIME = FIELDS[: FIELDS.index("parts")]
"""The fields that pieces add up to."""
MADE = FIELDS[FIELDS.index("parts") : FIELDS.index("ideal_run_us")]
"""The fields that counts add up to."""
_DOUBT, _STOPS, _MICROS, _FAILURES = (
    TIME.index(name) for name in ("doubt_ms", "stops", "micro_stops", "failures")
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Book:
    """The sealed past of one machine, or a whole chain; n pieces and m counts."""

    from_ms: int
    """Where it begins, ms since 1970."""
    until_ms: int
    """Up to where it reaches."""
    starts: Int64s
    """Where each piece begins, ms since 1970; shape (n,)."""
    uses: Int8s
    """Its use; shape (n,)."""
    states: Int8s
    """Its state, `NOT_PLANNED` outside planned time; shape (n,)."""
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

    @classmethod
    def of(cls, chain: Chain) -> "Book":
        """The book of a whole chain, in its own time: for all of its links at once."""
        empty = cls.empty(int(chain.from_ms[0]))
        return _added_up(
            replace(
                empty,
                until_ms=int(chain.to_ms[-1]),
                starts=chain.starts,
                uses=chain.uses,
                states=chain.states,
                doubts=_joined(empty.doubts, chain.doubts),
                begins=chain.begins,
                counted=chain.counted,
                parts=_joined(empty.parts, chain.parts),
                rejects=_joined(empty.rejects, chain.rejects),
                kinds=chain.kinds,
            )
        )

    def joined(self, chain: Chain, link: int) -> "Book":
        """The book with one link of a chain added; it begins where the book ends."""
        offset_ms, begun, ended = (
            int(column[link]) for column in (chain.offsets_ms, chain.from_ms, chain.to_ms)
        )
        first, last = (
            int(chain.starts.searchsorted(begun, "right")) - 1,
            int(chain.starts.searchsorted(ended)),
        )
        starts, begins = chain.starts[first:last] - offset_ms, chain.begins[first:last]
        if chain.starts[first] < begun:
            # What was going on already began before.
            starts[0], begins = self.until_ms, np.concatenate((np.zeros(1, np.int8), begins[1:]))
        low, high = chain.counted.searchsorted((begun, ended), "right").tolist()
        return _added_up(
            replace(
                self,
                until_ms=ended - offset_ms,
                starts=np.concatenate((self.starts, starts)),
                uses=np.concatenate((self.uses, chain.uses[first:last])),
                states=np.concatenate((self.states, chain.states[first:last])),
                doubts=_joined(self.doubts, chain.doubts[first:last]),
                begins=np.concatenate((self.begins, begins)),
                counted=np.concatenate((self.counted, chain.counted[low:high] - offset_ms)),
                parts=_joined(self.parts, chain.parts[low:high]),
                rejects=_joined(self.rejects, chain.rejects[low:high]),
                kinds=np.concatenate((self.kinds, chain.kinds[low:high])),
                parts_from_ms=_first_said(self.parts_from_ms, chain.parts_from_ms[link]),
                rejects_from_ms=_first_said(self.rejects_from_ms, chain.rejects_from_ms[link]),
            )
        )

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
    books = [book for book, _, _ in asked]
    at = np.array([(from_ms, to_ms) for _, from_ms, to_ms in asked], np.int64)
    pairs = list(zip(books, at, strict=True))
    places = np.concatenate([book.starts.searchsorted(pair) for book, pair in pairs])
    # The last piece before a moment may not be over: it is never taken from the sums of a block.
    blocks = np.maximum(places - 1, 0) // BLOCK
    upto = np.empty((len(places), len(TIME) + len(MADE)), np.int64)
    both = [book for book in books for _ in range(2)]
    # Joined and folded: numpy takes longer over a list of rows.
    before = [book.time[block] for book, block in zip(both, blocks.tolist(), strict=True)]
    upto[:, : len(TIME)] = np.concatenate(before).reshape(len(places), -1)
    parts = [slice(*ends) for ends in zip((blocks * BLOCK).tolist(), places.tolist(), strict=True)]
    sizes = places - blocks * BLOCK
    group = np.repeat(np.arange(len(places)), sizes)
    starts = _joined_parts([book.starts for book in both], parts)
    columns = (
        _joined_parts([book.uses for book in both], parts),
        _joined_parts([book.states for book in both], parts),
        _joined_parts([book.doubts for book in both], parts),
        _joined_parts([book.begins for book in both], parts),
    )
    lengths = np.diff(starts, append=0)
    ends = np.cumsum(sizes)[sizes > 0] - 1
    lengths[ends] = at.ravel()[sizes > 0] - starts[ends]
    upto[:, : len(TIME)] += _time_of(group, len(places), lengths, columns)

    places = np.concatenate([book.counted.searchsorted(pair, "right") for book, pair in pairs])
    blocks = places // BLOCK
    before = [book.made[block] for book, block in zip(both, blocks.tolist(), strict=True)]
    upto[:, len(TIME) :] = np.concatenate(before).reshape(len(places), -1)
    parts = [slice(*ends) for ends in zip((blocks * BLOCK).tolist(), places.tolist(), strict=True)]
    group = np.repeat(np.arange(len(places)), places - blocks * BLOCK)
    made = _joined_parts([book.parts for book in both], parts)
    scrapped = _joined_parts([book.rejects for book in both], parts)
    kinds = _joined_parts([book.kinds for book in both], parts)
    upto[:, len(TIME) :] += _made_of(group, len(places), made, scrapped, kinds)
    found: Int64s = upto[1::2] - upto[::2]
    return found


def _joined_parts(columns: Sequence[_Column], parts: Sequence[slice]) -> _Column:
    """A part of each column, all in one."""
    return np.concatenate([column[part] for column, part in zip(columns, parts, strict=True)])


def _time_of(group: Int64s, groups: int, lengths: Int64s, columns: Columns) -> Int64s:
    """What the pieces of each group add up to, by `TIME`."""
    uses, states, doubts, begins = columns
    sums = np.empty((groups, len(TIME)), np.int64)
    # Sums of whole milliseconds are exact in float64 up to 2**53 of them, 285,000 years.
    sums[:, :_USES_TO] = _table(group, groups, uses, _USES_TO, lengths)
    sums[:, _USES_TO:_STATES_TO] = _table(group, groups, states, len(STATES) + 1, lengths)[:, :-1]
    sums[:, _DOUBT] = np.bincount(group, lengths * doubts, groups)
    for place, bit in ((_STOPS, STOP), (_MICROS, MICRO), (_FAILURES, FAILURE)):
        sums[:, place] = np.bincount(group[begins & bit > 0], minlength=groups)
    return sums


def _made_of(group: Int64s, groups: int, parts: Ints, rejects: Ints, kinds: Int8s) -> Int64s:
    """What the counts of each group add up to, by `MADE`."""
    planned = kinds & PLANNED > 0
    silent = kinds & ACROSS_SILENCE > 0
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


def _joined(column: Ints, more: Int64s) -> Ints:
    """Both in one, in numbers no wider than they need be."""
    return np.concatenate((column, more.astype(np.min_scalar_type(-int(more.max(initial=0)) - 1))))


def _first(fields: Sequence[str]) -> Int64s:
    return np.zeros((1, len(fields)), np.int64)


def _first_said(known_ms: int | None, more_ms: int | None) -> int | None:
    """The first moment at which a counter said anything."""
    return known_ms if known_ms is not None else more_ms


def _up_to(known_ms: int | None, until_ms: int) -> int | None:
    return known_ms if known_ms is not None and known_ms <= until_ms else None
