"""The agenda: what happens when, in plant time, in an order that nothing but the plant decides."""

from collections.abc import Callable, Generator
from heapq import heappop, heappush

Days = Generator[int | None, None, None]
"""What goes on by itself: it yields when it goes on, ms since 1970, or None for when it is woken."""

INSIDE, FIRST = 1, 0
"""Ranks within a millisecond: what the plant does of itself, and before it what was ordered from outside."""


class Event:
    """Something that will happen, unless it is called off."""

    __slots__ = ("act", "at_ms")

    def __init__(self, at_ms: int, act: Callable[[], object]) -> None:
        self.at_ms = at_ms
        self.act: Callable[[], object] | None = act

    def call_off(self) -> None:
        """Let it not happen; nothing if it has."""
        self.act = None


class Agenda:
    """All events to come. However it is run, in one go or in many, the same happens in the same order.

    Args:
        start_ms: The present at the beginning, ms since 1970.
    """

    def __init__(self, start_ms: int) -> None:
        self.now_ms = start_ms
        """The present, ms since 1970."""
        self._events: list[tuple[int, int, int, Event]] = []
        self._sequence = 0

    def at(self, at_ms: int, act: Callable[[], object], *, rank: int = INSIDE) -> Event:
        """Have something happen at a moment, after all that was put down before for the same moment."""
        event = Event(at_ms, act)
        self._sequence += 1
        heappush(self._events, (at_ms, rank, self._sequence, event))
        return event

    def start(self, days: Days) -> "Process":
        """Let a generator go on in plant time, from now on."""
        process = Process(self, days)
        process.wake()
        return process

    @property
    def next_ms(self) -> int | None:
        """When the next thing happens, as things stand; None when nothing does."""
        events = self._events
        while events and events[0][3].act is None:
            heappop(events)
        return events[0][0] if events else None

    def run(self, to_ms: int) -> None:
        """Let everything happen up to and including a moment."""
        events = self._events
        while events and events[0][0] <= to_ms:
            at_ms, _, _, event = heappop(events)
            if event.act is not None:
                self.now_ms = at_ms
                event.act()
        self.now_ms = max(self.now_ms, to_ms)


class Process:
    """A generator that goes on at the moments it yields, or earlier when it is woken."""

    def __init__(self, agenda: Agenda, days: Days) -> None:
        self._agenda = agenda
        self._days = days
        self._next: Event | None = None
        self._woken = False

    def wake(self) -> None:
        """Have it go on now, after what is put down for this moment already."""
        if not self._woken:
            self._woken = True
            if self._next is not None:
                self._next.call_off()
            self._next = self._agenda.at(self._agenda.now_ms, self._go_on)

    @property
    def woken(self) -> bool:
        """Whether it goes on at once, or never."""
        return self._woken

    def put_off(self, at_ms: int | None) -> None:
        """Have it go on at another moment than it said; None for when it is woken."""
        if self._next is not None:
            self._next.call_off()
        self._next = None if at_ms is None else self._agenda.at(at_ms, self._go_on)

    def stop(self) -> None:
        """Let it go on no more."""
        if self._next is not None:
            self._next.call_off()
        self._woken = True  # so that nothing wakes it
        self._days.close()

    def _go_on(self) -> None:
        self._next = None
        self._woken = False
        try:
            next_ms = next(self._days)
        except StopIteration:
            self._woken = True
            return
        # What it did may have woken it: then it goes on at once.
        if next_ms is not None and not self._woken:
            self._next = self._agenda.at(next_ms, self._go_on)
