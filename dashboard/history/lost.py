"""Where the time of any machines went in any window, from the history: one function for API and page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from dashboard.history.numbers import account_of, pieces_in
from dashboard.history.reader import MachineRow, Reader, Source
from dashboard.kpi.basis import Basis
from dashboard.kpi.pieces import Pieces, stops_of
from dashboard.losses.pareto import By, Pareto, pareto
from dashboard.losses.reasons import RETOLD, Reasons
from dashboard.losses.stops import MachineStop, machine_stops, reaching
from dashboard.losses.waterfall import Fall, Totals, charges, totals_of, waterfall

HOUR_MS = 3_600_000
LOOK_MS = (HOUR_MS, 8 * HOUR_MS, 72 * HOUR_MS)
"""How far beyond a window the rest of a stop is looked for, in turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """Where the time of some machines went in a window."""

    totals: Totals
    """Their time by use, after reasons have told what power alone could not."""
    rows: list[Fall]
    """The waterfall."""
    stops: list[MachineStop]
    """Their stops with their reasons, machine by machine, in order of time."""

    def pareto(self, by: By) -> Pareto:
        """The losses, most costly first."""
        return pareto(self.stops, by, self.rows)


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
        """Where the time of one or several machines went in [from_ms, to_ms)."""
        totals = Totals()
        stops: list[MachineStop] = []
        for machine in machines:
            pieces = pieces_in(self.reader, self.basis, machine, from_ms, to_ms, source=source)
            mine = self._stops(machine, pieces, source)
            account = account_of(self.reader, self.basis, machine, from_ms, to_ms, source=source)
            totals += totals_of(account).retold(mine)
            stops += mine
        return Lost(totals=totals, rows=waterfall(totals, self.basis.choices), stops=stops)

    def stops(
        self, machines: Iterable[MachineRow], from_ms: int, to_ms: int, *, source: Source = "measured"
    ) -> list[MachineStop]:
        """The stops of one or several machines in [from_ms, to_ms), each with its reason."""
        found: list[MachineStop] = []
        for machine in machines:
            pieces = pieces_in(self.reader, self.basis, machine, from_ms, to_ms, source=source)
            found += self._stops(machine, pieces, source)
        return found

    def _stops(self, machine: MachineRow, pieces: Pieces, source: Source) -> list[MachineStop]:
        found = machine_stops(
            pieces, stops_of(pieces), machine=machine.name, path=machine.path, kind=machine.kind
        )
        if not found:
            return []
        first, last = found[0], found[-1]
        if not first.begun:
            found[0] = reaching(first, begun_ms=self._begin(machine, first.start_ms, source))
        if not last.over:
            found[-1] = reaching(found[-1], ended_ms=self._end(machine, last.end_ms, source))
        # A reason is given at a moment of the stop, which may lie outside of the window.
        given = self.reader.reasons(machine.run, machine.name, found[0].begun_ms, found[-1].ended_ms)
        return self.reasons.told(found, given, ZoneInfo(self.basis.calendar.zone), retold=_retold(self.basis))

    def _begin(self, machine: MachineRow, at_ms: int, source: Source) -> int:
        """When the stop began that lasts at the beginning of a window."""
        begun_ms = at_ms
        for look_ms in LOOK_MS:
            pieces = pieces_in(self.reader, self.basis, machine, at_ms - look_ms, at_ms + 1, source=source)
            stops = stops_of(pieces)
            if not stops:
                return begun_ms
            begun_ms = stops[-1].start_ms
            if stops[-1].begun:
                break
        return begun_ms

    def _end(self, machine: MachineRow, at_ms: int, source: Source) -> int:
        """When the stop ended that lasts at the end of a window, or up to when it is known to last."""
        ended_ms = at_ms
        for look_ms in LOOK_MS:
            if at_ms >= machine.known_until_ms:
                return ended_ms
            until_ms = min(at_ms + look_ms, machine.known_until_ms)
            pieces = pieces_in(self.reader, self.basis, machine, at_ms - 1, until_ms, source=source)
            stops = stops_of(pieces)
            if not stops:
                return ended_ms
            ended_ms = stops[0].end_ms
            if stops[0].over or until_ms == machine.known_until_ms:
                break
        return ended_ms


def _retold(basis: Basis) -> Sequence[str]:
    """The losses that are charged as stopped time is: a reason moves no time across the levels."""
    charged = charges(basis.choices)
    return [loss for loss in RETOLD if charged[loss] == charged["stopped"]]
