"""What a machine has lived, in columns: its intervals, and the parts it made."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from simulator.behaviour.stretch import Bools, Int64s, Stretch
from simulator.streams import Float64s

Column = npt.NDArray[Any]
NEVER_MS = 1 << 62
NOTHING: Mapping[str, float] = MappingProxyType({})


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

    def drop(self, count: int) -> None:
        """Remove so many rows from the end."""
        self._end -= count

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(self._columns)

    def row(self, number: int) -> dict[str, float]:
        """One row."""
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


class Lag(Protocol):
    """Signals that follow slowly: their value at the beginning of each interval is kept in the diary.

    Each is a function of the diary alone, so that a plan that was cut can be taken up where it was cut.
    """

    @property
    def lagged(self) -> tuple[str, ...]:
        """The names of the signals."""

    def fresh(self) -> dict[str, float]:
        """The value of each when a machine is put up."""

    def after(self, row: Mapping[str, float], elapsed_ms: int) -> dict[str, float]:
        """The value of each so long after the beginning of an interval; `row` holds all its columns."""

    def follow(self, stretch: Stretch, values: Mapping[str, float]) -> dict[str, Float64s]:
        """The value of each at the beginning of each interval of a stretch that begins at `values`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What happened to a machine in a span."""

    from_ms: int
    """Beginning of the span, ms since 1970."""
    to_ms: int
    """End of the span."""
    written: int
    """State of the diary that says so."""
    label: int
    """Number of the label at the beginning."""
    parts: int
    """Parts made by then."""
    rejects: int
    """Rejects made by then."""
    begun: list[tuple[int, int]]
    """When each interval within began, and the number of its label."""
    made: list[tuple[int, int, int]]
    """When each part within was made, and the parts and rejects made by then."""


class Diary:
    """The intervals and parts of one machine, as far as they are planned."""

    def __init__(
        self, start_ms: int, *, lag: Lag | None = None, wears: Iterable[str] = (), more: Iterable[str] = ()
    ) -> None:
        """Begin at a moment.

        Args:
            start_ms: The moment, ms since 1970.
            lag: The signals that follow slowly; None for none.
            wears: Names of the wearing components, each with two columns: `worn.bearing`, the share of its
                life used when the interval begins, and `wearing.bearing`, its slope in a millisecond.
            more: Names of further columns.
        """
        self.end_ms = start_ms
        """Up to here intervals are planned; an interval without a planned end ends here too."""
        self.written = 0
        """Goes up whenever something is written or dropped."""
        self._lag = lag
        self._wears = tuple(wears)
        self._more = tuple(more)
        self._intervals = Columns(
            start_ms=np.int64,
            label=np.int64,
            position=np.float64,
            pace=np.float64,
            **dict.fromkeys(f"worn.{name}" for name in self._wears),
            **dict.fromkeys(f"wearing.{name}" for name in self._wears),
            **dict.fromkeys(self._more),
            **dict.fromkeys(lag.lagged if lag else ()),
        )
        self._parts = Columns(at_ms=np.int64, rejects=np.int64)
        self._last_part_ms = start_ms
        self._forgotten_parts = 0
        self._forgotten_rejects = 0

    def write(self, stretch: Stretch) -> None:
        """Add a stretch; what was planned from its beginning on is dropped."""
        self.plan(
            int(stretch.start_ms[0]), stretch.end_ms, lambda: stretch, stretch.part_ms, stretch.rejected
        )

    def plan(
        self, start_ms: int, end_ms: int, make: Callable[[], Stretch], part_ms: Int64s, rejected: Bools
    ) -> None:
        """Add a stretch that is made once somebody looks; what was planned from its beginning on is dropped.

        Args:
            start_ms: When it begins.
            end_ms: When it ends.
            make: Makes it: the same whenever it is asked.
            part_ms: When each of its parts is made.
            rejected: Whether each is rejected.
        """
        self.cut(start_ms)
        self._intervals.waiting.append(_Stretch(self, start_ms, make))
        if len(part_ms):
            _, rejects = self._counts(len(self._parts))
            counted = rejected.cumsum()
            counted += rejects
            self._parts.append(len(part_ms), at_ms=part_ms, rejects=counted)
            self._last_part_ms = int(part_ms[-1])
        self.end_ms = end_ms

    def begin(
        self,
        start_ms: int,
        label: int,
        *,
        position: float = 0.0,
        pace: float = 0.0,
        worn: Mapping[str, float] = NOTHING,
        wearing: Mapping[str, float] = NOTHING,
        more: Mapping[str, float] = NOTHING,
    ) -> None:
        """Begin an interval whose end is not known; what was planned from its beginning on is dropped."""
        self.cut(start_ms)
        row: dict[str, float] = {
            "start_ms": start_ms,
            "label": label,
            "position": position,
            "pace": pace,
            **more,
        }
        for name in self._wears:
            row[f"worn.{name}"] = worn[name]
            row[f"wearing.{name}"] = wearing[name]
        self._intervals.waiting.append(_Interval(self, start_ms, row, lags=self._lag is not None))
        self.end_ms = start_ms

    def cut(self, at_ms: int) -> None:
        """Drop what was planned: the intervals that begin at or after a moment, the parts made after it."""
        self.written += 1
        waiting = self._intervals.waiting
        while waiting and waiting[-1].start_ms >= at_ms:
            waiting.pop()
        if waiting:
            waiting[-1].cut(at_ms)
        else:
            starts_ms = self._intervals["start_ms"]
            if len(starts_ms) and starts_ms[-1] >= at_ms:
                self._intervals.drop(len(starts_ms) - int(starts_ms.searchsorted(at_ms)))
        if self._last_part_ms > at_ms:
            made_ms = self._parts["at_ms"]
            self._parts.drop(len(made_ms) - int(made_ms.searchsorted(at_ms, side="right")))
            self._last_part_ms = at_ms
        self.end_ms = min(self.end_ms, at_ms)

    def lagged(self, at_ms: int) -> dict[str, float]:
        """The value of each lagged signal at a moment after the last interval's beginning."""
        if self._lag is None:
            return {}
        if not len(self._intervals):
            return self._lag.fresh()
        row = self._intervals.last()
        return self._lag.after(row, at_ms - int(row["start_ms"]))

    def columns_of(self, stretch: Stretch) -> dict[str, Column]:
        """All columns of a stretch that follows on what is written."""
        values = self.lagged(int(stretch.start_ms[0]))
        return {
            "start_ms": stretch.start_ms,
            "label": stretch.label,
            "position": stretch.position,
            "pace": stretch.pace,
            **{f"worn.{name}": stretch.worn[name] for name in self._wears},
            **{f"wearing.{name}": stretch.wearing[name] for name in self._wears},
            **{name: stretch.more[name] for name in self._more},
            **(self._lag.follow(stretch, values) if self._lag else {}),
        }

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns of the intervals."""
        return self._intervals.names

    def around(self, at_ms: int) -> tuple[Mapping[str, float], int, int]:
        """The row of the interval that holds a moment, when that begins, and when the next one does.

        True for as long as `written` stays the same.
        """
        starts_ms = self._intervals["start_ms"]
        row = int(np.searchsorted(starts_ms, at_ms, side="right")) - 1
        until_ms = int(starts_ms[row + 1]) if row + 1 < len(starts_ms) else NEVER_MS
        return self._intervals.row(row), int(starts_ms[row]), until_ms

    def at(self, moments_ms: Int64s) -> Int64s:
        """Which interval holds each moment, as a row number for `column`."""
        rows: Int64s = np.searchsorted(self._intervals["start_ms"], moments_ms, side="right") - 1
        return rows

    def column(self, name: str) -> Column:
        """A column of the intervals."""
        return self._intervals[name]

    def happened(self, from_ms: int, to_ms: int) -> "Happened":
        """What happened in (`from_ms`, `to_ms`], and what was the case when it began."""
        starts_ms, made_ms = self._intervals["start_ms"], self._parts["at_ms"]
        first, last = np.searchsorted(starts_ms, (from_ms, to_ms), side="right").tolist()
        made, until = np.searchsorted(made_ms, (from_ms, to_ms), side="right").tolist()
        labels = self._intervals["label"][first - 1 : last].tolist()
        parts, rejects = self._counts(made)
        return Happened(
            from_ms=from_ms,
            to_ms=to_ms,
            written=self.written,
            label=labels[0],
            parts=parts,
            rejects=rejects,
            begun=list(zip(starts_ms[first:last].tolist(), labels[1:], strict=True)),
            made=list(
                zip(
                    made_ms[made:until].tolist(),
                    range(parts + 1, parts + 1 + until - made),
                    self._parts["rejects"][made:until].tolist(),
                    strict=True,
                )
            ),
        )

    def next_ms(self, at_ms: int) -> int:
        """When after a moment an interval begins or a part is made, as far as is planned.

        True for as long as `written` stays the same; far in the future when nothing is planned.
        """
        starts_ms, made_ms = self._intervals["start_ms"], self._parts["at_ms"]
        row = int(np.searchsorted(starts_ms, at_ms, side="right"))
        part = int(np.searchsorted(made_ms, at_ms, side="right"))
        begins_ms = int(starts_ms[row]) if row < len(starts_ms) else NEVER_MS
        return min(begins_ms, int(made_ms[part])) if part < len(made_ms) else begins_ms

    def counts(self, at_ms: int) -> tuple[int, int]:
        """Parts and rejects made up to and including a moment."""
        return self._counts(int(np.searchsorted(self._parts["at_ms"], at_ms, side="right")))

    def made_within(self, from_ms: int, to_ms: int) -> list[tuple[int, int, int]]:
        """When each part in (`from_ms`, `to_ms`] was made, and the parts and rejects made by then."""
        return self.happened(from_ms, to_ms).made

    def ended_within(self, from_ms: int, to_ms: int) -> tuple[int, Int64s]:
        """When each part in (`from_ms`, `to_ms`] was made, and how many were made before them."""
        made_ms = self._parts["at_ms"]
        first, last = (int(row) for row in np.searchsorted(made_ms, [from_ms, to_ms], side="right"))
        return self._forgotten_parts + first, made_ms[first:last].copy()

    def forget(self, before_ms: int) -> None:
        """Drop what lies before a moment; the interval that holds it, and the counts, stay."""
        self._forget_intervals(before_ms)
        made = int(self._parts["at_ms"].searchsorted(before_ms, side="right"))
        self._forgotten_parts, self._forgotten_rejects = self._counts(made)
        self._parts.forget(made)

    def _forget_intervals(self, before_ms: int) -> None:
        waiting = self._intervals.waiting
        begun = bisect_right(waiting, before_ms, key=lambda rows: rows.start_ms)
        if begun and self._lag is None:
            # Nobody has looked at them, and nothing that follows depends on them.
            del waiting[: begun - 1]
            self._intervals.forget_gathered()
            return
        row = int(self.at(np.array([before_ms], dtype=np.int64))[0])
        self._intervals.forget(max(row, 0))

    def _counts(self, made: int) -> tuple[int, int]:
        rejects = int(self._parts["rejects"][made - 1]) if made else self._forgotten_rejects
        return self._forgotten_parts + made, rejects


class _Stretch:
    """A stretch that is made once somebody looks."""

    __slots__ = ("_cut_ms", "_diary", "_make", "row", "start_ms")

    def __init__(self, diary: Diary, start_ms: int, make: Callable[[], Stretch]) -> None:
        self.start_ms = start_ms
        self.row: dict[str, float] | None = None
        self._diary = diary
        self._make = make
        self._cut_ms: int | None = None

    def cut(self, at_ms: int) -> None:
        self._cut_ms = at_ms if self._cut_ms is None else min(at_ms, self._cut_ms)

    def __call__(self) -> tuple[int, Mapping[str, Column | float]]:
        stretch = self._make()
        columns = self._diary.columns_of(stretch)
        count = len(stretch.start_ms)
        if self._cut_ms is not None and stretch.start_ms[-1] >= self._cut_ms:
            count = int(stretch.start_ms.searchsorted(self._cut_ms))
            return count, {name: column[:count] for name, column in columns.items()}
        return count, columns


class _Interval:
    """One interval."""

    __slots__ = ("_begun", "_diary", "row", "start_ms")

    def __init__(self, diary: Diary, start_ms: int, row: dict[str, float], *, lags: bool) -> None:
        self.start_ms = start_ms
        self.row = None if lags else row
        self._diary = diary
        self._begun = row

    def cut(self, at_ms: int) -> None:
        """It begins before the moment, so it stays."""

    def __call__(self) -> tuple[int, Mapping[str, Column | float]]:
        return 1, {**self._begun, **self._diary.lagged(self.start_ms)}
