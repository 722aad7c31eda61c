"""The same stop in both plants: the k-th of a cause at a machine, whenever it came.

The k-th life of a component, the k-th jam and the k-th changeover of a machine draw the same in both
plants, whatever happened before: they are the same failure met by other people. So stops are paired by
machine, cause and number. One that has come in one plant alone, because the machine ran longer there or
its component was changed in time, has no pair and is shown as such.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter

import numpy as np

from dashboard.gain.phase import BEFORE_WORK, CODES, PHASES, WORK, Phase, marked
from dashboard.gain.trail import Trail

_STOP = marked(WORK | BEFORE_WORK)
_WORK = marked(WORK)
_UNNOTICED = CODES[Phase.UNNOTICED]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A stop that takes a person, in one plant."""

    cause: str
    """What made the machine stop."""
    number: int
    """Counts the stops of that cause at that machine from 1, from the beginning of the run."""
    what: Phase | None
    """What the person does there; None while nobody is there."""
    start_ms: int
    """When it begins, ms since 1970."""
    noticed_ms: int | None
    """When somebody knew; None before."""
    work_ms: int | None
    """When somebody was at the machine; None before."""
    end_ms: int
    """When it ends, or up to when it has lasted."""
    over: bool
    """Whether it has ended."""

    @property
    def lasts_ms(self) -> int:
        """How long it lasts."""
        return self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The same stop in both plants, or in one of them."""

    machine: str
    """The machine."""
    cause: str
    """What made it stop."""
    number: int
    """Which of that cause, from 1."""
    monitored: Seen | None
    """In the monitored plant; None where it has not come there."""
    twin: Seen | None
    """In the twin."""

    @property
    def gained_ms(self) -> int | None:
        """By how much it is shorter in the monitored plant; None where it is not over in both."""
        if self.monitored is None or self.twin is None or not (self.monitored.over and self.twin.over):
            return None
        return self.twin.lasts_ms - self.monitored.lasts_ms

    @property
    def what(self) -> Phase | None:
        """What a person does there."""
        return next((one.what for one in (self.twin, self.monitored) if one and one.what), None)


def seen_in(trail: Trail, counted: dict[str, int] | None = None) -> list[Seen]:
    """The stops of one machine that take a person, in order.

    Args:
        trail: Its phases.
        counted: How many of each cause there were before; changed.
    """
    counted = {} if counted is None else counted
    found: list[Seen] = []
    ends = trail.ends_ms().tolist()
    starts, codes = trail.start_ms.tolist(), trail.codes
    for first, last in _runs(trail):
        cause = trail.causes[first]
        counted[cause] = counted.get(cause, 0) + 1
        mine = codes[first:last].tolist()
        noticed = next((first + k for k, code in enumerate(mine) if code != _UNNOTICED), None)
        work = next((first + k for k, code in enumerate(mine) if _WORK[code]), None)
        found.append(
            Seen(
                cause=cause,
                number=counted[cause],
                what=None if work is None else PHASES[codes[work]],
                start_ms=starts[first],
                noticed_ms=None if noticed is None else starts[noticed],
                work_ms=None if work is None else starts[work],
                end_ms=ends[last - 1],
                over=last < len(trail),
            )
        )
    return found


def _runs(trail: Trail) -> Iterable[tuple[int, int]]:
    """From where to where stops of one cause reach: a person at work ends with whatever comes next."""
    if not len(trail):
        return []
    stops = _STOP[trail.codes].view(np.bool_)
    causes = trail.causes
    works = _WORK[trail.codes].view(np.bool_)
    found: list[tuple[int, int]] = []
    begun: int | None = None
    for place in range(len(trail)):
        if begun is not None:
            goes_on = (
                stops[place] and causes[place] == causes[place - 1] and (works[place] or not works[place - 1])
            )
            if not goes_on:
                found.append((begun, place))
                begun = None
        if begun is None and stops[place]:
            begun = place
    if begun is not None:
        found.append((begun, len(trail)))
    return found


class Stops:
    """The stops of one machine in one plant, in order; more are only ever added at the end.

    Args:
        seen: The first of them.
    """

    def __init__(self, seen: Iterable[Seen] = ()) -> None:
        self._seen: list[Seen] = []
        self._by_number: dict[tuple[str, int], Seen] = {}
        self.add(seen)

    def add(self, seen: Iterable[Seen]) -> None:
        """Add stops, each of which begins when the one before is over."""
        for one in seen:
            self._seen.append(one)
            self._by_number[one.cause, one.number] = one

    def of(self, cause: str, number: int) -> Seen | None:
        """The k-th of a cause; None where it is not among them."""
        return self._by_number.get((cause, number))

    def within(self, from_ms: int, to_ms: int) -> list[Seen]:
        """Those that lie in [from_ms, to_ms), or reach into it."""
        first = bisect_right(self._seen, from_ms, key=attrgetter("end_ms"))
        last = bisect_left(self._seen, to_ms, key=attrgetter("start_ms"))
        return self._seen[first:last]


def pairs_within(
    machine: str, monitored: Sequence[Stops], twin: Sequence[Stops], from_ms: int, to_ms: int
) -> list[Pair]:
    """The stops of a machine in a window, in one plant at least, each beside the same one of the other plant.

    What they cost is that of the stops within, however many there were before.

    Args:
        machine: The machine.
        monitored: Its stops in the monitored plant, in one piece after the other.
        twin: The same in the twin.
        from_ms: Where the window begins, ms since 1970.
        to_ms: Where it is over.

    Returns:
        The pairs, in the order of the monitored plant.
    """
    found: list[tuple[int, Pair]] = []
    paired: set[tuple[str, int]] = set()
    for mine in (one for piece in monitored for one in piece.within(from_ms, to_ms)):
        other = _named(twin, mine.cause, mine.number)
        pair = Pair(machine=machine, cause=mine.cause, number=mine.number, monitored=mine, twin=other)
        found.append((mine.start_ms, pair))
        paired.add((mine.cause, mine.number))
    for other in (one for piece in twin for one in piece.within(from_ms, to_ms)):
        if (other.cause, other.number) not in paired:
            mine_too = _named(monitored, other.cause, other.number)
            pair = Pair(
                machine=machine, cause=other.cause, number=other.number, monitored=mine_too, twin=other
            )
            found.append(((mine_too or other).start_ms, pair))
    return [pair for _, pair in sorted(found, key=itemgetter(0))]


def _named(pieces: Sequence[Stops], cause: str, number: int) -> Seen | None:
    return next((one for piece in pieces if (one := piece.of(cause, number)) is not None), None)
