"""What a machine's calendar time was used for: every moment has exactly one use.

The calendar says whether production was planned; where it was, the state says how the time was used.
A stop is an unbroken stretch of planned, known time without running: a break or a silence ends it.
It is a micro-stop when it is short and the machine ran directly before and directly after.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
import numpy.typing as npt

from dashboard.intervals import CODES, STATES, Int8s, Int64s, Intervals
from dashboard.kpi.choices import Choices
from protocol.states import State

Bools = npt.NDArray[np.bool_]


class Use(StrEnum):
    """What a moment of calendar time was used for."""

    OFF = "off"
    """No shift."""
    HOLIDAY = "holiday"
    """No shift, because of a holiday."""
    BREAK = "break"
    """A break in a shift."""
    MAINTENANCE = "maintenance"
    """Planned maintenance."""
    UNKNOWN = "unknown"
    """Planned, and nothing tells the state."""
    SETUP = "setup"
    """Being prepared for another job."""
    DOWN = "down"
    """Broken down or being repaired."""
    STARVED = "starved"
    """Waiting for what the machine before it makes."""
    BLOCKED = "blocked"
    """Waiting for room for what it made."""
    IDLE = "idle"
    """Able to run and not running, for another cause."""
    STOPPED = "stopped"
    """Not running, and nothing tells why."""
    MICRO_STOP = "micro-stop"
    """Any of these five, shorter than a micro-stop, with running before and after."""
    RUNNING = "running"
    """In cycle."""


USES: tuple[Use, ...] = tuple(Use)
"""The use of each code that stands in a column."""
USE_CODES: dict[Use, int] = {use: code for code, use in enumerate(USES)}
"""The code of each use."""
_RUNNING, _MICRO, _UNKNOWN, _IDLE = (
    USE_CODES[use] for use in (Use.RUNNING, Use.MICRO_STOP, Use.UNKNOWN, Use.IDLE)
)
_FIRST_STOP, _LAST_STOP = USE_CODES[Use.SETUP], USE_CODES[Use.MICRO_STOP]
_OF_STATE = np.array([USE_CODES[Use(str(state))] for state in STATES], np.int8)
_OF_SPAN = {
    "off": USE_CODES[Use.OFF],
    "holiday": USE_CODES[Use.HOLIDAY],
    "break": USE_CODES[Use.BREAK],
    "maintenance": USE_CODES[Use.MAINTENANCE],
}
_STATE_RUNNING, _STATE_DOWN, _STATE_IDLE, _STATE_STOPPED = (
    CODES[state] for state in (State.RUNNING, State.DOWN, State.IDLE, State.STOPPED)
)


class Span(Protocol):
    """A part of the calendar: `dashboard.calendar.Span`."""

    @property
    def kind(self) -> str:
        """`shift`, `break`, `maintenance`, `holiday` or `off`."""

    @property
    def from_ms(self) -> int:
        """When it begins, ms since 1970."""

    @property
    def to_ms(self) -> int:
        """When it ends."""


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """The uses of one machine's calendar time in a window; n pieces that tile it."""

    start_ms: Int64s
    """When each begins, ms since 1970, increasing; shape (n,)."""
    uses: Int8s
    """Its use, as an index into `USES`; shape (n,)."""
    states: Int8s
    """Its state, as an index into `STATES`, also where nothing was planned; shape (n,)."""
    causes: list[str]
    """Its cause, `""` where none is known; n of them."""
    planned: Bools
    """Whether it counts as planned time; shape (n,)."""
    stops: Bools
    """Whether a stop begins with it; false where the stop began before the window; shape (n,)."""
    micro: Bools
    """Whether a micro-stop begins with it; shape (n,)."""
    failures: Bools
    """Whether an unbroken stretch of planned down time begins with it; shape (n,)."""
    end_ms: int
    """When the last one ends, ms since 1970."""

    @property
    def from_ms(self) -> int:
        """When the first one begins, ms since 1970; the end where there is none."""
        return int(self.start_ms[0]) if len(self.start_ms) else self.end_ms

    def __len__(self) -> int:
        return len(self.start_ms)

    def __iter__(self) -> Iterator[tuple[int, int, Use, State, str]]:
        """Each as (start_ms, end_ms, use, state, cause)."""
        starts = self.start_ms.tolist()
        ends = [*starts[1:], self.end_ms][: len(starts)]
        uses = [USES[code] for code in self.uses.tolist()]
        states = [STATES[code] for code in self.states.tolist()]
        return zip(starts, ends, uses, states, self.causes, strict=True)

    def durations_ms(self) -> Int64s:
        """How long each lasts, in milliseconds; shape (n,)."""
        return np.diff(self.start_ms, append=self.end_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """An unbroken stretch of planned, known time without running, as far as it lies in the window."""

    start_ms: int
    """When it begins, ms since 1970; the beginning of the window where `begun` is false."""
    end_ms: int
    """When it ends; the end of the window where `over` is false."""
    use: Use
    """The use of its first piece."""
    cause: str
    """The first cause that anything gives."""
    micro: bool
    """Whether it is a micro-stop."""
    begun: bool
    """Whether it begins in the window."""
    over: bool
    """Whether it ends in the window, because the machine runs, production is not planned, or silence."""


def pieces_of(
    intervals: Intervals, spans: Sequence[Span], choices: Choices, from_ms: int, to_ms: int
) -> Pieces:
    """The uses of calendar time in [from_ms, to_ms).

    Args:
        intervals: What the machine did, with `choices.margin_ms` of its surroundings on both sides, by
            which micro-stops at the edges are told; where they do not reach, nothing is known.
        spans: The calendar of the machine; it tiles at least the window with those margins. None at all
            means that all of it is planned.
        choices: Which definitions hold.
        from_ms: Beginning of the window, ms since 1970.
        to_ms: Its end.
    """
    if to_ms <= from_ms:
        nothing = np.empty(0, np.bool_)
        none = np.empty(0, np.int8)
        return Pieces(
            np.empty(0, np.int64), none, none, [], nothing, nothing, nothing, nothing, max(from_ms, to_ms)
        )
    low, high = from_ms - choices.margin_ms - 1, to_ms + choices.margin_ms + 1
    intervals = _debounced(intervals.clip(low, high), choices.debounce_ms)
    span_starts = np.array([max(span.from_ms, low) for span in spans], np.int64)
    edges = np.concatenate((intervals.start_ms, span_starts, (from_ms, to_ms)))
    edges = np.unique(edges[(edges >= low) & (edges < high)])
    which = intervals.start_ms.searchsorted(edges, "right") - 1
    states = intervals.states[which]
    causes = intervals.causes
    uses = _OF_STATE[states]
    for index in np.flatnonzero(uses == _IDLE).tolist():
        cause = causes[which[index]]
        if cause.startswith(("starved", "blocked")):
            uses[index] = USE_CODES[line_loss(cause)]
    broken = any(span.kind != "shift" for span in spans)
    planned = _plan(uses, edges, spans, choices) if broken else np.ones(len(edges), np.bool_)
    stopped = is_stop(uses)
    begins = stopped.copy()
    begins[1:] &= ~stopped[:-1]
    micro = _mark_micro_stops(uses, stopped, begins, np.append(edges, high), choices.micro_stop_ms)
    failing = stopped & (states == _STATE_DOWN)
    failures = failing.copy()
    failures[1:] &= ~failing[:-1]
    first, last = (int(edges.searchsorted(edge)) for edge in (from_ms, to_ms))
    kept = slice(first, last)
    return Pieces(
        edges[kept],
        uses[kept],
        states[kept],
        [causes[index] for index in which[kept].tolist()],
        planned[kept],
        begins[kept],
        micro[kept],
        failures[kept],
        to_ms,
    )


def stops_of(pieces: Pieces) -> list[Stop]:
    """The stops of a window, in order; those that reach beyond it end at its edges."""
    stopped = is_stop(pieces.uses)
    edge = np.diff(np.concatenate(([False], stopped, [False])).astype(np.int8))
    firsts, lasts = np.flatnonzero(edge == 1).tolist(), np.flatnonzero(edge == -1).tolist()
    ends = np.append(pieces.start_ms, pieces.end_ms)
    found = []
    for first, last in zip(firsts, lasts, strict=True):
        state = STATES[pieces.states[first]]
        cause = next((one for one in pieces.causes[first:last] if one), "")
        micro = pieces.uses[first] == _MICRO
        found.append(
            Stop(
                start_ms=int(pieces.start_ms[first]),
                end_ms=int(ends[last]),
                use=Use(str(state)) if micro else USES[pieces.uses[first]],
                cause=cause,
                micro=bool(micro),
                begun=bool(pieces.stops[first]),
                over=last < len(pieces),
            )
        )
    return found


def is_stop(uses: Int8s) -> Bools:
    """Which uses belong to a stop."""
    return (uses >= _FIRST_STOP) & (uses <= _LAST_STOP)


def line_loss(cause: str) -> Use:
    """The use that an idle machine's cause tells: starved, blocked, or simply idle.

    >>> line_loss("starved by mill-1"), line_loss("blocked"), line_loss("blocked drain")
    (<Use.STARVED: 'starved'>, <Use.BLOCKED: 'blocked'>, <Use.IDLE: 'idle'>)
    """
    word = cause.split(":", 1)[0].split(" by ", 1)[0].strip()
    return Use(word) if word in {"starved", "blocked"} else Use.IDLE


def _plan(uses: Int8s, edges: Int64s, spans: Sequence[Span], choices: Choices) -> Bools:
    """Let the calendar win over the state where nothing is planned; which of the pieces are planned."""
    lost = {kind for kind, choice in (("break", choices.breaks), ("maintenance", choices.maintenance))
            if choice == "loss"}  # fmt: skip
    codes = np.array([_OF_SPAN.get(span.kind, -1) for span in spans], np.int8)
    counts = np.array([span.kind == "shift" or span.kind in lost for span in spans], np.bool_)
    of_span = np.array([span.from_ms for span in spans]).searchsorted(edges, "right") - 1
    known = of_span >= 0
    code = np.where(known, codes[of_span], np.int8(USE_CODES[Use.OFF]))
    planned: Bools = known & counts[of_span]
    # Planned time that is lost by choice is lost only where the machine did not run after all.
    taken = (code >= 0) & ~(planned & ((uses == _RUNNING) | (uses == _UNKNOWN)))
    uses[taken] = code[taken]
    return planned


def _mark_micro_stops(uses: Int8s, stopped: Bools, begins: Bools, ends: Int64s, micro_stop_ms: int) -> Bools:
    """Give micro-stops their use; which of the pieces begin one.

    Args:
        uses: The use of each piece; changed.
        stopped: Whether each belongs to a stop.
        begins: Whether a stop begins with it.
        ends: Where each begins, and where the last one ends.
        micro_stop_ms: Length from which a stop is no micro-stop.
    """
    micro = np.zeros(len(uses), np.bool_)
    firsts = np.flatnonzero(begins)
    if not len(firsts) or micro_stop_ms <= 0:
        return micro
    after = np.flatnonzero(np.diff(np.append(stopped, False).astype(np.int8)) == -1) + 1
    short = ends[after] - ends[firsts] < micro_stop_ms
    ran_before = (firsts > 0) & (uses[firsts - 1] == _RUNNING)
    runs_after = (after < len(uses)) & (uses[np.minimum(after, len(uses) - 1)] == _RUNNING)
    chosen = np.flatnonzero(short & ran_before & runs_after)
    micro[firsts[chosen]] = True
    for index in chosen.tolist():
        uses[firsts[index] : after[index]] = _MICRO
    return micro


def _debounced(intervals: Intervals, debounce_ms: int) -> Intervals:
    """Idle or stopped time that is too short to mean anything, taken for running."""
    if debounce_ms <= 0 or not len(intervals):
        return intervals
    quiet = (intervals.states == _STATE_IDLE) | (intervals.states == _STATE_STOPPED)
    edge = np.diff(np.concatenate(([False], quiet, [False])).astype(np.int8))
    firsts, lasts = np.flatnonzero(edge == 1), np.flatnonzero(edge == -1)
    states, causes = intervals.states.copy(), list(intervals.causes)
    ends = np.append(intervals.start_ms, intervals.end_ms)
    for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
        inside = first > 0 and last < len(states)
        if not inside or states[first - 1] != _STATE_RUNNING or states[last] != _STATE_RUNNING:
            continue
        if ends[last] - ends[first] < debounce_ms:
            states[first:last] = _STATE_RUNNING
            causes[first:last] = [""] * (last - first)
    return Intervals(intervals.start_ms, states, causes, intervals.end_ms)
