"""Which stretch of time a report is about: a shift by its production day and name, or from and to."""

from dataclasses import dataclass
from datetime import date

from dashboard.calendar.schedule import Schedule, Shift
from protocol.moments import EARLIEST_MS, LATEST_MS, from_text, to_text

FORM = "a production day and a shift's name, 2026-11-23/early"
_TWO_DAYS_MS = 2 * 86_400_000


class ReportError(ValueError):
    """Raised when there is nothing to report on; names the parameter, its value and what is allowed."""

    def __init__(self, parameter: str, value: str | None, allowed: str) -> None:
        said = f"{parameter} is missing" if value is None else f"{parameter} {value!r}"
        super().__init__(f"{said}: allowed is {allowed}")
        self.parameter, self.value, self.allowed = parameter, value, allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of time, as far as the history has it."""

    shift: Shift | None
    """The shift it is, None for another stretch."""
    from_ms: int
    """Its beginning, ms since 1970."""
    to_ms: int
    """Its end, or the run's now."""
    over: bool
    """Whether the run has lived through all of it."""

    @property
    def key(self) -> str:
        """What a command asks for to get it again."""
        if self.shift is not None:
            return f"{self.shift.day.isoformat()}/{self.shift.name}"
        return f"{to_text(self.from_ms)} {to_text(self.to_ms)}"


def shift_window(schedule: Schedule, text: str, now_ms: int) -> Window:
    """A shift by its production day and its name.

    Raises:
        ReportError: There is no such shift, or it has not begun.
    """
    day, _, name = text.partition("/")
    try:
        begun = date.fromisoformat(day)
    except ValueError as error:
        raise ReportError("shift", text, FORM) from error
    around_ms = from_text(f"{begun.isoformat()}T12:00:00Z")
    if not EARLIEST_MS <= around_ms <= LATEST_MS:
        raise ReportError("shift", text, f"{FORM}, between 2000 and 2100")
    known = [
        shift
        for shift in schedule.shifts(around_ms - _TWO_DAYS_MS, around_ms + _TWO_DAYS_MS)
        if shift.day == begun
    ]
    shift = next((one for one in known if one.name == name), None)
    if shift is None:
        names = ", ".join(f"{day}/{one.name}" for one in known) or "none: no shift is worked on that day"
        raise ReportError("shift", text, names)
    if shift.from_ms >= now_ms:
        raise ReportError("shift", text, f"a shift that has begun; it is {to_text(now_ms)} in the plant")
    return Window(
        shift=shift,
        from_ms=shift.from_ms,
        to_ms=min(shift.to_ms, now_ms),
        over=shift.to_ms <= now_ms,
    )


def latest_window(schedule: Schedule, now_ms: int) -> Window:
    """The newest shift that is over, or else the one that is on.

    Raises:
        ReportError: There was no shift at all.
    """
    shift = schedule.latest_shift(now_ms - 1)
    if shift is not None and shift.to_ms > now_ms:
        shift = schedule.before(shift) or shift
    if shift is None:
        raise ReportError("shift", None, FORM)
    return Window(
        shift=shift,
        from_ms=shift.from_ms,
        to_ms=min(shift.to_ms, now_ms),
        over=shift.to_ms <= now_ms,
    )


def span_window(from_ms: int, to_ms: int, now_ms: int) -> Window:
    """Any stretch of time.

    Raises:
        ReportError: It has no length, or has not begun.
    """
    end_ms = min(to_ms, now_ms)
    if from_ms >= end_ms:
        raise ReportError("from", to_text(from_ms), f"a moment before to, which is {to_text(end_ms)}")
    return Window(shift=None, from_ms=from_ms, to_ms=end_ms, over=to_ms <= now_ms)
