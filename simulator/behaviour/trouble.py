"""Trouble: what a fault from outside does to how a machine works, for as long as it does."""

from dataclasses import dataclass

from simulator.phase import Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """How a machine is hindered, beside its own stops."""

    phase: Phase | None = None
    """What it goes through instead of working; None while it works."""
    cause: str = ""
    """What it says of that."""
    slow: float = 1.0
    """By how much its cycles take longer."""
    scrap: float = 0.0
    """Share of its parts that are rejects, if its own is not greater."""


NO_TROUBLE = Trouble()
"""Nothing hinders it."""
