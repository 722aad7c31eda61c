"""Batches in, splices out: what a machine was doing, in whatever order its batches come.

`derive` is the definition: all batches at once. A `Keeper` gives the same as they come: at once for a
batch that begins after all it has seen, from the neighbourhood for a late one.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from dashboard.intervals import CODES, Intervals, Splice
from dashboard.states.evidence import HOLD, SENSED, Evidence, Piece, conclude, evidence_of, merged
from dashboard.states.knowledge import Knowledge
from dashboard.states.lasting import Pending, Stand, lasting, stretch_ends
from protocol.readings import Batch
from protocol.states import State

MARGIN_MS = 900_000
"""How far around a late batch its neighbours are looked at, in milliseconds."""

NEAR_LEASTS = 4
"""And so many times as long as a state must last."""

Before = Callable[[int], tuple[State, str, int]]
"""What was known at a moment: `Timeline.state_at`, or that of `Intervals`."""


def derive(batches: Iterable[tuple[int, Batch]], knowledge: Knowledge) -> Intervals:
    """What a machine did according to all of its batches, each with its moment, in any order."""
    return derived(batches, knowledge)[0]


def derived(batches: Iterable[tuple[int, Batch]], knowledge: Knowledge) -> tuple[Intervals, Pending | None]:
    """The same, and what its last readings tell that later ones may show not to have lasted."""
    evidence = merged(batches, knowledge)
    if not len(evidence):
        return Intervals.empty(), None
    pieces, end_ms = conclude(evidence), int(evidence.reach_ms[-1])
    kept, pending = lasting(pieces, end_ms, knowledge.least_ms)
    return Intervals.of(kept, end_ms), _unsure(pending, end_ms, knowledge)


class Keeper:
    """Concludes one machine's states as its batches come."""

    __slots__ = ("_knowledge", "_last_at_ms", "_pending", "_stand")

    def __init__(
        self,
        knowledge: Knowledge,
        last_at_ms: int | None = None,
        last_state: State = State.UNKNOWN,
        last_cause: str = "",
        pending: Pending | None = None,
    ) -> None:
        """Go on where an earlier keeper stopped.

        Args:
            knowledge: How the machine's state is known.
            last_at_ms: Its last evidence, one period before the end of its timeline; None for none yet.
            last_state: The state since then.
            last_cause: The cause that goes with it.
            pending: What its last readings tell that later ones may show not to have lasted.
        """
        self._knowledge = knowledge
        self._last_at_ms = last_at_ms
        self._stand: Stand = last_state, last_cause
        self._pending = pending if knowledge.least_ms else None

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
        return max(MARGIN_MS, 2 * self._knowledge.period_ms + NEAR_LEASTS * self._knowledge.least_ms)

    @property
    def pending(self) -> Pending | None:
        """What its last readings tell that later ones may show not to have lasted."""
        return self._pending

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
        stand, pending = self._stand, self._pending
        if pending is None:
            pieces = conclude(evidence, *stand, reach)
        else:
            told: Piece = pending.since_ms, pending.state, "", True
            pieces = [told, *conclude(evidence, pending.state, "", reach, sensed=True)]
            stand = pending.before
        end = int(evidence.reach_ms[-1])
        kept, after = lasting(pieces, end, self._knowledge.least_ms, _known(stand))
        self._remember(end, kept[-1], after)
        return Splice(kept[0][0], end, Intervals.of(kept, end))

    def rederive(
        self,
        neighbours: Iterable[tuple[int, Batch]],
        lates: Sequence[tuple[int, Batch]],
        state_before: Before,
        margin_ms: int | None = None,
    ) -> Splice:
        """Take in late batches: what the orderly stream would have given, as far as it matters.

        Args:
            neighbours: All kept batches that overlap the time from the first late one's beginning to the
                last one's end, widened by `margin_ms` on both sides, each with its moment, in any order;
                repeats and the late ones themselves do no harm.
            lates: The late batches, each with its moment, in any order.
            state_before: What was known at a moment before these came (`Timeline.state_at`).
            margin_ms: How far around them the neighbours were taken; `MARGIN_MS` if not given.

        Returns:
            What its time becomes, up to where its influence ends. `settled` is False when the neighbours
            do not reach that far: ask again with a wider margin, before or after splicing.
        """
        margin = MARGIN_MS if margin_ms is None else margin_ms
        own = merged(lates, self._knowledge)
        if not len(own):
            return Splice(lates[0][0], lates[0][0], Intervals.empty(lates[0][0]))
        begin, last = int(own.at_ms[0]), int(own.at_ms[-1])
        end = max(last, int(own.reach_ms[-1]) - self._knowledge.at(last).period_ms)
        near = merged([*neighbours, *lates], self._knowledge)
        found = self._from_known(near, begin, margin, state_before)
        if found is None:
            return Splice(begin, begin, Intervals.empty(begin), settled=False)
        near, stand = found
        first, least = int(near.at_ms[0]), self._knowledge.least_ms
        pieces = conclude(near, *stand, None if _known(stand) is None else first)
        near_end = int(near.reach_ms[-1])
        kept, pending = lasting(pieces, near_end, least, _known(stand))
        newest = end if self._last_at_ms is None else max(end, self._last_at_ms)
        horizon = end + margin
        stop, sure = _influence_ends(near, end), 0
        if least:
            stop, sure = _alike_again(pieces, near_end, stop, least)
        settled = stop + sure <= horizon or newest <= horizon
        if not settled:
            stop = min(stop, horizon)
        if near_end >= newest + self._knowledge.period_ms:
            self._remember(near_end, kept[-1], pending)
        from_ms = max(begin - least, first)
        return Splice(from_ms, stop, Intervals.of(kept, near_end).clip(from_ms, stop), settled)

    def _from_known(
        self, near: Evidence, begin_ms: int, margin_ms: int, state_before: Before
    ) -> tuple[Evidence, Stand] | None:
        """The evidence from a moment on at which it is known what the machine did, and what that was.

        Intervals say what lasted, not what readings told last. The two are the same at a report or after
        a silence; from a reading beyond a level on, what was told does not depend on what was before;
        and where readings are all between the levels for long enough, they tell what lasted.
        None when the evidence does not reach back far enough to say.
        """
        least = self._knowledge.least_ms
        cut_ms = begin_ms - margin_ms
        near = _since(near, cut_ms)
        first = int(near.at_ms[0])
        state, cause, _ = state_before(first - 1)
        if not least:
            return near, (state, cause)
        sure_ms = begin_ms - 2 * least
        silent = near.at_ms[1:] > near.reach_ms[:-1]
        firm = near.words >= 0
        firm[1:] |= silent
        firm[0] |= state is State.UNKNOWN
        places = np.flatnonzero(firm & (near.at_ms <= sure_ms))
        if len(places):
            place = int(places[-1])
            at_ms = int(near.at_ms[place])
            if near.words[place] < 0:
                return _since(near, at_ms), (State.UNKNOWN, "")
            state, cause, _ = state_before(at_ms)
            return _since(near, at_ms), (state, cause)
        if state is State.UNKNOWN:
            return near, (state, cause)
        if margin_ms < NEAR_LEASTS * least:
            return None
        if first - cut_ms < least:
            state, cause, _ = state_before(first)
        return near, (state, cause)

    def _agrees(self, evidence: Evidence) -> bool:
        """Whether evidence that begins at the last moment seen says the same of that moment."""
        if self._knowledge.least_ms:
            # Whether a report or a reading told it is known no more.
            return False
        word, (state, cause) = int(evidence.words[0]), self._stand
        return word == HOLD or (word % SENSED == CODES[state] and evidence.cause(0) == cause)

    def _remember(self, reach_ms: int, piece: tuple[int, State, str], pending: Pending | None) -> None:
        self._last_at_ms = reach_ms - self._knowledge.period_ms
        _, state, cause = piece
        self._stand = state, cause
        self._pending = _unsure(pending, reach_ms, self._knowledge)


def _known(stand: Stand) -> Stand | None:
    return None if stand[0] is State.UNKNOWN else stand


def _unsure(pending: Pending | None, reach_ms: int, knowledge: Knowledge) -> Pending | None:
    """What is pending, unless it had lasted by the last evidence: of the period after it more may be told."""
    if pending is None or reach_ms - knowledge.period_ms - pending.since_ms >= knowledge.least_ms:
        return None
    return pending


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


def _alike_again(pieces: list[Piece], end_ms: int, told_ms: int, least_ms: int) -> tuple[int, int]:
    """From when on the same lasts with and without a late batch, and for how long after it that shows.

    Args:
        pieces: What was concluded with it.
        end_ms: When the last of them ends, ms since 1970.
        told_ms: From when on readings and reports tell the same with and without it.
        least_ms: How long a state must last.
    """
    for piece, until_ms in zip(pieces, stretch_ends(pieces, end_ms), strict=True):
        start_ms, state, _, sensed = piece
        from_ms = max(start_ms, told_ms)
        if until_ms <= from_ms:
            continue
        if state is State.UNKNOWN or (not sensed and start_ms >= told_ms):
            return from_ms, 0
        if until_ms - from_ms >= least_ms:
            return from_ms, least_ms
    return end_ms, 0
