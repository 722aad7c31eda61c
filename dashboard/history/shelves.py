"""The sealed books of machines: which there are, how they grow, and how they are cut back.

Nobody who asks waits for a book that grows, unless he asks for the first time: a longer book takes its
place at once when it is done, and is thrown away where the history was rewritten meanwhile.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from time import monotonic

from dashboard.calendar.schedule import Schedule
from dashboard.history.numbers import knowledge_in
from dashboard.history.reader import Reader
from dashboard.history.rows import MachineRow
from dashboard.history.stretches import Stretch
from dashboard.kpi.account import reach_ms
from dashboard.kpi.basis import Basis
from dashboard.kpi.blocks import FullError
from dashboard.kpi.book import Book, Library
from dashboard.kpi.chain import Chain, Link, chain_of
from dashboard.kpi.pieces import Span
from dashboard.losses.settled import Naming, Settled
from dashboard.states.knowledge import Knowledge
from protocol.twin import twin_run

logger = logging.getLogger(__name__)

SEAL_MS = 900_000
"""A book ends at a multiple of this, and grows when there is another to seal."""
SHORT_MS = 2 * 86_400_000
"""So much is sealed for many machines at once, more for each by itself."""
IN_USE_S = 60.0
"""A book that was used within this time is not given up for another."""
GROWTH_BYTES = 64 << 20
"""By how much books may outgrow their memory while all of them are in use."""
_Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rest:
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
class Shelf:
    """The books of one machine."""

    machine: MachineRow
    """The machine as it was known last."""
    schedule: Schedule
    """When its production is planned."""
    knowledge: Knowledge
    """How its state is known."""
    sealed: Book
    """The past up to where nothing but a rewrite can change it."""
    rest: Rest | None = None
    """What comes after, as far as it was asked for; it begins where the sealed book ends."""
    used: float = 0.0
    """When it was last used, by the monotonic clock."""
    growing: threading.Lock = field(default_factory=threading.Lock)
    """Held while its book is made longer, so that nobody does the same."""
    settled: tuple[Naming, int, Settled, Book] | None = None
    """By what stops are named, of which `cuts` they are, those that are over, and the book they are from."""
    cuts: int = 0
    """Counts up whenever the sealed book is cut."""
    changes: int = 0
    """Counts up whenever the sealed book is another, or its machine's history was rewritten after it."""


class Shelves:
    """Where the books of machines are; safe to share between threads.

    Args:
        reader: The history.
        basis: By what numbers are worked out.
        memory_bytes: How much memory books may take.
    """

    def __init__(self, reader: Reader, basis: Basis, memory_bytes: int) -> None:
        self.lock = threading.Lock()
        """Held while shelves come and go, and while a book or a rest takes its place: never for long."""
        self.stopping = threading.Event()
        """Set when nothing more is to be sealed."""
        self.library = Library.of_bytes(memory_bytes + GROWTH_BYTES)
        """Where the sealed books are kept."""
        self.version = 0
        """Counts up before any sealed book gives way to another."""
        self.memory_bytes = memory_bytes
        """How much memory books may take."""
        self._reader, self._basis = reader, basis
        self._reach_ms = reach_ms(basis.choices, None)
        self._shelves: OrderedDict[_Key, Shelf] = OrderedDict()
        """The one used last comes last."""
        self._heeding = threading.Lock()
        self._rewrite: int | None = None
        """Number of the newest rewrite that the books know of."""

    @property
    def nbytes(self) -> int:
        """How much memory all books take, in bytes."""
        with self.lock:
            rests = {id(one.rest.book): one.rest.book for one in self._shelves.values() if one.rest}
            settled = [one.settled[2] for one in self._shelves.values() if one.settled]
        more = [*(one.library.nbytes for one in rests.values()), *(one.nbytes for one in settled)]
        return self.library.nbytes + sum(more)

    def of(self, machines: Sequence[MachineRow], *, build: bool) -> list[Shelf | None]:
        """Where each machine's books are; None when it has none and none are to be made."""
        found: list[Shelf | None] = []
        now = monotonic()
        with self.lock:
            for machine in machines:
                key = (machine.run, machine.name)
                shelf = self._shelves.get(key)
                if shelf is not None and not self._still_holds(shelf, machine):
                    self._give_up(key)
                    shelf = None
                if shelf is not None:
                    shelf.used = now
                    self._shelves.move_to_end(key)
                found.append(shelf)
        if not build:
            return found
        for place, machine in enumerate(machines):
            if found[place] is None:
                found[place] = shelf = self._new(machine, now)
                # One after the other: whether there is room for the next is known when this one is full.
                if shelf is not None:
                    self.grow([(machine, shelf)])
                    found[place] = shelf if self._is_there(machine) else None
        return found

    def sure_ms(self, shelf: Shelf, machine: MachineRow) -> int:
        """Up to when nothing that is known later can tell how a machine's time was used."""
        # What is known later may still tell how the last of it was used, and no rewrite tells of that.
        unsure_ms = machine.knowledge.unsure_ms + max(self._reach_ms, shelf.knowledge.reach_ms)
        sure_ms = machine.known_until_ms - unsure_ms - 1
        # Books that end together have the same calendar after them.
        return sure_ms // SEAL_MS * SEAL_MS

    def grow(self, chosen: Sequence[tuple[MachineRow, Shelf]]) -> None:
        """Let the sealed books of some machines grow: each long past by itself, all that is short at once."""
        together: list[tuple[MachineRow, Shelf]] = []
        for machine, shelf in chosen:
            if self.stopping.is_set():
                return
            if self.sure_ms(shelf, machine) - shelf.sealed.until_ms > SHORT_MS:
                self._grow_together([(machine, shelf)])
            else:
                together.append((machine, shelf))
        self._grow_together(together)

    def chain(self, chosen: Sequence[tuple[MachineRow, Shelf, Book]], to_ms: Sequence[int]) -> Chain:
        """What became of the time of each machine from the end of its book up to a moment."""
        choices, margin = self._basis.choices, self._basis.choices.margin_ms + 1
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
        return chain_of(links, told.evidence, choices, self.library.causes)

    def heed_rewrites(self) -> None:
        """Cut back the books of which the history no longer says the same."""
        with self._heeding:
            newest = self._reader.newest_rewrite()
            if self._rewrite is None:
                self._rewrite = newest
            if newest == self._rewrite:
                return
            rewrites = self._reader.rewrites_since(self._rewrite)
            with self.lock:
                if rewrites is None:
                    # Which ones is not known any more: all of them.
                    self._rewrite = newest
                    for key in list(self._shelves):
                        self._give_up(key)
                    return
                for rewrite in rewrites:
                    shelf = self._shelves.get((rewrite.run, rewrite.machine))
                    if shelf is not None:
                        # Time just before may be told by what came after it.
                        reach = max(self._reach_ms, shelf.knowledge.reach_ms)
                        self._replace(shelf, shelf.sealed.cut(rewrite.from_ms - reach))
                    self._rewrite = rewrite.number

    def keep(self) -> list[MachineRow]:
        """Bring the books of the newest run and of its twin up to date; returns their machines."""
        runs = self._reader.runs()
        if not runs:
            return []
        self.heed_rewrites()
        with self.lock:
            self._make_room(monotonic())
        newest = runs[0].run
        machines = [
            machine
            for run in (newest, twin_run(newest))
            for machine in self._reader.machines(run, retired=True)
        ]
        self.grow(
            [
                (machine, shelf)
                for machine, shelf in zip(machines, self.of(machines, build=True), strict=True)
                if shelf is not None and self.sure_ms(shelf, machine) > shelf.sealed.until_ms
            ]
        )
        return machines

    def _grow_together(self, chosen: Sequence[tuple[MachineRow, Shelf]]) -> None:
        with ExitStack() as locks:
            locks.enter_context(self.library.reading())
            growing: list[tuple[MachineRow, Shelf, Book]] = []
            before: list[int] = []
            # Once each and in the order of their names, or those that lock several wait for each other.
            for _, (machine, shelf) in sorted({(one[0].run, one[0].name): one for one in chosen}.items()):
                locks.enter_context(shelf.growing)
                with self.lock:
                    sealed, changes = shelf.sealed, shelf.changes
                if self._is_there(machine) and self.sure_ms(shelf, machine) > sealed.until_ms:
                    growing.append((machine, shelf, sealed))
                    before.append(changes)
            if not growing:
                return
            chain = self.chain(growing, [self.sure_ms(shelf, machine) for machine, shelf, _ in growing])
            for link, ((machine, shelf, sealed), changes) in enumerate(zip(growing, before, strict=True)):
                try:
                    longer = sealed.joined(chain, link)
                except FullError:
                    logger.warning("no room for the books of %s: its numbers take longer", machine.name)
                    with self.lock:
                        self._give_up((machine.run, machine.name))
                    continue
                with self.lock:
                    if shelf.changes == changes and self._shelves.get((machine.run, machine.name)) is shelf:
                        self._replace(shelf, longer)
                    else:
                        # Something was rewritten meanwhile, and what was read may be of before.
                        longer.give_back(sealed)

    def _new(self, machine: MachineRow, now: float) -> Shelf | None:
        knowledge = knowledge_in(machine)
        # Nothing tells the state of the truth itself, but of what is measured something always does.
        if knowledge is None:
            return None
        schedule = self._basis.calendar.schedule(machine.path, machine.name)
        with self.lock:
            if not self._make_room(now):
                return None
            shelf = Shelf(
                machine=machine,
                schedule=schedule,
                knowledge=knowledge,
                sealed=Book.empty(machine.since_ms, self.library),
                used=now,
            )
            return self._shelves.setdefault((machine.run, machine.name), shelf)

    def _is_there(self, machine: MachineRow) -> bool:
        return (machine.run, machine.name) in self._shelves

    def _still_holds(self, shelf: Shelf, machine: MachineRow) -> bool:
        """Whether books of a machine as it was known last are those of the machine as it is now."""
        known, shelf.machine = shelf.machine, machine
        if known is machine:
            return True
        if machine.since_ms < shelf.sealed.from_ms:
            return False
        if (known.birth, known.learned, known.path) == (machine.birth, machine.learned, machine.path):
            return True
        knowledge = knowledge_in(machine)
        return (
            knowledge is not None
            and (shelf.knowledge.how, shelf.knowledge.reach_ms) == (knowledge.how, knowledge.reach_ms)
            and shelf.schedule is self._basis.calendar.schedule(machine.path, machine.name)
        )

    def _replace(self, shelf: Shelf, sealed: Book) -> None:
        """Another sealed book; what came after the one before is worked out anew."""
        self.version += 1
        shelf.sealed.give_back(sealed)
        shelf.cuts += sealed.until_ms < shelf.sealed.until_ms
        shelf.sealed, shelf.rest = sealed, None
        shelf.changes += 1

    def _give_up(self, key: _Key) -> None:
        shelf = self._shelves.pop(key, None)
        if shelf is not None:
            # Who has it in hand finds an empty book, and works out what comes after it.
            self._replace(shelf, Book.empty(shelf.sealed.from_ms, self.library))

    def _make_room(self, now: float) -> bool:
        """Give up books that nobody needed lately; False when all are needed and there is no room."""
        while self.library.nbytes > self.memory_bytes:
            key, oldest = next(iter(self._shelves.items()))
            if now - oldest.used < IN_USE_S:
                return False
            self._give_up(key)
        return True
