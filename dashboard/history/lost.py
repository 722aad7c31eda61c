"""Where the time of any machines went in any window, from the history: one function for API and page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

from dashboard.history.numbers import accounts_of, lifetime, pieces_in, totals_in
from dashboard.history.opened import Opened
from dashboard.history.reader import Reader, Source
from dashboard.history.rows import MachineRow, ReasonRow
from dashboard.history.stopped import LOOK_MS, Stopped
from dashboard.kpi.basis import Basis
from dashboard.kpi.pieces import Pieces
from dashboard.losses.bookings import Bookings
from dashboard.losses.heat import Hour, moved, retold_by_hour
from dashboard.losses.pareto import By, Pareto, pareto
from dashboard.losses.reasons import RETOLD, Reasons
from dashboard.losses.settled import Naming, Settled
from dashboard.losses.stops import MachineStop
from dashboard.losses.waterfall import Fall, Totals, charges, totals_of, waterfall


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """Where the time of some machines went in a window."""

    totals: Totals
    """Their time by use, after reasons have told what power alone could not."""
    rows: list[Fall]
    """The waterfall."""
    booked: Bookings
    """What their stops are booked under."""

    def pareto(self, by: By) -> Pareto:
        """The losses, most costly first."""
        return pareto(self.booked, by, self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class LossBook:
    """Reads the losses of machines from the history.

    Args:
        reader: The history.
        basis: Calendar and choices.
        reasons: What people choose from, and the rules.
    """

    reader: Reader
    basis: Basis
    reasons: Reasons

    def lost(
        self, machines: Iterable[MachineRow], from_ms: int, to_ms: int, *, source: Source = "measured"
    ) -> Lost:
        """Where the time of one or several machines went in [from_ms, to_ms).

        Where the reader keeps books, the sums come from there; they are the same.
        """
        chosen = list(machines)
        return self._lost(chosen, self._booked(chosen, from_ms, to_ms, source), from_ms, to_ms, source)

    def stops(
        self, machines: Iterable[MachineRow], from_ms: int, to_ms: int, *, source: Source = "measured"
    ) -> list[MachineStop]:
        """The stops of one or several machines in [from_ms, to_ms), each with its reason.

        Machine by machine, in order of time.
        """
        found: list[MachineStop] = []
        for machine in machines:
            pieces = partial(pieces_in, self.reader, self.basis, machine, source=source)
            given = partial(self.reader.reasons, machine.run, machine.name)
            stopped = Stopped(machine=machine, naming=self._naming(machine), pieces=pieces, given=given)
            found += stopped.within(pieces(from_ms, to_ms))
        return found

    def listed(
        self, machines: Iterable[MachineRow], from_ms: int, to_ms: int
    ) -> tuple[Lost, list[MachineStop]]:
        """The same as `lost`, and the stops themselves, machine by machine, in order of time."""
        chosen = list(machines)
        each = [self.stops([one], from_ms, to_ms) for one in chosen]
        lost = self._lost(chosen, [Bookings.of(one) for one in each], from_ms, to_ms, "measured")
        return lost, [stop for mine in each for stop in mine]

    def hours(
        self, machines: Iterable[MachineRow], cuts: Sequence[tuple[int, int]], *, source: Source = "measured"
    ) -> list[Hour]:
        """What one or several machines did in each of some local hours, which tile a window."""
        chosen = list(machines)
        if not cuts:
            return []
        accounts = totals_in(self.reader, self.basis, chosen, cuts, source=source)
        totals = [totals_of(account) for account in accounts]
        from_ms, to_ms = cuts[0][0], cuts[-1][1]
        for machine, mine in zip(chosen, self._booked(chosen, from_ms, to_ms, source), strict=True):
            # Of most machines no reason says what power alone could not, and their stops need no list.
            if any(use != loss and ms for (use, loss, _), ms, _ in mine):
                stops = self.stops([machine], from_ms, to_ms, source=source)
                retold = retold_by_hour(stops, cuts)
                totals = [moved(one, changed) for one, changed in zip(totals, retold, strict=True)]
        return [Hour(*cut, account, one) for cut, account, one in zip(cuts, accounts, totals, strict=True)]

    def _booked(
        self, machines: Sequence[MachineRow], from_ms: int, to_ms: int, source: Source
    ) -> Sequence[Bookings]:
        """What the stops of each machine are booked under."""
        books = self.reader.books
        if source == "measured" and machines and books is not None and books.basis is self.basis:
            return self._by_books(machines, from_ms, to_ms)
        return [Bookings.of(self.stops([one], from_ms, to_ms, source=source)) for one in machines]

    def _lost(
        self,
        machines: Sequence[MachineRow],
        booked: Sequence[Bookings],
        from_ms: int,
        to_ms: int,
        source: Source,
    ) -> Lost:
        accounts = accounts_of(self.reader, self.basis, machines, from_ms, to_ms, source=source)
        totals, every = Totals(), Bookings()
        for account, mine in zip(accounts, booked, strict=True):
            totals += totals_of(account).retold(mine)
            every.add_all(mine)
        return Lost(totals=totals, rows=waterfall(totals, self.basis.choices), booked=every)

    def _by_books(self, machines: Sequence[MachineRow], from_ms: int, to_ms: int) -> list[Bookings]:
        books, look_ms = self.reader.books, LOOK_MS[-1]
        if books is None:
            return []
        given = self.reader.reasons_of_all(machines[0].run, from_ms - look_ms, to_ms + look_ms)
        known_ms = max(one.known_until_ms for one in machines)
        until_ms = max(to_ms, min(to_ms + look_ms, known_ms))
        with books.opened(machines, (from_ms, to_ms), until_ms) as opened:
            return [
                Bookings.of(self.stops([machine], from_ms, to_ms))
                if one is None
                else self._by_book(machine, one, given.get(machine.name, []), (from_ms, to_ms))
                for machine, one in zip(machines, opened, strict=True)
            ]

    def _by_book(
        self, machine: MachineRow, opened: Opened, given: Sequence[ReasonRow], window: tuple[int, int]
    ) -> Bookings:
        """The bookings of a machine: most by columns, those at the edges of the window one by one."""
        from_ms, to_ms = lifetime(machine, *window)
        if from_ms >= to_ms:
            return Bookings()
        naming = self._naming(machine)

        def pieces(from_ms: int, to_ms: int) -> Pieces:
            begun_ms, ended_ms = lifetime(machine, from_ms, to_ms)
            if opened.covers(begun_ms, ended_ms):
                return opened.pieces(begun_ms, ended_ms)
            return pieces_in(self.reader, self.basis, machine, from_ms, to_ms)

        def said(from_ms: int, to_ms: int) -> list[ReasonRow]:
            return [one for one in given if from_ms <= one.at_ms < to_ms]

        stopped = Stopped(machine=machine, naming=naming, pieces=pieces, given=said)
        settled = opened.settled(naming)
        first, last = settled.within(from_ms, to_ms)
        if first == last:
            return Bookings.of(stopped.within(pieces(from_ms, to_ms)))
        found: list[MachineStop] = []
        if first == 0:
            if settled.starts[0] > from_ms:
                found += stopped.of(pieces(from_ms, int(settled.starts[0])))
        elif settled.ends[first - 1] > from_ms:
            found += stopped.of(pieces(from_ms, int(settled.ends[first - 1]) + 1))
        found += stopped.of(pieces(int(settled.ends[last - 1]), to_ms))
        booked = _named_anew(settled, (first, last), naming, given)
        booked.add_all(Bookings.of(stopped.told(found)))
        return booked

    def _naming(self, machine: MachineRow) -> Naming:
        charged = charges(self.basis.choices)
        return Naming(
            reasons=self.reasons,
            zone=ZoneInfo(self.basis.calendar.zone),
            # The losses that are charged as stopped time is: a reason moves no time across the levels.
            retold=tuple(loss for loss in RETOLD if charged[loss] == charged["stopped"]),
            machine=machine.name,
            path=machine.path,
            kind=machine.kind,
        )


def _named_anew(
    settled: Settled, places: tuple[int, int], naming: Naming, given: Sequence[ReasonRow]
) -> Bookings:
    """The bookings of settled stops, those that a person gave a reason under theirs."""
    newest: dict[int, str] = {}
    for one in given:
        place = int(settled.starts.searchsorted(one.at_ms, "right")) - 1
        if places[0] <= place < places[1] and one.at_ms < settled.ends[place]:
            newest[place] = one.reason
    found = settled.bookings(*places)
    for place, reason in newest.items():
        if reason:
            for (use, loss, words), ms, count in settled.bookings(place, place + 1):
                found.add((use, loss, words), -ms, -count)
                found.add(naming.booking(use, "", reason), ms, count)
    # Nothing is left under what all of them were taken from.
    return Bookings({booking: (ms, count) for booking, ms, count in found if ms or count})
