"""What a machine's sealed past adds up to, so that the account of any window is two look-ups.

The past is kept as pieces, as they are in `pieces`, in blocks with the sums of all that came before.
The sums up to a moment are those of its block, and the few pieces between. Nothing is rounded and nothing
is left out: an account from a book equals the one worked out directly.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dashboard.intervals import STATES, UNKNOWN, Int8s, Int64s
from dashboard.kpi.account import FIELDS
from dashboard.kpi.blocks import APART_MS, SIZE, Blocks, Columns, FullError, Index, Strand
from dashboard.kpi.causes import Causes
from dashboard.kpi.chain import ACROSS_SILENCE, NOT_PLANNED, PLANNED, STOP, Chain
from dashboard.kpi.pieces import USES, Bools, Pieces

Moments = npt.NDArray[np.uint32]
TIME = FIELDS[: FIELDS.index("parts")]
"""The fields that pieces add up to."""
MADE = FIELDS[FIELDS.index("parts") : FIELDS.index("ideal_run_us")]
"""The fields that counts add up to."""
SUMMED = len(TIME) + len(MADE)
"""So many fields add up; those that need an ideal cycle follow from them."""
# A piece is a word: from its lowest bit on, state, use, what begins with it, and how often it is in doubt.
_STATE_BITS, _USE_BITS, _BEGIN_BITS = 3, 4, 3
_DOUBT_BITS = _STATE_BITS + _USE_BITS + _BEGIN_BITS
# Numbers of parts are digits to this base; the kind of a count says which digit it is.
_DIGIT_BITS, _DIGITS, _KIND_BITS = 16, 4, 2
_BEGINS = np.array([[code >> bit & 1 for bit in range(_BEGIN_BITS)] for code in range(1 << _BEGIN_BITS)])
"""Which of stop, micro-stop and failure begin, by code."""


class Library:
    """Where the books of many machines are kept.

    Args:
        pieces: Number of blocks of pieces that there is room for.
        counts: Number of blocks of counts.
        causes: The numbers of causes of stops, where there are any already.
    """

    def __init__(self, pieces: int, counts: int, causes: Causes | None = None) -> None:
        self.pieces = Blocks(
            pieces, {"word": np.uint32}, kept={"cause": np.int32}, width=len(TIME), add_up=_time
        )
        """Pieces of time."""
        self.counts = Blocks(
            counts,
            {"kind": np.uint8, "parts": np.uint16, "rejects": np.uint16},
            width=len(MADE),
            add_up=_made,
            through=True,
        )
        """Counts of parts."""
        self.causes = causes or Causes()
        """The numbers of causes of stops."""

    @classmethod
    def of_bytes(cls, nbytes: int) -> "Library":
        """Room for so many bytes of books; the system gives it as it is used."""
        small = cls(0, 0)
        return cls(nbytes // small.pieces.block_bytes, nbytes // small.counts.block_bytes)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """While somebody reads, nothing that was given back is used for anything else."""
        with self.pieces.reading(), self.counts.reading():
            yield

    @property
    def nbytes(self) -> int:
        """How much memory all books take, in bytes."""
        return self.pieces.nbytes + self.counts.nbytes + self.causes.nbytes


class Past(NamedTuple):
    """What a machine's time was used for, n pieces that tile it."""

    starts: Int64s
    """When each begins, ms since 1970; shape (n,)."""
    uses: Int8s
    """Its use, as an index into `USES`; shape (n,)."""
    states: Int8s
    """Its state, as an index into `STATES` where it belongs to a stop; shape (n,)."""
    causes: Int64s
    """The number of its cause; shape (n,)."""
    begins: Bools
    """Whether a stop begins with it; shape (n,)."""
    until_ms: int
    """When the last one ends."""

    def pieces(self, causes: Causes) -> Pieces:
        """The same as pieces, of which only those that belong to stops say what they are."""
        planned = self.states < NOT_PLANNED
        none = np.zeros(len(planned), np.bool_)
        return Pieces(
            self.starts, self.uses, np.where(planned, self.states, UNKNOWN).astype(np.int8),
            [causes[number] for number in self.causes.tolist()],
            planned, self.begins, none, none, self.until_ms,
        )  # fmt: skip

    def joined(self, later: "Past") -> "Past":
        """This and what comes directly after."""
        return Past(
            np.concatenate((self.starts, later.starts)),
            np.concatenate((self.uses, later.uses)),
            np.concatenate((self.states, later.states)),
            np.concatenate((self.causes, later.causes)),
            np.concatenate((self.begins, later.begins)),
            later.until_ms,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Book:
    """The sealed past of one machine, or a whole chain."""

    library: Library
    """Where it is kept."""
    from_ms: int
    """Where it begins, ms since 1970."""
    until_ms: int
    """Up to where it reaches."""
    pieces: Strand
    """Its pieces; they tile its time."""
    counts: Strand
    """Its counts."""
    parts_from_ms: int | None = None
    """From when on anything counts parts; None where nothing does yet."""
    rejects_from_ms: int | None = None
    """From when on anything counts rejects; None where nothing does yet."""

    @classmethod
    def empty(cls, at_ms: int, library: Library) -> "Book":
        """The book that begins at a moment, and holds nothing yet."""
        return cls(
            library=library, from_ms=at_ms, until_ms=at_ms,
            pieces=library.pieces.empty(at_ms), counts=library.counts.empty(at_ms),
        )  # fmt: skip

    @classmethod
    def of(cls, chain: Chain) -> "Book":
        """The book of a whole chain, in its own time: for all of its links at once."""
        from_ms, until_ms = int(chain.from_ms[0]), int(chain.to_ms[-1])
        starts, piece_columns = _pieces_of(chain, slice(None), until_ms)
        counted, count_columns = _counts_of(chain, slice(None), from_ms)
        library = Library(-(-len(starts) // SIZE), -(-len(counted) // SIZE))
        empty = cls.empty(from_ms, library)
        return replace(
            empty,
            until_ms=until_ms,
            pieces=library.pieces.longer(empty.pieces, starts, piece_columns),
            counts=library.counts.longer(empty.counts, counted, count_columns),
        )

    def joined(self, chain: Chain, link: int) -> "Book":
        """The book with one link of a chain added; it begins where the book ends.

        Raises:
            FullError: There is no room in its library.
        """
        offset_ms, begun, ended = (
            int(column[link]) for column in (chain.offsets_ms, chain.from_ms, chain.to_ms)
        )
        first, last = (
            int(chain.starts.searchsorted(begun, "right")) - 1,
            int(chain.starts.searchsorted(ended)),
        )
        starts, piece_columns = _pieces_of(chain, slice(first, last), ended, begun)
        low, high = chain.counted.searchsorted((begun, ended), "right").tolist()
        before_ms = self.library.counts.last_ms(self.counts) + offset_ms
        counted, count_columns = _counts_of(chain, slice(low, high), before_ms)
        pieces = self.library.pieces.longer(self.pieces, starts - offset_ms, piece_columns)
        try:
            counts = self.library.counts.longer(self.counts, counted - offset_ms, count_columns)
        except FullError:
            self.library.pieces.give_back(pieces, self.pieces)
            raise
        return replace(
            self,
            until_ms=ended - offset_ms,
            pieces=pieces,
            counts=counts,
            parts_from_ms=_first_said(self.parts_from_ms, chain.parts_from_ms[link]),
            rejects_from_ms=_first_said(self.rejects_from_ms, chain.rejects_from_ms[link]),
        )

    def cut(self, until_ms: int) -> "Book":
        """The book that reaches up to a moment and no further."""
        if until_ms >= self.until_ms:
            return self
        if until_ms <= self.from_ms:
            return Book.empty(self.from_ms, self.library)
        return replace(
            self,
            until_ms=until_ms,
            pieces=self.library.pieces.shorter(self.pieces, until_ms),
            counts=self.library.counts.shorter(self.counts, until_ms),
            parts_from_ms=_up_to(self.parts_from_ms, until_ms),
            rejects_from_ms=_up_to(self.rejects_from_ms, until_ms),
        )

    def past(self, from_ms: int, to_ms: int, offset_ms: int = 0) -> Past:
        """What a part of its time, [from_ms, to_ms), was used for.

        Args:
            from_ms: Beginning, ms since 1970; before the end.
            to_ms: End.
            offset_ms: By how much its own time is ahead.
        """
        begun, ended = from_ms + offset_ms, to_ms + offset_ms
        first = max(int(self.pieces.firsts.searchsorted(begun, "right")) - 1, 0)
        last = int(self.pieces.firsts.searchsorted(ended))
        starts, columns = self.library.pieces.entries(self.pieces, first, last)
        chosen = slice(int(starts.searchsorted(begun, "right")) - 1, int(starts.searchsorted(ended)))
        starts, words = starts[chosen] - offset_ms, columns["word"][chosen]
        begins = (words >> _STATE_BITS + _USE_BITS & STOP) > 0
        if starts[0] < from_ms:
            # What was going on already began before.
            starts[0], begins[0] = from_ms, False
        return Past(
            starts,
            (words >> _STATE_BITS & (1 << _USE_BITS) - 1).astype(np.int8),
            (words & (1 << _STATE_BITS) - 1).astype(np.int8),
            columns["cause"][chosen].astype(np.int64),
            begins,
            to_ms,
        )

    def give_back(self, kept: "Book | None" = None) -> None:
        """Let its library use its blocks for something else, but for those that another book has too."""
        self.library.pieces.give_back(self.pieces, None if kept is None else kept.pieces)
        self.library.counts.give_back(self.counts, None if kept is None else kept.counts)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lookup:
    """Some books of one library, to be asked together."""

    library: Library
    """Where they are kept."""
    pieces: Index
    """Their pieces."""
    counts: Index
    """Their counts."""

    @classmethod
    def of(cls, books: Sequence[Book]) -> "Lookup":
        """One or more books of one library."""
        return cls(
            library=books[0].library,
            pieces=Index.of([one.pieces for one in books]),
            counts=Index.of([one.counts for one in books]),
        )

    @property
    def nbytes(self) -> int:
        """How much memory it takes beside the books, in bytes."""
        return self.pieces.nbytes + self.counts.nbytes

    def upto(self, at_ms: Int64s) -> Int64s:
        """What everything up to each moment adds up to, of each book; shape (books, moments, SUMMED).

        Args:
            at_ms: Moments of each, which it holds, ms since 1970; shape (books, moments).
        """
        found = np.empty((*at_ms.shape, SUMMED), np.int64)
        found[..., : len(TIME)] = self.library.pieces.sums(self.pieces, at_ms)
        found[..., len(TIME) :] = self.library.counts.sums(self.counts, at_ms)
        return found


def _time(after: Moments, moments: Moments, columns: Columns) -> Int64s:
    """What the pieces of each block add up to before a moment, by `TIME`."""
    words, count = columns["word"], len(after)
    # Those that begin later end as they begin, at the moment.
    begins = np.minimum(after, moments)
    lengths = np.empty_like(begins)
    np.subtract(begins[:, 1:], begins[:, :-1], out=lengths[:, :-1])
    np.subtract(moments[:, 0], begins[:, -1], out=lengths[:, -1])
    sums = np.empty((count, len(TIME)), np.int64)
    group = np.arange(count, dtype=np.int64)[:, np.newaxis]
    weights = lengths.ravel()
    # Sums of whole milliseconds are exact in float64 up to 2**53 of them, 285,000 years.
    uses = (words >> _STATE_BITS & (1 << _USE_BITS) - 1) + (group << _USE_BITS)
    states = (words & (1 << _STATE_BITS) - 1) + (group << _STATE_BITS)
    by_use = np.bincount(uses.ravel(), weights, count << _USE_BITS).reshape(count, -1)
    by_state = np.bincount(states.ravel(), weights, count << _STATE_BITS).reshape(count, -1)
    sums[:, : len(USES)] = by_use[:, : len(USES)]
    sums[:, len(USES) : len(USES) + len(STATES)] = by_state[:, : len(STATES)]
    doubts = words >> _DOUBT_BITS
    sums[:, -4] = np.einsum("ij,ij->i", lengths, doubts, dtype=np.int64) if doubts.any() else 0
    begun = (words >> _STATE_BITS + _USE_BITS & (1 << _BEGIN_BITS) - 1) * (after < moments)
    begun = begun + (group << _BEGIN_BITS)
    sums[:, -3:] = np.bincount(begun.ravel(), minlength=count << _BEGIN_BITS).reshape(count, -1) @ _BEGINS
    return sums


def _made(after: Moments, moments: Moments, columns: Columns) -> Int64s:
    """What the counts of each block add up to up to a moment, by `MADE`."""
    kinds = columns["kind"]
    digit = kinds >> _KIND_BITS
    parts, rejects = columns["parts"].astype(np.int64), columns["rejects"].astype(np.int64)
    if digit.any():
        parts, rejects = (column << digit.astype(np.int64) * _DIGIT_BITS for column in (parts, rejects))
    counted = after < moments
    planned = counted & (kinds & PLANNED > 0)
    silent = planned & (kinds & ACROSS_SILENCE > 0)
    off = counted & ~planned
    chosen = ((parts, planned), (rejects, planned), (parts, silent), (parts, off), (rejects, off))
    return np.stack([np.einsum("ij,ij->i", *one) for one in chosen], axis=1)


def _pieces_of(
    chain: Chain, chosen: slice, until_ms: int, from_ms: int | None = None
) -> tuple[Int64s, dict[str, Int64s]]:
    """Some pieces of a chain: when they begin, and what a book says of them.

    Args:
        chain: Where they are.
        chosen: Which.
        until_ms: When the last one ends.
        from_ms: Where the first one is cut, if it began before.
    """
    starts, begins = chain.starts[chosen].copy(), chain.begins[chosen].copy()
    if from_ms is not None and starts[0] < from_ms:
        # What was going on already began before.
        starts[0], begins[0] = from_ms, 0
    words = (
        chain.states[chosen].astype(np.int64)
        | chain.uses[chosen].astype(np.int64) << _STATE_BITS
        | begins.astype(np.int64) << _STATE_BITS + _USE_BITS
        | chain.doubts[chosen] << _DOUBT_BITS
    )
    columns = {"word": words, "cause": chain.causes[chosen]}
    times = (np.diff(starts, append=until_ms) - 1) // APART_MS + 1
    if (times <= 1).all():
        return starts, columns
    # What lasts too long is several, of which the first alone begins anything.
    which = np.repeat(np.arange(len(starts)), times)
    nth = np.arange(len(which)) - np.repeat(np.cumsum(times) - times, times)
    begun = ((1 << _BEGIN_BITS) - 1) << _STATE_BITS + _USE_BITS
    columns = {name: column[which] for name, column in columns.items()}
    columns["word"][nth > 0] &= ~begun
    return starts[which] + nth * APART_MS, columns


def _counts_of(chain: Chain, chosen: slice, after_ms: int) -> tuple[Int64s, dict[str, Int64s]]:
    """Some counts of a chain, all after a moment: when they were made, and what a book says of them."""
    at, kinds = chain.counted[chosen], chain.kinds[chosen].astype(np.int64)
    numbers = {"parts": chain.parts[chosen], "rejects": chain.rejects[chosen]}
    highest = max(int(one.max(initial=0)) for one in numbers.values())
    if highest >> _DIGIT_BITS:
        # A number too large for a column is several counts at one moment, one for each digit.
        shifts = np.arange(_DIGITS) * _DIGIT_BITS
        digits = {
            name: one[:, np.newaxis] >> shifts & (1 << _DIGIT_BITS) - 1 for name, one in numbers.items()
        }
        needed = digits["parts"] + digits["rejects"] > 0
        needed[:, 0] = True
        which, digit = np.nonzero(needed)
        at, kinds = at[which], kinds[which] | digit << _KIND_BITS
        numbers = {name: one[needed] for name, one in digits.items()}
    gaps = (np.diff(at, prepend=after_ms) - 1).clip(0) // APART_MS
    if gaps.any():
        # Where nothing is counted for too long, nothing is counted several times.
        where = np.repeat(np.arange(len(at)), gaps)
        nth = np.arange(len(where)) - np.repeat(np.cumsum(gaps) - gaps, gaps)
        before = np.concatenate(([after_ms], at[:-1]))[where]
        at = np.insert(at, where, before + (nth + 1) * APART_MS)
        kinds, *rest = (np.insert(one, where, 0) for one in (kinds, *numbers.values()))
        numbers = dict(zip(numbers, rest, strict=True))
    return at, {"kind": kinds, **numbers}


def _first_said(known_ms: int | None, more_ms: int | None) -> int | None:
    """The first moment at which a counter said anything."""
    return known_ms if known_ms is not None else more_ms


def _up_to(known_ms: int | None, until_ms: int) -> int | None:
    return known_ms if known_ms is not None and known_ms <= until_ms else None
