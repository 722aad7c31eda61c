"""One machine of both plants added up over the time in which both are observed, in whole milliseconds.

That time is planned, and known in both. Every moment of it is either running or has one phase, in each
plant, so what one plant ran more than the other is what the other spent more in some phase: exactly.
"""

from dataclasses import dataclass

import numpy as np

from dashboard.gain.phase import CODES, PHASES, RUNNING, Phase
from dashboard.gain.trail import Trail
from dashboard.intervals import STATES, UNKNOWN, Int64s
from dashboard.kpi.pieces import Bools, Pieces
from protocol.states import State

FIELDS = (
    *(f"phase:{phase}" for phase in PHASES),
    *(f"state:{state}" for state in STATES),
    "running_true_ms",
    "told_ms",
    "answered_ms",
    "planned_ms",
    "observed_ms",
)
"""What each place of a plant's row holds, in milliseconds of the common time but for the last two.

`running_true_ms` is what it truly ran, of `told_ms` of which the truth tells; `answered_ms` is the time
without running whose phase people said; `planned_ms` and `observed_ms` are of that plant alone.
"""
PLACES = {name: place for place, name in enumerate(FIELDS)}
PHASE = slice(0, len(PHASES))
STATE = slice(len(PHASES), len(PHASES) + len(STATES))
MONITORED, TWIN = 0, 1
"""Which row is whose."""
_RUNNING_STATE = STATES.index(State.RUNNING)
_EDGE, _NOT_TOLD = CODES[Phase.EDGE], CODES[Phase.NOT_TOLD]


@dataclass(frozen=True, slots=True, eq=False)
class Stretches:
    """Unbroken stretches of the common time without running, of one plant; n of them."""

    start_ms: Int64s
    """When each begins, ms since 1970; shape (n,)."""
    end_ms: Int64s
    """When each ends; shape (n,)."""

    @classmethod
    def empty(cls) -> "Stretches":
        """None at all."""
        return cls(np.empty(0, np.int64), np.empty(0, np.int64))

    def __len__(self) -> int:
        return len(self.start_ms)

    def lengths_ms(self) -> Int64s:
        """How long each is."""
        return self.end_ms - self.start_ms

    def then(self, later: "Stretches") -> "Stretches":
        """With those of the time that follows: one that goes on is one."""
        if not len(self) or not len(later):
            return later if not len(self) else self
        if self.end_ms[-1] != later.start_ms[0]:
            return Stretches(
                np.concatenate((self.start_ms, later.start_ms)), np.concatenate((self.end_ms, later.end_ms))
            )
        return Stretches(
            np.concatenate((self.start_ms, later.start_ms[1:])),
            np.concatenate((self.end_ms[:-1], later.end_ms)),
        )

    def within(self, from_ms: int, to_ms: int) -> "Stretches":
        """As far as they lie in [from_ms, to_ms)."""
        first = int(self.end_ms.searchsorted(from_ms, "right"))
        last = int(self.start_ms.searchsorted(to_ms, "left"))
        return Stretches(
            np.maximum(self.start_ms[first:last], from_ms), np.minimum(self.end_ms[first:last], to_ms)
        )


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """What both plants did in a window, in blocks."""

    sums: Int64s
    """Milliseconds by block, plant and field; shape (blocks, 2, FIELDS)."""
    common_ms: Int64s
    """Time of each block in which both are observed; shape (blocks,)."""
    stretches: tuple[Stretches, Stretches]
    """Without running, of the monitored plant and of its twin."""


def tally(pieces: tuple[Pieces, Pieces], trails: tuple[Trail, Trail], marks_ms: Int64s) -> Tally:
    """Add both plants up between marks.

    Args:
        pieces: What the machine's time was used for in each plant; they tile the span of the marks.
        trails: The phases of each.
        marks_ms: Where blocks begin and, last, where the last one ends, increasing; at least two.
    """
    blocks = len(marks_ms) - 1
    told_until = np.array([one.end_ms for one in trails], np.int64)
    starts = [one.start_ms for one in (*pieces, *trails)]
    edges = np.unique(np.concatenate([marks_ms, told_until, *starts]))
    edges = edges[(edges >= marks_ms[0]) & (edges < marks_ms[-1])]
    ends = np.append(edges[1:], marks_ms[-1])
    lengths = ends - edges
    block = marks_ms.searchsorted(edges, "right") - 1
    which = [one.start_ms.searchsorted(edges, "right") - 1 for one in pieces]
    planned = [one.planned[place] for one, place in zip(pieces, which, strict=True)]
    states = [one.states[place] for one, place in zip(pieces, which, strict=True)]
    observed = [plan & (state != UNKNOWN) for plan, state in zip(planned, states, strict=True)]
    common = observed[0] & observed[1]
    sums = np.zeros((blocks, 2, len(FIELDS)), np.int64)
    stretches = []
    for plant in (MONITORED, TWIN):
        runs = states[plant] == _RUNNING_STATE
        codes, answered = trails[plant].at(edges)
        standing = common & ~runs
        late = standing & (codes == RUNNING)
        add = _Adder(sums[:, plant], block, lengths)
        add.by(np.where(late, _EDGE, np.minimum(codes, _NOT_TOLD)), standing)
        add.by(STATE.start + states[plant], common)
        add.to("running_true_ms", common & (codes == RUNNING))
        add.to("told_ms", common & (codes != _NOT_TOLD))
        add.to("answered_ms", standing & answered)
        add.to("planned_ms", planned[plant])
        add.to("observed_ms", observed[plant])
        stretches.append(_stretches(standing, edges, ends))
    shared = np.zeros(blocks, np.int64)
    np.add.at(shared, block, lengths * common)
    return Tally(sums, shared, (stretches[0], stretches[1]))


class _Adder:
    """Adds lengths to blocks and places."""

    def __init__(self, sums: Int64s, block: Int64s, lengths: Int64s) -> None:
        self._sums, self._block, self._lengths = sums, block, lengths

    def by(self, places: Int64s, chosen: Bools) -> None:
        """Add each chosen length at its place."""
        np.add.at(self._sums, (self._block[chosen], places[chosen]), self._lengths[chosen])

    def to(self, field: str, chosen: Bools) -> None:
        """Add all chosen lengths to a field."""
        np.add.at(self._sums[:, PLACES[field]], self._block[chosen], self._lengths[chosen])


def _stretches(standing: Bools, edges: Int64s, ends: Int64s) -> Stretches:
    change = np.diff(np.concatenate(([False], standing, [False])).astype(np.int8))
    firsts, lasts = np.flatnonzero(change == 1), np.flatnonzero(change == -1) - 1
    return Stretches(edges[firsts], ends[lasts])
