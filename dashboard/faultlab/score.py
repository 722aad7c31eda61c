"""The score of one fault: when somebody was called, what it cost, and how far it led the numbers astray."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from dashboard.conclusions import Numbers

About = Literal["machine", "sensor", "link"]
Against = Literal["normal pace", "twin"]
LEAST_NORMAL_MS = 30 * 60_000
"""A shorter past tells no normal pace."""
SLACK = 1e-9
"""Two quotients of whole milliseconds may differ by so much and be the same."""
NOT_TOLD = "the truth of its time is not told yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One call for the machine of a fault."""

    raised_ms: int
    """When it was raised, plant time."""
    since_ms: int
    """Since when what it tells of lasted."""
    rule: str
    """The rule that raised it."""
    ran: bool | None
    """Whether the machine truly ran at that moment; None where nobody has told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """Whether and when somebody was called."""

    after_ms: int | None = None
    """From the beginning of the fault to the first call."""
    rule: str = ""
    """The rule that raised it."""
    false: int | None = None
    """Calls for a machine that truly ran; None where that is not asked, or cannot be said."""
    reason: str = ""
    """Why there is no first call."""
    false_reason: str = ""
    """Why there is no count of false ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """What a fault cost so far, against what would have been."""

    against: Against
    """What it is compared with."""
    running_ms: float | None = None
    """Planned time in which the machine did not run and would have; below 0 if it ran more."""
    parts: float | None = None
    """Good parts that were not made and would have been; below 0 if more were."""
    of_ms: int = 0
    """Planned time of the fault so far, of which the time was lost."""
    reason: str = ""
    """Why there is no time."""
    parts_reason: str = ""
    """Why there are no parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Error:
    """How far the measured utilization of the fault's time is from the true one."""

    points: float | None = None
    """Measured less true, in percentage points."""
    low: float | None = None
    """What the bounds allow downwards from measured, in points."""
    high: float | None = None
    """The same upwards."""
    holds: bool | None = None
    """Whether the truth lies within the bounds."""
    reason: str = ""
    """Why nothing can be said."""


def called(calls: Sequence[Heard], about: About, begun_ms: int, until_ms: int, now_ms: int) -> Called:
    """Whether somebody was called: calls raised from its beginning on that speak of its time.

    Args:
        calls: The calls for its machine, in the order in which they were raised.
        about: What is at fault.
        begun_ms: When it began, plant time in ms.
        until_ms: When it ends or ended.
        now_ms: Plant time that everything is known up to.
    """
    mine = [
        one
        for one in calls
        if one.raised_ms >= begun_ms and (one.raised_ms < until_ms or one.since_ms < until_ms)
    ]
    first = mine[0] if mine else None
    none = "nobody was called" if now_ms >= until_ms else "nobody is called yet"
    found = Called(
        after_ms=None if first is None else first.raised_ms - begun_ms,
        rule="" if first is None else first.rule,
        reason="" if first else none,
    )
    if about == "machine":
        return _with(found, None, "the machine is at fault indeed: a call for it is none too many")
    if any(one.ran is None for one in mine):
        return _with(found, None, NOT_TOLD)
    return _with(found, sum(bool(one.ran) for one in mine), "")


def lost_to_machine(before: Numbers | None, during: Numbers | None) -> Lost:
    """What a fault of the machine itself cost: less running and fewer good parts than at its normal pace.

    Both plants have such a fault, so the twin tells nothing. All of it is the truth.

    Args:
        before: The machine in the hours before the fault.
        during: The machine since it began, until it ended.
    """
    if during is None:
        return Lost(against="normal pace", reason=NOT_TOLD, parts_reason=NOT_TOLD)
    if before is None or before.planned_ms < LEAST_NORMAL_MS:
        why = "less than half an hour of it was planned before: no normal pace is known"
        return Lost(against="normal pace", of_ms=during.planned_ms, reason=why, parts_reason=why)
    share = during.planned_ms / before.planned_ms
    running_ms = before.running_ms * share - during.running_ms
    if before.good is None or during.good is None:
        return Lost(
            against="normal pace",
            running_ms=running_ms,
            of_ms=during.planned_ms,
            parts_reason="this machine counts no good parts",
        )
    return Lost(
        against="normal pace",
        running_ms=running_ms,
        parts=before.good * share - during.good,
        of_ms=during.planned_ms,
    )


def lost_to_measuring(monitored: Numbers | None, twin: Numbers | None) -> Lost:
    """What a fault of a sensor or a link cost: what the twin, which has not got it, ran and made more.

    Args:
        monitored: The machine since the fault began, in truth.
        twin: Its twin in the same time, in truth; None without one.
    """
    if monitored is None:
        return Lost(against="twin", reason=NOT_TOLD, parts_reason=NOT_TOLD)
    if twin is None:
        why = "the machine has no twin to compare with"
        return Lost(against="twin", of_ms=monitored.planned_ms, reason=why, parts_reason=why)
    parts = None if twin.good is None or monitored.good is None else float(twin.good - monitored.good)
    return Lost(
        against="twin",
        running_ms=float(twin.running_ms - monitored.running_ms),
        parts=parts,
        of_ms=monitored.planned_ms,
        parts_reason="" if parts is not None else "this machine counts no good parts",
    )


def error(measured: Numbers | None, truth: Numbers | None) -> Error:
    """How far the measured utilization of the fault's time is from the true one."""
    if truth is None or measured is None:
        return Error(reason=NOT_TOLD)
    if truth.utilization is None:
        return Error(reason="nothing of its time was planned")
    low, high = measured.utilization_low, measured.utilization_high
    holds = None if low is None or high is None else low - SLACK <= truth.utilization <= high + SLACK
    if measured.utilization is None:
        return Error(holds=holds, reason="nothing of its time is observed yet")
    return Error(
        points=100 * (measured.utilization - truth.utilization),
        low=None if low is None else 100 * (low - measured.utilization),
        high=None if high is None else 100 * (high - measured.utilization),
        holds=holds,
    )


def _with(found: Called, false: int | None, reason: str) -> Called:
    return Called(
        after_ms=found.after_ms, rule=found.rule, reason=found.reason, false=false, false_reason=reason
    )
