"""The books of sums that a web process keeps, so that a year is answered as quickly as an hour.

A book holds a machine's past up to where nothing but a rewrite can change it, and grows with it. What
comes after is worked out anew whenever there is more of it. Numbers are the same with and without books.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from time import monotonic

import numpy as np
from sqlalchemy.exc import SQLAlchemyError

from dashboard.calendar.schedule import Schedule
from dashboard.history.numbers import direct_account, knowledge_in, lifetime
from dashboard.history.reader import MachineRow, Reader
from dashboard.history.stretches import Stretch
from dashboard.history.version import HistoryError
from dashboard.intervals import Int64s
from dashboard.kpi.account import FIELDS, Account, accounts_with, ideal_us_of, reach_ms
from dashboard.kpi.basis import Basis
from dashboard.kpi.book import MADE, TIME, Asked, Book, sums_of
from dashboard.kpi.chain import Chain, Link, chain_of
from dashboard.kpi.pieces import Span
from dashboard.states.knowledge import Knowledge

logger = logging.getLogger(__name__)

MEMORY_BYTES = 512 << 20
"""Books take no more than this, unless all of them were needed within `IN_USE_S`."""
SEAL_MS = 900_000
"""A book ends at a multiple of this, and grows when there is another to seal."""
WAIT_MS = 3 * 3_600_000
"""With so much to seal, a request does it and does not leave it to the keeper."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rest:
    """What comes after a sealed book: a part of what was worked out for many machines at once."""

    book: Book
    """The book of all of them."""
    offset_ms: int
    """By how much its time is ahead."""
    to_ms: int
    """Up to where this machine's part reaches."""
    known_ms: int
    """Up to when there was evidence when it was worked out."""
    parts_from_ms: int | None
    """From when on anything counts parts; None where nothing does yet."""
    rejects_from_ms: int | None
    """From when on anything counts rejects; None where nothing does yet."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Shelf:
    """The books of one machine."""

    machine: MachineRow
    """The machine as it was known last."""
    schedule: Schedule
    """When its production is planned."""
    knowledge: Knowledge
    """How its state is known."""
    sealed: Book
    """The past up to where nothing but a rewrite can change it."""
    rest: _Rest | None = None
    """What comes after, as far as it was asked for; it begins where the sealed book ends."""
    used: float = 0.0
    """When it was last used, by the monotonic clock."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    """Held while the sealed book grows or is cut."""
    changes: int = 0
    """Counts up whenever the sealed book is another, or its machine's history was rewritten after it."""

    def replace(self, sealed: Book) -> None:
        """Another sealed book; what came after the one before is worked out anew."""
        self.sealed, self.rest = sealed, None
        self.changes += 1


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
        """Held while shelves come and go, and while a rest takes its place."""
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
            return self._taken()

    def accounts(self, machines: Sequence[MachineRow], from_ms: int, to_ms: int) -> list[Account]:
        """What each machine did in [from_ms, to_ms), as far as it existed, added up."""
        self._heed_rewrites()
        lives = [lifetime(machine, from_ms, to_ms) for machine in machines]
        shelves = self._shelves_of(machines, build=to_ms - from_ms > SHORT_MS)
        both = self._books(machines, lives, shelves)
        found: list[Account | None] = [None] * len(machines)
        asked: list[Asked] = []
        owners: list[int] = []
        """Place of the machine for which each of them is asked."""
        parts, rejects = [False] * len(machines), [False] * len(machines)
        early = dict[int, Account]()
        """What machines did before their books begin."""
        for place, (machine, (begun_ms, ended_ms), books) in enumerate(
            zip(machines, lives, both, strict=True)
        ):
            if books is None or begun_ms >= ended_ms:
                found[place] = direct_account(self._reader, self.basis, machine, from_ms, to_ms)
                continue
            sealed, rest = books
            if begun_ms < sealed.from_ms:
                early_ms = min(sealed.from_ms, ended_ms)
                early[place] = direct_account(self._reader, self.basis, machine, begun_ms, early_ms)
                begun_ms = early_ms  # noqa: PLW2901 - what remains of it
            sealed_ms = min(ended_ms, sealed.until_ms)
            if begun_ms < sealed_ms:
                asked.append((sealed, begun_ms, sealed_ms))
                owners.append(place)
            if rest is not None and max(begun_ms, sealed.until_ms) < ended_ms:
                offset_ms = rest.offset_ms
                after_ms = max(begun_ms, sealed.until_ms) + offset_ms
                asked.append((rest.book, after_ms, ended_ms + offset_ms))
                owners.append(place)
            if begun_ms < ended_ms:
                last = rest or sealed
                parts[place] = last.parts_from_ms is not None and last.parts_from_ms <= ended_ms
                rejects[place] = last.rejects_from_ms is not None and last.rejects_from_ms <= ended_ms
        sums = np.zeros((len(machines), SUMMED), np.int64)
        if asked:
            np.add.at(sums, owners, sums_of(asked))
        for place, account in early.items():
            sums[place] += account.vector[:SUMMED]
            parts[place] |= account.counts_parts
            rejects[place] |= account.counts_rejects
        return _accounts(machines, found, sums, parts, rejects)

    def _books(
        self,
        machines: Sequence[MachineRow],
        lives: Sequence[tuple[int, int]],
        shelves: Sequence[_Shelf | None],
    ) -> list[tuple[Book, _Rest | None] | None]:
        """The sealed book of each machine, and the rest where its window reaches beyond."""
        self._seal(
            [
                (machine, shelf)
                for machine, shelf in zip(machines, shelves, strict=True)
                if shelf and self._sure_ms(shelf, machine) - shelf.sealed.until_ms >= WAIT_MS
            ]
        )
        found: list[tuple[Book, _Rest | None] | None] = []
        stale: list[int] = []
        for place, (machine, (from_ms, to_ms), shelf) in enumerate(
            zip(machines, lives, shelves, strict=True)
        ):
            if shelf is None or from_ms >= to_ms:
                found.append(None)
                continue
            with self._lock:
                sealed, rest = shelf.sealed, shelf.rest
            if to_ms <= sealed.until_ms:
                rest = None
            elif rest is None or rest.known_ms != machine.known_until_ms or rest.to_ms < to_ms:
                stale.append(place)
            found.append((sealed, rest))
        if stale:
            to_ms = max(max(lives[place][1], machines[place].known_until_ms) for place in stale)
            chosen = [
                (machines[place], shelf, both[0])
                for place in stale
                if (shelf := shelves[place]) is not None and (both := found[place]) is not None
            ]
            for place, (_, _, sealed), rest in zip(stale, chosen, self._rests(chosen, to_ms), strict=True):
                found[place] = sealed, rest
        return found

    def _rests(self, chosen: Sequence[tuple[MachineRow, _Shelf, Book]], to_ms: int) -> list[_Rest]:
        """What comes after some sealed books up to a moment, which lies after all of their ends."""
        before = [shelf.changes for _, shelf, _ in chosen]
        chain = self._chain(chosen, [to_ms] * len(chosen))
        book, found = Book.of(chain), []
        for (machine, shelf, sealed), changes, offset_ms, parts_from_ms, rejects_from_ms in zip(
            chosen, before, chain.offsets_ms.tolist(), chain.parts_from_ms, chain.rejects_from_ms, strict=True
        ):
            rest = _Rest(
                book=book,
                offset_ms=offset_ms,
                to_ms=to_ms,
                known_ms=machine.known_until_ms,
                parts_from_ms=parts_from_ms if sealed.parts_from_ms is None else sealed.parts_from_ms,
                rejects_from_ms=rejects_from_ms if sealed.rejects_from_ms is None else sealed.rejects_from_ms,
            )
            found.append(rest)
            with self._lock:
                # Unless something was rewritten or sealed meanwhile.
                if shelf.sealed is sealed and shelf.changes == changes:
                    shelf.rest = rest
        return found

    def _chain(self, chosen: Sequence[tuple[MachineRow, _Shelf, Book]], to_ms: Sequence[int]) -> Chain:
        """What became of the time of each machine from the end of its book up to a moment."""
        choices, margin = self.basis.choices, self.basis.choices.margin_ms + 1
        told = self._reader.told(
            [
                Stretch(
                    run=machine.run,
                    machine=machine.name,
                    from_ms=book.until_ms,
                    to_ms=ended,
                    reach_ms=reach_ms(choices, shelf.knowledge),
                    # An empty book does not know what was before it.
                    counted=(book.parts_from_ms is not None, book.rejects_from_ms is not None)
                    if book.until_ms > book.from_ms
                    else (True, True),
                )
                for (machine, shelf, book), ended in zip(chosen, to_ms, strict=True)
            ]
        )
        spans = dict[tuple[Schedule, int, int], Sequence[Span]]()
        links = []
        for (_, shelf, book), ended, low_ms, known_until_ms in zip(
            chosen, to_ms, told.low_ms, told.known_until_ms, strict=True
        ):
            key = (shelf.schedule, book.until_ms, ended)
            if key not in spans:
                spans[key] = shelf.schedule.spans(book.until_ms - margin, ended + margin)
            links.append(
                Link(
                    from_ms=book.until_ms, to_ms=ended, low_ms=low_ms, known_until_ms=known_until_ms,
                    spans=spans[key], knowledge=shelf.knowledge,
                )
            )  # fmt: skip
        return chain_of(links, told.evidence, choices)

    def _shelves_of(self, machines: Sequence[MachineRow], *, build: bool) -> list[_Shelf | None]:
        """Where each machine's books are; None when it has none and none are to be made."""
        found: list[_Shelf | None] = []
        now = monotonic()
        with self._lock:
            for machine in machines:
                key = (machine.run, machine.name)
                shelf = self._shelves.get(key)
                if shelf is not None and not self._still_holds(shelf, machine):
                    del self._shelves[key]
                    shelf = None
                if shelf is not None:
                    shelf.used = now
                    self._shelves.move_to_end(key)
                found.append(shelf)
        if not build:
            return found
        for place, machine in enumerate(machines):
            if found[place] is None:
                found[place] = shelf = self._new_shelf(machine, now)
                # One after the other: whether there is room for the next is known when this one is full.
                if shelf is not None:
                    self._seal([(machine, shelf)])
        return found

    def _new_shelf(self, machine: MachineRow, now: float) -> _Shelf | None:
        knowledge = knowledge_in(machine)
        # Nothing tells the state of the truth itself, but of what is measured something always does.
        if knowledge is None:
            return None
        schedule = self.basis.calendar.schedule(machine.path, machine.name)
        with self._lock:
            if not self._make_room(now):
                return None
            shelf = _Shelf(
                machine=machine,
                schedule=schedule,
                knowledge=knowledge,
                sealed=Book.empty(machine.since_ms),
                used=now,
            )
            return self._shelves.setdefault((machine.run, machine.name), shelf)

    def _still_holds(self, shelf: _Shelf, machine: MachineRow) -> bool:
        """Whether books of a machine as it was known last are those of the machine as it is now."""
        known, shelf.machine = shelf.machine, machine
        if known is machine or (
            (known.birth, known.learned, known.path) == (machine.birth, machine.learned, machine.path)
        ):
            return True
        knowledge = knowledge_in(machine)
        return (
            knowledge is not None
            and (shelf.knowledge.how, shelf.knowledge.reach_ms) == (knowledge.how, knowledge.reach_ms)
            and shelf.schedule is self.basis.calendar.schedule(machine.path, machine.name)
        )

    def _taken(self) -> int:
        rests = {id(one.rest.book): one.rest.book.nbytes for one in self._shelves.values() if one.rest}
        return sum(one.sealed.nbytes for one in self._shelves.values()) + sum(rests.values())

    def _make_room(self, now: float) -> bool:
        """Give up books that nobody needed lately; False when all are needed and there is no room."""
        taken = self._taken()
        while taken > self._memory_bytes:
            key, oldest = next(iter(self._shelves.items()))
            if now - oldest.used < IN_USE_S:
                return False
            taken -= oldest.sealed.nbytes
            del self._shelves[key]
        return True

    def _sure_ms(self, shelf: _Shelf, machine: MachineRow) -> int:
        """Up to when nothing that is known later can tell how a machine's time was used."""
        # What is known later may still tell how the last of it was used, and no rewrite tells of that.
        unsure_ms = machine.knowledge.unsure_ms + max(self._reach_ms, shelf.knowledge.reach_ms)
        sure_ms = machine.known_until_ms - unsure_ms - 1
        # Books that end together have the same calendar after them.
        return sure_ms // SEAL_MS * SEAL_MS

    def _seal(self, chosen: Sequence[tuple[MachineRow, _Shelf]]) -> None:
        """Let the sealed books of some machines grow: each long past by itself, all that is short at once."""
        together: list[tuple[MachineRow, _Shelf]] = []
        for machine, shelf in chosen:
            if self._stopping.is_set():
                return
            if self._sure_ms(shelf, machine) - shelf.sealed.until_ms > SHORT_MS:
                self._seal_together([(machine, shelf)])
            else:
                together.append((machine, shelf))
        self._seal_together(together)

    def _seal_together(self, chosen: Sequence[tuple[MachineRow, _Shelf]]) -> None:
        with ExitStack() as locks:
            growing: list[tuple[MachineRow, _Shelf, Book]] = []
            # Once each and in the order of their names, or those that lock several wait for each other.
            for _, (machine, shelf) in sorted({(one[0].run, one[0].name): one for one in chosen}.items()):
                locks.enter_context(shelf.lock)
                if self._sure_ms(shelf, machine) > shelf.sealed.until_ms:
                    growing.append((machine, shelf, shelf.sealed))
            if not growing:
                return
            chain = self._chain(growing, [self._sure_ms(shelf, machine) for machine, shelf, _ in growing])
            for link, (_, shelf, sealed) in enumerate(growing):
                longer = sealed.joined(chain, link)
                with self._lock:
                    shelf.replace(longer)

    def _heed_rewrites(self) -> None:
        """Cut back the books of which the history no longer says the same."""
        with self._heeding:
            newest = self._reader.newest_rewrite()
            if self._rewrite is None:
                self._rewrite = newest
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
                    with shelf.lock, self._lock:
                        # Time just before may be told by what came after it.
                        reach = max(self._reach_ms, shelf.knowledge.reach_ms)
                        shelf.replace(shelf.sealed.cut(rewrite.from_ms - reach))
                self._rewrite = rewrite.number

    def _keep(self) -> None:
        while not self._stopping.is_set():
            try:
                self.keep()
            except (SQLAlchemyError, HistoryError, OSError) as error:
                logger.warning("the books wait for the history: %s", error)
            self._stopping.wait(ROUND_S)

    def keep(self) -> None:
        """Bring the books of the newest run up to date."""
        runs = self._reader.runs()
        if not runs:
            return
        self._heed_rewrites()
        machines = self._reader.machines(runs[0].run, retired=True)
        growing = []
        for machine, shelf in zip(machines, self._shelves_of(machines, build=True), strict=True):
            if shelf is not None and self._sure_ms(shelf, machine) > shelf.sealed.until_ms:
                growing.append((machine, shelf))
        self._seal(growing)


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
    accounts = accounts_with(vectors, ideals, parts, rejects)
    return [one if known is None else known for one, known in zip(accounts, found, strict=True)]
