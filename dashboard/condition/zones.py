"""The zones of vibration severity, by where a machine says that its normal range ends.

ISO 10816-3:2009, velocity RMS on parts that do not rotate: A newly commissioned, B unrestricted, C for a
limited time, D damage is likely. A birth gives no zones, but a normal range in mm/s that ends at a boundary
B/C says which of them hold: each boundary B/C stands in one row alone, or in two that are the same.
"""

from dataclasses import dataclass

SOURCE = "ISO 10816-3:2009"
UNIT = "mm/s"
_ROWS = (
    (2.3, 4.5, 7.1, "group 1 rigid, group 2 flexible"),
    (3.5, 7.1, 11.0, "group 1 flexible"),
    (1.4, 2.8, 4.5, "group 2 rigid"),
)
"""Boundaries A/B, B/C and C/D in mm/s, and the machines for which they hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Zones:
    """The boundaries of the zones, in mm/s."""

    ab: float
    """Between A and B."""
    bc: float
    """Between B and C."""
    cd: float
    """Between C and D."""
    group: str
    """The machines for which they hold, in the words of the standard."""

    @property
    def source(self) -> str:
        """Where they stand."""
        return f"{SOURCE}, {self.group}"


def zones_of(signal: str, unit: str, high: float | None) -> Zones | None:
    """The zones of a signal; None where nothing says that it has any.

    >>> zones_of("vibration_mm_s", "mm/s", 2.8)
    Zones(ab=1.4, bc=2.8, cd=4.5, group='group 2 rigid')
    >>> zones_of("vibration_mm_s", "mm/s", 3.0), zones_of("feed_mm_s", "mm/s", 2.8)
    (None, None)
    """
    if unit != UNIT or "vibration" not in signal or high is None:
        return None
    for ab, bc, cd, group in _ROWS:
        if high == bc:
            return Zones(ab=ab, bc=bc, cd=cd, group=group)
    return None
