"""What a machine has lived, in columns: its intervals, and the parts it made."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.behaviour.life import Int64s, Stretch
from simulator.streams import Float64s

Column = npt.NDArray[Any]


class Columns:
    """Columns of equal length that grow at the end and are forgotten from the beginning."""

    def __init__(self, **dtypes: type) -> None:
        self._columns: dict[str, Column] = {
            name: np.empty(256, dtype=dtype) for name, dtype in dtypes.items()
        }
        self._first = 0
        self._end = 0

    def __len__(self) -> int:
        return self._end - self._first

    def __getitem__(self, name: str) -> Column:
        return self._columns[name][self._first : self._end]

    def append(self, **rows: Column) -> None:
        """Add rows, one array for each column."""
        count = len(next(iter(rows.values())))
        capacity = len(next(iter(self._columns.values())))
        if self._end + count > capacity:
            self._move(max(capacity, 2 * (len(self) + count)))
        for name, values in rows.items():
            self._columns[name][self._end : self._end + count] = values
        self._end += count

    def forget(self, count: int) -> None:
        """Remove so many rows from the beginning."""
        self._first += count

    def _move(self, capacity: int) -> None:
        for name, column in self._columns.items():
            moved = np.empty(capacity, dtype=column.dtype)
            moved[: len(self)] = column[self._first : self._end]
            self._columns[name] = moved
        self._first, self._end = 0, len(self)


class Diary:
    """The intervals and parts of one machine from a moment up to `end_ms`."""

    def __init__(self, start_ms: int, lagged: Iterable[str] = ()) -> None:
        """Begin at a moment.

        Args:
            start_ms: The moment, ms since 1970.
            lagged: Names of the signals whose value at the beginning of each interval is kept too.
        """
        self.end_ms = start_ms
        self._intervals = Columns(
            start_ms=np.int64,
            label=np.int64,
            position=np.float64,
            pace=np.float64,
            **dict.fromkeys(lagged, np.float64),
        )
        self._parts = Columns(at_ms=np.int64, rejects=np.int64)
        self._forgotten_parts = 0
        self._forgotten_rejects = 0

    def write(self, stretch: Stretch, lagged: dict[str, Float64s]) -> None:
        """Add a stretch that begins where the diary ends."""
        self._intervals.append(
            start_ms=stretch.start_ms,
            label=stretch.label,
            position=stretch.position,
            pace=stretch.pace,
            **lagged,
        )
        if len(stretch.part_ms):
            _, rejects = self._counts(len(self._parts))
            self._parts.append(at_ms=stretch.part_ms, rejects=rejects + np.cumsum(stretch.rejected))
        self.end_ms = stretch.end_ms

    def at(self, moments_ms: Int64s) -> Int64s:
        """Which interval holds each moment, as a row number for `column`."""
        rows: Int64s = np.searchsorted(self._intervals["start_ms"], moments_ms, side="right") - 1
        return rows

    def column(self, name: str) -> Column:
        """A column of the intervals."""
        return self._intervals[name]

    def begun_within(self, from_ms: int, to_ms: int) -> slice:
        """The rows of the intervals that begin in (`from_ms`, `to_ms`]."""
        first, last = np.searchsorted(self._intervals["start_ms"], [from_ms, to_ms], side="right")
        return slice(int(first), int(last))

    def counts(self, at_ms: int) -> tuple[int, int]:
        """Parts and rejects made up to and including a moment."""
        return self._counts(int(np.searchsorted(self._parts["at_ms"], at_ms, side="right")))

    def made_within(self, from_ms: int, to_ms: int) -> list[tuple[int, int, int]]:
        """When each part in (`from_ms`, `to_ms`] was made, and the parts and rejects made by then."""
        made_ms = self._parts["at_ms"]
        first, last = (int(row) for row in np.searchsorted(made_ms, [from_ms, to_ms], side="right"))
        parts = range(self._forgotten_parts + first + 1, self._forgotten_parts + last + 1)
        return list(
            zip(made_ms[first:last].tolist(), parts, self._parts["rejects"][first:last].tolist(), strict=True)
        )

    def forget(self, before_ms: int) -> None:
        """Drop what lies before a moment; the interval that holds it, and the counts, stay."""
        row = int(self.at(np.array([before_ms], dtype=np.int64))[0])
        self._intervals.forget(max(row, 0))
        made = int(np.searchsorted(self._parts["at_ms"], before_ms, side="right"))
        self._forgotten_parts, self._forgotten_rejects = self._counts(made)
        self._parts.forget(made)

    def _counts(self, made: int) -> tuple[int, int]:
        rejects = int(self._parts["rejects"][made - 1]) if made else self._forgotten_rejects
        return self._forgotten_parts + made, rejects
