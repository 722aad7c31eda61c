"""A state that readings tell must last: what is shorter belongs to the state before it.

What a control reports is never touched, and neither is silence. What comes first after a silence stays
as it is, because it may have begun long before. What is not shown to have lasted, because silence
follows or nothing more has come yet, belongs to the state before it until more is known.
"""

from collections.abc import Sequence

from dashboard.states.evidence import Piece
from protocol.states import State

Stand = tuple[State, str]
"""A state and its cause."""


def lasting(
    pieces: Sequence[Piece], end_ms: int, least_ms: int, stand: Stand | None = None
) -> tuple[list[tuple[int, State, str]], int | None]:
    """The pieces, those that did not last given to the state before them.

    Args:
        pieces: What was concluded, in order, each up to the next.
        end_ms: When the last one ends, ms since 1970.
        least_ms: How long a state must last that readings alone tell, in milliseconds.
        stand: What the machine did just before; None when that is not known.

    Returns:
        The pieces, and since when readings tell something that has not lasted yet; None when they do not.
    """
    kept: list[tuple[int, State, str]] = []
    pending_ms: int | None = None
    before: Stand | None = None
    for (start_ms, state, cause, sensed), until_ms in zip(pieces, stretch_ends(pieces, end_ms), strict=True):
        said = state, cause
        if state is State.UNKNOWN:
            stand, pending_ms = None, None
        elif not sensed or stand is None or said == stand or until_ms - start_ms >= least_ms:
            stand, pending_ms = said, None
        elif pending_ms is None or said != before:
            pending_ms = start_ms
        kept.append((start_ms, *(stand or (State.UNKNOWN, ""))))
        before = said
    return kept, pending_ms


def stretch_ends(pieces: Sequence[Piece], end_ms: int) -> list[int]:
    """When each piece ends together with those behind it that say the same, ms since 1970."""
    ends: list[int] = []
    for place in reversed(range(len(pieces))):
        _, state, cause, _ = pieces[place]
        if place + 1 < len(pieces):
            start_ms, next_state, next_cause, _ = pieces[place + 1]
            if (next_state, next_cause) != (state, cause):
                end_ms = start_ms
        ends.append(end_ms)
    return ends[::-1]
