"""A window cut by the calendar: into local hours, shifts or production days."""

from dataclasses import dataclass
from typing import Literal

from dashboard.calendar.schedule import Schedule

By = Literal["hour", "shift", "day"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One hour, shift or production day, as far as it lies in the window."""

    key: dict[str, str]
    """What it is called: name and production day of a shift, date of a day; nothing for an hour."""
    from_ms: int
    """Its beginning, or the window's, ms since 1970."""
    to_ms: int
    """Its end, or the window's."""
    clipped: bool
    """Whether the window cuts it, so that it is not whole."""


def cuts(schedule: Schedule, by: By, from_ms: int, to_ms: int) -> list[Cut]:
    """The hours, shifts or production days that overlap [from_ms, to_ms), in order."""
    whole: list[tuple[dict[str, str], int, int]]
    if by == "hour":
        whole = [({}, begun, ended) for begun, ended in schedule.hours(from_ms, to_ms)]
    elif by == "shift":
        whole = [
            ({"shift": shift.name, "date": shift.day.isoformat()}, shift.from_ms, shift.to_ms)
            for shift in schedule.shifts(from_ms, to_ms)
        ]
    else:
        whole = [
            ({"date": day.date.isoformat()}, day.from_ms, day.to_ms) for day in schedule.days(from_ms, to_ms)
        ]
    return [
        Cut(
            key=key,
            from_ms=max(begun, from_ms),
            to_ms=min(ended, to_ms),
            clipped=begun < from_ms or ended > to_ms,
        )
        for key, begun, ended in whole
    ]
