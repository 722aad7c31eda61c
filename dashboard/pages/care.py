"""What a machine's page is told of how its state is known, and of every version of what was learned."""

from collections.abc import Sequence
from typing import Any

from dashboard.history.rows import LearningRow, MachineRow
from dashboard.units import unit_of


def care_of(machine: MachineRow, learnings: Sequence[LearningRow], now_ms: int) -> dict[str, Any]:
    """How its state is known; the versions are those of a machine that learns, the first one first."""
    return {
        "how": machine.how,
        "simulated": machine.simulated,
        "now_ms": now_ms,
        "versions": [_version(machine, one) for one in learnings] if machine.how == "learned" else [],
    }


def _version(machine: MachineRow, one: LearningRow) -> dict[str, Any]:
    return {
        "version": one.version,
        "since_ms": one.since_ms,
        "from_ms": one.from_ms,
        "to_ms": one.to_ms,
        "readings": one.readings,
        "signal": one.signal,
        "unit": unit_of(machine.birth, one.signal),
        "above": one.above,
        "below": one.below,
    }
