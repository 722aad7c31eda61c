"""Every millisecond of a machine's time, measured against the truth: the same, or the reason why not.

Verdicts tile the window as intervals do, so their times add up to it exactly, and the signed times of
each reason add up to the whole difference in running time and in time up.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from dashboard.intervals import CODES, STATES, UNKNOWN, Int8s, Int64s, Intervals
from dashboard.states.knowledge import Knowledge
from protocol.states import State

Bools = npt.NDArray[np.bool_]


class Verdict(StrEnum):
    """What becomes of a moment when what was measured is laid beside what happened."""

    SAME = "same"
    CANNOT_TELL = "cannot tell"
    SAMPLING = "sampling"
    LOST_LINK = "lost link"
    LATE_JOIN = "late join"
    LEARNING = "learning"
    NO_TRUTH = "no truth"
    UNEXPLAINED = "unexplained"


VERDICTS = tuple(Verdict)
"""The verdict of each code that stands in a column."""
MEANING = {
    Verdict.SAME: "measured and true state are the same",
    Verdict.CANNOT_TELL: "not running, as measured; its power does not tell idle, down and setup apart",
    Verdict.SAMPLING: "within one reading of a change, which is seen at the next reading",
    Verdict.LOST_LINK: "nothing was heard of it: unknown, and not counted as down",
    Verdict.LATE_JOIN: "it existed and had not been heard of yet",
    Verdict.LEARNING: "its readings came, and what they mean was still being learned",
    Verdict.NO_TRUTH: "nobody told what really happened, so nothing is compared",
    Verdict.UNEXPLAINED: "they differ, and nothing above says why",
}
"""What each verdict means, for a reader who asks."""

_CODES = {verdict: code for code, verdict in enumerate(VERDICTS)}
_RUNNING = CODES[State.RUNNING]
_STOPPED = CODES[State.STOPPED]
_IDLE = CODES[State.IDLE]
_STANDING = tuple(CODES[state] for state in (State.IDLE, State.DOWN, State.SETUP, State.STOPPED))
_NEVER = 1 << 62


@dataclass(frozen=True, slots=True, eq=False)
class Verdicts:
    """What was measured of one machine beside the truth, in n pieces that tile [`start_ms[0]`, `end_ms`)."""

    start_ms: Int64s
    """When each begins, ms since 1970, increasing; shape (n,)."""
    measured: Int8s
    """The state measured, as an index into `STATES`; shape (n,)."""
    true: Int8s
    """The state in truth, as an index into `STATES`; shape (n,)."""
    codes: Int8s
    """The verdict, as an index into `VERDICTS`; shape (n,)."""
    end_ms: int
    """When the last one ends, ms since 1970."""

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[tuple[int, int, State, State, Verdict]]:
        """Each as (start_ms, end_ms, measured, true, verdict)."""
        starts = self.start_ms.tolist()
        return zip(
            starts,
            [*starts[1:], self.end_ms][: len(starts)],
            [STATES[code] for code in self.measured.tolist()],
            [STATES[code] for code in self.true.tolist()],
            [VERDICTS[code] for code in self.codes.tolist()],
            strict=True,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What one verdict adds up to in the planned time of a window, in whole milliseconds."""

    ms: int = 0
    """Time with this verdict."""
    running_ms: int = 0
    """Time running in truth less time running as measured."""
    up_ms: int = 0
    """Time running or idle in truth less the same as measured."""

    def __add__(self, other: "Balance") -> "Balance":
        return Balance(
            ms=self.ms + other.ms,
            running_ms=self.running_ms + other.running_ms,
            up_ms=self.up_ms + other.up_ms,
        )


def verdicts(
    measured: Intervals,
    true: Intervals,
    knowledge: Knowledge,
    from_ms: int,
    to_ms: int,
    *,
    heard_ms: int | None,
    learning: bool = False,
) -> Verdicts:
    """Lay what was measured beside the truth in [from_ms, to_ms).

    The first of these that holds is the verdict of a moment: nobody told the truth; the states are the
    same; nothing was measured (before it was heard of, while learning, without a threshold, or silent);
    it ran in neither and its power tells no more; the last reading before a silence was held to; a
    change lies within one period of it. What remains is unexplained.

    Args:
        measured: What the office concluded, best with one period beyond the window on both sides.
        true: What happened, with the same margin; unknown where nobody told.
        knowledge: How the machine's state is known, and its sampling period.
        from_ms: Beginning, ms since 1970.
        to_ms: End, ms since 1970.
        heard_ms: When it was first heard of; None when it never was.
        learning: Whether what its readings mean is still being learned.
    """
    if to_ms <= from_ms:
        nothing = np.empty(0, np.int8)
        return Verdicts(np.empty(0, np.int64), nothing, nothing, nothing, from_ms)
    period = knowledge.reach_ms
    turns, silences = _edges(measured)
    changes = _running_edges(true)
    heard = to_ms if heard_ms is None else heard_ms
    cuts = np.concatenate(
        (
            np.array([from_ms, heard], np.int64),
            measured.start_ms, np.array([measured.end_ms]), turns - period, silences - period,
            true.start_ms, np.array([true.end_ms]), changes + period,
        )
    )  # fmt: skip
    starts = np.unique(cuts[(cuts >= from_ms) & (cuts < to_ms)])
    said, happened = _states_at(measured, starts), _states_at(true, starts)
    silent = said == UNKNOWN
    untold = knowledge.how == "learned" and knowledge.threshold is None
    standing = np.isin(happened, _STANDING)
    sampled = knowledge.how != "reported"
    codes = np.select(
        [
            happened == UNKNOWN,
            said == happened,
            silent & (starts < heard),
            silent & learning,
            silent & untold,
            silent,
            (said == _STOPPED) & standing,
            _until(silences, starts) <= period,
            sampled & ((_until(turns, starts) <= period) | (_since(changes, starts) < period)),
        ],
        [
            _CODES[verdict]
            for verdict in (
                Verdict.NO_TRUTH,
                Verdict.SAME,
                Verdict.LATE_JOIN,
                Verdict.LEARNING,
                Verdict.CANNOT_TELL,
                Verdict.LOST_LINK,
                Verdict.CANNOT_TELL,
                Verdict.LOST_LINK,
                Verdict.SAMPLING,
            )
        ],
        _CODES[Verdict.UNEXPLAINED],
    ).astype(np.int8)
    return _joined(Verdicts(starts, said, happened, codes, to_ms))


def balance(found: Verdicts, planned: Sequence[tuple[int, int]] | None = None) -> dict[Verdict, Balance]:
    """What each verdict adds up to in planned time; every verdict has an entry, and the times sum exactly.

    Args:
        found: The verdicts of a window.
        planned: Parts in which production was planned, in order; None for the whole window.
    """
    if not len(found):
        return dict.fromkeys(VERDICTS, Balance())
    edges = np.append(found.start_ms, found.end_ms)
    if planned is None:
        planned = [(int(edges[0]), found.end_ms)]
    lasting = np.zeros(len(found), np.int64)
    for begin, end in planned:
        lasting += np.diff(edges.clip(begin, end))
    running = (found.true == _RUNNING).astype(np.int64) - (found.measured == _RUNNING)
    up = _up(found.true).astype(np.int64) - _up(found.measured)
    sums = {}
    for code, verdict in enumerate(VERDICTS):
        mine = found.codes == code
        ms = lasting[mine]
        sums[verdict] = Balance(
            ms=int(ms.sum()),
            running_ms=int((ms * running[mine]).sum()),
            up_ms=int((ms * up[mine]).sum()),
        )
    return sums


def _up(codes: Int8s) -> Bools:
    up: Bools = (codes == _RUNNING) | (codes == _IDLE)
    return up


def _edges(intervals: Intervals) -> tuple[Int64s, Int64s]:
    """Where a known state gives way to another, and where to silence."""
    known = intervals.states != UNKNOWN
    differs = intervals.states[1:] != intervals.states[:-1]
    at = intervals.start_ms[1:]
    return at[known[:-1] & known[1:] & differs], at[known[:-1] & ~known[1:]]


def _running_edges(intervals: Intervals) -> Int64s:
    """Where it began or ceased to run: what a reading of its power would show."""
    running = intervals.states == _RUNNING
    at: Int64s = intervals.start_ms[1:][running[1:] != running[:-1]]
    return at


def _states_at(intervals: Intervals, at_ms: Int64s) -> Int8s:
    if not len(intervals):
        return np.full(len(at_ms), UNKNOWN, np.int8)
    place = np.searchsorted(intervals.start_ms, at_ms, "right") - 1
    states = intervals.states[place.clip(0)]
    return np.where((place < 0) | (at_ms >= intervals.end_ms), np.int8(UNKNOWN), states)


def _until(edges: Int64s, at_ms: Int64s) -> Int64s:
    """Time from each moment to the next edge after it."""
    following: Int64s = np.append(edges, _NEVER)[np.searchsorted(edges, at_ms, "right")]
    return following - at_ms


def _since(edges: Int64s, at_ms: Int64s) -> Int64s:
    """Time from the last edge at or before each moment."""
    last: Int64s = np.append(-_NEVER, edges)[np.searchsorted(edges, at_ms, "right")]
    return at_ms - last


def _joined(found: Verdicts) -> Verdicts:
    """The same with equal neighbours as one."""
    turns = np.ones(len(found), bool)
    turns[1:] = (
        (found.measured[1:] != found.measured[:-1])
        | (found.true[1:] != found.true[:-1])
        | (found.codes[1:] != found.codes[:-1])
    )
    return Verdicts(
        found.start_ms[turns], found.measured[turns], found.true[turns], found.codes[turns], found.end_ms
    )
