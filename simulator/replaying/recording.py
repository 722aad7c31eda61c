"""The recording of a real machine: its rows, what its control's words mean, and what it says of any time.

It repeats end to end, and a plant time always shows the same row, so that a repeat changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from protocol.messages import Birth, Signal
from protocol.moments import from_ms
from protocol.readings import Batch, Change, Float64s, Int64s
from protocol.states import State

NORMAL_SHARES = (0.005, 0.995)
"""A normal range is what all but the lowest and the highest half per cent of the running values show."""
ANCHOR_MS = 1_735_689_600_000
"""2025-01-01: the recording begins here, and again at each of its ends, before and after."""
MOST_ROWS = 1_000
"""No message holds more readings."""


class RecordingError(ValueError):
    """Raised when a recording cannot be read; says which file and what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """The rows of a recorded machine."""

    offsets_ms: Int64s
    """When each row was taken, in ms after the first; rising, shape (n,)."""
    length_ms: int
    """After how long it begins again, in ms."""
    period_ms: int
    """For how long a row is evidence, in ms."""
    words: npt.NDArray[np.str_] | None
    """The control's word in each row, shape (n,); None when it says none, and power has to tell the state."""
    meanings: Mapping[str, State | None]
    """The state that each word means; None for silence."""
    signals: Mapping[str, Float64s]
    """Values by signal, each of shape (n,); NaN where there was none."""
    described: Mapping[str, Signal] = field(default_factory=dict)
    """Unit and title of the signals, as far as they are known."""
    parts: Int64s | None = None
    """All parts made since the first row, shape (n,); None when they were not counted."""
    rejects: Int64s | None = None
    """The rejects among them, shape (n,); None when they were not counted."""
    ideal_cycle_s: float | None = None
    """Shortest time for one part, in seconds."""

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.offsets_ms)

    def birth(self, *, at_ms: int, kind: str) -> Birth:
        """What the machine says of itself, existing since `at_ms`."""
        told = {self.meanings[word] for word in set(self.words if self.words is not None else [])}
        order = (State.RUNNING, State.IDLE, State.DOWN, State.SETUP)
        return Birth(
            at=from_ms(at_ms),
            kind=kind,
            simulated=False,
            states="learned" if self.words is None else "reported",
            tells=tuple(state for state in order if state in told) or (State.RUNNING, State.STOPPED),
            period_ms=self.period_ms,
            ideal_cycle_s=self.ideal_cycle_s,
            signals=self.births_signals(),
        )

    def births_signals(self) -> dict[str, Signal]:
        """The signals as a birth describes them: unit by name, normal range while running."""
        running = np.ones(self.rows, dtype=np.bool_)
        if self.words is not None:
            running = np.isin(
                self.words, [word for word, state in self.meanings.items() if state is State.RUNNING]
            )
        return {
            name: _with_range(self.described.get(name, Signal()), values[running])
            for name, values in self.signals.items()
        }

    def batches(self, from_ms: int, to_ms: int) -> list[Batch]:
        """What the machine says of (`from_ms`, `to_ms`]: a batch for each stretch without silence.

        A control's batch speaks for all of its span, so none may reach across a silence.
        """
        moments_ms, rows, laps = self._shown(from_ms, to_ms)
        if not len(rows):
            return []
        apart = np.diff(moments_ms) > self.period_ms
        if self.words is not None:
            spoken = np.array([self.meanings[str(word)] is not None for word in self.words[rows]])
            apart |= ~spoken[1:] | ~spoken[:-1]
        else:
            spoken = np.ones(len(rows), dtype=np.bool_)
        edges = {0, len(rows), *(np.flatnonzero(apart) + 1).tolist(), *range(0, len(rows), MOST_ROWS)}
        cuts = sorted(edges)
        return [
            self._batch(moments_ms[first:last], rows[first:last], laps[first:last])
            for first, last in pairwise(cuts)
            if spoken[first]
        ]

    def _shown(self, from_ms: int, to_ms: int) -> tuple[Int64s, Int64s, Int64s]:
        """The moments in a span, the row that each shows, and how often all was repeated by then."""
        lap_from, lap_to = ((at_ms - ANCHOR_MS) // self.length_ms for at_ms in (from_ms, to_ms))
        moments: list[Int64s] = []
        rows: list[Int64s] = []
        laps: list[Int64s] = []
        for lap in range(lap_from, lap_to + 1):
            begin_ms = ANCHOR_MS + lap * self.length_ms
            first, last = np.searchsorted(
                self.offsets_ms, [from_ms - begin_ms, to_ms - begin_ms], side="right"
            )
            moments.append(begin_ms + self.offsets_ms[first:last])
            rows.append(np.arange(first, last, dtype=np.int64))
            laps.append(np.full(last - first, lap, dtype=np.int64))
        return np.concatenate(moments), np.concatenate(rows), np.concatenate(laps)

    def _batch(self, moments_ms: Int64s, rows: Int64s, laps: Int64s) -> Batch:
        at_ms = int(moments_ms[0])
        offsets_ms = moments_ms - at_ms
        state, cause = None, ""
        changes: tuple[Change, ...] = ()
        if self.words is not None:
            words = self.words[rows]
            turns = np.flatnonzero(words[1:] != words[:-1]) + 1
            state, cause = self._meaning(str(words[0]))
            changes = tuple(
                Change(offset_ms=int(offsets_ms[turn]), state=turned, cause=why)
                for turn in turns
                for turned, why in [self._meaning(str(words[turn]))]
            )
        return Batch(
            at_ms=at_ms,
            offsets_ms=offsets_ms,
            signals={name: values[rows] for name, values in self.signals.items()},
            state=state,
            cause=cause,
            changes=changes,
            parts=_counted(self.parts, rows, laps),
            rejects=_counted(self.rejects, rows, laps),
        )

    def _meaning(self, word: str) -> tuple[State | None, str]:
        state = self.meanings[word]
        return state, "" if state is State.RUNNING else word.lower().replace("_", " ")[:64]


def _counted(made: Int64s | None, rows: Int64s, laps: Int64s) -> Float64s | None:
    """A counter that goes on rising from one repeat to the next."""
    if made is None:
        return None
    # From the first lap after 2025 on, so that it is never below zero.
    return (np.maximum(laps, 0) * int(made[-1]) + made[rows]).astype(np.float64)


def _with_range(signal: Signal, running: Float64s) -> Signal:
    seen = running[~np.isnan(running)]
    if signal.title == "tool" or not seen.size:
        return signal
    low, high = (float(np.quantile(seen, share)) for share in NORMAL_SHARES)
    return Signal(unit=signal.unit, title=signal.title, low=low, high=high) if low < high else signal
