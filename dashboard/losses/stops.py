"""The stops of one machine in a window: what each is made of, what caused it, which loss it is."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from dashboard.kpi.pieces import Stop

GivenBy = Literal["person", "rule", "none"]
Piece = tuple[int, int, str, str, str]
"""(start_ms, end_ms, use, state, cause): pieces of calendar time, in order, that tile it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineStop:
    """One stop of one machine, within a window."""

    machine: str
    """Name of the machine."""
    path: str
    """Its location, `machining`."""
    kind: str
    """Its sort, `cnc-mill`; `""` if it never said."""
    start_ms: int
    """When it begins in the window, ms since 1970."""
    end_ms: int
    """When it ends in the window."""
    begun_ms: int
    """When it really began, which may be before the window."""
    ended_ms: int
    """When it really ended, or up to when it has lasted."""
    begun: bool
    """Whether it begins in the window. A stop is counted in the window in which it begins."""
    over: bool
    """Whether it has ended."""
    micro: bool
    """Whether it is a micro-stop."""
    use: str
    """Which loss it is: a micro-stop, or the use with which it began."""
    state: str
    """The state with which it began."""
    cause: str
    """The first cause that anything gave; `""` where none is known."""
    parts: tuple[tuple[str, str, str, int], ...]
    """What it is made of, in order of time: (use, state, cause, milliseconds)."""
    reason: str = ""
    """What a person or a rule says made it stop."""
    note: str = ""
    """What the person added."""
    given_by: GivenBy = "none"
    """Who said so."""
    retold: str = ""
    """The loss that its reason makes of time of which the machine could not tell."""

    @property
    def states(self) -> list[str]:
        """Its states in the order of time, each once."""
        return list(dict.fromkeys(state for _, state, _, _ in self.parts))

    @property
    def loss(self) -> str:
        """The loss it counts as: where power alone does not tell, what its reason says."""
        return self.loss_of(self.use)

    def loss_of(self, use: str) -> str:
        """The loss that a part of it counts as."""
        return self.retold if self.retold and use == "stopped" else use


def machine_stops(
    pieces: Iterable[Piece], stops: Sequence[Stop], *, machine: str, path: str = "", kind: str = ""
) -> list[MachineStop]:
    """The stops with what each is made of.

    A stop goes by how it began; its time is that of its parts.

    Args:
        pieces: What the time of a window was used for, in order.
        stops: The stops in it, in order.
        machine: Name of the machine.
        path: Its location.
        kind: Its sort.
    """
    found: list[MachineStop] = []
    rest = iter(pieces)
    piece = next(rest, None)
    for stop in stops:
        parts: list[tuple[str, str, str, int]] = []
        while piece is not None and piece[0] < stop.end_ms:
            start, end, use, state, cause = piece
            inside = min(end, stop.end_ms) - max(start, stop.start_ms)
            if inside > 0:
                parts.append((str(use), str(state), cause, inside))
            if end > stop.end_ms:
                break
            piece = next(rest, None)
        found.append(
            MachineStop(
                machine=machine,
                path=path,
                kind=kind,
                start_ms=stop.start_ms,
                end_ms=stop.end_ms,
                begun_ms=stop.start_ms,
                ended_ms=stop.end_ms,
                begun=stop.begun,
                over=stop.over,
                micro=stop.micro,
                use="micro-stop" if stop.micro else str(stop.use),
                state=parts[0][1],
                cause=stop.cause,
                parts=tuple(parts),
            )
        )
    return found


def reaching(stop: MachineStop, *, begun_ms: int | None = None, ended_ms: int | None = None) -> MachineStop:
    """The same stop, known to have begun or ended outside of the window."""
    return replace(
        stop,
        begun_ms=stop.begun_ms if begun_ms is None else begun_ms,
        ended_ms=stop.ended_ms if ended_ms is None else ended_ms,
    )


def reason_between(stops: Sequence[MachineStop], start_ms: int, end_ms: int) -> str:
    """The reason of the first stop in [start_ms, end_ms) that has one, `""` where none has.

    Args:
        stops: Stops of one machine, in order of time.
        start_ms: Beginning, ms since 1970.
        end_ms: End, ms since 1970.
    """
    first = bisect_right(stops, start_ms, key=lambda stop: stop.end_ms)
    for stop in stops[first:]:
        if stop.start_ms >= end_ms:
            break
        if stop.reason:
            return stop.reason
    return ""
