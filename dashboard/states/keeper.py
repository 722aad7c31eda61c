"""Batches in, splices out: what a machine was doing, in whatever order its batches come.

`derive` is the definition: all batches at once. A `Keeper` gives the same as they come: at once for a
batch that begins after all it has seen, from the neighbourhood for a late one.
"""

from collections.abc import Callable, Iterable

import numpy as np

from dashboard.intervals import CODES, Intervals, Splice
from dashboard.states.evidence import HOLD, Evidence, conclude, evidence_of, merged
from dashboard.states.knowledge import Knowledge
from protocol.readings import Batch
from protocol.states import State

MARGIN_MS = 900_000
"""How far around a late batch its neighbours are looked at, in milliseconds."""

Before = Callable[[int], tuple[State, str, int]]
"""What was known at a moment: `Timeline.state_at`, or that of `Intervals`."""


def derive(batches: Iterable[tuple[int, Batch]], knowledge: Knowledge) -> Intervals:
    """What a machine did according to all of its batches, each with its moment, in any order."""
    evidence = merged(batches, knowledge)
    if not len(evidence):
        return Intervals.empty()
    return Intervals.of(conclude(evidence), int(evidence.reach_ms[-1]))


class Keeper:
    """Concludes one machine's states as its batches come."""

    __slots__ = ("_cause", "_knowledge", "_last_at_ms", "_state")

    def __init__(
        self,
        knowledge: Knowledge,
        last_at_ms: int | None = None,
        last_state: State = State.UNKNOWN,
        last_cause: str = "",
    ) -> None:
        """Go on where an earlier keeper stopped.

        Args:
            knowledge: How the machine's state is known.
            last_at_ms: Its last evidence, one period before the end of its timeline; None for none yet.
            last_state: The state since then.
            last_cause: The cause that goes with it.
        """
        self._knowledge = knowledge
        self._last_at_ms = last_at_ms
        self._state = last_state
        self._cause = last_cause

    @property
    def knowledge(self) -> Knowledge:
        """How the machine's state is known."""
        return self._knowledge

    @property
    def last_at_ms(self) -> int | None:
        """The machine's last evidence, ms since 1970; None before any."""
        return self._last_at_ms

    @property
    def margin_ms(self) -> int:
        """How far around a late batch the neighbours are usually enough, in milliseconds."""
        return max(MARGIN_MS, 2 * self._knowledge.period_ms)

    def apply(self, batch: Batch, at_ms: int) -> Splice | None:
        """Take in a batch that begins after all that was seen.

        Args:
            batch: The readings.
            at_ms: The batch's moment, ms since 1970.

        Returns:
            What its time becomes, and unknown between the last evidence and this; a splice of no length
            when the batch says nothing of the state. None, and nothing is taken in, when the batch is
            late: it precedes or overlaps what was seen.
        """
        evidence = evidence_of(batch, at_ms, self._knowledge)
        if not len(evidence):
            return Splice(at_ms, at_ms, Intervals.empty(at_ms))
        begin = int(evidence.at_ms[0])
        reach = None
        if self._last_at_ms is not None:
            if begin < self._last_at_ms or (begin == self._last_at_ms and not self._agrees(evidence)):
                return None
            reach = self._last_at_ms + self._knowledge.period_ms
        pieces = conclude(evidence, self._state, self._cause, reach)
        end = int(evidence.reach_ms[-1])
        self._remember(end, pieces[-1])
        return Splice(pieces[0][0], end, Intervals.of(pieces, end))

    def rederive(
        self,
        neighbours: Iterable[tuple[int, Batch]],
        late: tuple[int, Batch],
        state_before: Before,
        margin_ms: int | None = None,
    ) -> Splice:
        """Take in a late batch: what the orderly stream would have given, as far as it matters.

        Args:
            neighbours: All kept batches that overlap the late one's time widened by `margin_ms` on both
                sides, each with its moment, in any order; repeats and the late one itself do no harm.
            late: The late batch's moment and the batch.
            state_before: What was known at a moment before this batch came (`Timeline.state_at`).
            margin_ms: How far around the late batch the neighbours were taken; `MARGIN_MS` if not given.

        Returns:
            What its time becomes, up to where its influence ends. `settled` is False when the neighbours
            do not reach that far: ask again with a wider margin, before or after splicing.
        """
        margin = MARGIN_MS if margin_ms is None else margin_ms
        own = evidence_of(late[1], late[0], self._knowledge)
        if not len(own):
            return Splice(late[0], late[0], Intervals.empty(late[0]))
        begin, last = int(own.at_ms[0]), int(own.at_ms[-1])
        end = max(last, int(own.reach_ms[-1]) - self._knowledge.at(last).period_ms)
        near = merged([*neighbours, late], self._knowledge)
        near = _since(near, begin - margin)
        first = int(near.at_ms[0])
        state, cause, _ = state_before(first - 1)
        reach = None if state is State.UNKNOWN else first
        pieces = conclude(near, state, cause, reach)
        newest = end if self._last_at_ms is None else max(end, self._last_at_ms)
        horizon = end + margin
        stop = _influence_ends(near, end)
        settled = stop <= horizon or newest <= horizon
        if not settled:
            stop = horizon
        if int(near.reach_ms[-1]) >= newest + self._knowledge.period_ms:
            self._remember(int(near.reach_ms[-1]), pieces[-1])
        all_of_it = Intervals.of(pieces, int(near.reach_ms[-1]))
        return Splice(begin, stop, all_of_it.clip(begin, stop), settled)

    def _agrees(self, evidence: Evidence) -> bool:
        """Whether evidence that begins at the last moment seen says the same of that moment."""
        word = int(evidence.words[0])
        return word == HOLD or (word == CODES[self._state] and evidence.cause(0) == self._cause)

    def _remember(self, reach_ms: int, piece: tuple[int, State, str]) -> None:
        self._last_at_ms = reach_ms - self._knowledge.period_ms
        _, self._state, self._cause = piece


def _since(evidence: Evidence, from_ms: int) -> Evidence:
    """The evidence from a moment on."""
    first = int(np.searchsorted(evidence.at_ms, from_ms))
    if not first:
        return evidence
    causes = evidence.causes[first:] if evidence.causes is not None else None
    return Evidence(evidence.at_ms[first:], evidence.words[first:], evidence.reach_ms[first:], causes)


def _influence_ends(evidence: Evidence, end_ms: int) -> int:
    """Up to when a batch that ends at `end_ms` can matter: the next word of its own, or the next silence."""
    at, words, reach = evidence.at_ms, evidence.words, evidence.reach_ms
    after = int(np.searchsorted(at, end_ms, "right"))
    for index in range(after, len(at)):
        if at[index] > reach[index - 1]:
            return int(reach[index - 1])
        if words[index] >= 0:
            return int(at[index])
    return int(reach[-1])
