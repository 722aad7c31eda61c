"""One producer, many viewers: changes with sequence numbers, encoded and packed once, and a state to meet at.

A viewer holds the number of the newest change it has seen. It gets all later ones, or, when they are
no longer kept or the numbering began anew, the news that it must fetch the whole state.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from typing import Any

import msgspec

from dashboard.live.packing import packed

KEEP = 120
"""Changes kept for a viewer that comes back: two minutes at one a second."""

_ENCODER = msgspec.json.Encoder()


class Change:
    """One change as it travels to every viewer.

    Args:
        number: Its place in the sequence.
        text: The message, as JSON.
    """

    def __init__(self, number: int, text: bytes) -> None:
        self.number = number
        self.text = text
        self.event = b"id: %d\ndata: %b\n\n" % (number, text)
        """The message as an event of a stream."""

    @cached_property
    def packed(self) -> bytes:
        """The event as a piece of any packed stream: worked out by the first viewer, for all of them."""
        return packed(self.event)


class Hub:
    """Changes of one subject, for any number of viewers.

    Args:
        picture: Makes the whole state; called at most once a change, whatever the number of viewers.
        keep: How many changes are kept.
        first: The number to begin above; a restart begins above all earlier numbers.
        guard: Held while the picture is made; whoever publishes holds it from when the picture changes
            until all of that is published, so that state and changes meet at one number.
    """

    def __init__(
        self,
        picture: Callable[[], dict[str, Any]],
        *,
        keep: int = KEEP,
        first: int | None = None,
        guard: AbstractContextManager[Any] | None = None,
    ) -> None:
        self._guard = nullcontext() if guard is None else guard
        self._changed = threading.Condition()
        self._picture = picture
        self._ring: deque[Change] = deque(maxlen=keep)
        self._seq = int(time.time()) * 1_000 if first is None else first
        self._boot = self._seq
        self._state: tuple[int, dict[str, Any]] | None = None
        self.read_s = time.monotonic()
        """When somebody last asked for anything, monotonic seconds."""
        self.resyncs = 0
        """How often a viewer had to fetch the whole state, being too slow or new."""

    @property
    def seq(self) -> int:
        """Number of the newest change."""
        return self._seq

    def publish(self, change: dict[str, Any]) -> None:
        """Hand a change to all viewers."""
        with self._changed:
            self._seq += 1
            self._ring.append(Change(self._seq, _ENCODER.encode({"seq": self._seq, "d": change})))
            self._changed.notify_all()

    def restart(self) -> None:
        """Make every viewer fetch the whole state: the changes kept no longer lead to it."""
        with self._changed:
            self._seq += 1
            self._ring.clear()
            self._changed.notify_all()

    def since(self, seq: int) -> list[Change] | None:
        """All changes after a number; None when the viewer must fetch the state."""
        with self._changed:
            self.read_s = time.monotonic()
            if seq == self._seq:
                return []
            if self._ring and self._ring[0].number - 1 <= seq < self._seq:
                return [one for one in self._ring if one.number > seq]
            # Before its first change nobody has missed one.
            self.resyncs += seq > 0
            return None

    def wait(self, seq: int, timeout_s: float) -> bool:
        """Wait until there is something after a number; False when nothing came in time."""
        with self._changed:
            self.read_s = time.monotonic()
            return self._changed.wait_for(lambda: self._seq != seq, timeout_s)

    def state(self, **beside: Any) -> bytes:
        """The whole state as JSON, with the number of the newest change it holds.

        Args:
            beside: What differs from call to call and stands beside the state, the age of the data.
        """
        with self._guard, self._changed:
            self.read_s = time.monotonic()
            if self._state is None or self._state[0] != self._seq:
                self._state = (self._seq, self._picture())
            seq, picture = self._state
        return _ENCODER.encode({"boot": self._boot, "seq": seq, **beside, "d": picture})
