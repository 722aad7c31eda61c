"""The books of sums that a web process keeps, so that a year is answered as quickly as an hour.

A book holds a machine's past up to where nothing but a rewrite can change it, and grows with it. What
comes after is worked out anew whenever there is more of it. Numbers are the same with and without books.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from sqlalchemy.exc import SQLAlchemyError

from dashboard.history.numbers import direct_account
from dashboard.history.opened import Opened
from dashboard.history.reader import MachineRow, Reader
from dashboard.history.shelves import SHORT_MS, Rest, Shelf, Shelves
from dashboard.history.version import HistoryError
from dashboard.intervals import Int64s
from dashboard.kpi.account import Account, ideal_us_of
from dashboard.kpi.basis import Basis
from dashboard.kpi.book import SUMMED, Book, sums_upto
from dashboard.kpi.totals import Flags, accounts_with, totals_with

logger = logging.getLogger(__name__)

MEMORY_BYTES = 512 << 20
"""Books take no more than this."""
WAIT_MS = 3 * 3_600_000
"""With so much to seal, a request does it and does not leave it to the keeper."""
ROUND_S = 5.0
"""How often the books of the newest run are looked after."""
_NEVER_MS = 1 << 62
Window = tuple[int, int]
"""[from_ms, to_ms)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sums:
    """What some machines did in some windows, by their books."""

    sums: Int64s
    """What adds up; shape (windows, machines, SUMMED)."""
    flags: Flags
    """The rest of it; in columns of shape (windows, machines)."""
    directly: Sequence[int]
    """The places of machines without a book: of them nothing is said here."""


class Books:
    """Accounts of any window from sums; safe to share between threads.

    Args:
        reader: The history.
        basis: By what numbers are worked out.
        memory_bytes: How much memory books may take.
    """

    def __init__(self, reader: Reader, basis: Basis, *, memory_bytes: int = MEMORY_BYTES) -> None:
        self.basis = basis
        """By what the sums are worked out; they answer for no other."""
        self._reader = reader
        self._shelves = Shelves(reader, basis, memory_bytes)
        self._keeper: threading.Thread | None = None
        self._asked = False

    def start(self) -> None:
        """Keep the books of the newest run, in the background."""
        self._shelves.stopping.clear()
        self._keeper = threading.Thread(target=self._keep, name="books", daemon=True)
        self._keeper.start()

    def stop(self) -> None:
        """Let the books be."""
        self._shelves.stopping.set()
        if self._keeper is not None:
            self._keeper.join(5.0)

    @property
    def nbytes(self) -> int:
        """How much memory all books take, in bytes."""
        return self._shelves.nbytes

    def keep(self) -> None:
        """Bring the books of the newest run up to date."""
        machines = self._shelves.keep()
        if machines and not self._asked:
            # Nobody should wait while the question for what comes after the books is put into words.
            self._asked = True
            self.accounts(machines, machines[0].known_until_ms - 1, machines[0].known_until_ms)

    def accounts(self, machines: Sequence[MachineRow], from_ms: int, to_ms: int) -> list[Account]:
        """What each machine did in [from_ms, to_ms), as far as it existed, added up."""
        if not machines:
            return []
        found = self._sums(machines, [(from_ms, to_ms)])
        ideals = [ideal_us_of(machine.birth) for machine in machines]
        accounts = accounts_with(found.sums[0], ideals, Flags(*(column[0] for column in found.flags)))
        for place in found.directly:
            accounts[place] = direct_account(self._reader, self.basis, machines[place], from_ms, to_ms)
        return accounts

    def totals(self, machines: Sequence[MachineRow], windows: Sequence[Window]) -> list[Account]:
        """What all machines together did in each window, as far as they existed, added up."""
        if not machines:
            return [Account.empty()] * len(windows)
        found = self._sums(machines, windows)
        ideals = [ideal_us_of(machine.birth) for machine in machines]
        direct = [
            {
                place: direct_account(self._reader, self.basis, machines[place], *window)
                for place in found.directly
            }
            for window in windows
        ]
        return totals_with(found.sums, ideals, found.flags, direct)

    @contextmanager
    def opened(
        self, machines: Sequence[MachineRow], window: Window, to_ms: int
    ) -> Iterator[list[Opened | None]]:
        """The books of each machine, to be read in a window and up to a moment; None where it has none."""
        self._shelves.heed_rewrites()
        shelves = self._shelves.of(machines, build=window[1] - window[0] > SHORT_MS)
        self._grow(machines, shelves)
        with self._shelves.library.reading():
            yield [
                None if shelf is None or one is None else Opened(shelf, *one)
                for shelf, one in zip(shelves, self._books(machines, shelves, to_ms), strict=True)
            ]

    def _sums(self, machines: Sequence[MachineRow], windows: Sequence[Window]) -> _Sums:
        self._shelves.heed_rewrites()
        edges, ends = np.unique(np.array(windows, np.int64), return_inverse=True)
        begins, ends = ends.reshape(-1, 2).T
        long = any(to_ms - from_ms > SHORT_MS for from_ms, to_ms in windows)
        shelves = self._shelves.of(machines, build=long)
        self._grow(machines, shelves)
        # No block of a book is used for another while sums are looked up in it.
        with self._shelves.library.reading():
            both = self._books(machines, shelves, int(edges[-1]))
            kept = [(place, *one) for place, one in enumerate(both) if one is not None]
            places = [place for place, _, _ in kept]
            since, until = np.array(
                [(one.since_ms, _NEVER_MS if one.retired_ms is None else one.retired_ms) for one in machines]
            ).T[..., np.newaxis]
            lives = np.maximum(np.minimum(edges, until), since)
            low, high = np.array([(one.from_ms, one.until_ms) for _, one, _ in kept]).reshape(-1, 2).T
            at = np.minimum(np.maximum(lives[places], low[:, np.newaxis]), high[:, np.newaxis])
            sums = np.zeros((0, len(edges), SUMMED), np.int64)
            if kept:
                sums = sums_upto([one for _, one, _ in kept], at)
        _add_rests(sums, lives[places], [(sealed.until_ms, rest) for _, sealed, rest in kept])
        if len(kept) < len(machines):
            every = np.zeros((len(machines), len(edges), SUMMED), np.int64)
            every[places] = sums
            sums = every
        parts_ms, rejects_ms = np.full((2, len(machines)), _NEVER_MS)
        for place, sealed, rest in kept:
            last = rest or sealed
            if last.parts_from_ms is not None:
                parts_ms[place] = last.parts_from_ms
            if last.rejects_from_ms is not None:
                rejects_ms[place] = last.rejects_from_ms
        ended = lives.T[ends]
        there = lives.T[begins] < ended
        return _Sums(
            sums=(np.take(sums, ends, axis=1) - np.take(sums, begins, axis=1)).swapaxes(0, 1),
            flags=Flags(there & (parts_ms <= ended), there & (rejects_ms <= ended), there),
            directly=[place for place, one in enumerate(both) if one is None],
        )

    def _grow(self, machines: Sequence[MachineRow], shelves: Sequence[Shelf | None]) -> None:
        """Let those books grow for which there is so much to seal that the keeper is not waited for."""
        long = [
            (machine, shelf)
            for machine, shelf in zip(machines, shelves, strict=True)
            if shelf
            and machine.known_until_ms - shelf.sealed.until_ms >= WAIT_MS
            and self._shelves.sure_ms(shelf, machine) - shelf.sealed.until_ms >= WAIT_MS
        ]
        if long:
            self._shelves.grow(long)

    def _books(
        self, machines: Sequence[MachineRow], shelves: Sequence[Shelf | None], to_ms: int
    ) -> list[tuple[Book, Rest | None] | None]:
        """The sealed book of each machine, and the rest where windows reach beyond."""
        found: list[tuple[Book, Rest | None] | None] = []
        stale: list[int] = []
        for place, (machine, shelf) in enumerate(zip(machines, shelves, strict=True)):
            if shelf is None:
                found.append(None)
                continue
            ended_ms = to_ms if machine.retired_ms is None else min(to_ms, machine.retired_ms)
            with self._shelves.lock:
                sealed, rest = shelf.sealed, shelf.rest
            if ended_ms <= sealed.until_ms:
                rest = None
            elif rest is None or rest.known_ms != machine.known_until_ms or rest.to_ms < ended_ms:
                stale.append(place)
            found.append((sealed, rest))
        if stale:
            chosen = [
                (machines[place], shelf, both[0])
                for place in stale
                if (shelf := shelves[place]) is not None and (both := found[place]) is not None
            ]
            until_ms = max(to_ms, *(machines[place].known_until_ms for place in stale))
            for place, (_, _, sealed), rest in zip(stale, chosen, self._rests(chosen, until_ms), strict=True):
                found[place] = sealed, rest
        return found

    def _rests(self, chosen: Sequence[tuple[MachineRow, Shelf, Book]], to_ms: int) -> list[Rest]:
        """What comes after some sealed books up to a moment, which lies after all of their ends."""
        before = [shelf.changes for _, shelf, _ in chosen]
        chain = self._shelves.chain(chosen, [to_ms] * len(chosen))
        book, found = Book.of(chain), []
        for (machine, shelf, sealed), changes, offset_ms, parts_from_ms, rejects_from_ms in zip(
            chosen, before, chain.offsets_ms.tolist(), chain.parts_from_ms, chain.rejects_from_ms, strict=True
        ):
            rest = Rest(
                book=book,
                offset_ms=offset_ms,
                to_ms=to_ms,
                known_ms=machine.known_until_ms,
                parts_from_ms=parts_from_ms if sealed.parts_from_ms is None else sealed.parts_from_ms,
                rejects_from_ms=rejects_from_ms if sealed.rejects_from_ms is None else sealed.rejects_from_ms,
            )
            found.append(rest)
            with self._shelves.lock:
                # Unless something was rewritten or sealed meanwhile.
                if shelf.sealed is sealed and shelf.changes == changes:
                    shelf.rest = rest
        return found

    def _keep(self) -> None:
        while not self._shelves.stopping.is_set():
            try:
                self.keep()
            except (SQLAlchemyError, HistoryError, OSError) as error:
                logger.warning("the books wait for the history: %s", error)
            self._shelves.stopping.wait(ROUND_S)


def _add_rests(sums: Int64s, lives_ms: Int64s, rests: Sequence[tuple[int, Rest | None]]) -> None:
    """Add to the sums of each machine up to its moments what comes after its sealed book.

    Args:
        sums: The sums; changed; shape (machines, moments, SUMMED).
        lives_ms: The moments, in order, ms since 1970; shape (machines, moments).
        rests: For each machine where its sealed book ends, and what comes after.
    """
    by_chain: dict[int, list[int]] = {}
    for place, (_, rest) in enumerate(rests):
        if rest is not None:
            by_chain.setdefault(id(rest.book), []).append(place)
    for places in by_chain.values():
        mine = [(until_ms, rest) for until_ms, rest in (rests[place] for place in places) if rest is not None]
        low, high, offset = np.array([(until_ms, one.to_ms, one.offset_ms) for until_ms, one in mine]).T
        lives = lives_ms[places]
        # Most moments of a long window cut by the calendar lie before all of this.
        first = int((lives <= low[:, np.newaxis]).all(axis=0).sum())
        at = np.minimum(np.maximum(lives[:, first:], low[:, np.newaxis]), high[:, np.newaxis])
        at = np.concatenate((low[:, np.newaxis], at), axis=1) + offset[:, np.newaxis]
        upto = sums_upto([mine[0][1].book], at.reshape(1, -1)).reshape(*at.shape, SUMMED)
        sums[np.array(places), first:] += upto[:, 1:] - upto[:, :1]
