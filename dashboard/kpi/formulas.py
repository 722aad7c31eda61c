"""Every KPI as one formula over an account: added up first, divided last.

None means undefined, and is shown as a dash; it is neither 0 nor 1. The formulas in the docstrings hold
with the recommended choices; what a choice moves from one side to another is in `observed`, `load` and
`productive` alone.
"""

from dashboard.kpi.account import Account
from dashboard.kpi.choices import Choices
from dashboard.kpi.pieces import Use
from protocol.states import State

RECOMMENDED = Choices()
"""The choices that hold where none are given."""


def observed(account: Account, choices: Choices = RECOMMENDED) -> int:
    """Planned time in which the state is known, in milliseconds.

        observed = planned - unknown

    Where unknown time counts as down, all planned time is observed.
    """
    if choices.unknown == "down":
        return account.planned_ms
    return account.planned_ms - account[State.UNKNOWN]


def load(account: Account, choices: Choices = RECOMMENDED) -> int:
    """Observed time, less what is left out by choice: what utilization is measured against, in ms."""
    left_out = account[Use.SETUP] if choices.setup == "excluded" else 0
    if choices.starved_blocked == "excluded":
        left_out += account[Use.STARVED] + account[Use.BLOCKED]
    return observed(account, choices) - left_out


def productive(account: Account, choices: Choices = RECOMMENDED) -> int:
    """Running time, and what counts as slow running by choice, in milliseconds."""
    more = account[Use.MICRO_STOP] if choices.micro_stops == "performance" else 0
    if choices.starved_blocked == "performance":
        more += account[Use.STARVED] + account[Use.BLOCKED]
    return account[State.RUNNING] + more


def utilization(account: Account, choices: Choices = RECOMMENDED) -> float | None:
    """Share of the observed time in which the machine was running: did it run?

        utilization = running / observed

    ISO 22400-2 calls it availability, "also called degree of utilisation", APT / PBT [ISO-OWL];
    MachineMetrics in-cycle utilization [MM-UTIL]; SEMI E10 operational utilization.

    Returns:
        A fraction from 0 to 1, or None when nothing was observed.
    """
    return _share(productive(account, choices), load(account, choices), account, choices)


def uptime(account: Account, choices: Choices = RECOMMENDED) -> float | None:
    """Share of the observed time in which the machine ran or could have run: could it run?

        uptime = (running + idle) / observed

    SEMI E10 operational uptime without engineering time: standby is up, setup is scheduled down [OPC-MV].

    Returns:
        A fraction from 0 to 1, or None when nothing was observed, or when any of it was merely stopped:
        power alone does not tell idle from down, so only `uptime_bounds` can be given.
    """
    if account[State.STOPPED]:
        return None
    return _share(_up(account, choices), load(account, choices), account, choices)


def performance(account: Account, choices: Choices = RECOMMENDED) -> float | None:
    """How fast it ran while it ran: the ideal time of what it made against the time that took.

        performance = ideal cycle x parts / running

    Parts counted across unknown time are left out, because the time that they took is not known.
    ISO 22400-2 effectiveness, PRU x PQ / APT: above 1 when the ideal cycle is too long [ISO-OWL].

    Returns:
        A fraction from 0, or None when it did not run, counts no parts, or has no ideal cycle.
    """
    paced = account.of_paced()
    time_ms = productive(paced, choices)
    found = paced["ideal_run_us"] / (time_ms * 1_000) if time_ms else None
    return min(found, 1.0) if found is not None and choices.performance_above_1 == "capped" else found


def quality(account: Account) -> float | None:
    """Share of the parts that are good.

        quality = good / parts, in a group each weighted by its ideal cycle

    ISO 22400-2 quality ratio, GQ / PQ [ISO-OWL].

    Returns:
        A fraction from 0 to 1, or None when nothing was made, or rejects are not counted.
    """
    judged = account.of_judged()
    if judged["ideal_parts_us"]:
        return judged["ideal_good_us"] / judged["ideal_parts_us"]
    if not (account.counts_parts and account.counts_rejects) or not account["parts"]:
        return None
    return (account["parts"] - account["rejects"]) / account["parts"]


def oee(account: Account, choices: Choices = RECOMMENDED) -> float | None:
    """Overall equipment effectiveness: what of the observed time made good parts at the ideal pace.

        OEE = utilization x performance x quality = ideal cycle x good / observed

    The second form holds where no parts were counted across unknown time. ISO 22400-2 OEE index.

    Returns:
        A fraction from 0, or None where one of the three is undefined.
    """
    judged = account.of_judged()
    load_ms = load(judged, choices)
    if not load_ms:
        return utilization(judged, choices) if judged.vector.any() else None
    # Utilization x performance, with the running time that stands in both cancelled: it may be 0.
    paced_ms = judged["ideal_run_us"] / 1_000
    if choices.performance_above_1 == "capped":
        paced_ms = min(paced_ms, productive(judged, choices))
    return _of_good(paced_ms / load_ms, quality(account), judged)


def nee(account: Account, choices: Choices = RECOMMENDED) -> float | None:
    """Net equipment effectiveness: OEE with setup not counted as a loss.

        NEE = (running + setup) / observed x performance x quality

    ISO 22400-2 NEE index, AUPT / PBT x effectiveness x quality ratio [ISO-OWL].
    """
    judged = account.of_judged()
    with_setup = _share(
        productive(judged, choices) + judged[Use.SETUP], observed(judged, choices), judged, choices
    )
    pace = performance(judged, choices)
    if with_setup is None:
        return None
    # Machines that did not run lost everything to that, however fast they would have been.
    return _of_good(with_setup * (pace or 0.0), quality(account), judged)


def teep(account: Account, choices: Choices = RECOMMENDED) -> float | None:
    """Total effective equipment performance: OEE of all time and not of planned time alone.

    TEEP = OEE x planned / calendar [OEE-PY]
    """
    index, judged = oee(account, choices), account.of_judged()
    calendar_ms = judged.calendar_ms
    return index * judged.planned_ms / calendar_ms if index is not None and calendar_ms else None


def coverage(account: Account) -> float | None:
    """Share of the planned time of which the state is known.

        coverage = observed / planned

    SAP's "100 - no availability measurements (%)" [SAP-AV].

    Returns:
        A fraction from 0 to 1, or None when nothing was planned.
    """
    planned_ms = account.planned_ms
    return (planned_ms - account[State.UNKNOWN]) / planned_ms if planned_ms else None


def utilization_bounds(account: Account, choices: Choices = RECOMMENDED) -> tuple[float, float] | None:
    """Utilization if everything unknown had been spent not running, and if it had been spent running.

        low = (running - doubt) / planned        high = (running + unknown + doubt) / planned

    The rule A_low = up / (known + unknown), A_high = (up + unknown) / (known + unknown) of FACTS 1.7.

    Returns:
        Two fractions from 0 to 1, or None when nothing was planned.
    """
    return _bounds(account, choices, productive(account, choices), 0)


def uptime_bounds(account: Account, choices: Choices = RECOMMENDED) -> tuple[float, float] | None:
    """Uptime if everything unknown or merely stopped had been down, and if it had been up.

        low = (running + idle - doubt) / planned
        high = (running + idle + stopped + unknown + doubt) / planned

    Returns:
        Two fractions from 0 to 1, or None when nothing was planned.
    """
    return _bounds(account, choices, _up(account, choices), account[State.STOPPED])


def mtbf_ms(account: Account) -> float | None:
    """Mean operating time between failures, in milliseconds.

        MTBF = (running + setup) / failures

    Operating time includes setup and no delays, as ISO 22400-2 has its TBF [ISO-OWL]. A failure is an
    unbroken stretch of down time, counted where it begins.

    Returns:
        Milliseconds, or None without a failure.
    """
    failures = account["failures"]
    return (account[State.RUNNING] + account[State.SETUP]) / failures if failures else None


def mttr_ms(account: Account) -> float | None:
    """Mean time to restoration, in milliseconds.

        MTTR = down / failures

    Returns:
        Milliseconds, or None without a failure.
    """
    failures = account["failures"]
    return account[State.DOWN] / failures if failures else None


def cycle_ms(account: Account) -> float | None:
    """Mean running time for a part, in milliseconds.

        cycle = running / parts

    Returns:
        Milliseconds, or None when no part was counted in known time. Of several machines it is the mean over
        the parts of those that know their ideal cycle; None where none does and not all count parts.
    """
    if account.mixed and not account.paced.any():
        return None
    chosen = account.of_paced() if account.paced.any() else account
    parts = chosen["parts"] - chosen["silent_parts"]
    return chosen[State.RUNNING] / parts if parts and chosen.counts_parts else None


def _up(account: Account, choices: Choices) -> int:
    left_out = account[Use.STARVED] + account[Use.BLOCKED] if choices.starved_blocked == "excluded" else 0
    return account[State.RUNNING] + account[State.IDLE] - left_out


def _of_good(share: float, good: float | None, judged: Account) -> float | None:
    """The share of time that made parts, as far as they are good."""
    if good is None:
        # Nothing was made although time was observed: nothing good came of it.
        return 0.0 if judged.vector.any() and not judged["parts"] else None
    return share * good


def _share(part_ms: int, whole_ms: int, account: Account, choices: Choices) -> float | None:
    if whole_ms:
        return part_ms / whole_ms
    return 0.0 if choices.no_planned_time == "zero" and not account.planned_ms else None


def _bounds(
    account: Account, choices: Choices, good_ms: int, cannot_tell_ms: int
) -> tuple[float, float] | None:
    known_ms = load(account, choices)
    whole_ms = known_ms + (account[State.UNKNOWN] if choices.unknown == "excluded" else 0)
    if not whole_ms:
        return None
    doubt_ms = account["doubt_ms"]
    low = max(good_ms - doubt_ms, 0)
    high = min(good_ms + cannot_tell_ms + account[State.UNKNOWN] + doubt_ms, whole_ms)
    return low / whole_ms, high / whole_ms
