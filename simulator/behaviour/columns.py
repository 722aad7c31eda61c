"""Columns of equal length that grow at the end, and rows that are worked out once somebody looks."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[Any]


class Rows(Protocol):
    """Rows that are worked out once somebody looks."""

    start_ms: int
    """When the first of them begins."""
    row: dict[str, float] | None
    """The row, where it is one, and all of it is known already; else None."""

    def cut(self, at_ms: int) -> None:
        """Leave out those that begin at or after a moment."""

    def __call__(self) -> tuple[int, Mapping[str, Column | float]]:
        """How many they are, and for each column an array, or one value for all of them."""


class Columns:
    """Columns of equal length that grow at the end and are forgotten from the beginning.

    What is put down for `later` becomes rows when somebody looks: a study that looks at nothing but
    totals, a day at a time, would else spend most of its time on rows.
    """

    def __init__(self, **dtypes: type | None) -> None:
        # Without a type a column holds float64.
        self._columns: dict[str, Column] = {
            name: np.empty(256, dtype=dtype or np.float64) for name, dtype in dtypes.items()
        }
        self._first = 0
        self._end = 0
        self.waiting: list[Rows] = []
        """What is put down for later, in order."""

    def __len__(self) -> int:
        if self.waiting:
            self._gather()
        return self._end - self._first

    def __getitem__(self, name: str) -> Column:
        if self.waiting:
            self._gather()
        return self._columns[name][self._first : self._end]

    def append(self, count: int, **rows: Column | float) -> None:
        """Add so many rows: for each column an array, or one value for all of them."""
        if self.waiting:
            self._gather()
        self._append(count, rows)

    def forget(self, count: int) -> None:
        """Remove so many rows from the beginning."""
        self._first += count

    def forget_gathered(self) -> None:
        """Remove all rows but those that wait."""
        self._first = self._end

    def cut(self, at_ms: int) -> None:
        """Remove the rows that begin at or after a moment, by the column `start_ms`."""
        waiting = self.waiting
        while waiting and waiting[-1].start_ms >= at_ms:
            waiting.pop()
        if waiting:
            waiting[-1].cut(at_ms)
            return
        starts_ms = self._columns["start_ms"][self._first : self._end]
        if len(starts_ms) and starts_ms[-1] >= at_ms:
            self.drop(len(starts_ms) - int(starts_ms.searchsorted(at_ms)))

    def drop(self, count: int) -> None:
        """Remove so many rows from the end."""
        self._end -= count

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(self._columns)

    def row(self, number: int) -> dict[str, float]:
        """One row."""
        if self.waiting:
            self._gather()
        place = self._first + number
        return {name: column[place].item() for name, column in self._columns.items()}

    def last(self) -> dict[str, float]:
        """The last row."""
        if self.waiting:
            self._gather()
        return {name: column[self._end - 1].item() for name, column in self._columns.items()}

    def _gather(self) -> None:
        waiting, self.waiting = self.waiting, []
        single: list[dict[str, float]] = []
        for rows in waiting:
            if rows.row is not None:
                single.append(rows.row)
                continue
            self._append_single(single)
            single = []
            self._append(*rows())
        self._append_single(single)

    def _append_single(self, rows: list[dict[str, float]]) -> None:
        """Add rows that came one by one, all at once."""
        if rows:
            self._append(len(rows), {name: [row[name] for row in rows] for name in self._columns})

    def _append(self, count: int, rows: Mapping[str, Column | list[float] | float]) -> None:
        capacity = len(next(iter(self._columns.values())))
        if self._end + count > capacity:
            kept = self._end - self._first
            self._move(max(capacity, 2 * (kept + count)), kept)
        first, self._end = self._end, self._end + count
        for name, values in rows.items():
            self._columns[name][first : self._end] = values

    def _move(self, capacity: int, kept: int) -> None:
        for name, column in self._columns.items():
            moved = np.empty(capacity, dtype=column.dtype)
            moved[:kept] = column[self._first : self._end]
            self._columns[name] = moved
        self._first, self._end = 0, kept
