"""A machine's planned time by state in a window: the one place where intervals meet the calendar."""

from collections.abc import Callable

from dashboard.calendar.schedule import Schedule
from dashboard.intervals import Intervals
from dashboard.kpi import TimeInState, doubt_ms, time_in_state
from dashboard.states.knowledge import Knowledge


def planned_time(
    window: Callable[[int, int], Intervals],
    schedule: Schedule,
    knowledge: Knowledge | None,
    from_ms: int,
    to_ms: int,
) -> TimeInState:
    """Planned time in each state in [from_ms, to_ms), with what of it is in doubt.

    Args:
        window: Gives what the machine did in a window.
        schedule: When production is planned for the machine.
        knowledge: How the machine's state is known; None where it is the truth, which leaves no doubt.
        from_ms: Beginning, ms since 1970.
        to_ms: End, ms since 1970; nothing is counted when it is not after the beginning.
    """
    if to_ms <= from_ms:
        return TimeInState()
    # An edge just after the end was somewhere in the period before it: its doubt reaches back.
    intervals = window(from_ms, to_ms + (knowledge.period_ms if knowledge else 0))
    planned = schedule.planned(from_ms, to_ms)
    doubt = (
        doubt_ms(intervals, knowledge.period_ms, sampled=knowledge.how != "reported", planned=planned)
        if knowledge
        else 0
    )
    return time_in_state(intervals, planned, doubt_ms=doubt)
