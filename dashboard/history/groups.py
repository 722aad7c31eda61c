"""The books of many machines made ready to be asked together, and kept while they are the same.

To look up a thousand machines takes less time than to ask each of them for where its book is.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import NamedTuple, Self, TypeVar

import numpy as np

from dashboard.history.rows import MachineRow
from dashboard.history.shelves import Rest
from dashboard.intervals import Int64s
from dashboard.kpi.account import ideal_us_of
from dashboard.kpi.book import SUMMED, Book, Lookup
from dashboard.kpi.totals import Flags

MANY = 16
"""From so many machines on it is worth while to keep what was made ready."""
KEPT = 4
"""So many groups are kept, and so many look-ups: a plant, and some of its lines."""
MARKED_S = 10.0
"""For so long a group is asked until its books are marked as used once more."""
_NEVER_MS = 1 << 62
_Key = tuple[int, ...]
_Kept = TypeVar("_Kept")


class Sums(NamedTuple):
    """What some machines did in some windows, by their books."""

    sums: Int64s
    """What adds up; shape (windows, machines, SUMMED)."""
    flags: Flags
    """The rest of it; in columns of shape (windows, machines)."""


class _Later(NamedTuple):
    """What comes after the sealed books of some machines, worked out for all of them at once."""

    lookup: Lookup
    """The book of all of them."""
    places: Int64s
    """Which of the machines that have a book; shape (n,)."""
    low_ms: Int64s
    """Where the sealed book of each ends; shape (n, 1)."""
    high_ms: Int64s
    """Up to where its part reaches; shape (n, 1)."""
    offset_ms: Int64s
    """By how much its time is ahead; shape (n, 1)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Group:
    """Some machines and the books of them, to be asked for windows that end by a moment at the latest."""

    machines: Sequence[MachineRow]
    """The machines, m of them."""
    version: int
    """Of the shelves, when it was made."""
    upto_ms: int
    """No window may end later, ms since 1970."""
    marked: float
    """When its books were marked as used, by the monotonic clock."""
    ideals_us: list[int | None]
    """The ideal cycle of each; None without one."""
    directly: list[int]
    """The places of machines without a book: of them nothing is said here."""
    # Of the k machines that have a book: their places, shape (k,), and the books of all of them.
    _places: Int64s
    _lookup: Lookup | None
    # Moments in ms since 1970: of all machines, shape (m, 1); between which each book holds, shape (k, 1);
    # and from when on anything counts, shape (m,).
    _since_ms: Int64s
    _retired_ms: Int64s
    _low_ms: Int64s
    _high_ms: Int64s
    _parts_ms: Int64s
    _rejects_ms: Int64s
    _later: list[_Later]

    @classmethod
    def of(
        cls,
        machines: Sequence[MachineRow],
        books: Sequence[tuple[Book, Rest | None] | None],
        upto_ms: int,
        *,
        version: int,
        lookup: Lookup | None,
    ) -> Self:
        """Some machines by their books.

        Args:
            machines: One or more.
            books: The sealed book of each, and what comes after it up to that moment; None without a book.
            upto_ms: Up to when windows may reach.
            version: Of the shelves, not later than the books.
            lookup: The sealed books, without the Nones, to be asked together; None where there are none.
        """
        kept = [(place, *one) for place, one in enumerate(books) if one is not None]
        low, high = (
            _column([one.from_ms for _, one, _ in kept]),
            _column([one.until_ms for _, one, _ in kept]),
        )
        parts_ms, rejects_ms = np.full((2, len(machines)), _NEVER_MS)
        by_chain: dict[int, list[tuple[int, int, Rest]]] = {}
        for row, (place, sealed, rest) in enumerate(kept):
            last = rest or sealed
            if last.parts_from_ms is not None:
                parts_ms[place] = last.parts_from_ms
            if last.rejects_from_ms is not None:
                rejects_ms[place] = last.rejects_from_ms
            if rest is not None:
                by_chain.setdefault(id(rest.book), []).append((row, sealed.until_ms, rest))
        return cls(
            machines=tuple(machines),
            version=version,
            upto_ms=upto_ms,
            marked=monotonic(),
            ideals_us=[ideal_us_of(one.birth) for one in machines],
            directly=[place for place, one in enumerate(books) if one is None],
            _places=np.array([place for place, _, _ in kept], np.int64),
            _lookup=lookup,
            _since_ms=_column([one.since_ms for one in machines]),
            _retired_ms=_column(
                [_NEVER_MS if one.retired_ms is None else one.retired_ms for one in machines]
            ),
            _low_ms=low,
            _high_ms=high,
            _parts_ms=parts_ms,
            _rejects_ms=rejects_ms,
            _later=[
                _Later(
                    lookup=Lookup.of([mine[0][2].book]),
                    places=np.array([row for row, _, _ in mine], np.int64),
                    low_ms=_column([until_ms for _, until_ms, _ in mine]),
                    high_ms=_column([rest.to_ms for _, _, rest in mine]),
                    offset_ms=_column([rest.offset_ms for _, _, rest in mine]),
                )
                for mine in by_chain.values()
            ],
        )  # fmt: skip

    def sums(self, windows: Sequence[tuple[int, int]]) -> Sums:
        """What each machine did in each window; while its library is being read."""
        edges, ends = np.unique(np.array(windows, np.int64), return_inverse=True)
        begins, ends = ends.reshape(-1, 2).T
        lives = np.maximum(np.minimum(edges, self._retired_ms), self._since_ms)
        mine = lives[self._places] if self.directly else lives
        sums = np.zeros((0, len(edges), SUMMED), np.int64)
        if self._lookup is not None:
            sums = self._lookup.upto(np.minimum(np.maximum(mine, self._low_ms), self._high_ms))
        for later in self._later:
            _add(sums, mine[later.places], later)
        if self.directly:
            every = np.zeros((len(self.machines), len(edges), SUMMED), np.int64)
            every[self._places] = sums
            sums = every
        ended = lives.T[ends]
        there = lives.T[begins] < ended
        return Sums(
            sums=(np.take(sums, ends, axis=1) - np.take(sums, begins, axis=1)).swapaxes(0, 1),
            flags=Flags(there & (self._parts_ms <= ended), there & (self._rejects_ms <= ended), there),
        )


class Groups:
    """The groups and look-ups that were asked for last; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._groups: OrderedDict[_Key, Group] = OrderedDict()
        # Machines are known anew with every word of theirs, their sealed books stay for longer.
        self._lookups: OrderedDict[_Key, tuple[Sequence[Book], Lookup]] = OrderedDict()

    @property
    def nbytes(self) -> int:
        """How much memory the look-ups take, in bytes."""
        with self._lock:
            return sum(lookup.nbytes for _, lookup in self._lookups.values())

    def known(self, machines: Sequence[MachineRow], upto_ms: int, version: int) -> Group | None:
        """The group of these machines, if it is as the shelves are and reaches far enough."""
        if len(machines) < MANY:
            return None
        with self._lock:
            group = self._groups.get(_key(machines))
        if group is None or group.version != version or group.upto_ms < upto_ms:
            return None
        return group if monotonic() - group.marked < MARKED_S else None

    def keep(self, group: Group) -> None:
        """Keep a group, unless there is something in it that the next question may find otherwise."""
        if len(group.machines) >= MANY and not group.directly:
            with self._lock:
                _put(self._groups, _key(group.machines), group)

    def lookup(self, books: Sequence[Book]) -> Lookup | None:
        """Some sealed books to be asked together; None where there are none."""
        if len(books) < MANY:
            return Lookup.of(books) if books else None
        key = _key(books)
        with self._lock:
            found = self._lookups.get(key)
        if found is None:
            found = books, Lookup.of(books)
            with self._lock:
                _put(self._lookups, key, found)
        return found[1]


def _add(sums: Int64s, lives_ms: Int64s, later: _Later) -> None:
    """Add to the sums up to each moment what comes after the sealed books.

    Args:
        sums: The sums; changed; shape (machines, moments, SUMMED).
        lives_ms: The moments, in order, ms since 1970, of those machines that have something later.
        later: What comes after.
    """
    # Most moments of a long window cut by the calendar lie before all of this.
    first = int((lives_ms <= later.low_ms).all(axis=0).sum())
    if first == lives_ms.shape[1]:
        return
    at = np.minimum(np.maximum(lives_ms[:, first:], later.low_ms), later.high_ms)
    at = np.concatenate((later.low_ms, at), axis=1) + later.offset_ms
    upto = later.lookup.upto(at.reshape(1, -1)).reshape(*at.shape, SUMMED)
    sums[later.places, first:] += upto[:, 1:] - upto[:, :1]


def _column(values: Sequence[int]) -> Int64s:
    return np.array(values, np.int64).reshape(-1, 1)


def _key(members: Sequence[object]) -> _Key:
    # Whoever is kept keeps its members, so that no other can have their place.
    return tuple(map(id, members))


def _put(kept: OrderedDict[_Key, _Kept], key: _Key, one: _Kept) -> None:
    kept[key] = one
    kept.move_to_end(key)
    while len(kept) > KEPT:
        kept.popitem(last=False)
