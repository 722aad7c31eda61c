"""One stop cut where people came into it: noticed, acknowledged, at the machine, restored, running again.

The parts tile the stop: a moment that nobody told leaves its time to the part before, and one that lies
outside of the stop is drawn to its edge.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

STOPPED = "stopped"
"""The rule that calls for a stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The parts of one stop, in milliseconds; together they are the stop."""

    unnoticed_ms: int
    """From its beginning to the call."""
    unanswered_ms: int
    """From the call until somebody acknowledged it."""
    way_ms: int
    """From there until somebody was at the machine."""
    repair_ms: int
    """From there until the machine was able to run again."""
    restart_ms: int
    """From there until it ran, or until now."""
    acknowledged: bool
    """Whether anybody said that the call is heard."""
    at_machine: bool
    """Whether anybody said to be there."""
    restored: bool
    """Whether anybody said that it is able to run again."""


def split_of(
    begun_ms: int,
    ended_ms: int,
    *,
    raised_ms: int,
    acknowledged_ms: int | None = None,
    at_machine_ms: int | None = None,
    restored_ms: int | None = None,
) -> Split:
    """The parts of a stop [begun_ms, ended_ms) that somebody was called for.

    >>> split_of(0, 600, raised_ms=120, acknowledged_ms=150, at_machine_ms=300, restored_ms=590).way_ms
    150
    """
    parts = [0, 0, 0, 0, 0]
    part, last_ms = 0, begun_ms
    for place, at_ms in enumerate((raised_ms, acknowledged_ms, at_machine_ms, restored_ms), start=1):
        if at_ms is None:
            continue
        # Who came on a round may have been there before the call.
        cut_ms = min(max(at_ms, last_ms), ended_ms)
        parts[part] += cut_ms - last_ms
        part, last_ms = place, cut_ms
    parts[part] += ended_ms - last_ms
    return Split(
        unnoticed_ms=parts[0],
        unanswered_ms=parts[1],
        way_ms=parts[2],
        repair_ms=parts[3],
        restart_ms=parts[4],
        acknowledged=acknowledged_ms is not None,
        at_machine=at_machine_ms is not None,
        restored=restored_ms is not None,
    )


def split_by(begun_ms: int, ended_ms: int, calls: Iterable[tuple[Any, dict[str, Any]]]) -> Split | None:
    """The same by the first call that was raised because of the stop; None where nobody was called.

    Args:
        begun_ms: When the stop began.
        ended_ms: When it ended, or up to when it has lasted.
        calls: Calls of its machine with what came of each by `what`, in the order they were raised.
    """
    for call, said in calls:
        about = call.rule == STOPPED and not call.missed
        if about and begun_ms <= call.since_ms < ended_ms and call.raised_ms <= ended_ms:
            at_ms = {what: reply.at_ms for what, reply in said.items()}
            return split_of(
                begun_ms,
                ended_ms,
                raised_ms=call.raised_ms,
                acknowledged_ms=at_ms.get("acknowledged"),
                at_machine_ms=at_ms.get("at-machine"),
                restored_ms=at_ms.get("restored"),
            )
    return None
