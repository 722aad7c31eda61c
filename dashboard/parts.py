"""What a machine made: differences of its cumulative counters.

A counter's first value is the baseline. A value lower than the one before is a reset: the counter
began again from 0, so the new value counts in full. The same value again counts nothing.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isnan

import numpy as np
import numpy.typing as npt

from protocol.readings import Batch, Float64s

Int64s = npt.NDArray[np.int64]

SILENT = -1
"""In a column: this counter said nothing at that moment."""


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """What a machine's counters showed, in order of time; n entries."""

    at_ms: Int64s
    """When, ms since 1970, increasing; shape (n,)."""
    parts: Int64s
    """Cumulative parts, good and rejected; `SILENT` where not said; shape (n,)."""
    rejects: Int64s
    """Cumulative rejects; `SILENT` where not said; shape (n,)."""

    @classmethod
    def empty(cls) -> "Counts":
        """No entry."""
        nothing = np.empty(0, np.int64)
        return cls(nothing, nothing, nothing)

    @classmethod
    def of(cls, batch: Batch, at_ms: int) -> "Counts":
        """The entries of one batch; those that only repeat the one before are left out."""
        highest: dict[int, tuple[int, int]] = {}
        for offset_ms, parts, rejects in _said(batch):
            if parts == rejects == SILENT:
                continue
            other = highest.get(offset_ms)
            if other is not None:
                parts, rejects = max(parts, other[0]), max(rejects, other[1])  # noqa: PLW2901
            highest[offset_ms] = parts, rejects
        entries: list[tuple[int, int, int]] = []
        for offset_ms, both in sorted(highest.items()):
            if not entries or both != entries[-1][1:]:
                entries.append((at_ms + offset_ms, *both))
        if not entries:
            return cls.empty()
        columns = np.array(entries, np.int64)
        return cls(columns[:, 0], columns[:, 1], columns[:, 2])

    def __len__(self) -> int:
        return len(self.at_ms)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Counts):
            return NotImplemented
        return (
            np.array_equal(self.at_ms, other.at_ms)
            and np.array_equal(self.parts, other.parts)
            and np.array_equal(self.rejects, other.rejects)
        )

    __hash__ = None  # type: ignore[assignment]

    def merged(self, other: "Counts") -> "Counts":
        """Both in one; of several entries for one moment the highest counts, whichever came first."""
        at = np.concatenate((self.at_ms, other.at_ms))
        order = np.argsort(at, kind="stable")
        at = at[order]
        first = np.flatnonzero(np.diff(at, prepend=at[0] - 1)) if len(at) else np.empty(0, np.int64)
        parts = np.concatenate((self.parts, other.parts))[order]
        rejects = np.concatenate((self.rejects, other.rejects))[order]
        if len(first) == len(at):
            return Counts(at, parts, rejects)
        return Counts(at[first], np.maximum.reduceat(parts, first), np.maximum.reduceat(rejects, first))

    def made(self, from_ms: int, to_ms: int) -> tuple[int, int] | None:
        """Parts made in (from_ms, to_ms] and how many of them were rejected; None when nothing counts.

        The newest entry at or before `from_ms` must be among the entries, or what was made between it
        and the first one after is missing.
        """
        last = int(np.searchsorted(self.at_ms, to_ms, "right"))
        if not (self.parts[:last] != SILENT).any():
            return None
        first = int(np.searchsorted(self.at_ms, from_ms, "right"))
        return (
            int(increments(self.parts[:last])[first:].sum()),
            int(increments(self.rejects[:last])[first:].sum()),
        )

    def resets(self) -> list[int]:
        """The moments at which a counter began again, ms since 1970."""
        found: set[int] = set()
        for column in (self.parts, self.rejects):
            said = column != SILENT
            at, values = self.at_ms[said], column[said]
            found.update(at[1:][np.diff(values) < 0].tolist())
        return sorted(found)


@dataclass(slots=True)
class Tally:
    """All entries of one machine's counters as they come, and what was made in any window at once."""

    _at: "array[int]" = field(default_factory=lambda: array("q"))
    _parts: "array[int]" = field(default_factory=lambda: array("q"))
    _rejects: "array[int]" = field(default_factory=lambda: array("q"))
    _sums: "array[int]" = field(default_factory=lambda: array("q"))
    """Parts made since the baseline, by entry."""
    _reject_sums: "array[int]" = field(default_factory=lambda: array("q"))
    _last: int = SILENT
    """Newest value of the parts counter."""
    _last_rejects: int = SILENT

    @classmethod
    def of(cls, counts: Counts) -> "Tally":
        """The tally that begins with these entries, as they come from the history."""
        tally = cls()
        tally.add(counts)
        return tally

    def __len__(self) -> int:
        return len(self._at)

    def add(self, counts: Counts) -> Counts:
        """Take in entries, in any order.

        Returns:
            Those that were new, to be kept.
        """
        if not len(counts):
            return counts
        if self._at and counts.at_ms[0] <= self._at[-1]:
            return self._insert(counts)
        for at_ms, parts, rejects in zip(
            counts.at_ms.tolist(), counts.parts.tolist(), counts.rejects.tolist(), strict=True
        ):
            self._append(at_ms, parts, rejects)
        return counts

    def last_parts(self, parts: int, from_ms: int, to_ms: int) -> Iterator[tuple[int, int, int]]:
        """For each entry in [from_ms, to_ms): since when about so many parts were made, when, how many."""
        for place in range(bisect_left(self._at, from_ms), bisect_left(self._at, to_ms)):
            wanted = self._sums[place] - parts
            first = bisect_right(self._sums, wanted) - 1
            if wanted >= 0 and first >= 0:
                # Of entries that show the same the first has counted; those after it told of rejects alone.
                first = bisect_left(self._sums, self._sums[first])
                yield self._at[first], self._at[place], self._sums[place] - self._sums[first]

    def made(self, from_ms: int, to_ms: int) -> tuple[int, int] | None:
        """Parts made in (from_ms, to_ms] and how many of them were rejected; None when nothing counts."""
        last = bisect_right(self._at, to_ms) - 1
        if last < 0 or self._sums[last] < 0:
            return None
        first = bisect_right(self._at, from_ms) - 1
        parts = self._sums[last] - max(self._sums[first], 0) if first >= 0 else self._sums[last]
        rejects = max(self._reject_sums[last], 0)
        if first >= 0:
            rejects -= max(self._reject_sums[first], 0)
        return (parts, rejects) if last > first else (0, 0)

    def counts(self) -> Counts:
        """All entries, as columns."""
        return Counts(
            np.array(self._at, np.int64), np.array(self._parts, np.int64), np.array(self._rejects, np.int64)
        )

    def since(self, from_ms: int) -> Counts:
        """The entries that a window from a moment on needs; the first carries both newest values."""
        return self._since(max(bisect_right(self._at, from_ms) - 1, 0)) if self._at else Counts.empty()

    def forget(self, before_ms: int) -> None:
        """Drop what no window from a moment on needs."""
        count = bisect_right(self._at, before_ms) - 1
        if count > 0:
            self._restart(self._since(count))

    def _append(self, at_ms: int, parts: int, rejects: int) -> None:
        made, self._last = _step(self._sums[-1] if self._sums else SILENT, self._last, parts)
        rejected, self._last_rejects = _step(
            self._reject_sums[-1] if self._reject_sums else SILENT, self._last_rejects, rejects
        )
        self._at.append(at_ms)
        self._parts.append(parts)
        self._rejects.append(rejects)
        self._sums.append(made)
        self._reject_sums.append(rejected)

    def _insert(self, counts: Counts) -> Counts:
        before = self.counts()
        after = before.merged(counts)
        if after == before:
            return Counts.empty()
        self._restart(after)
        places = np.searchsorted(after.at_ms, counts.at_ms)
        old = np.searchsorted(before.at_ms, counts.at_ms)
        known = old < len(before)
        known[known] = (
            (before.at_ms[old[known]] == counts.at_ms[known])
            & (before.parts[old[known]] == after.parts[places[known]])
            & (before.rejects[old[known]] == after.rejects[places[known]])
        )
        fresh = places[~known]
        return Counts(after.at_ms[fresh], after.parts[fresh], after.rejects[fresh])

    def _since(self, count: int) -> Counts:
        """The entries from one on; it carries the newest values of both counters."""
        kept = self.counts()
        parts, rejects = kept.parts[count:].copy(), kept.rejects[count:].copy()
        for column, whole in ((parts, kept.parts), (rejects, kept.rejects)):
            said = np.flatnonzero(whole[: count + 1] != SILENT)
            if len(said):
                column[0] = whole[said[-1]]
        return Counts(kept.at_ms[count:], parts, rejects)

    def _restart(self, counts: Counts) -> None:
        # All at once: for a late entry, to add them up one by one was most of what it cost.
        self._at, self._parts, self._rejects = map(_array, (counts.at_ms, counts.parts, counts.rejects))
        self._sums, self._reject_sums = _array(_sums(counts.parts)), _array(_sums(counts.rejects))
        self._last, self._last_rejects = _newest(counts.parts), _newest(counts.rejects)


def _step(made: int, last: int, value: int) -> tuple[int, int]:
    """What was made since the baseline once the counter shows `value`, and the counter's newest value."""
    if value == SILENT:
        return made, last
    if last == SILENT:
        return 0, value
    return made + (value - last if value >= last else value), value


def _sums(column: Int64s) -> Int64s:
    """What was made since the baseline, by entry; `SILENT` before the counter has said anything."""
    sums = np.cumsum(increments(column))
    said = np.flatnonzero(column != SILENT)
    sums[: said[0] if len(said) else None] = SILENT
    return sums


def _newest(column: Int64s) -> int:
    """The newest value of a counter; `SILENT` where it has said nothing."""
    said = np.flatnonzero(column != SILENT)
    return int(column[said[-1]]) if len(said) else SILENT


def _array(column: Int64s) -> "array[int]":
    made = array("q")
    made.frombytes(column.tobytes())
    return made


def increments(column: Int64s) -> Int64s:
    """What each entry of a counter adds to the ones before it: its first value is the baseline."""
    increments = np.zeros(len(column), np.int64)
    said = np.flatnonzero(column != SILENT)
    values = column[said]
    steps = np.diff(values)
    increments[said[1:]] = np.where(steps < 0, values[1:], steps)
    return increments


def _said(batch: Batch) -> list[tuple[int, int, int]]:
    """What the counters of a batch say, at its readings and in its changes: (offset_ms, parts, rejects)."""
    said: list[tuple[int, int, int]] = []
    if batch.parts is not None or batch.rejects is not None:
        # A batch without readings may still carry a count; it is the count at the batch's own moment.
        offsets = batch.offsets_ms.tolist() or [0]
        parts, rejects = _values(batch.parts, len(offsets)), _values(batch.rejects, len(offsets))
        said += zip(offsets, parts, rejects, strict=True)
    said += [
        (
            change.offset_ms,
            SILENT if change.parts is None else change.parts,
            SILENT if change.rejects is None else change.rejects,
        )
        for change in batch.changes
    ]
    return said


def _values(column: Float64s | None, count: int) -> list[int]:
    if column is None:
        return [SILENT] * count
    return [SILENT if isnan(value) else int(value) for value in column.tolist()]
