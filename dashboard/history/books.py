"""The books of sums that a web process keeps, so that a year is answered as quickly as an hour.

A book holds a machine's past up to where nothing but a rewrite can change it, and grows with it. What
comes after is worked out anew whenever there is more of it. Numbers are the same with and without books.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic

import numpy as np
from sqlalchemy.exc import SQLAlchemyError

from dashboard.calendar.schedule import Schedule
from dashboard.history.numbers import direct_account, evidence, knowledge_in, lifetime, spans_of
from dashboard.history.reader import MachineRow, Reader
from dashboard.history.version import HistoryError
from dashboard.intervals import Int64s
from dashboard.kpi.account import FIELDS, Account, account_with, ideal_us_of, reach_ms
from dashboard.kpi.basis import Basis
from dashboard.kpi.book import MADE, TIME, Asked, Book, sums_of

logger = logging.getLogger(__name__)

MEMORY_BYTES = 512 << 20
"""Books take no more than this, unless all of them were needed within `IN_USE_S`."""
SEAL_MS = 3_600_000
"""A book grows when there is at least so much more to seal."""
SHORT_MS = 2 * 86_400_000
"""A window up to this length is worked out directly where there is no book yet."""
IN_USE_S = 60.0
"""A book that was used within this time is not given up for another."""
ROUND_S = 5.0
"""How often the books of the newest run are looked after."""
_Key = tuple[str, str]
SUMMED = len(TIME) + len(MADE)
"""So many fields add up; those that need an ideal cycle follow from them."""
_PARTS, _REJECTS, _SILENT_PARTS = (FIELDS.index(name) for name in ("parts", "rejects", "silent_parts"))


@dataclass(slots=True, kw_only=True)
class _Shelf:
    """The books of one machine."""

    rule: tuple[Schedule, str, int]
    """By what they are worked out: schedule, how the state is known, and its period."""
    sealed: Book
    """The past up to where nothing but a rewrite can change it."""
    rest: Book
    """What comes after, as far as it was asked for."""
    rest_known_ms: int = -1
    """Up to when there was evidence when the rest was worked out."""
    used: float = 0.0
    """When it was last used, by the monotonic clock."""
    lock: threading.Lock = field(default_factory=threading.Lock)


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
        self._reach_ms = reach_ms(basis.choices, None)
        self._memory_bytes = memory_bytes
        self._shelves: OrderedDict[_Key, _Shelf] = OrderedDict()
        """The one used last comes last."""
        self._lock = threading.Lock()
        self._heeding = threading.Lock()
        self._rewrite: int | None = None
        """Number of the newest rewrite that the books know of."""
        self._stopping = threading.Event()
        self._keeper: threading.Thread | None = None

    def start(self) -> None:
        """Keep the books of the newest run, in the background."""
        self._stopping.clear()
        self._keeper = threading.Thread(target=self._keep, name="books", daemon=True)
        self._keeper.start()

    def stop(self) -> None:
        """Let the books be."""
        self._stopping.set()
        if self._keeper is not None:
            self._keeper.join(5.0)

    @property
    def nbytes(self) -> int:
        """How much memory all books take, in bytes."""
        with self._lock:
            return sum(one.sealed.nbytes + one.rest.nbytes for one in self._shelves.values())

    def accounts(self, machines: Sequence[MachineRow], from_ms: int, to_ms: int) -> list[Account]:
        """What each machine did in [from_ms, to_ms), as far as it existed, added up."""
        self._heed_rewrites()
        asked: list[Asked] = []
        owners: list[int] = []
        """Place of the machine for which each of them is asked."""
        found: list[Account | None] = [None] * len(machines)
        early = dict[int, Account]()
        """What machines did before their books begin."""
        for place, machine in enumerate(machines):
            begun_ms, ended_ms = lifetime(machine, from_ms, to_ms)
            books = self._books(machine, begun_ms, ended_ms) if begun_ms < ended_ms else ()
            if not books:
                found[place] = direct_account(self._reader, self.basis, machine, from_ms, to_ms)
                continue
            if begun_ms < books[0].from_ms:
                early_ms = min(books[0].from_ms, ended_ms)
                early[place] = direct_account(self._reader, self.basis, machine, begun_ms, early_ms)
            for book in books:
                first_ms, last_ms = max(begun_ms, book.from_ms), min(ended_ms, book.until_ms)
                if first_ms < last_ms:
                    asked.append((book, first_ms, last_ms))
                    owners.append(place)
        sums = np.zeros((len(machines), SUMMED), np.int64)
        if asked:
            np.add.at(sums, owners, sums_of(asked))
        parts, rejects = np.zeros(len(machines), np.bool_), np.zeros(len(machines), np.bool_)
        for place, account in early.items():
            sums[place] += account.vector[:SUMMED]
            parts[place], rejects[place] = account.counts_parts, account.counts_rejects
        for place, (book, _, last_ms) in zip(owners, asked, strict=True):
            parts[place] |= book.parts_from_ms is not None and book.parts_from_ms <= last_ms
            rejects[place] |= book.rejects_from_ms is not None and book.rejects_from_ms <= last_ms
        return _accounts(machines, found, sums, parts.tolist(), rejects.tolist())

    def _books(self, machine: MachineRow, from_ms: int, to_ms: int) -> tuple[Book, ...]:
        """The books that hold a window of a machine from some moment on; none where it has none."""
        shelf = self._shelf(machine, build=to_ms - from_ms > SHORT_MS)
        if shelf is None:
            return ()
        with shelf.lock:
            sealed = self._seal(shelf, machine)
            if to_ms <= sealed.until_ms:
                return (sealed,)
            rest = shelf.rest
            fresh = rest.from_ms == sealed.until_ms and shelf.rest_known_ms == machine.known_until_ms
            if not fresh or rest.until_ms < to_ms:
                shelf.rest = rest = self._grown(Book.empty(sealed.until_ms), machine, to_ms)
                shelf.rest_known_ms = machine.known_until_ms
            return sealed, rest

    def _shelf(self, machine: MachineRow, *, build: bool) -> _Shelf | None:
        """Where a machine's books are; None when it has none and none are to be made."""
        knowledge = knowledge_in(machine)
        schedule = self.basis.calendar.schedule(machine.path, machine.name)
        # Nothing tells the state of the truth itself, but of what is measured something always does.
        how, period_ms = (knowledge.how, knowledge.reach_ms) if knowledge else ("", 0)
        rule, key, now = (schedule, how, period_ms), (machine.run, machine.name), monotonic()
        with self._lock:
            shelf = self._shelves.get(key)
            if shelf is None or shelf.rule != rule:
                if not build or not self._make_room(now):
                    return None
                empty = Book.empty(machine.since_ms)
                shelf = self._shelves[key] = _Shelf(rule=rule, sealed=empty, rest=empty)
            shelf.used = now
            self._shelves.move_to_end(key)
        return shelf

    def _make_room(self, now: float) -> bool:
        """Give up books that nobody needed lately; False when all are needed and there is no room."""
        taken = sum(one.sealed.nbytes + one.rest.nbytes for one in self._shelves.values())
        while taken > self._memory_bytes:
            key, oldest = next(iter(self._shelves.items()))
            if now - oldest.used < IN_USE_S:
                return False
            taken -= oldest.sealed.nbytes + oldest.rest.nbytes
            del self._shelves[key]
        return True

    def _seal(self, shelf: _Shelf, machine: MachineRow) -> Book:
        """The sealed book, longer where there is more to seal."""
        # What is known later may still tell how the last of it was used, and no rewrite tells of that.
        unsure_ms = machine.knowledge.unsure_ms + max(self._reach_ms, shelf.rule[2])
        sure_ms = machine.known_until_ms - unsure_ms - 1
        if sure_ms - shelf.sealed.until_ms >= SEAL_MS:
            shelf.sealed = self._grown(shelf.sealed, machine, sure_ms)
        return shelf.sealed

    def _grown(self, book: Book, machine: MachineRow, to_ms: int) -> Book:
        knowledge = knowledge_in(machine)
        if knowledge is None or to_ms <= book.until_ms:
            return book
        counts, intervals = evidence(self._reader, self.basis, machine, book.until_ms, to_ms)
        return book.extended(
            to_ms,
            intervals,
            counts,
            spans=spans_of(self.basis, machine, book.until_ms, to_ms),
            choices=self.basis.choices,
            knowledge=knowledge,
        )

    def _heed_rewrites(self) -> None:
        """Cut back the books of which the history no longer says the same."""
        with self._heeding:
            if self._rewrite is None:
                self._rewrite = self._reader.newest_rewrite()
                return
            newest = self._reader.newest_rewrite()
            if newest == self._rewrite:
                return
            rewrites = self._reader.rewrites_since(self._rewrite)
            if rewrites is None:
                # Which ones is not known any more: all of them.
                self._rewrite = newest
                with self._lock:
                    self._shelves.clear()
                return
            for rewrite in rewrites:
                with self._lock:
                    shelf = self._shelves.get((rewrite.run, rewrite.machine))
                if shelf is not None:
                    with shelf.lock:
                        # Time just before may be told by what came after it.
                        reach = max(self._reach_ms, shelf.rule[2])
                        shelf.sealed = shelf.sealed.cut(rewrite.from_ms - reach)
                        shelf.rest_known_ms = -1
                self._rewrite = rewrite.number

    def _keep(self) -> None:
        while not self._stopping.is_set():
            try:
                self.keep()
            except (SQLAlchemyError, HistoryError, OSError) as error:
                logger.warning("the books wait for the history: %s", error)
            self._stopping.wait(ROUND_S)

    def keep(self) -> None:
        """Bring the books of the newest run up to date, one machine after the other."""
        runs = self._reader.runs()
        if not runs:
            return
        self._heed_rewrites()
        for machine in self._reader.machines(runs[0].run, retired=True):
            if self._stopping.is_set():
                return
            shelf = self._shelf(machine, build=True)
            if shelf is not None:
                with shelf.lock:
                    self._seal(shelf, machine)


def _accounts(
    machines: Sequence[MachineRow],
    found: Sequence[Account | None],
    sums: Int64s,
    parts: Sequence[bool],
    rejects: Sequence[bool],
) -> list[Account]:
    """The account of each machine: the one that was found already, or the one of its sums."""
    ideals = [ideal_us_of(machine.birth) for machine in machines]
    ideal = np.array([one or 0 for one in ideals], np.int64)
    vectors = np.empty((len(machines), len(FIELDS)), np.int64)
    vectors[:, :SUMMED] = sums
    made, scrapped, silent = sums[:, _PARTS], sums[:, _REJECTS], sums[:, _SILENT_PARTS]
    vectors[:, SUMMED] = ideal * (made - silent)
    vectors[:, SUMMED + 1] = ideal * made
    vectors[:, SUMMED + 2] = ideal * (made - scrapped)
    return [
        known
        if known is not None
        else account_with(
            vectors[place], ideal_us=ideals[place], counts_parts=parts[place], counts_rejects=rejects[place]
        )
        for place, known in enumerate(found)
    ]
