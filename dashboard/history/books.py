"""The books of sums that a web process keeps, so that a year is answered as quickly as an hour.

A book holds a machine's past up to where nothing but a rewrite can change it, and grows with it. What
comes after is worked out anew whenever there is more of it. Numbers are the same with and without books.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from dashboard.history.groups import Group, Groups, Sums
from dashboard.history.numbers import direct_account
from dashboard.history.opened import Opened
from dashboard.history.reader import Reader
from dashboard.history.rows import MachineRow
from dashboard.history.shelves import SHORT_MS, Rest, Shelf, Shelves
from dashboard.history.version import HistoryError
from dashboard.kpi.account import Account
from dashboard.kpi.basis import Basis
from dashboard.kpi.book import Book
from dashboard.kpi.totals import Flags, accounts_with, totals_with
from dashboard.memory import usable_bytes

logger = logging.getLogger(__name__)

SHARE = 3
"""Books take no more than one part in so many of the memory that the process may use."""
MEMORY_BYTES = 512 << 20
"""They take no more than this where nobody knows how much that is."""
WAIT_MS = 3 * 3_600_000
"""With so much to seal, a request does it and does not leave it to the keeper."""
ROUND_S = 5.0
"""How often the books of the newest run are looked after."""
Window = tuple[int, int]
"""[from_ms, to_ms)."""


class Books:
    """Accounts of any window from sums; safe to share between threads.

    Args:
        reader: The history.
        basis: By what numbers are worked out.
        memory_bytes: How much memory books may take; None for a share of what there is.
    """

    def __init__(self, reader: Reader, basis: Basis, *, memory_bytes: int | None = None) -> None:
        self.basis = basis
        """By what the sums are worked out; they answer for no other."""
        self._reader = reader
        self._shelves = (
            _shelves_by_share(reader, basis) if memory_bytes is None else Shelves(reader, basis, memory_bytes)
        )
        self._groups = Groups()
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
        return self._shelves.nbytes + self._groups.nbytes

    @property
    def room_bytes(self) -> int:
        """How much memory they may take, in bytes."""
        return self._shelves.memory_bytes

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
        group, found = self._sums(machines, [(from_ms, to_ms)])
        flags = Flags(*(column[0] for column in found.flags))
        accounts = accounts_with(found.sums[0], group.ideals_us, flags)
        for place in group.directly:
            accounts[place] = direct_account(self._reader, self.basis, machines[place], from_ms, to_ms)
        return accounts

    def totals(self, machines: Sequence[MachineRow], windows: Sequence[Window]) -> list[Account]:
        """What all machines together did in each window, as far as they existed, added up."""
        if not machines:
            return [Account.empty()] * len(windows)
        group, found = self._sums(machines, windows)
        direct = [
            {
                place: direct_account(self._reader, self.basis, machines[place], *window)
                for place in group.directly
            }
            for window in windows
        ]
        return totals_with(found.sums, group.ideals_us, found.flags, direct)

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

    def _sums(self, machines: Sequence[MachineRow], windows: Sequence[Window]) -> tuple[Group, Sums]:
        self._shelves.heed_rewrites()
        to_ms = max(window[1] for window in windows)
        # No block of a book is used for another while sums are looked up in it.
        with self._shelves.library.reading():
            group = self._groups.known(machines, to_ms, self._shelves.version)
            if group is not None:
                return group, group.sums(windows)
        long = any(ended_ms - begun_ms > SHORT_MS for begun_ms, ended_ms in windows)
        shelves = self._shelves.of(machines, build=long)
        self._grow(machines, shelves)
        with self._shelves.library.reading():
            version = self._shelves.version
            books = self._books(machines, shelves, to_ms)
            lookup = self._groups.lookup([one[0] for one in books if one is not None])
            group = Group.of(machines, books, to_ms, version=version, lookup=lookup)
            self._groups.keep(group)
            return group, group.sums(windows)

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


def _shelves_by_share(reader: Reader, basis: Basis) -> Shelves:
    """Shelves with their share of the memory."""
    usable = usable_bytes()
    if usable is not None:
        try:
            return Shelves(reader, basis, usable // SHARE)
        except MemoryError:
            # The system promises no more than it has, and has promised it to others.
            logger.warning(
                "the system promises no %d MB for books: %d MB", usable // SHARE >> 20, MEMORY_BYTES >> 20
            )
    return Shelves(reader, basis, MEMORY_BYTES)
