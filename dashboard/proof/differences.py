"""Each KPI as it was measured, beside what it was in truth."""

from dataclasses import dataclass

from dashboard.conclusions import Numbers

SLACK = 1e-12
"""Shares are quotients of whole numbers in float64: bounds are compared with this much room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One KPI of one machine or group in one window."""

    kpi: str
    """Its name, as a field of `Numbers`."""
    measured: float | None
    """What was measured; None where it is undefined or cannot be told."""
    true: float | None
    """What it was in truth; None where that is undefined."""
    low: float | None = None
    """The least it can have been, as far as measured."""
    high: float | None = None
    """The most it can have been."""

    @property
    def difference(self) -> float | None:
        """Measured less true, in the unit of the KPI; None where either is undefined."""
        return None if self.measured is None or self.true is None else self.measured - self.true

    @property
    def contained(self) -> bool | None:
        """Whether the bounds contain the truth; None where there are no bounds or no truth."""
        if self.low is None or self.high is None or self.true is None:
            return None
        return self.low - SLACK <= self.true <= self.high + SLACK


SHARES = ("utilization", "uptime", "performance", "quality", "oee")
"""KPIs from 0 to 1; performance may be more."""
COUNTS = ("parts",)
"""KPIs in parts."""


def differences(measured: Numbers, true: Numbers) -> list[Difference]:
    """Every KPI that is compared, in the order in which it is shown."""
    return [
        Difference(
            kpi=kpi,
            measured=getattr(measured, kpi),
            true=getattr(true, kpi),
            low=getattr(measured, f"{kpi}_low", None),
            high=getattr(measured, f"{kpi}_high", None),
        )
        for kpi in (*SHARES, *COUNTS)
        if hasattr(measured, kpi)
    ]
