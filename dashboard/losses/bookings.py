"""What stops are booked under: time piece by piece, and each stop once, in the window in which it begins."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from dashboard.losses.stops import MachineStop
from dashboard.losses.words import NOT_TOLD

Booking = tuple[str, str, str]
"""(use, loss, words): the use that was measured, the loss as which it counts, its cause or reason."""


@dataclass(frozen=True, slots=True)
class Bookings:
    """Time and number of stops by what they are booked under."""

    entries: dict[Booking, tuple[int, int]] = field(default_factory=dict)
    """Milliseconds and stops."""

    @classmethod
    def of(cls, stops: Iterable[MachineStop]) -> "Bookings":
        """The bookings of some stops."""
        found = cls()
        for stop in stops:
            for use, _, cause, ms in stop.parts:
                found.add((use, stop.loss_of(use), stop.reason or cause or NOT_TOLD), ms, 0)
            found.add((stop.use, stop.loss, stop.reason or stop.cause or NOT_TOLD), 0, int(stop.begun))
        return found

    def __iter__(self) -> Iterator[tuple[Booking, int, int]]:
        """Each as (booking, milliseconds, stops)."""
        return ((booking, ms, count) for booking, (ms, count) in self.entries.items())

    def add(self, booking: Booking, ms: int, count: int) -> None:
        """Book time, or stops, or both."""
        known_ms, known = self.entries.get(booking, (0, 0))
        self.entries[booking] = known_ms + ms, known + count

    def add_all(self, others: "Bookings") -> None:
        """Book everything that is booked elsewhere."""
        for booking, ms, count in others:
            self.add(booking, ms, count)
