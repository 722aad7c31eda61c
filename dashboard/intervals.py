"""A machine's time, tiled by intervals: each lasts from its own start to the start of the next.

Only starts are kept, so there is neither gap nor overlap to be found. `Intervals` is a window of a
machine's time as columns, `Timeline` the whole of it as it grows, and `Splice` what may replace a part.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from protocol.states import State

Int64s = npt.NDArray[np.int64]
Int8s = npt.NDArray[np.int8]

STATES: tuple[State, ...] = tuple(State)
"""The state of each code that stands in a column."""
CODES: dict[State, int] = {state: code for code, state in enumerate(STATES)}
"""The code of each state."""
UNKNOWN = CODES[State.UNKNOWN]


@dataclass(frozen=True, slots=True, eq=False)
class Intervals:
    """What one machine did in [`start_ms[0]`, `end_ms`); n intervals, touching ones never equal."""

    start_ms: Int64s
    """When each begins, ms since 1970, increasing; shape (n,)."""
    states: Int8s
    """Its state, as an index into `STATES`; shape (n,)."""
    causes: list[str]
    """Its cause, `""` where none is known; n of them."""
    end_ms: int
    """When the last one ends, ms since 1970."""

    @classmethod
    def empty(cls, at_ms: int = 0) -> "Intervals":
        """No time at all, at a moment."""
        return cls(np.empty(0, np.int64), np.empty(0, np.int8), [], at_ms)

    @classmethod
    def of(cls, pieces: Iterable[tuple[int, State, str]], end_ms: int) -> "Intervals":
        """The intervals that begin as given, in order; equal neighbours become one.

        >>> pieces = [(0, State.RUNNING, ""), (60, State.RUNNING, ""), (90, State.DOWN, "jam")]
        >>> [(start, end, str(state)) for start, end, state, _ in Intervals.of(pieces, 100)]
        [(0, 90, 'running'), (90, 100, 'down')]

        Raises:
            ValueError: A piece begins before the one ahead of it, or at or after the end.
        """
        starts: list[int] = []
        codes: list[int] = []
        causes: list[str] = []
        for start, state, cause in pieces:
            code = CODES[state]
            if starts and start <= starts[-1]:
                raise ValueError(f"an interval begins at {start}, not after the one ahead, {starts[-1]}")
            if not starts or code != codes[-1] or cause != causes[-1]:
                starts.append(start)
                codes.append(code)
                causes.append(cause)
        if starts and starts[-1] >= end_ms:
            raise ValueError(f"an interval begins at {starts[-1]}, not before the end, {end_ms}")
        return cls(np.array(starts, np.int64), np.array(codes, np.int8), causes, end_ms)

    @property
    def from_ms(self) -> int:
        """When the first one begins, ms since 1970; the end where there is none."""
        return int(self.start_ms[0]) if len(self.causes) else self.end_ms

    def __len__(self) -> int:
        return len(self.causes)

    def __iter__(self) -> Iterator[tuple[int, int, State, str]]:
        """Each as (start_ms, end_ms, state, cause)."""
        starts = self.start_ms.tolist()
        ends = [*starts[1:], self.end_ms][: len(starts)]
        states = [STATES[code] for code in self.states.tolist()]
        return zip(starts, ends, states, self.causes, strict=True)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Intervals):
            return NotImplemented
        return (
            self.end_ms == other.end_ms
            and np.array_equal(self.start_ms, other.start_ms)
            and np.array_equal(self.states, other.states)
            and self.causes == other.causes
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        pieces = ", ".join(f"{start} {state}{cause and f' ({cause})'}" for start, _, state, cause in self)
        return f"Intervals({pieces}, end {self.end_ms})"

    def durations_ms(self) -> Int64s:
        """How long each lasts, in milliseconds; shape (n,)."""
        return np.diff(self.start_ms, append=self.end_ms)

    def state_at(self, at_ms: int) -> tuple[State, str, int]:
        """The state at a moment, its cause, and since when it lasts; outside it is unknown."""
        index = int(np.searchsorted(self.start_ms, at_ms, "right")) - 1
        if index < 0:
            return State.UNKNOWN, "", at_ms
        state, start = STATES[self.states[index]], int(self.start_ms[index])
        if at_ms < self.end_ms or state is State.UNKNOWN:
            return state, self.causes[index], start
        return State.UNKNOWN, "", self.end_ms

    def clip(self, from_ms: int, to_ms: int) -> "Intervals":
        """The intervals within [from_ms, to_ms), and unknown where there are none: they tile it."""
        if to_ms <= from_ms:
            return Intervals.empty(from_ms)
        if not len(self) or self.end_ms <= from_ms or self.from_ms >= to_ms:
            return Intervals.of([(from_ms, State.UNKNOWN, "")], to_ms)
        first = max(int(np.searchsorted(self.start_ms, from_ms, "right")) - 1, 0)
        last = int(np.searchsorted(self.start_ms, to_ms, "left"))
        starts = self.start_ms[first:last].copy()
        starts[0] = max(starts[0], from_ms)
        codes = self.states[first:last]
        causes = self.causes[first:last]
        if starts[0] > from_ms:
            if (codes[0], causes[0]) == (UNKNOWN, ""):
                starts[0] = from_ms
            else:
                starts = np.concatenate(([from_ms], starts))
                codes = np.concatenate((np.array([UNKNOWN], np.int8), codes))
                causes = ["", *causes]
        if self.end_ms < to_ms and (codes[-1], causes[-1]) != (UNKNOWN, ""):
            starts = np.concatenate((starts, [self.end_ms]))
            codes = np.concatenate((codes, np.array([UNKNOWN], np.int8)))
            causes = [*causes, ""]
        return Intervals(starts, codes, causes, to_ms)


@dataclass(frozen=True, slots=True)
class Splice:
    """What takes the place of a part of a machine's time."""

    from_ms: int
    """Beginning of the part, ms since 1970."""
    to_ms: int
    """Its end."""
    intervals: Intervals
    """What it becomes; they tile [`from_ms`, `to_ms`)."""
    settled: bool = True
    """False when what follows `to_ms` may change too: conclude again from a wider neighbourhood."""

    def __post_init__(self) -> None:
        if (self.intervals.from_ms, self.intervals.end_ms) != (self.from_ms, self.to_ms):
            raise ValueError(
                f"intervals from {self.intervals.from_ms} to {self.intervals.end_ms} "
                f"cannot take the place of {self.from_ms} to {self.to_ms}"
            )


@dataclass(slots=True)
class Timeline:
    """All of one machine's time that is remembered, from its first evidence to its last."""

    _starts: "array[int]" = field(default_factory=lambda: array("q"))
    _codes: bytearray = field(default_factory=bytearray)
    _causes: list[str] = field(default_factory=list)
    _end: int = 0
    _floor: int = -(1 << 62)

    @classmethod
    def of(cls, intervals: Intervals) -> "Timeline":
        """The timeline that begins with these intervals, as they come from the history."""
        timeline = cls()
        if len(intervals):
            timeline.splice(Splice(intervals.from_ms, intervals.end_ms, intervals))
        return timeline

    @property
    def known_until_ms(self) -> int:
        """Where the evidence ends, ms since 1970: from here on nothing is known. 0 before any."""
        return self._end

    @property
    def from_ms(self) -> int:
        """Where the evidence begins, ms since 1970. 0 before any."""
        return self._starts[0] if self._starts else self._end

    def __len__(self) -> int:
        return len(self._starts)

    def state_at(self, at_ms: int) -> tuple[State, str, int]:
        """The state at a moment, its cause, and since when it lasts; outside it is unknown."""
        index = bisect_right(self._starts, at_ms) - 1
        if index < 0:
            return State.UNKNOWN, "", at_ms
        code = self._codes[index]
        if at_ms < self._end or code == UNKNOWN:
            return STATES[code], self._causes[index], self._starts[index]
        return State.UNKNOWN, "", self._end

    def states_in(self, from_ms: int, to_ms: int) -> set[State]:
        """The states of [from_ms, to_ms), unknown where nothing is known: quicker than the window."""
        first = max(bisect_right(self._starts, from_ms) - 1, 0)
        last = bisect_left(self._starts, to_ms)
        found = {STATES[code] for code in self._codes[first:last]} if first < last else set()
        if first >= last or to_ms > self._end or from_ms < self._starts[0]:
            found.add(State.UNKNOWN)
        return found

    def lasted(self, state: State, from_ms: int, to_ms: int) -> int:
        """How long a state lasted in [from_ms, to_ms), in milliseconds: quicker than the window."""
        code, starts, codes = CODES[state], self._starts, self._codes
        found, until_ms = 0, min(to_ms, self._end)
        for place in range(bisect_left(starts, until_ms) - 1, -1, -1):
            begun_ms = max(starts[place], from_ms)
            if codes[place] == code:
                found += max(until_ms - begun_ms, 0)
            if begun_ms == from_ms:
                break
            until_ms = begun_ms
        return found

    def window(self, from_ms: int, to_ms: int) -> Intervals:
        """What the machine did in [from_ms, to_ms), tiled; unknown where nothing is known."""
        first = max(bisect_right(self._starts, from_ms) - 1, 0)
        last = bisect_left(self._starts, to_ms)
        if first >= last:
            return Intervals.empty(from_ms).clip(from_ms, to_ms)
        end = self._starts[last] if last < len(self._starts) else self._end
        return Intervals(
            np.array(self._starts[first:last], np.int64),
            np.frombuffer(bytes(self._codes[first:last]), np.int8),
            self._causes[first:last],
            end,
        ).clip(from_ms, to_ms)

    def splice(self, splice: Splice) -> int:
        """Let the splice take the place of what was known of its time.

        Time before the splice that nothing was known of becomes unknown, so that all is tiled.

        Returns:
            The earliest moment at which anything changed, in ms since 1970; -1 when nothing did.
            Of time that was forgotten nothing can be compared: its beginning counts as a change.
        """
        from_ms, to_ms, intervals = splice.from_ms, splice.to_ms, splice.intervals
        if to_ms <= from_ms:
            return -1
        if from_ms < self._floor:
            if to_ms > self._floor:
                self.splice(Splice(self._floor, to_ms, intervals.clip(self._floor, to_ms)))
            return from_ms
        starts: list[int] = intervals.start_ms.tolist()
        codes = intervals.states.tobytes()
        causes = intervals.causes
        if not self._starts:
            self._starts, self._codes, self._causes = array("q", starts), bytearray(codes), list(causes)
            self._end = to_ms
            return from_ms
        self._reach(from_ms, to_ms)
        # What is replaced: intervals first..last-1, the first from `from_ms` on, the last up to `to_ms`.
        first = bisect_right(self._starts, from_ms) - 1
        last = bisect_left(self._starts, to_ms, max(first, 0))
        changed = self._first_difference(max(first, 0), last, splice, starts, codes)
        if changed < 0:
            return -1
        self._replace(first, last, splice, starts, codes)
        return changed

    def forget(self, before_ms: int) -> None:
        """Drop all intervals that end at or before a moment; what comes late for them is not kept."""
        self._floor = max(self._floor, before_ms)
        count = bisect_right(self._starts, before_ms) - 1
        if self._end <= before_ms:
            # The last one stays: it says since when the machine has been silent.
            count = len(self._starts) - 1
        if count > 0:
            del self._starts[:count]
            del self._codes[:count]
            del self._causes[:count]

    def _reach(self, from_ms: int, to_ms: int) -> None:
        """Fill with unknown what lies between the timeline and a splice that does not touch it."""
        if from_ms > self._end:
            if (self._codes[-1], self._causes[-1]) != (UNKNOWN, ""):
                self._starts.append(self._end)
                self._codes.append(UNKNOWN)
                self._causes.append("")
            self._end = from_ms
        elif to_ms < self._starts[0]:
            if (self._codes[0], self._causes[0]) == (UNKNOWN, ""):
                self._starts[0] = to_ms
            else:
                self._starts.insert(0, to_ms)
                self._codes.insert(0, UNKNOWN)
                self._causes.insert(0, "")

    def _first_difference(
        self, first: int, last: int, splice: Splice, starts: list[int], codes: bytes
    ) -> int:
        """The earliest moment at which the splice says something else than the timeline; -1 for none."""
        causes = splice.intervals.causes
        if not first < last or self._starts[first] > splice.from_ms or self._end <= splice.from_ms:
            return splice.from_ms
        for offset in range(len(starts)):
            index = first + offset
            if index == last:
                return min(starts[offset], self._end)
            start = starts[offset] if offset == 0 else min(starts[offset], self._starts[index])
            if offset and starts[offset] != self._starts[index]:
                return start
            if codes[offset] != self._codes[index] or causes[offset] != self._causes[index]:
                return start
        if first + len(starts) < last:
            return self._starts[first + len(starts)]
        return self._end if self._end < splice.to_ms else -1

    def _replace(self, first: int, last: int, splice: Splice, starts: list[int], codes: bytes) -> None:
        causes = splice.intervals.causes
        new_starts, new_codes, new_causes = starts, bytearray(codes), list(causes)
        if splice.to_ms < self._end:
            # What goes on after the splice: the interval that reached over its end, or the next.
            after = last if last < len(self._starts) and self._starts[last] == splice.to_ms else last - 1
            same = (self._codes[after], self._causes[after]) == (new_codes[-1], new_causes[-1])
            if after == last:
                last += same
            elif not same:
                new_starts = [*starts, splice.to_ms]
                new_codes.append(self._codes[after])
                new_causes.append(self._causes[after])
        else:
            self._end = splice.to_ms
        keep = first
        if first >= 0 and self._starts[first] < splice.from_ms:
            keep = first + 1
        keep = max(keep, 0)
        if keep and (self._codes[keep - 1], self._causes[keep - 1]) == (new_codes[0], new_causes[0]):
            new_starts, new_codes, new_causes = new_starts[1:], new_codes[1:], new_causes[1:]
        self._starts[keep:last] = array("q", new_starts)
        self._codes[keep:last] = new_codes
        self._causes[keep:last] = new_causes
