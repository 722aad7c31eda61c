"""The same stop in both plants: the k-th of a cause at a machine, whenever it came.

The k-th life of a component, the k-th jam and the k-th changeover of a machine draw the same in both
plants, whatever happened before: they are the same failure met by other people. So stops are paired by
machine, cause and number. One that has come in one plant alone, because the machine ran longer there or
its component was changed in time, has no pair and is shown as such.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter

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


def pairs_of(machine: str, monitored: Sequence[Seen], twin: Sequence[Seen]) -> list[Pair]:
    """Every stop of a machine beside the same one of the other plant, in the order of the monitored one."""
    twins = {(one.cause, one.number): one for one in twin}
    found = [
        (
            one.start_ms,
            Pair(
                machine=machine,
                cause=one.cause,
                number=one.number,
                monitored=one,
                twin=twins.pop((one.cause, one.number), None),
            ),
        )
        for one in monitored
    ]
    found += [
        (one.start_ms, Pair(machine=machine, cause=cause, number=number, monitored=None, twin=one))
        for (cause, number), one in twins.items()
    ]  # fmt: skip
    return [pair for _, pair in sorted(found, key=itemgetter(0))]


def within(pairs: Iterable[Pair], from_ms: int, to_ms: int) -> list[Pair]:
    """Those that lie in [from_ms, to_ms), or reach into it, in one plant at least."""
    return [
        pair
        for pair in pairs
        if any(
            one is not None and one.start_ms < to_ms and one.end_ms > from_ms
            for one in (pair.monitored, pair.twin)
        )
    ]
