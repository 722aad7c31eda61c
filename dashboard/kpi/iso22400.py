"""The time elements of ISO 22400-2 and the KPIs that stand on them [ISO-OWL]."""

from dataclasses import dataclass

from dashboard.kpi.account import Account
from dashboard.kpi.formulas import observed
from dashboard.kpi.pieces import Use
from protocol.states import State


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeElements:
    """What a work unit's time went into, all in one unit of time, and what it made."""

    planned_operation: float
    """POT: scheduled time in which the work unit can be used."""
    planned_busy: float
    """PBT: POT less planned downtime."""
    busy: float
    """AUBT: used for the execution of orders."""
    setup: float
    """ASUT: preparation of an order."""
    delay: float
    """ADET: malfunctions, minor stoppages and other unplanned intervals during orders."""
    production: float
    """APT: producing."""
    run_per_unit: float
    """PRU: planned run time per part."""
    produced: float
    """PQ: parts."""
    good: float
    """GQ: good parts."""


def elements_of(account: Account) -> TimeElements:
    """The elements as far as a machine shows them, in milliseconds.

    Idle time is ADOT, not running although available; what is starved, blocked or stopped is a delay.
    Time without data is in none of them.
    """
    busy_ms = observed(account) - account[Use.IDLE]
    made = account["parts"] - account["silent_parts"]
    return TimeElements(
        planned_operation=observed(account) + account[Use.MAINTENANCE],
        planned_busy=observed(account),
        busy=busy_ms,
        setup=account[Use.SETUP],
        delay=busy_ms - account[State.RUNNING] - account[Use.SETUP],
        production=account[State.RUNNING],
        run_per_unit=account["ideal_run_us"] / made / 1_000 if made else 0.0,
        produced=made,
        good=account["parts"] - account["rejects"],
    )


def availability(time: TimeElements) -> float | None:
    """APT / PBT, "also called degree of utilisation or capacity factor": our utilization."""
    return _share(time.production, time.planned_busy)


def effectiveness(time: TimeElements) -> float | None:
    """PRU x PQ / APT: our performance; may exceed 1."""
    return _share(time.run_per_unit * time.produced, time.production)


def quality_ratio(time: TimeElements) -> float | None:
    """GQ / PQ."""
    return _share(time.good, time.produced)


def oee_index(time: TimeElements) -> float | None:
    """Availability x effectiveness x quality ratio."""
    return _product(availability(time), effectiveness(time), quality_ratio(time))


def nee_index(time: TimeElements) -> float | None:
    """AUPT / PBT x effectiveness x quality ratio, with AUPT = APT + ASUT: setup is no loss."""
    processing = _share(time.production + time.setup, time.planned_busy)
    return _product(processing, effectiveness(time), quality_ratio(time))


def allocation_efficiency(time: TimeElements) -> float | None:
    """AUBT / PBT: how much of the planned capacity is booked."""
    return _share(time.busy, time.planned_busy)


def utilization_efficiency(time: TimeElements) -> float | None:
    """APT / AUBT: the share of busy time in which it produced."""
    return _share(time.production, time.busy)


def technical_efficiency(time: TimeElements) -> float | None:
    """APT / (APT + ADET): setup is left out."""
    return _share(time.production, time.production + time.delay)


def setup_rate(time: TimeElements) -> float | None:
    """ASUT / AUPT, with AUPT = APT + ASUT."""
    return _share(time.setup, time.production + time.setup)


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _product(*shares: float | None) -> float | None:
    found = 1.0
    for share in shares:
        if share is None:
            return None
        found *= share
    return found
