"""A state that readings tell must last: what is shorter belongs to the state before it.

What a control reports is never touched, nor what readings told just before a report of the same, and
neither is silence. What comes first after a silence stays as it is, because it may have begun long before.
What is not shown to have lasted, because silence follows or nothing more has come yet, belongs to the
state before it until more is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.states.evidence import Piece
from protocol.states import State

Stand = tuple[State, str]
"""A state and its cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """What the newest readings tell, while more of them may still show that it did not last."""

    since_ms: int
    """Since when they tell it, ms since 1970."""
    state: State
    """What they tell."""
    before: Stand
    """What the machine did until then, and goes on to do if this does not last."""


def lasting(
    pieces: Sequence[Piece], end_ms: int, least_ms: int, stand: Stand | None = None
) -> tuple[list[tuple[int, State, str]], Pending | None]:
    """The pieces, those that did not last given to the state before them.

    Args:
        pieces: What was concluded, in order, each up to the next.
        end_ms: When the last one ends, ms since 1970.
        least_ms: How long a state must last that readings alone tell, in milliseconds.
        stand: What the machine did just before; None when that is not known.

    Returns:
        The pieces, and what the last of them tell where that is another state than the one before.
    """
    kept: list[tuple[int, State, str]] = []
    pending: Pending | None = None
    ahead: Stand | None = None
    ends, reports = stretch_ends(pieces, end_ms), _reported(pieces)
    for (start_ms, state, cause, sensed), until_ms, reported in zip(pieces, ends, reports, strict=True):
        said = state, cause
        if said != ahead:
            pending = None
        if state is State.UNKNOWN:
            stand = None
        elif not sensed or stand is None:
            stand, pending = said, None
        elif said != stand:
            pending = pending or Pending(since_ms=start_ms, state=state, before=stand)
            if reported or until_ms - start_ms >= least_ms:
                stand = said
        kept.append((start_ms, *(stand or (State.UNKNOWN, ""))))
        ahead = said
    return kept, pending


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


def _reported(pieces: Sequence[Piece]) -> list[bool]:
    """Whether each piece, or one of those behind it that say the same, was reported."""
    found: list[bool] = []
    for place in reversed(range(len(pieces))):
        _, state, cause, sensed = pieces[place]
        same = place + 1 < len(pieces) and pieces[place + 1][1:3] == (state, cause)
        found.append(not sensed or (same and found[-1]))
    return found[::-1]
