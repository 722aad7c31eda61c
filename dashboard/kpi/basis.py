"""By what the numbers are worked out: when production was planned, and the choices among definitions."""

from dataclasses import dataclass

from dashboard.calendar.places import Calendar
from dashboard.kpi.choices import Choices


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """The calendar and the choices, which all numbers of a process share."""

    calendar: Calendar
    """When production was planned, for every machine."""
    choices: Choices = Choices()
    """Which of several usual definitions holds."""
