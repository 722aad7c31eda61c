"""What a machine has lived, in columns: its intervals, and the parts it made."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

import numpy as np

from simulator.behaviour.columns import Column, Columns
from simulator.behaviour.parts import NEVER_MS, Parts
from simulator.behaviour.stretch import Bools, Int64s, Stretch
from simulator.streams import Float64s

NOTHING: Mapping[str, float] = MappingProxyType({})


class Planned(Protocol):
    """A stretch that is worked out once somebody looks: the same whenever it is asked."""

    @property
    def start_ms(self) -> int:
        """When it begins."""

    @property
    def end_ms(self) -> int:
        """When it ends."""

    @property
    def part_ms(self) -> Int64s:
        """When each of its parts is made."""

    @property
    def rejected(self) -> Bools:
        """Whether each is rejected."""

    def stretch(self) -> Stretch:
        """All of it."""

    def labels(self) -> tuple[Int64s, Int64s]:
        """When each label in it begins, and its number; one interval may stand for many of one label."""


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
        self,
        start_ms: int,
        *,
        lag: Lag | None = None,
        wears: Iterable[str] = (),
        more: Iterable[str] = (),
        bare: bool = False,
    ) -> None:
        """Begin at a moment.

        Args:
            start_ms: The moment, ms since 1970.
            lag: The signals that follow slowly; None for none.
            wears: Names of the wearing components, each with two columns: `worn.bearing`, the share of its
                life used when the interval begins, and `wearing.bearing`, its slope in a millisecond.
            more: Names of further columns.
            bare: Whether it keeps parts, and which label began when, and nothing else: a study looks at
                no more, and would spend much of its time on the rest.
        """
        if bare:
            lag, wears, more = None, (), ()
        self.bare = bare
        """Whether it keeps labels and parts alone."""
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
            **({} if bare else {"position": np.float64, "pace": np.float64}),
            **dict.fromkeys(f"worn.{name}" for name in self._wears),
            **dict.fromkeys(f"wearing.{name}" for name in self._wears),
            **dict.fromkeys(self._more),
            **dict.fromkeys(lag.lagged if lag else ()),
        )
        self._parts = Parts(start_ms)

    def write(self, stretch: Stretch) -> None:
        """Add a stretch; what was planned from its beginning on is dropped."""
        self.plan(_Whole(stretch))

    def plan(self, planned: Planned) -> None:
        """Add a stretch that is worked out later; what was planned from its beginning on is dropped."""
        self.cut(planned.start_ms)
        self._intervals.waiting.append(_Later(self, planned))
        self._parts.plan(planned.part_ms, planned.rejected)
        self.end_ms = planned.end_ms

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
        self.end_ms = start_ms
        row: dict[str, float] = {"start_ms": start_ms, "label": label}
        if not self.bare:
            row.update(position=position, pace=pace, **more)
            for name in self._wears:
                row[f"worn.{name}"] = worn[name]
                row[f"wearing.{name}"] = wearing[name]
        self._intervals.waiting.append(_Interval(self, start_ms, row, lags=self._lag is not None))

    def cut(self, at_ms: int) -> None:
        """Drop what was planned: the intervals that begin at or after a moment, the parts made after it."""
        self.written += 1
        self._intervals.cut(at_ms)
        self._parts.cut(at_ms)
        self.end_ms = min(self.end_ms, at_ms)

    def lagged(self, at_ms: int) -> dict[str, float]:
        """The value of each lagged signal at a moment after the last interval's beginning."""
        if self._lag is None:
            return {}
        if not len(self._intervals):
            return self._lag.fresh()
        row = self._intervals.last()
        return self._lag.after(row, at_ms - int(row["start_ms"]))

    def columns_of(self, planned: Planned) -> dict[str, Column]:
        """All columns of a stretch that follows on what is written."""
        if self.bare:
            start_ms, label = planned.labels()
            return {"start_ms": start_ms, "label": label}
        stretch = planned.stretch()
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

    def begun_within(self, from_ms: int, to_ms: int) -> slice:
        """The rows of the intervals that begin in (`from_ms`, `to_ms`]."""
        first, last = np.searchsorted(self._intervals["start_ms"], [from_ms, to_ms], side="right")
        return slice(int(first), int(last))

    def happened(self, from_ms: int, to_ms: int) -> "Happened":
        """What happened in (`from_ms`, `to_ms`], and what was the case when it began."""
        starts_ms = self._intervals["start_ms"]
        first, last = np.searchsorted(starts_ms, (from_ms, to_ms), side="right").tolist()
        labels = self._intervals["label"][first - 1 : last].tolist()
        parts, rejects, made = self._parts.within(from_ms, to_ms)
        return Happened(
            from_ms=from_ms,
            to_ms=to_ms,
            written=self.written,
            label=labels[0],
            parts=parts,
            rejects=rejects,
            begun=list(zip(starts_ms[first:last].tolist(), labels[1:], strict=True)),
            made=made,
        )

    def next_ms(self, at_ms: int) -> int:
        """When after a moment an interval begins or a part is made, as far as is planned.

        True for as long as `written` stays the same; far in the future when nothing is planned.
        """
        starts_ms = self._intervals["start_ms"]
        row = int(np.searchsorted(starts_ms, at_ms, side="right"))
        begins_ms = int(starts_ms[row]) if row < len(starts_ms) else NEVER_MS
        return min(begins_ms, self._parts.next_ms(at_ms))

    def counts(self, at_ms: int) -> tuple[int, int]:
        """Parts and rejects made up to and including a moment."""
        return self._parts.counts(at_ms)

    def made_within(self, from_ms: int, to_ms: int) -> list[tuple[int, int, int]]:
        """When each part in (`from_ms`, `to_ms`] was made, and the parts and rejects made by then."""
        return self._parts.within(from_ms, to_ms)[2]

    def ended_within(self, from_ms: int, to_ms: int) -> tuple[int, Int64s]:
        """When each part in (`from_ms`, `to_ms`] was made, and how many were made before them."""
        return self._parts.ended_within(from_ms, to_ms)

    def forget(self, before_ms: int) -> None:
        """Drop what lies before a moment; the interval that holds it, and the counts, stay."""
        self._forget_intervals(before_ms)
        self._parts.forget(before_ms)

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


class _Whole:
    """A stretch that is worked out already."""

    def __init__(self, stretch: Stretch) -> None:
        self.start_ms = int(stretch.start_ms[0])
        self.end_ms = stretch.end_ms
        self.part_ms = stretch.part_ms
        self.rejected = stretch.rejected
        self._stretch = stretch

    def stretch(self) -> Stretch:
        return self._stretch

    def labels(self) -> tuple[Int64s, Int64s]:
        return self._stretch.start_ms, self._stretch.label


class _Later:
    """Rows that are worked out later."""

    __slots__ = ("_cut_ms", "_diary", "_planned", "row", "start_ms")

    def __init__(self, diary: Diary, planned: Planned) -> None:
        self.start_ms = planned.start_ms
        self.row: dict[str, float] | None = None
        self._diary = diary
        self._planned = planned
        self._cut_ms: int | None = None

    def cut(self, at_ms: int) -> None:
        self._cut_ms = at_ms if self._cut_ms is None else min(at_ms, self._cut_ms)

    def __call__(self) -> tuple[int, Mapping[str, Column | float]]:
        columns = self._diary.columns_of(self._planned)
        start_ms = columns["start_ms"]
        if self._cut_ms is None or start_ms[-1] < self._cut_ms:
            return len(start_ms), columns
        count = int(start_ms.searchsorted(self._cut_ms))
        return count, {name: column[:count] for name, column in columns.items()}


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
