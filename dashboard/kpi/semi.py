"""The six states of SEMI E10 and the shares that stand on them [OPC-MV]."""

from dataclasses import dataclass

from dashboard.kpi.account import Account
from dashboard.kpi.pieces import Use
from protocol.states import State


@dataclass(frozen=True, slots=True, kw_only=True)
class EquipmentTime:
    """Time in each of the six states, all in one unit."""

    productive: float
    """PRD: working on a job."""
    standby: float
    """SBY: ready and not executing."""
    engineering: float
    """ENG: not ready because a user works on the system."""
    scheduled_down: float
    """SDT: planned maintenance, cleaning, setup."""
    unscheduled_down: float
    """UDT: failure and repair."""
    nonscheduled: float
    """NST: no production scheduled."""

    @property
    def operations(self) -> float:
        """Operations time: all but nonscheduled time."""
        return self.total - self.nonscheduled

    @property
    def uptime(self) -> float:
        """Equipment uptime: productive, standby and engineering time."""
        return self.productive + self.standby + self.engineering

    @property
    def total(self) -> float:
        """All time."""
        return self.uptime + self.scheduled_down + self.unscheduled_down + self.nonscheduled


def equipment_time(account: Account) -> EquipmentTime:
    """The six states as far as a machine shows them, in milliseconds; time without data is in none.

    What is merely stopped counts as standby, so the uptime that follows is the highest it can be.
    """
    return EquipmentTime(
        productive=account[State.RUNNING],
        standby=account[State.IDLE] + account[State.STOPPED],
        engineering=0,
        scheduled_down=account[State.SETUP] + account[Use.MAINTENANCE],
        unscheduled_down=account[State.DOWN],
        nonscheduled=account[Use.OFF] + account[Use.HOLIDAY] + account[Use.BREAK],
    )


def operational_uptime(time: EquipmentTime) -> float | None:
    """Uptime / operations time."""
    return _share(time.uptime, time.operations)


def total_uptime(time: EquipmentTime) -> float | None:
    """Uptime / total time."""
    return _share(time.uptime, time.total)


def operational_utilization(time: EquipmentTime) -> float | None:
    """Productive time / operations time."""
    return _share(time.productive, time.operations)


def total_utilization(time: EquipmentTime) -> float | None:
    """Productive time / total time."""
    return _share(time.productive, time.total)


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
