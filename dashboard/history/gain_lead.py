"""By how much lines are ahead of their twins in time, from the history: only their newest counts are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard.gain.lead import all_but, made_in
from dashboard.gain.parts import LineParts
from dashboard.history.numbers import lifetime
from dashboard.history.reader import Reader
from dashboard.history.rows import MachineRow
from dashboard.history.stretches import Stretch
from dashboard.history.twins import Both

LEAST_MS = 600_000
"""So much is read at least, and where it is not enough, so many times as much."""
TIMES = 4


@dataclass(slots=True, kw_only=True, eq=False)
class _Side:
    """A line of one plant, looked back upon."""

    machines: Sequence[MachineRow]
    """Those that count its parts."""
    behind: int
    """So many of its parts it made after the moment that is looked for."""
    since_ms: int
    """From where on its counts are read."""
    reached_ms: int | None = None
    """The moment, once it is found."""

    def stretches(self, to_ms: int) -> list[Stretch]:
        """What is to be read of it."""
        spans = [(one, *lifetime(one, self.since_ms, to_ms)) for one in self.machines]
        return [
            Stretch(run=one.run, machine=one.name, from_ms=begin, to_ms=end, reach_ms=0)
            for one, begin, end in spans
            if begin < end
        ]


def leads_ms(
    reader: Reader, lines: Sequence[LineParts], machines: Mapping[str, Both], window: tuple[int, int]
) -> list[int | None]:
    """How much earlier the monitored plant had made as many good parts of each line as both have by now.

    Args:
        reader: The history.
        lines: What each line made in the window in both plants.
        machines: The machines in both plants, by name.
        window: Beginning and end, ms since 1970.

    Returns:
        Milliseconds, fewer than none where the twin was first; None where nothing was made, or counts it.
    """
    sides = [_sides(one, [machines[name] for name in one.outlets.counted], window) for one in lines]
    _look_back(reader, [side for both in sides for side in both], *window)
    leads: list[int | None] = []
    for both in sides:
        mine, other = (side.reached_ms for side in both) if both else (None, None)
        leads.append(None if mine is None or other is None else other - mine)
    return leads


def _sides(line: LineParts, machines: Sequence[Both], window: tuple[int, int]) -> list[_Side]:
    """The line in the monitored plant and in its twin; nothing where either made none."""
    if not line.monitored or not line.twin or min(line.monitored, line.twin) < 0:
        return []
    (from_ms, to_ms), wanted = window, min(line.monitored, line.twin)
    sides = []
    for made, rows in (
        (line.monitored, [one.monitored for one in machines]),
        (line.twin, [one.twin for one in machines]),
    ):
        # As if it made them evenly, with some room: mostly one look back is enough.
        back_ms = max(LEAST_MS, 2 * (made - wanted + 1) * (to_ms - from_ms) // made)
        sides.append(_Side(machines=rows, behind=made - wanted, since_ms=max(from_ms, to_ms - back_ms)))
    return sides


def _look_back(reader: Reader, sides: Sequence[_Side], from_ms: int, to_ms: int) -> None:
    """Find the moment of each side, all of them in one question, and further back where it is not there."""
    while sides:
        asked = [side.stretches(to_ms) for side in sides]
        counts = iter(reader.counted([one for stretches in asked for one in stretches]))
        for side, stretches in zip(sides, asked, strict=True):
            made = [made_in(next(counts), one.from_ms, one.to_ms) for one in stretches]
            side.reached_ms = all_but(side.behind, made)
        sides = [side for side in sides if side.reached_ms is None and side.since_ms > from_ms]
        for side in sides:
            side.since_ms = max(from_ms, to_ms - TIMES * (to_ms - side.since_ms))
