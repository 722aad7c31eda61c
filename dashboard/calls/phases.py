"""How long each part of what a call is about took: noticed, acknowledged, at the machine, restored."""

from dataclasses import dataclass

STATES = ("open", "acknowledged", "at-machine", "restored", "closed", "missed")
"""How far a call is: the last of these that is so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phases:
    """The parts, in milliseconds; None where one of its ends is not known.

    Those of a stop that went through all of them add up to it.
    """

    noticed_ms: int
    """From the beginning of what is wrong to the call."""
    to_acknowledge_ms: int | None
    """From the call to the first acknowledgement."""
    to_machine_ms: int | None
    """From there until somebody was at the machine."""
    repair_ms: int | None
    """From there until it was able to run again; where nobody said so, until the call was closed."""


def phases_of(
    *,
    since_ms: int,
    raised_ms: int,
    acknowledged_ms: int | None,
    at_machine_ms: int | None,
    restored_ms: int | None,
    closed_ms: int | None,
) -> Phases:
    """The parts of a call's time.

    >>> phases_of(since_ms=0, raised_ms=120, acknowledged_ms=180, at_machine_ms=300, restored_ms=900,
    ...           closed_ms=905)
    Phases(noticed_ms=120, to_acknowledge_ms=60, to_machine_ms=120, repair_ms=600)
    """
    return Phases(
        noticed_ms=raised_ms - since_ms,
        to_acknowledge_ms=_between(raised_ms, acknowledged_ms),
        to_machine_ms=_between(acknowledged_ms, at_machine_ms),
        repair_ms=_between(at_machine_ms, closed_ms if restored_ms is None else restored_ms),
    )


def _between(from_ms: int | None, to_ms: int | None) -> int | None:
    return None if from_ms is None or to_ms is None else to_ms - from_ms
