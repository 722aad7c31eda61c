"""By how much a line is ahead of its twin in time, from the history: only its newest counts are read."""

from collections.abc import Sequence

from dashboard.gain.lead import all_but, made_in
from dashboard.gain.parts import LineParts
from dashboard.history.numbers import lifetime
from dashboard.history.reader import MachineRow, Reader
from dashboard.history.twins import Both

LEAST_MS = 600_000
"""So much is read at least, and where it is not enough, so many times as much."""
TIMES = 4


def lead_ms(
    reader: Reader, line: LineParts, machines: Sequence[Both], from_ms: int, to_ms: int
) -> int | None:
    """How much earlier the monitored plant had made as many good parts of a line as both have by now.

    Args:
        reader: The history.
        line: What the line made in the window in both plants.
        machines: Those that count its parts.
        from_ms: Beginning of the window, ms since 1970.
        to_ms: End of it.

    Returns:
        Milliseconds, fewer than none where the twin was first; None where nothing was made, or counts it.
    """
    if line.monitored is None or line.twin is None:
        return None
    both = min(line.monitored, line.twin)
    if both <= 0:
        return None
    window = from_ms, to_ms
    mine = _reached_ms(reader, [one.monitored for one in machines], line.monitored, both, window)
    other = _reached_ms(reader, [one.twin for one in machines], line.twin, both, window)
    return None if mine is None or other is None else other - mine


def _reached_ms(
    reader: Reader, machines: Sequence[MachineRow], made: int, wanted: int, window: tuple[int, int]
) -> int | None:
    """Since when these machines have made so many good parts of all that they made in the window."""
    (from_ms, to_ms), behind = window, made - wanted
    # As if it made them evenly, with some room: mostly one look back is enough.
    back_ms = max(LEAST_MS, 2 * (behind + 1) * (to_ms - from_ms) // made)
    while True:
        since_ms = max(from_ms, to_ms - back_ms)
        spans = [(one, *lifetime(one, since_ms, to_ms)) for one in machines]
        reached_ms = all_but(
            behind,
            (
                made_in(reader.counts(one.run, one.name, from_ms=begin, to_ms=end), begin, end)
                for one, begin, end in spans
                if begin < end
            ),
        )
        if reached_ms is not None or since_ms == from_ms:
            return reached_ms
        back_ms *= TIMES
