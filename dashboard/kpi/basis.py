"""By what the numbers are worked out: when production was planned, and the choices among definitions."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from dashboard.calendar.places import Calendar
from dashboard.kpi.choices import Choices


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """The calendar and the choices, which all numbers of a process share."""

    calendar: Calendar
    """When production was planned, for every machine."""
    choices: Choices = field(default_factory=Choices)
    """Which of several usual definitions holds."""


class BasisFiles(Protocol):
    """Where both stand: the arguments of the command line."""

    calendar: Path
    """The calendar file."""
    choices: Path
    """The file of the choices."""


def basis_of(files: BasisFiles) -> Basis:
    """The basis in two files.

    Raises:
        CalendarError: The calendar cannot be understood.
        ChoicesError: The choices cannot be understood.
    """
    return Basis(calendar=Calendar.read(files.calendar), choices=Choices.read(files.choices))
