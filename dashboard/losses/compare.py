"""Two waterfalls side by side: of two windows, or of two machines or lines in one.

Each step is compared in time and in points of planned time, so that windows of different lengths, and a
machine and a line, can stand beside each other. Both sorts of difference add up as the waterfalls do:
points are fractions until they are shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from dashboard.calendar.local import moment, wall_clock
from dashboard.calendar.schedule import Schedule
from dashboard.losses.waterfall import Fall

EARLIER = {"before": 0, "day": 1, "week": 7}
"""Which window of the past a window may be held against, and how many days earlier it lies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One row of both waterfalls."""

    key: str
    """Key in `STEPS` or `LEVELS`."""
    word: str
    """How the page calls it."""
    level: bool
    """Whether it is what is left, not what is taken away."""
    us: int
    """Its time in microseconds."""
    against_us: int
    """The same of the other waterfall."""
    share: Fraction | None
    """Its part of the planned time of its own waterfall; None before planned time, or without any."""
    against_share: Fraction | None
    """The same of the other waterfall."""

    @property
    def difference_us(self) -> int:
        """How much more time it has than in the other, in microseconds."""
        return self.us - self.against_us

    @property
    def points(self) -> Fraction | None:
        """How much more of planned time it has than in the other: 0.01 is one point."""
        if self.share is None or self.against_share is None:
            return None
        return self.share - self.against_share


def compared(rows: Sequence[Fall], against: Sequence[Fall]) -> list[Pair]:
    """Both waterfalls row by row, in the order of the first.

        difference = step - other step        points = step / planned - other step / other planned

    A step that only one of them has, as start-up rejects, took nothing in the other.

    Returns:
        Rows of which in both, and in their differences, what is left is what was there less the steps.
    """
    mine, other = {row.key: row for row in rows}, {row.key: row for row in against}
    order = [row.key for row in rows]
    for place, row in enumerate(against):
        if row.key not in mine:
            # Behind the step that it comes after in its own waterfall.
            order.insert(order.index(against[place - 1].key) + 1, row.key)
    planned_us, against_planned_us = mine["planned"].us, other["planned"].us
    found: list[Pair] = []
    for key in order:
        one = mine.get(key) or other[key]
        us, against_us = (rows_[key].us if key in rows_ else 0 for rows_ in (mine, other))
        planned = order.index(key) >= order.index("planned")
        found.append(
            Pair(
                key=key,
                word=one.word,
                level=one.level,
                us=us,
                against_us=against_us,
                share=Fraction(us, planned_us) if planned and planned_us else None,
                against_share=Fraction(against_us, against_planned_us)
                if planned and against_planned_us
                else None,
            )
        )
    return found


def earlier(schedule: Schedule, from_ms: int, to_ms: int, which: str) -> tuple[int, int]:
    """The window that a window is held against.

    `before` is the stretch just before it; for a shift, or the first part of one, as much of the shift
    before. `day` and `week` are the same times on the clock, one or seven days earlier.

    Args:
        schedule: Where shifts are looked up.
        from_ms: Beginning of the window, ms since 1970.
        to_ms: Its end.
        which: One of `EARLIER`.
    """
    if days := EARLIER[which]:
        zone = schedule.zone
        begun, ended = (wall_clock(at_ms, zone) - timedelta(days=days) for at_ms in (from_ms, to_ms))
        return moment(begun.date(), begun.time(), zone), moment(ended.date(), ended.time(), zone)
    length_ms = to_ms - from_ms
    shift = schedule.latest_shift(from_ms)
    if shift is not None and shift.from_ms == from_ms and to_ms <= shift.to_ms:
        before = schedule.before(shift)
        if before is not None:
            return before.from_ms, min(before.from_ms + length_ms, before.to_ms)
    return from_ms - length_ms, from_ms
