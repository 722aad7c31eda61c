"""Whether every reading is in the history, and once: hour by hour, from what the history itself keeps.

Each message that was kept says which moments it has readings of. Nothing may be missing between two of them
but what a fault of the link took away, and the minutes of every signal, which charts and calls are made of,
have to count each reading once, however often and in whatever order its message came.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from dashboard.history.store import unpack
from protocol.messages import Birth
from protocol.readings import Batch, decode_batch
from tests.soak.faults import TAKES_AWAY

HOUR_MS, MINUTE_MS = 3_600_000, 60_000
BEHIND_MS = 2 * HOUR_MS
"""So much later an hour is looked at: what a fault of the link held back has come by then."""
AROUND_MS = 20 * MINUTE_MS
"""Around a fault that moves a clock, by up to eight minutes, or takes messages away."""
MOVES = "clock-skew"

Int64s = npt.NDArray[np.int64]
Spans = list[tuple[int, int]]


@dataclass(slots=True, kw_only=True)
class Found:
    """What was found so far."""

    hours: int = 0
    """Plant hours looked at."""
    readings: int = 0
    """Readings of machines in them, each of all sensors of one at one moment."""
    values: int = 0
    """Single values in these."""
    lost: int = 0
    """Readings that are missing, and values that the minutes lack."""
    doubled: int = 0
    """Values that the minutes count more than once."""
    taken_away: int = 0
    """Readings that a fault of the link took away."""


class Ledger:
    """Looks at one plant hour after the other.

    Args:
        history: The history's file.
        from_ms: The first hour begins here or later, ms since 1970.
    """

    def __init__(self, history: Path, from_ms: int) -> None:
        self.found = Found()
        self.notes: list[str] = []
        """What was lost or doubled, the first of it."""
        self._history = history
        self._next_ms = -(-from_ms // HOUR_MS) * HOUR_MS

    def look(self, run: str, committed_ms: int) -> None:
        """Look at the next hour of a run and its twin, if it is far enough behind what is committed."""
        if self._next_ms + HOUR_MS + BEHIND_MS > committed_ms:
            return
        with closing(sqlite3.connect(f"file:{self._history}?mode=ro", uri=True, timeout=10)) as history:
            rows = history.execute(
                "SELECT run, machine, birth, since_ms FROM machines WHERE run LIKE ? AND retired_ms IS NULL",
                (f"{run}%",),
            ).fetchall()
            for one, machine, birth, since_ms in rows:
                if birth is not None and since_ms <= self._next_ms - HOUR_MS:
                    self._machine(history, one, machine, msgspec.json.decode(birth, type=Birth))
        self.found.hours += 1
        self._next_ms += HOUR_MS

    def _machine(self, history: sqlite3.Connection, run: str, machine: str, birth: Birth) -> None:
        from_ms, until_ms = self._next_ms, self._next_ms + HOUR_MS
        rows = history.execute(
            "SELECT at_ms, payload FROM readings "
            "WHERE run = ? AND machine = ? AND from_ms >= ? AND from_ms < ?",
            (run, machine, from_ms - HOUR_MS, until_ms),
        ).fetchall()
        batches = [(at_ms, decode_batch(unpack(payload))) for at_ms, payload in rows]
        spells = history.execute(
            "SELECT fault, from_ms, until_ms FROM truth_faults WHERE run = ? AND machine = ?", (run, machine)
        ).fetchall()
        excused = [
            (a - AROUND_MS, b + AROUND_MS, fault)
            for fault, a, b in spells
            if fault in TAKES_AWAY and a - AROUND_MS < until_ms and b + AROUND_MS > from_ms
        ]
        moments = np.unique(np.concatenate([_moments(one) for one in batches] or [np.zeros(0, np.int64)]))
        inside = (moments >= from_ms) & (moments < until_ms)
        self.found.readings += int(inside.sum())
        if birth.simulated:
            self._missing(machine, moments, birth.period_ms, [(a, b) for a, b, _ in excused])
        counted = {
            (signal, minute_ms): count
            for signal, minute_ms, count in history.execute(
                "SELECT signal, minute_ms, count FROM rollups "
                "WHERE run = ? AND machine = ? AND minute_ms >= ? AND minute_ms < ?",
                (run, machine, from_ms, until_ms),
            )
        }
        moved = [(a, b) for a, b, fault in excused if fault == MOVES]
        self._minutes(f"{run}/{machine}", batches, counted, moved)

    def _missing(self, machine: str, moments: Int64s, period_ms: int, excused: Spans) -> None:
        """Count what lies between two readings that are further apart than a period, where the later is."""
        from_ms, until_ms = self._next_ms, self._next_ms + HOUR_MS
        if not ((moments >= from_ms) & (moments < until_ms)).any():
            moments = np.append(moments[moments < until_ms], until_ms - 1)
        gaps = np.diff(moments)
        for place in np.flatnonzero(
            (gaps > 1.5 * period_ms) & (moments[1:] >= from_ms) & (moments[1:] < until_ms)
        ):
            count = round(gaps[place] / period_ms) - 1
            a, b = int(moments[place]), int(moments[place + 1])
            if any(begun < b and a < over for begun, over in excused):
                self.found.taken_away += count
            else:
                self.found.lost += count
                self._note(f"{machine}: {count} readings missing from {a} to {b}")

    def _minutes(
        self,
        machine: str,
        batches: list[tuple[int, Batch]],
        counted: dict[tuple[str, int], int],
        moved: Spans,
    ) -> None:
        """Hold the minutes of each signal against the moments that have a value of it."""
        from_ms, until_ms = self._next_ms, self._next_ms + HOUR_MS
        by_signal: dict[str, list[Int64s]] = {}
        for one in batches:
            moments = _moments(one)
            for signal, values in one[1].signals.items():
                by_signal.setdefault(signal, []).append(moments[~np.isnan(values)])
        said: dict[tuple[str, int], int] = {}
        for signal, pieces in by_signal.items():
            moments = np.unique(np.concatenate(pieces))
            moments = moments[(moments >= from_ms) & (moments < until_ms)]
            minutes, counts = np.unique(moments // MINUTE_MS * MINUTE_MS, return_counts=True)
            said |= {(signal, int(one)): int(count) for one, count in zip(minutes, counts, strict=True)}
        self.found.values += sum(said.values())
        for key in sorted(said.keys() | counted.keys()):
            more = counted.get(key, 0) - said.get(key, 0)
            if more and not any(a < key[1] + MINUTE_MS and key[1] < b for a, b in moved):
                self.found.doubled += max(0, more)
                self.found.lost += max(0, -more)
                self._note(f"{machine}: {key[0]} in the minute {key[1]}: {more:+d} values")

    def _note(self, sentence: str) -> None:
        if len(self.notes) < 200:
            self.notes.append(sentence)


def _moments(one: tuple[int, Batch]) -> Int64s:
    at_ms, batch = one
    return np.asarray(at_ms + np.asarray(batch.offsets_ms, np.int64), np.int64)
