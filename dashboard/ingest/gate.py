"""Where ticks of the plant wait until all that machines said before them has come on another connection.

A broker sends each connection what was said in order, and the tick behind it; between two connections
there is no order. So a tick counts when it has come on both.
"""

from collections import deque

from protocol.session import Received

Key = tuple[str, int]
"""Run and moment of a tick."""
MANY = 10_000
DEAF_S = 10.0
"""A connection on which no tick has come for so long while others did hears none: it is not waited for."""


class Gate:
    """Ticks that wait."""

    def __init__(self) -> None:
        self._heard: deque[Key] = deque(maxlen=MANY)
        self._held: deque[tuple[Key, Received, float]] = deque(maxlen=MANY)
        self._has_ears = False
        self._is_deaf = False

    @property
    def is_waiting(self) -> bool:
        """Whether a tick waits."""
        return bool(self._held)

    @property
    def is_deaf(self) -> bool:
        """Whether the other connection hears no ticks at all."""
        return self._is_deaf

    def begin(self) -> None:
        """The other connection is a new one: what it was to bring before may be lost, and comes again."""
        self._heard.clear()
        self._held.clear()
        self._has_ears = self._is_deaf = False

    def hear(self, key: Key) -> None:
        """A tick has come on the other connection."""
        self._has_ears, self._is_deaf = True, False
        self._heard.append(key)

    def hold(self, key: Key, received: Received, now_s: float) -> None:
        """A tick has come that counts once it has come there, too."""
        self._held.append((key, received, now_s))

    def release(self, now_s: float) -> list[Received]:
        """Ticks that have come on both, in order.

        One that never comes on the other is passed over when a later one does: what belongs to it may be
        missing there, and the plant asks again about what is not answered.
        """
        if self._held and not self._has_ears and now_s - self._held[0][2] >= DEAF_S:
            self._is_deaf = True
            waited = [received for _, received, _ in self._held]
            self._held.clear()
            return waited
        released = []
        while self._held:
            key, received, _ = self._held[0]
            if key in self._heard:
                while self._heard.popleft() != key:
                    pass
                released.append(received)
            elif not any(later in self._heard for later, _, _ in self._held):
                break
            self._held.popleft()
        return released
