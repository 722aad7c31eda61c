"""The stops of one machine in a window, known to their real beginnings and ends, each with its reason."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dashboard.history.rows import MachineRow
from dashboard.kpi.pieces import Pieces, stops_of
from dashboard.losses.reasons import Given
from dashboard.losses.settled import Naming
from dashboard.losses.stops import MachineStop, machine_stops, reaching

HOUR_MS = 3_600_000
LOOK_MS = (HOUR_MS, 8 * HOUR_MS, 72 * HOUR_MS)
"""How far beyond a window the rest of a stop is looked for, in turn."""
ReadPieces = Callable[[int, int], Pieces]
"""What the machine's time in [from_ms, to_ms) was used for, as far as it existed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """Finds the stops of a machine.

    Args:
        machine: The machine.
        naming: By what its stops are named.
        pieces: How pieces of its time are read.
        given: How what people said of moments of it in [from_ms, to_ms) is read, the oldest word first.
    """

    machine: MachineRow
    naming: Naming
    pieces: ReadPieces
    given: Callable[[int, int], Sequence[Given]]

    def within(self, pieces: Pieces) -> list[MachineStop]:
        """The stops in pieces of a window, with their reasons."""
        return self.told(self.of(pieces))

    def of(self, pieces: Pieces) -> list[MachineStop]:
        """The stops in pieces of a window, as they are in it."""
        one = self.machine
        return machine_stops(pieces, stops_of(pieces), machine=one.name, path=one.path, kind=one.kind)

    def told(self, found: list[MachineStop]) -> list[MachineStop]:
        """The stops of a window, in order, as they really began and ended, with their reasons."""
        if not found:
            return []
        first, last = found[0], found[-1]
        if not first.begun:
            found[0] = reaching(first, begun_ms=self._begin(first.start_ms))
        if not last.over:
            found[-1] = reaching(found[-1], ended_ms=self._end(last.end_ms))
        # A reason is given at a moment of the stop, which may lie outside of the window.
        given = self.given(found[0].begun_ms, found[-1].ended_ms)
        naming = self.naming
        return naming.reasons.told(found, given, naming.zone, retold=naming.retold)

    def _begin(self, at_ms: int) -> int:
        """When the stop began that lasts at the beginning of a window."""
        begun_ms = at_ms
        for look_ms in LOOK_MS:
            stops = stops_of(self.pieces(at_ms - look_ms, at_ms + 1))
            if not stops:
                return begun_ms
            begun_ms = stops[-1].start_ms
            if stops[-1].begun:
                break
        return begun_ms

    def _end(self, at_ms: int) -> int:
        """When the stop ended that lasts at the end of a window, or up to when it is known to last."""
        ended_ms, known_ms = at_ms, self.machine.known_until_ms
        for look_ms in LOOK_MS:
            if at_ms >= known_ms:
                return ended_ms
            until_ms = min(at_ms + look_ms, known_ms)
            stops = stops_of(self.pieces(at_ms - 1, until_ms))
            if not stops:
                return ended_ms
            ended_ms = stops[0].end_ms
            if stops[0].over or until_ms == known_ms:
                break
        return ended_ms
