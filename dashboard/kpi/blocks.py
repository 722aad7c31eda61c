"""Columns of many machines in blocks of one size, so that a question to all of them is one look-up.

A machine's entries are a strand of blocks: each holds the moments of its entries as what they come after
the first, and what all entries before it add up to. A strand only ever grows at its end, in place: who
asks for a moment that lies before does not see what was added.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from dashboard.intervals import Int64s

SIZE = 32
"""So many entries are a block."""
APART_MS = 1 << 26
"""Entries are no further apart, or a block would last longer than its moments can say."""
_NEVER = np.uint32((1 << 32) - 1)
"""Stands where no entry is yet."""
_AT_ONCE = 256
"""So many blocks are added up at once, so that what it takes stays in the processor, and in the process:

memory that the system has to clear each time costs a plant of a thousand machines three milliseconds.
"""

Column = npt.NDArray[np.integer]
Columns = Mapping[str, Column]
"""Columns by their names, all of one shape."""
AddUp = Callable[[npt.NDArray[np.uint32], npt.NDArray[np.uint32], Columns], Int64s]
"""What the entries of each block add up to before a moment.

Its arguments are the moments of the entries, of shape (n, SIZE), and that moment, of shape (n, 1), both in
milliseconds after the first entry; and the columns that add up. It returns the sums, of shape (n, width).
"""
_LONGEST_MS = 1 << 43
"""No strand lasts as long, 278 years: so far apart are the beginnings of two in an index."""


class FullError(Exception):
    """Raised when there is no room for another block."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Strand:
    """The entries of one machine, n blocks of them."""

    blocks: npt.NDArray[np.int32]
    """Where each block is; at least one; shape (n,)."""
    firsts: Int64s
    """The moment of its first entry, ms since 1970; shape (n,)."""
    last: int
    """How many entries the last block has; of those after them this strand knows nothing."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Index:
    """Where the blocks of some strands are, n blocks of all of them, to be found by one search."""

    from_ms: int
    """The moment from which on the keys count, ms since 1970."""
    keys: Int64s
    """When each block begins, and after that of its strand all of the next; shape (n,)."""
    blocks: npt.NDArray[np.int32]
    """Where each block is; shape (n,)."""
    begins: Int64s
    """The place of the first block of each strand; shape (strands,)."""

    @classmethod
    def of(cls, strands: Sequence[Strand]) -> "Index":
        """The index of some strands, one or more."""
        counts = [len(one.firsts) for one in strands]
        # One before the first of all: what is asked for before that is before it too.
        from_ms = min(int(one.firsts[0]) for one in strands) - 1
        keys = np.concatenate([one.firsts for one in strands])
        keys += np.repeat(np.arange(len(strands)) * _LONGEST_MS - from_ms, counts)
        return cls(
            from_ms=from_ms,
            keys=keys,
            blocks=np.concatenate([one.blocks for one in strands]),
            begins=np.cumsum([0, *counts[:-1]]),
        )

    @property
    def nbytes(self) -> int:
        """How much memory it takes, in bytes."""
        return self.keys.nbytes + self.blocks.nbytes + self.begins.nbytes

    def find(self, at_ms: Int64s, side: Literal["left", "right"]) -> tuple[npt.NDArray[np.int32], Int64s]:
        """The block in which each moment is, and how long after its first entry: less than 0 where before.

        Args:
            at_ms: Moments of each strand, ms since 1970; shape (strands, moments).
            side: Whether a block holds the moment of its own first entry (`right`).
        """
        shifts = np.arange(len(at_ms))[:, np.newaxis] * _LONGEST_MS
        keys = (at_ms - self.from_ms).clip(0, _LONGEST_MS - 1) + shifts
        # What lies before a strand is in its first block.
        places = np.maximum(self.keys.searchsorted(keys, side) - 1, self.begins[:, np.newaxis])
        return self.blocks[places], keys - self.keys[places]


class Blocks:
    """Room for a number of blocks; the system gives it as it is used.

    Args:
        capacity: How many blocks there is room for.
        columns: What each entry says, beside its moment, and adds up.
        kept: What each entry says that adds up to nothing.
        width: How many sums there are.
        add_up: How entries add up.
        through: Whether an entry counts up to its own moment, not only up to one after it.
    """

    def __init__(
        self,
        capacity: int,
        columns: Mapping[str, npt.DTypeLike],
        *,
        kept: Mapping[str, npt.DTypeLike] | None = None,
        width: int,
        add_up: AddUp,
        through: bool = False,
    ) -> None:
        self._add_up, self._through = add_up, through
        self._added = tuple(columns)
        self._side: Literal["left", "right"] = "right" if through else "left"
        # A block lies in one piece: who gathers two thousand of them from gigabytes waits for memory alone.
        every_column = {**columns, **(kept or {})}
        fields: list[Any] = [("before", np.int64, (width,)), ("after", np.uint32, (SIZE,))]
        fields += [(name, dtype, (SIZE,)) for name, dtype in every_column.items()]
        self._room = np.empty(capacity + 1, np.dtype(fields, align=True))
        self._before, self._after = self._room["before"], self._room["after"]
        self._columns = {name: self._room[name] for name in every_column}
        self._filled = np.zeros(capacity + 1, np.int8)
        # The first one stays empty: it stands for the blocks of a strand that has no entry yet.
        self._after[0], self._before[0] = _NEVER, 0
        for column in self._columns.values():
            column[0] = 0
        self._lock = threading.Lock()
        self._next, self._capacity = 1, capacity
        self._free: list[int] = []
        self._given_back: list[int] = []
        self._readers = 0
        self.block_bytes = self._room.itemsize + self._filled.itemsize
        """What a block takes, in bytes."""

    @property
    def nbytes(self) -> int:
        """How much memory all blocks in use take, in bytes."""
        with self._lock:
            return (self._next - 1 - len(self._free)) * self.block_bytes

    @contextmanager
    def reading(self) -> Iterator[None]:
        """While somebody reads, no block is used for anything else."""
        with self._lock:
            self._readers += 1
        try:
            yield
        finally:
            with self._lock:
                self._readers -= 1
                if not self._readers:
                    self._free += self._given_back
                    self._given_back.clear()

    def give_back(self, strand: Strand, kept: Strand | None = None) -> None:
        """Use the blocks of a strand for something else, but for those that another one has too."""
        blocks = strand.blocks
        if kept is not None:
            # One of the two goes on where the other ends.
            both = min(len(blocks), len(kept.blocks))
            blocks = np.concatenate((blocks[:both][blocks[:both] != kept.blocks[:both]], blocks[both:]))
        with self._lock:
            (self._given_back if self._readers else self._free).extend(blocks[blocks > 0].tolist())

    def empty(self, at_ms: int) -> Strand:
        """The strand without any entry, from a moment on."""
        return Strand(blocks=np.zeros(1, np.int32), firsts=np.array([at_ms]), last=0)

    def longer(self, strand: Strand, at_ms: Int64s, columns: Columns) -> Strand:
        """A strand with more entries at its end; the one before stays as it is.

        Args:
            strand: What there is already.
            at_ms: The moments of the entries, ms since 1970, in order, `APART_MS` apart at most.
            columns: The columns by name.

        Raises:
            FullError: There is no room.
        """
        tail, known = int(strand.blocks[-1]), strand.last
        # Whatever else was added to the last block is not of this strand, and stays for whom it is.
        alone = bool(known and self._filled[tail] == known)
        if not len(at_ms) and (alone or not known):
            return strand
        moments = np.concatenate((strand.firsts[-1] + self._after[tail, :known].astype(np.int64), at_ms))
        count = -(-len(moments) // SIZE)
        blocks = np.array([*([tail] if alone else []), *self._taken(count - alone)], np.int32)
        padded = np.full(count * SIZE, _NEVER, np.int64)
        padded[: len(moments)] = moments
        firsts = moments[::SIZE].copy()
        after = (padded.reshape(count, SIZE) - firsts[:, np.newaxis]).astype(np.uint32)
        after.ravel()[len(moments) :] = _NEVER
        wide = {}
        for name, column in self._columns.items():
            wide[name] = np.zeros((count, SIZE), column.dtype)
            wide[name].ravel()[: len(moments)] = np.concatenate((column[tail, :known], columns[name]))
        self._before[blocks[0]] = self._before[tail]
        if count > 1:
            ends = (np.diff(firsts) + self._through).astype(np.uint32)[:, np.newaxis]
            sums = self._added_up(after[:-1], ends, {name: one[:-1] for name, one in wide.items()})
            self._before[blocks[1:]] = self._before[tail] + np.cumsum(sums, axis=0)
        for name, column in self._columns.items():
            column[blocks] = wide[name]
        # Last, because an entry is there for others as soon as its moment is.
        self._after[blocks] = after
        self._filled[blocks[:-1]], self._filled[blocks[-1]] = SIZE, len(moments) - (count - 1) * SIZE
        return Strand(
            blocks=np.concatenate((strand.blocks[:-1], blocks)),
            firsts=np.concatenate((strand.firsts[:-1], firsts)),
            last=int(self._filled[blocks[-1]]),
        )

    def shorter(self, strand: Strand, at_ms: int) -> Strand:
        """A strand with those of its entries alone that count up to a moment."""
        place = max(int(strand.firsts.searchsorted(at_ms, self._side)) - 1, 0)
        after = int(strand.firsts[place]) + self._after[strand.blocks[place]].astype(np.int64)
        known = strand.last if place == len(strand.blocks) - 1 else SIZE
        last = int(after[:known].searchsorted(at_ms, self._side))
        if not last:
            return self.empty(int(strand.firsts[0]))
        return Strand(blocks=strand.blocks[: place + 1], firsts=strand.firsts[: place + 1], last=last)

    def last_ms(self, strand: Strand) -> int:
        """The moment of its last entry; that from which on it is, where it has none."""
        after = self._after[strand.blocks[-1], strand.last - 1] if strand.last else 0
        return int(strand.firsts[-1]) + int(after)

    def sums(self, index: Index, at_ms: Int64s) -> Int64s:
        """What all entries up to each moment add up to, of each strand; shape (strands, moments, width).

        All of them at once, because a hundred machines one by one take a hundred times as long.

        Args:
            index: The strands.
            at_ms: Moments of each, ms since 1970; shape (strands, moments).
        """
        found, after_ms = index.find(at_ms, self._side)
        blocks = found.ravel()
        # An entry at the moment itself is before the next millisecond.
        moments = (after_ms + self._through).clip(0, int(_NEVER) - 1).astype(np.uint32).reshape(-1, 1)
        sums = np.empty((len(blocks), self._before.shape[1]), np.int64)
        for begin in range(0, len(blocks), _AT_ONCE):
            part = slice(begin, begin + _AT_ONCE)
            chosen = self._room.take(blocks[part])
            columns = {name: chosen[name] for name in self._added}
            np.add(chosen["before"], self._add_up(chosen["after"], moments[part], columns), out=sums[part])
        shaped: Int64s = sums.reshape(*at_ms.shape, -1)
        return shaped

    def entries(self, strand: Strand, first: int, last: int) -> tuple[Int64s, dict[str, Column]]:
        """The moments and columns of the blocks of a strand from one place up to another."""
        blocks = strand.blocks[first:last]
        moments = strand.firsts[first:last, np.newaxis] + self._after[blocks]
        count = moments.size
        if last >= len(strand.blocks):
            count -= SIZE - strand.last
        columns = {name: column[blocks].ravel()[:count] for name, column in self._columns.items()}
        return moments.ravel()[:count], columns

    def _added_up(
        self, after: npt.NDArray[np.uint32], ends: npt.NDArray[np.uint32], columns: Columns
    ) -> Int64s:
        edges = [*range(0, len(after), _AT_ONCE), len(after)]
        parts = [slice(*pair) for pair in pairwise(edges)]
        return np.concatenate(
            [
                self._add_up(
                    after[part], ends[part], {name: column[part] for name, column in columns.items()}
                )
                for part in parts
            ]
        )

    def _taken(self, count: int) -> list[int]:
        with self._lock:
            if count > len(self._free) + self._capacity + 1 - self._next:
                raise FullError
            reused = min(count, len(self._free))
            found = [self._free.pop() for _ in range(reused)]
            found += range(self._next, self._next + count - reused)
            self._next += count - reused
        return found
