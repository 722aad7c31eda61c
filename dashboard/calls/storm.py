"""A storm of stops makes one call, for its cause: who only waits for a stopped machine has none."""

import re
from collections.abc import Callable
from typing import NamedTuple

from dashboard.calls.view import Spans
from dashboard.intervals import Intervals
from protocol.states import State

_WAITS_FOR = re.compile(r"(?:starved|blocked) by (.+)")


class Neighbour(NamedTuple):
    """Another machine of the plant."""

    window: Callable[[int, int], Intervals]
    """What it did in a stretch, tiled."""
    states: frozenset[State]
    """The states in which it is called for, if they last."""


Find = Callable[[str], Neighbour | None]
"""A machine by its name; None when there is none."""


def waited_for(cause: str) -> str:
    """The machine that a cause says it waits for; `""` for none.

    >>> waited_for("starved by mill-1"), waited_for("starved"), waited_for("drain blocked by chips")
    ('mill-1', '', '')
    """
    found = _WAITS_FOR.fullmatch(cause)
    return found.group(1) if found else ""


def excused(find: Find, machine: str, from_ms: int, to_ms: int) -> Spans:
    """The parts of a stretch in which a machine only waits for another one that is stopped itself.

    That one may wait for a third: what counts is that somebody is called for at the end of the chain.
    Machines that wait for each other in a ring are not excused.

    Args:
        find: The machines by name.
        machine: Name of the machine.
        from_ms: Beginning of the stretch, ms since 1970.
        to_ms: Its end.
    """
    spans: Spans = []
    for start, end in _waits(find, machine, from_ms, to_ms, (machine,)):
        if spans and spans[-1][1] == start:
            spans[-1] = spans[-1][0], end
        else:
            spans.append((start, end))
    return spans


def _waits(find: Find, machine: str, from_ms: int, to_ms: int, asked: tuple[str, ...]) -> Spans:
    mine = find(machine)
    if mine is None:
        return []
    spans: Spans = []
    for start, end, state, cause in mine.window(from_ms, to_ms):
        other = waited_for(cause) if state not in {State.RUNNING, State.UNKNOWN} else ""
        neighbour = find(other) if other and other not in asked else None
        if neighbour is None:
            continue
        for begun, ended, its_state, its_cause in neighbour.window(start, end):
            if its_state is State.RUNNING or its_state is State.UNKNOWN:
                continue
            third = waited_for(its_cause)
            found = _waits(find, other, begun, ended, (*asked, other)) if third else []
            if its_state in neighbour.states and third not in asked:
                # It is called for itself where it does not wait for a stopped machine either.
                found = [(begun, ended)]
            spans += found
    return spans
