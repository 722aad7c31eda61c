"""What answers are made from: the history, the calendar, and the newest of everything."""

from collections.abc import Iterable
from dataclasses import dataclass

from dashboard.conclusions import Numbers
from dashboard.history.numbers import numbers_of
from dashboard.history.reader import MachineRow, Reader, Source
from dashboard.live.channel import Channel
from dashboard.shifts import Shifts


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The history, the calendar and the live channel, for all answers."""

    reader: Reader
    """The history."""
    shifts: Shifts
    """When production was planned."""
    channel: Channel
    """The newest of every machine."""

    def shift_begin_ms(self, at_ms: int) -> int:
        """When the shift began that is running at a moment."""
        return self.shifts.shift_at(at_ms).from_ms

    def numbers(self, machines: Iterable[MachineRow], from_ms: int, to_ms: int, source: Source) -> Numbers:
        """The numbers of some machines in a window."""
        return numbers_of(self.reader, self.shifts, machines, from_ms, to_ms, source=source)
