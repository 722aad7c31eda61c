"""Machines of the calibration bench: what their numbers must come to is known before they run."""

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.conclusions import Numbers
from dashboard.proof.differences import SLACK

HOUR_MS = 3_600_000
PER_HOUR = "_per_h"
SECONDS = "_s"
EQUAL = 1e-9
"""Answers are written as decimals: 0.8 is met by 28,800,000 / 36,000,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One number that is known beforehand."""

    kpi: str
    """Its key in the API; with `_per_h` a count divided by the hours."""
    known: float
    """What it must come to."""
    measured: float | None
    """What was measured."""
    true: float | None
    """What it was in truth."""
    low: float | None
    """The least it can have been, as far as measured; None where it has no bounds."""
    high: float | None
    """The most it can have been."""

    @property
    def equal(self) -> bool:
        """Whether what was measured is the known answer."""
        return self.measured is not None and abs(self.measured - self.known) <= EQUAL * max(
            1.0, abs(self.known)
        )

    @property
    def contained(self) -> bool:
        """Whether it is, or lies within the bounds of what was measured."""
        if self.equal:
            return True
        if self.low is None or self.high is None:
            return False
        return self.low - SLACK <= self.known <= self.high + SLACK


def whole_hours(from_ms: int, to_ms: int) -> tuple[int, int]:
    """The whole hours of UTC in a window, for which alone the answers are known.

    >>> whole_hours(1_800_000, 3 * HOUR_MS + 5)
    (3600000, 10800000)
    """
    first = -(-from_ms // HOUR_MS) * HOUR_MS
    return first, max(first, to_ms // HOUR_MS * HOUR_MS)


def answers(known: Mapping[str, float], measured: Numbers, true: Numbers | None) -> list[Answer]:
    """Each known answer beside what was measured in whole hours."""
    return [
        Answer(
            kpi=kpi,
            known=value,
            measured=number(measured, kpi),
            true=None if true is None else number(true, kpi),
            low=number(measured, f"{kpi}_low"),
            high=number(measured, f"{kpi}_high"),
        )
        for kpi, value in known.items()
    ]


def number(numbers: Numbers, kpi: str) -> float | None:
    """A number by its key in the API; None where it is undefined or there is none of that name."""
    if kpi.endswith(PER_HOUR):
        count = getattr(numbers, kpi.removesuffix(PER_HOUR), None)
        hours = (numbers.to_ms - numbers.from_ms) / HOUR_MS
        return count / hours if count is not None and hours else None
    if kpi.endswith(SECONDS):
        ms: int | None = getattr(numbers, kpi.removesuffix(SECONDS) + "_ms", None)
        return None if ms is None else ms / 1_000
    found: float | None = getattr(numbers, kpi, None)
    return found
