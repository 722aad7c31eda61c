"""The phase of every moment of one machine in one plant: from the truth, or from what people answered.

In the monitored plant people say when they heard a call, were at the machine and had it running again, as
they would in a real plant; what they did there, and every moment of which they said nothing, is told by
the truth. In the twin, where nobody is called, all of it is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from dashboard.gain.phase import BEFORE_WORK, CODES, RUNNING, WORK, Phase, marked
from dashboard.intervals import Int8s, Int64s
from dashboard.kpi.pieces import Bools

Row = tuple[int, str, str, str]
"""(start_ms, state, phase, cause), as the truth is kept."""
_OF_WORD = {str(phase): code for phase, code in CODES.items()}
_UNNOTICED, _WAITING, _WALKING, _REPAIR, _PLANNED, _NOT_TOLD = (
    CODES[phase]
    for phase in (
        Phase.UNNOTICED, Phase.WAITING_FOR_PERSON, Phase.WALKING, Phase.REPAIR, Phase.PLANNED_WORK,
        Phase.NOT_TOLD,
    )
)  # fmt: skip
_WORK = marked(WORK)
_NEEDS_PERSON = marked(WORK | BEFORE_WORK | {Phase.NOT_TOLD})


@dataclass(frozen=True, slots=True, eq=False)
class Trail:
    """The phases of one machine, n stretches that tile [`start_ms[0]`, `end_ms`)."""

    start_ms: Int64s
    """When each begins, ms since 1970, increasing; shape (n,)."""
    codes: Int8s
    """Its phase, as an index into `PHASES`, or `RUNNING`; shape (n,)."""
    causes: list[str]
    """What made the machine stop, `""` where it runs; n of them."""
    answered: Bools
    """Whether people said it, and not the truth; shape (n,)."""
    end_ms: int
    """When the last one ends: after it nothing is told."""

    @classmethod
    def empty(cls, at_ms: int) -> "Trail":
        """Nothing is told up to a moment."""
        return cls(np.empty(0, np.int64), np.empty(0, np.int8), [], np.empty(0, np.bool_), at_ms)

    def __len__(self) -> int:
        return len(self.causes)

    def ends_ms(self) -> Int64s:
        """When each ends; shape (n,)."""
        return np.append(self.start_ms[1:], self.end_ms)[: len(self)]

    def clip(self, from_ms: int, to_ms: int) -> "Trail":
        """As far as it lies in [from_ms, to_ms)."""
        to_ms = min(to_ms, self.end_ms)
        first = max(int(self.start_ms.searchsorted(from_ms, "right")) - 1, 0)
        last = int(self.start_ms.searchsorted(to_ms, "left"))
        if first >= last or from_ms >= to_ms:
            return Trail.empty(to_ms)
        starts = self.start_ms[first:last].copy()
        starts[0] = max(int(starts[0]), from_ms)
        return Trail(
            starts, self.codes[first:last], self.causes[first:last], self.answered[first:last], to_ms
        )

    def at(self, moments_ms: Int64s) -> tuple[Int8s, Bools]:
        """The phase at each moment, and whether people said it; not told outside."""
        which = self.start_ms.searchsorted(moments_ms, "right") - 1
        told = (which >= 0) & (moments_ms < self.end_ms)
        which = np.where(told, which, 0)
        if not len(self):
            return np.full(len(moments_ms), _NOT_TOLD, np.int8), np.zeros(len(moments_ms), np.bool_)
        codes = np.where(told, self.codes[which], np.int8(_NOT_TOLD))
        answered: Bools = told & self.answered[which]
        return codes, answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What came of one call."""

    rule: str
    """The rule that raised it."""
    since_ms: int
    """When what is wrong began, ms since 1970."""
    acknowledged_ms: int | None
    """When somebody heard it; None where nobody said so."""
    at_machine_ms: int | None
    """When somebody was there."""
    restored_ms: int | None
    """When the machine was able to run again."""
    closed_ms: int | None
    """When the call was closed; None while it is open."""


def trail_of(rows: Iterable[Row], end_ms: int) -> Trail:
    """The phases that the truth tells.

    Args:
        rows: Where each begins, in order.
        end_ms: Up to when it is told, ms since 1970.
    """
    told = [row for row in rows if row[0] < end_ms]
    codes = [_code(state, phase) for _, state, phase, _ in told]
    return Trail(
        np.array([row[0] for row in told], np.int64),
        np.array(codes, np.int8),
        ["" if code == RUNNING else row[3] for row, code in zip(told, codes, strict=True)],
        np.zeros(len(told), np.bool_),
        max(end_ms, told[-1][0] + 1) if told else end_ms,
    )


def with_answers(trail: Trail, calls: Sequence[Answered]) -> Trail:
    """The same with what people answered to calls in the place of the truth, where they answered."""
    # Whoever only says that they heard it has nothing to do at the machine: it goes on by itself.
    heard = [one for one in calls if one.rule in {"stopped", "trend"} and one.at_machine_ms is not None]
    if not heard or not len(trail):
        return trail
    steps = [step for one in heard for step in _steps(one, trail.end_ms)]
    edges = np.unique(np.array([edge for begin, end, _ in steps for edge in (begin, end)], np.int64))
    inside = edges[(edges > trail.start_ms[0]) & (edges < trail.end_ms)]
    starts = np.union1d(trail.start_ms, inside)
    which = trail.start_ms.searchsorted(starts, "right") - 1
    codes, answered = trail.codes[which], trail.answered[which].copy()
    codes = codes.copy()
    for begin, end, what in steps:
        span = slice(*starts.searchsorted((begin, end)))
        now = codes[span]
        tended = _NEEDS_PERSON[now].view(np.bool_)
        said = np.where(tended, _said(now, what), now)
        codes[span] = said
        # Whoever came on a round before the call was there sooner than the answer to it says.
        answered[span] |= tended & ((what != _UNNOTICED) | (said == _UNNOTICED))
    return Trail(starts, codes, [trail.causes[place] for place in which.tolist()], answered, trail.end_ms)


def _steps(one: Answered, end_ms: int) -> list[tuple[int, int, int]]:
    """From when to when a call was in which step: unnoticed, waiting for a person, at work."""
    over_ms = next((at for at in (one.restored_ms, one.closed_ms) if at is not None), end_ms)
    came_ms = over_ms if one.at_machine_ms is None else min(one.at_machine_ms, over_ms)
    heard_ms = came_ms if one.acknowledged_ms is None else min(one.acknowledged_ms, came_ms)
    work = _PLANNED if one.rule == "trend" else _REPAIR
    steps = [(came_ms, over_ms, work)]
    if one.rule != "trend":
        # Before a call about a trend somebody came, the machine was not waiting for anyone.
        steps += [(one.since_ms, heard_ms, _UNNOTICED), (heard_ms, came_ms, _WAITING)]
    return [(begin, end, what) for begin, end, what in steps if begin < end]


def _said(now: Int8s, what: int) -> Int8s:
    """What a step says of moments of which the truth says this; the truth tells what it cannot."""
    if what == _WAITING:
        kept = (now == _WAITING) | (now == _WALKING)
    elif what == _UNNOTICED:
        kept = now != _NOT_TOLD
    else:
        kept = _WORK[now].view(np.bool_)
    return np.where(kept, now, np.int8(what))


def _code(state: str, phase: str) -> int:
    if state == "running":
        return RUNNING
    return _OF_WORD.get(phase, _NOT_TOLD)
