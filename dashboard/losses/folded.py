"""Micro-stops, folded by what caused them: so many, and so long together."""

from collections.abc import Iterable
from dataclasses import dataclass

from dashboard.losses.stops import MachineStop


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """The micro-stops of one cause."""

    cause: str
    """What caused them; `""` where nothing says."""
    stops: int
    """How many."""
    ms: int
    """How long together, in milliseconds."""
    longest_ms: int
    """The longest of them."""


def folded(stops: Iterable[MachineStop]) -> tuple[list[MachineStop], list[Fold]]:
    """The stops that are no micro-stops, in the order given, and the others by cause, most time first."""
    long: list[MachineStop] = []
    short: dict[str, list[int]] = {}
    for stop in stops:
        if stop.micro:
            short.setdefault(stop.cause, []).append(stop.end_ms - stop.start_ms)
        else:
            long.append(stop)
    folds = [
        Fold(cause=cause, stops=len(spans), ms=sum(spans), longest_ms=max(spans))
        for cause, spans in short.items()
    ]
    return long, sorted(folds, key=lambda one: (-one.ms, one.cause))
