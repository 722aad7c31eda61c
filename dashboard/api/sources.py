"""What answers are made from: the history, the calendar, and the newest of everything."""

from collections.abc import Iterable
from dataclasses import dataclass

from dashboard.calendar.places import Calendar
from dashboard.calendar.schedule import Schedule
from dashboard.conclusions import Numbers
from dashboard.history.numbers import numbers_of
from dashboard.history.reader import MachineRow, Reader, Source
from dashboard.live.channel import Channel
from dashboard.shifts import Shifts

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The history, the calendar and the live channel, for all answers."""

    reader: Reader
    """The history."""
    shifts: Shifts
    """When production was planned."""
    calendar: Calendar
    """The same, with days, hours and places."""
    channel: Channel
    """The newest of every machine."""

    def shift_begin_ms(self, at_ms: int) -> int:
        """When the shift began that is running at a moment, or the newest one; without any, a day before."""
        shift = self.calendar.site.latest_shift(at_ms)
        return shift.from_ms if shift is not None else at_ms - DAY_MS

    def schedule(self, path: str, machine: str | None) -> Schedule:
        """When production is planned for a machine, a line or, with an empty path, the plant."""
        return self.calendar.schedule(path, machine or "")

    def numbers(self, machines: Iterable[MachineRow], from_ms: int, to_ms: int, source: Source) -> Numbers:
        """The numbers of some machines in a window."""
        return numbers_of(self.reader, self.shifts, machines, from_ms, to_ms, source=source)
