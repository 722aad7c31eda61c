"""An account as the numbers that tile, page, API, export and report all show."""

from dashboard.conclusions import Numbers
from dashboard.kpi import formulas
from dashboard.kpi.account import Account
from dashboard.kpi.choices import Choices
from protocol.states import State


def numbers(account: Account, choices: Choices, from_ms: int, to_ms: int) -> Numbers:
    """All KPIs of a window, with all that they are made of.

    Args:
        account: What one machine, or many added up, did in it.
        choices: Which definitions hold.
        from_ms: Beginning of the window, ms since 1970.
        to_ms: End of the window.
    """
    utilization_low, utilization_high = formulas.utilization_bounds(account, choices) or (None, None)
    uptime_low, uptime_high = formulas.uptime_bounds(account, choices) or (None, None)
    judged = account.counts_parts and account.counts_rejects
    return Numbers(
        from_ms=from_ms,
        to_ms=to_ms,
        calendar_ms=account.calendar_ms,
        planned_ms=account.planned_ms,
        observed_ms=account.planned_ms - account[State.UNKNOWN],
        running_ms=account[State.RUNNING],
        idle_ms=account[State.IDLE],
        stopped_ms=account[State.STOPPED],
        down_ms=account[State.DOWN],
        setup_ms=account[State.SETUP],
        unknown_ms=account[State.UNKNOWN],
        parts=account["parts"] if account.counts_parts else None,
        good=account["parts"] - account["rejects"] if judged else None,
        rejects=account["rejects"] if account.counts_rejects else None,
        parts_in_silence=account["silent_parts"],
        parts_off_shift=account["off_parts"],
        target_parts=account.target_parts,
        stops=account["stops"],
        micro_stops=account["micro_stops"],
        micro_stop_ms=choices.micro_stop_ms,
        failures=account["failures"],
        mtbf_ms=formulas.mtbf_ms(account),
        mttr_ms=formulas.mttr_ms(account),
        cycle_ms=formulas.cycle_ms(account),
        ideal_cycle_ms=account.ideal_us / 1_000 if account.ideal_us is not None else None,
        utilization=formulas.utilization(account, choices),
        utilization_low=utilization_low,
        utilization_high=utilization_high,
        uptime=formulas.uptime(account, choices),
        uptime_low=uptime_low,
        uptime_high=uptime_high,
        coverage=formulas.coverage(account),
        performance=formulas.performance(account, choices),
        quality=formulas.quality(account),
        oee=formulas.oee(account, choices),
        nee=formulas.nee(account, choices),
        teep=formulas.teep(account, choices),
    )
