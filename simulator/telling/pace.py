"""The pace: how plant time goes by while real time does."""

from collections import deque
from collections.abc import Callable

MAX_TICK_MS = 60_000
"""No tick is longer: a person's reaction may not begin before the tick that calls."""
DEBT_S = 2.0
"""For how many real seconds a plant that was held up may hurry afterwards."""
ACHIEVED_OVER_S = 5.0
SPEEDS = (1.0, 10.0, 60.0, 600.0)
"""The speeds on offer; beside them None, as fast as the office follows."""
UNATTENDED_SPEED = 600.0
"""Speed of a plant without an office whose own is None: there is nobody whom it could follow."""


class Pace:
    """The plant's clock: how far plant time may go now, and how fast it has gone.

    Args:
        speed: Plant seconds per real second; None for as fast as the office follows.
        position_ms: Plant time at the start, ms since 1970.
        catch_up_to_ms: Up to this plant time it lives as fast as it can.
        clock: Real seconds, going up.
    """

    def __init__(
        self, *, speed: float | None, position_ms: int, catch_up_to_ms: int, clock: Callable[[], float]
    ) -> None:
        self.speed = speed
        self.catch_up_to_ms = catch_up_to_ms
        self._clock = clock
        self._from_s = clock()
        self._from_ms = position_ms
        self._past: deque[tuple[float, int]] = deque([(self._from_s, position_ms)])

    def catching_up(self, position_ms: int) -> bool:
        """Whether the plant still lives through its past."""
        return position_ms < self.catch_up_to_ms

    def next_tick_ms(self, position_ms: int, *, attended: bool = True) -> int:
        """Plant time of the tick after this position."""
        if self.catching_up(position_ms):
            return min(position_ms + MAX_TICK_MS, self.catch_up_to_ms)
        speed = self._speed(attended=attended)
        return position_ms + (MAX_TICK_MS if speed is None else min(MAX_TICK_MS, int(speed * 1_000)))

    def wait_s(self, position_ms: int, *, attended: bool = True) -> float:
        """Real seconds until the next tick is due; 0 when it is."""
        speed = self._speed(attended=attended)
        if speed is None or self.catching_up(position_ms):
            return 0.0
        now_s = self._clock()
        owed_ms = self._from_ms + (now_s - self._from_s) * speed * 1_000 - position_ms
        if owed_ms > DEBT_S * speed * 1_000:
            # What could not be done in time is not made up for: plant time has its own way.
            self.resume(position_ms)
            owed_ms = 0.0
        tick_ms = self.next_tick_ms(position_ms, attended=attended) - position_ms
        return max(0.0, (tick_ms - owed_ms) / (speed * 1_000))

    def resume(self, position_ms: int) -> None:
        """Go on from a position at this moment, as if no real time had passed before."""
        self._from_s = self._clock()
        self._from_ms = position_ms

    def reached(self, position_ms: int) -> None:
        """Take note that the plant has come to a position."""
        caught_up = self._past[-1][1] < self.catch_up_to_ms <= position_ms
        now_s = self._clock()
        self._past.append((now_s, position_ms))
        while len(self._past) > 1 and self._past[1][0] < now_s - ACHIEVED_OVER_S:
            self._past.popleft()
        if caught_up:
            self.resume(position_ms)
            self._past = deque([(now_s, position_ms)])

    def achieved(self) -> float:
        """Plant seconds per real second over the last real seconds."""
        since_s, since_ms = self._past[0]
        passed_s = self._clock() - since_s
        return (self._past[-1][1] - since_ms) / 1_000 / passed_s if passed_s > 0 else 0.0

    def _speed(self, *, attended: bool) -> float | None:
        return UNATTENDED_SPEED if self.speed is None and not attended else self.speed
