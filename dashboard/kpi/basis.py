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

    def planned(self, path: str, machine: str, from_ms: int, to_ms: int) -> list[tuple[int, int]]:
        """The parts of a window that count as planned for a machine: shifts, and what no choice leaves out.

        Args:
            path: Location of the machine, `machining`.
            machine: Its name.
            from_ms: Beginning of the window, ms since 1970.
            to_ms: Its end.
        """
        if to_ms <= from_ms:
            return []
        kinds = ["shift"]
        kinds += ["break"] if self.choices.breaks == "loss" else []
        kinds += ["maintenance"] if self.choices.maintenance == "loss" else []
        return self.calendar.schedule(path, machine).planned(from_ms, to_ms, tuple(kinds))


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
