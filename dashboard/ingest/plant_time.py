"""What time it is in the plant, as its clock messages tell; wall time where there is no plant."""

from protocol.messages import Clock
from protocol.moments import to_ms

STALE_WALL_MS = 5_000
"""A clock that has not spoken for this long stands still: its plant is gone."""


class PlantTime:
    """The newest clock of the plant, and what can be said of now.

    Args:
        without: The run that is on while there is no plant.
    """

    def __init__(self, without: str = "") -> None:
        self._without = without
        self.clock: Clock | None = None
        self.heard_wall_ms = 0
        """Wall time at which the newest clock message came, ms since 1970."""
        self.past_ms = 0
        """Plant time from which on the run that is on is the present, as far as its clock has said."""
        self._ticked_ms = 0

    def hear(self, clock: Clock, *, wall_ms: int, retained: bool) -> bool:
        """Take over a clock message; True when it begins another run."""
        begins = self.clock is None or self.clock.run != clock.run
        if begins:
            self._ticked_ms = self.past_ms = 0
        self.clock = clock
        if clock.catching_up_to is not None:
            self.past_ms = to_ms(clock.catching_up_to)
        # A retained message came from the broker's memory: its own stamp tells how old it is.
        self.heard_wall_ms = to_ms(clock.wall) if retained else wall_ms
        return begins

    def tick(self, run: str, at_ms: int) -> None:
        """The plant has come to a moment; a plant in a hurry tells its clock more seldom than that."""
        if run == self.run:
            self._ticked_ms = max(self._ticked_ms, at_ms)

    @property
    def run(self) -> str:
        """The run that is on; that of machines without a plant where there is none."""
        return self.clock.run if self.clock else self._without

    def stands(self, wall_ms: int) -> bool:
        """Whether the plant's clock has stopped speaking."""
        return self.clock is not None and wall_ms - self.heard_wall_ms > STALE_WALL_MS

    def now_ms(self, wall_ms: int) -> int:
        """Plant time at a wall time: the last stamp, carried on at the plant's speed."""
        if self.clock is None:
            return wall_ms
        elapsed_ms = min(max(wall_ms - self.heard_wall_ms, 0), STALE_WALL_MS)
        return max(to_ms(self.clock.at) + int(elapsed_ms * (self.clock.speed or 0.0)), self._ticked_ms)
