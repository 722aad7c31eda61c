"""Micro-stops of one cause as one: a hundred loadings of half a minute are one loss to whoever reads them."""

from collections.abc import Iterable
from dataclasses import dataclass

from dashboard.losses.stops import MachineStop
from dashboard.losses.words import NOT_TOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The micro-stops of a window that have one cause or reason."""

    words: str
    """The reason, or else the cause, or that none is told."""
    machines: tuple[str, ...]
    """The machines that had them, in the order of the alphabet."""
    states: tuple[str, ...]
    """The states that they are made of, in the order in which they first come."""
    stops: int
    """How many there are."""
    ms: int
    """How long they took together, in milliseconds."""
    longest_ms: int
    """How long the longest of them took."""


def words_of(stop: MachineStop) -> str:
    """Under which words a micro-stop is grouped."""
    return stop.reason or stop.cause or NOT_TOLD


def micro_groups(stops: Iterable[MachineStop]) -> list[Group]:
    """The micro-stops among some stops by their words, those that took most time first."""
    members: dict[str, list[MachineStop]] = {}
    for stop in stops:
        if stop.micro:
            members.setdefault(words_of(stop), []).append(stop)
    found = [_group(words, mine) for words, mine in members.items()]
    return sorted(found, key=lambda one: (-one.ms, one.words))


def _group(words: str, members: list[MachineStop]) -> Group:
    lengths = [one.end_ms - one.start_ms for one in members]
    return Group(
        words=words,
        machines=tuple(sorted({one.machine for one in members})),
        states=tuple(dict.fromkeys(state for one in members for state in one.states)),
        stops=len(members),
        ms=sum(lengths),
        longest_ms=max(lengths),
    )
