"""The clock of one sort of stop: the life of the component that it ends in, and what is used of it."""

from dataclasses import dataclass

import numpy as np

from simulator.behaviour.agenda import Event
from simulator.behaviour.stretch import Int64s
from simulator.specs.stop import Stop
from simulator.streams import Dice, Float64s


class Clock:
    """When a sort of stop comes next. The k-th life draws the same whatever happened before, or ended it."""

    def __init__(self, stop: Stop, dice: Dice, *, fresh: bool) -> None:
        self.stop = stop
        self.between = stop.between
        self.counted = stop.counted
        self.timed = stop.clock == "time"
        self.k = 0
        """Count of the life that is lived."""
        self.left = 0
        """What is left of it: cycles or running milliseconds. Of a life by the clock, as of its beginning."""
        self.begun_ms = 0
        """When a life by the clock began, if it was whole then."""
        self.due: Event | None = None
        """When a life by the clock ends."""
        self.mending = False
        """Whether it has struck and is not mended."""
        self.overdue = False
        """Whether a life by the clock has ended, and the cycle under way is let finish."""
        self._life = dice.draws(f"{stop.name}.life", stop.life.values)
        self._length = dice.draws(f"{stop.name}.length", stop.length.values)
        self._cause = dice.draws(f"{stop.name}.cause", lambda uniforms: uniforms)
        weights = np.cumsum([weight for _, weight in stop.causes])
        self._shares = weights / weights[-1]
        self.life = int(self._life[0])
        """How long the life is, in cycles, running milliseconds or milliseconds."""
        begun = 1.0 if fresh else 1 - dice.uniform(f"{stop.name}.begun")
        self.left = max(1, int(self.life * begun))

    def due_ms(self, ends: Int64s, done_ms: int, within_ms: int) -> int:
        """The running time from now to the stop, or a time within which it does not come.

        Args:
            ends: When each cycle to come ends, in running time from now; the first may be under way.
            done_ms: How much of that first one is done.
            within_ms: That time, up to the last of the ends.
        """
        if self.timed:
            return min(int(ends[0]), within_ms) if self.overdue else within_ms
        left = self.left
        if self.counted:
            if left <= 0 and done_ms == 0:
                return 0
            return min(int(ends[max(left, 1) - 1]), within_ms) if left <= len(ends) else within_ms
        if left >= within_ms:
            return within_ms
        if self.between:
            return min(int(ends[ends.searchsorted(left)]), within_ms)
        return max(left, 0)

    def ran(self, running_ms: int, cycles: int) -> None:
        """Count what was run since."""
        self.left -= cycles if self.counted else running_ms

    @property
    def is_due(self) -> bool:
        """Whether its life has passed."""
        return not self.mending and (self.overdue if self.timed else self.left <= 0)

    def strike(self) -> tuple[int, str]:
        """Length in milliseconds and cause of the stop that is due."""
        self.mending = True
        self.overdue = False
        cause = int(self._shares.searchsorted(self._cause[self.k], side="right"))
        return int(self._length[self.k]), self.stop.causes[cause][0]

    def forestall(self) -> int:
        """Length in milliseconds of the stop that this life would have ended in: it is renewed before."""
        self.mending = True
        self.overdue = False
        return int(self._length[self.k])

    def renew(self, now_ms: int) -> None:
        """Mended, or changed before it broke: another life begins."""
        self.mending = False
        self.k += 1
        self.life = self.left = int(self._life[self.k])
        self.begun_ms = now_ms

    def worn(self, now_ms: int, position: float = 0.0) -> float:
        """Share of the life that is used, 0 to 1; `position` is how far the cycle under way has come."""
        if self.mending:
            return 1.0
        if self.timed:
            return min(1.0, (now_ms - self.begun_ms) / self.life)
        used = self.life - self.left + (position if self.counted else 0.0)
        return min(1.0, used / self.life)

    def wear(self) -> "Wear":
        """What there is to say of the wear from now on, while it runs on."""
        return Wear(
            life=self.life,
            used=self.life - self.left,
            begun_ms=self.begun_ms,
            counted=self.counted,
            timed=self.timed,
        )


@dataclass(frozen=True, slots=True)
class Wear:
    """The wear of a component from a moment on."""

    life: int
    """Its life, in cycles, running milliseconds or milliseconds."""
    used: int
    """How much of it was used at that moment, but for a life by the clock."""
    begun_ms: int
    """When a life by the clock began."""
    counted: bool
    """Whether it is in cycles."""
    timed: bool
    """Whether it is by the clock."""

    def along(
        self, starts_ms: Int64s, ran_ms: Int64s, cycles: Float64s, paces: Float64s
    ) -> tuple[Float64s, Float64s]:
        """Share of the life that is used when each interval to come begins, and its slope in a millisecond.

        Args:
            starts_ms: When each begins.
            ran_ms: Running time from then to there.
            cycles: Cycles begun and done from then to there, with the part done of one under way.
            paces: Share of a cycle in a millisecond, 0 while not running.
        """
        if self.timed:
            slope = np.full(len(paces), 1 / self.life)
        elif self.counted:
            slope = paces / self.life
        else:
            slope = np.where(paces > 0, 1 / self.life, 0.0)
        return self.shares(starts_ms, ran_ms, cycles), slope

    def shares(self, moments_ms: Int64s, ran_ms: Int64s, cycles: Float64s) -> Float64s:
        """Share of the life that is used at some moments: by the clock, in running time or in cycles."""
        if self.timed:
            used: Int64s | Float64s = moments_ms - self.begun_ms
        else:
            used = (cycles if self.counted else ran_ms) + self.used
        shares: Float64s = np.minimum(used / self.life, 1.0)
        return shares
