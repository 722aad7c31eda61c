"""What batches say, moment by moment, and what follows from it: one definition for every order of arrival.

A moment of evidence has a word and a reach. The word is a state, or one of the soft words below, whose
meaning depends on the moment before. The reach is for how long it is evidence: one period after a
reading, and to the end of its batch plus one period after a state that a control reported, because its
batch tells every change. Moments within reach of those before them are connected; beyond is silence.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from dashboard.intervals import CODES, STATES, UNKNOWN, Int8s, Int64s
from dashboard.states.knowledge import Knowledge
from protocol.messages import Threshold
from protocol.readings import Batch, Float64s
from protocol.states import State

RUNNING = CODES[State.RUNNING]
STOPPED = CODES[State.STOPPED]

SENSED = 64
"""Added to the code of a state that a reading told, and no report."""
HOLD = -1
"""Still there: goes on with what was reported, unknown when nothing was."""
NEAR_RUNNING = -2
"""Between the levels, in their upper half: as before, running when connected to nothing."""
NEAR_STOPPED = -3
"""Between the levels, in their lower half: as before, stopped when connected to nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Moments of evidence of one machine, in order; n of them."""

    at_ms: Int64s
    """When, ms since 1970, increasing; shape (n,)."""
    words: Int8s
    """A state's code, `SENSED` more where a reading told it, or a soft word; shape (n,)."""
    reach_ms: Int64s
    """Until when the moment, or one before it, is evidence, ms since 1970; shape (n,)."""
    causes: list[str] | None
    """The cause that goes with each; None when all are `""`."""

    def __len__(self) -> int:
        return len(self.at_ms)

    def cause(self, index: int) -> str:
        """The cause that goes with a moment."""
        return self.causes[index] if self.causes is not None else ""


_NOTHING = Evidence(np.empty(0, np.int64), np.empty(0, np.int8), np.empty(0, np.int64), None)


def evidence_of(batch: Batch, at_ms: int, knowledge: Knowledge) -> Evidence:
    """What one batch says of its machine's state.

    A state that the batch itself states wins over sensing, for all of its readings from there on.
    Where something else was known before a moment, each side of it is read by what holds there.
    """
    since_ms = knowledge.since_ms
    if knowledge.earlier is None or since_ms is None:
        return _evidence(batch, at_ms, knowledge)
    later = _evidence(batch, at_ms, knowledge)
    if not len(later) or later.at_ms[0] >= since_ms:
        return later
    return _joined(evidence_of(batch, at_ms, knowledge.earlier), later, since_ms, knowledge.period_ms)


def _evidence(batch: Batch, at_ms: int, knowledge: Knowledge) -> Evidence:
    """What one batch says by what holds for all of it."""
    stated = [] if batch.state is None else [(at_ms, CODES[batch.state], batch.cause)]
    stated += [
        (at_ms + change.offset_ms, CODES[change.state], change.cause)
        for change in batch.changes
        if change.state is not None
    ]
    if not stated:
        return _read(batch, at_ms, knowledge)
    last = max(
        at_ms,
        at_ms + int(batch.offsets_ms[-1]) if len(batch.offsets_ms) else at_ms,
        at_ms + batch.changes[-1].offset_ms if batch.changes else at_ms,
    )
    reported = _stated(stated, last + knowledge.period_ms)
    if batch.state is not None:
        return reported
    before = _read(batch, at_ms, knowledge)
    count = int(np.searchsorted(before.at_ms, stated[0][0]))
    return Evidence(
        np.concatenate((before.at_ms[:count], reported.at_ms)),
        np.concatenate((before.words[:count], reported.words)),
        np.concatenate((before.reach_ms[:count], reported.reach_ms)),
        [""] * count + [reported.cause(index) for index in range(len(reported))],
    )


def merged(batches: Iterable[tuple[int, Batch]], knowledge: Knowledge) -> Evidence:
    """What several batches say together, whatever their order and however often each is given.

    Of several words for one moment a stated or sensed one counts before a soft one, and then that of
    the batch that begins first: where batches agree with each other, none of this matters.
    """
    parts = [(at_ms, evidence_of(batch, at_ms, knowledge)) for at_ms, batch in batches]
    parts = [(at_ms, part) for at_ms, part in parts if len(part)]
    if not parts:
        return _NOTHING
    at = np.concatenate([part.at_ms for _, part in parts])
    words = np.concatenate([part.words for _, part in parts])
    reach = np.concatenate([part.reach_ms for _, part in parts])
    begun = np.concatenate([np.full(len(part), at_ms) for at_ms, part in parts])
    causes: list[str] | None = None
    rank = np.zeros(len(at), np.int64)
    if any(part.causes is not None for _, part in parts):
        causes = [part.cause(index) for _, part in parts for index in range(len(part))]
        ranks = {cause: place for place, cause in enumerate(sorted(set(causes)))}
        rank = np.array([ranks[cause] for cause in causes], np.int64)
    order = np.lexsort((rank, words, begun, words < 0, at))
    at, words = at[order], words[order]
    reach = np.maximum.accumulate(reach[order])
    first = np.flatnonzero(np.diff(at, prepend=at[0] - 1))
    # Of the reaches at one moment the farthest counts, and that is the last of them.
    last = np.append(first[1:], len(at)) - 1
    kept = None if causes is None else [causes[index] for index in order[first].tolist()]
    return Evidence(at[first], words[first], reach[last], kept)


Piece = tuple[int, State, str, bool]
"""A piece of time: its beginning in ms since 1970, state, cause, and whether readings alone tell it."""


def conclude(
    evidence: Evidence,
    state: State = State.UNKNOWN,
    cause: str = "",
    reach_ms: int | None = None,
    *,
    sensed: bool = False,
) -> list[Piece]:
    """The pieces of time that follow from evidence, each up to the next, the last up to its reach.

    Args:
        evidence: Moments, at least one.
        state: The state just before the first moment.
        cause: The cause that goes with it.
        reach_ms: Until when that was known; None when nothing was.
        sensed: Whether readings alone told it.
    """
    at, words, reach = evidence.at_ms, evidence.words, evidence.reach_ms
    turns = words[1:] != words[:-1]
    turns |= at[1:] > reach[:-1]
    if evidence.causes is not None:
        turns |= np.array([one != two for one, two in pairwise(evidence.causes)], bool)
    firsts = [0, *(np.flatnonzero(turns) + 1).tolist()]
    code = CODES[state] if reach_ms is not None else UNKNOWN
    until = reach_ms
    pieces: list[Piece] = []
    for index in firsts:
        start = int(at[index])
        if index:
            until = int(reach[index - 1])
        if until is None or start > until:
            if until is not None:
                pieces.append((until, State.UNKNOWN, "", False))
            code, cause = UNKNOWN, ""
        word = int(words[index])
        if word >= 0:
            code, cause, sensed = word % SENSED, evidence.cause(index), word >= SENSED
        elif word != HOLD:
            before = code, cause
            if code == UNKNOWN:
                code = RUNNING if word == NEAR_RUNNING else STOPPED
            elif code != RUNNING:
                code = STOPPED
            cause = ""
            sensed = sensed or (code, cause) != before
        pieces.append((start, STATES[code], cause, sensed))
    return pieces


def _joined(before: Evidence, later: Evidence, since_ms: int, period_ms: int) -> Evidence:
    """The evidence of one side up to a moment, of the other from there on."""
    count = int(np.searchsorted(before.at_ms, since_ms))
    first = int(np.searchsorted(later.at_ms, since_ms))
    causes = None
    if before.causes is not None or later.causes is not None:
        causes = [before.cause(index) for index in range(count)]
        causes += [later.cause(index) for index in range(first, len(later))]
    return Evidence(
        np.concatenate((before.at_ms[:count], later.at_ms[first:])),
        np.concatenate((before.words[:count], later.words[first:])),
        # A longer period of before does not go on into the time in which it no longer holds.
        np.concatenate((np.minimum(before.reach_ms[:count], since_ms + period_ms), later.reach_ms[first:])),
        causes,
    )


def _stated(stated: list[tuple[int, int, str]], reach_ms: int) -> Evidence:
    """The evidence of reported states; of several at one moment the last counts."""
    last = {at_ms: (code, cause) for at_ms, code, cause in stated}
    return Evidence(
        np.array(list(last), np.int64),
        np.array([code for code, _ in last.values()], np.int8),
        np.full(len(last), reach_ms, np.int64),
        [cause for _, cause in last.values()],
    )


def _read(batch: Batch, at_ms: int, knowledge: Knowledge) -> Evidence:
    """The evidence of readings alone."""
    threshold = knowledge.threshold
    if threshold is None:
        at = at_ms + batch.offsets_ms
        if batch.changes:
            at = np.union1d(at, at_ms + np.array([one.offset_ms for one in batch.changes], np.int64))
        return Evidence(at, np.full(len(at), HOLD, np.int8), at + knowledge.period_ms, None)
    values = batch.signals.get(threshold.signal)
    if values is None:
        return _NOTHING
    at = at_ms + batch.offsets_ms
    words = _sensed(values, threshold)
    seen = ~np.isnan(values)
    if not seen.all():
        at, words = at[seen], words[seen]
    return Evidence(at, words, at + knowledge.period_ms, None)


def _sensed(values: Float64s, threshold: Threshold) -> Int8s:
    middle = (threshold.above + threshold.below) / 2
    words = np.where(values >= middle, np.int8(NEAR_RUNNING), np.int8(NEAR_STOPPED))
    words[values >= threshold.above] = SENSED + RUNNING
    words[values <= threshold.below] = SENSED + STOPPED
    return words
