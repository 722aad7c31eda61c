"""Roll-ups: each signal by the minute, as count, sum, min, max, last and when, so that they merge."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from protocol.readings import Batch, Float64s, Int64s

MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """One signal in one minute."""

    minute_ms: int
    """Beginning of the minute, ms since 1970."""
    count: int
    """Number of values."""
    sum: float
    """Their sum, in the signal's unit."""
    min: float
    """The smallest."""
    max: float
    """The largest."""
    last: float
    """The last one."""
    last_at_ms: int
    """When the last one was read."""

    @property
    def mean(self) -> float:
        """Their mean, in the signal's unit."""
        return self.sum / self.count


def merged(older: Minute, newer: Minute) -> Minute:
    """Two parts of the same minute as one; `newer` holds the later values."""
    return Minute(
        minute_ms=older.minute_ms,
        count=older.count + newer.count,
        sum=older.sum + newer.sum,
        min=min(older.min, newer.min),
        max=max(older.max, newer.max),
        last=newer.last,
        last_at_ms=newer.last_at_ms,
    )


def minutes_of(at_ms: Int64s, values: Float64s) -> list[Minute]:
    """The minutes of one signal, in order.

    Args:
        at_ms: When each value was read, increasing; shape (n,).
        values: The values, NaN where there is none; shape (n,).
    """
    known = ~np.isnan(values)
    if not known.all():
        at_ms, values = at_ms[known], values[known]
    if not len(at_ms):
        return []
    minute = at_ms // MINUTE_MS
    starts = np.flatnonzero(np.diff(minute, prepend=minute[0] - 1))
    ends = np.append(starts[1:], len(at_ms))
    return [
        Minute(
            minute_ms=begun * MINUTE_MS,
            count=end - start,
            sum=total,
            min=smallest,
            max=largest,
            last=last,
            last_at_ms=last_at,
        )
        for begun, start, end, total, smallest, largest, last, last_at in zip(
            minute[starts].tolist(),
            starts.tolist(),
            ends.tolist(),
            np.add.reduceat(values, starts).tolist(),
            np.minimum.reduceat(values, starts).tolist(),
            np.maximum.reduceat(values, starts).tolist(),
            values[ends - 1].tolist(),
            at_ms[ends - 1].tolist(),
            strict=True,
        )
    ]


def minutes_of_batches(
    batches: Sequence[tuple[int, Batch]], from_ms: int, to_ms: int
) -> dict[str, list[Minute]]:
    """The minutes of every signal in several batches, each reading counted once.

    Args:
        batches: Moment each batch counts its offsets from, and the batch; in any order, repeats included.
        from_ms: Only readings from here on.
        to_ms: Only readings before this.
    """
    columns: dict[str, list[tuple[Int64s, Float64s]]] = {}
    for at_ms, batch in batches:
        moments = at_ms + batch.offsets_ms
        inside = (moments >= from_ms) & (moments < to_ms)
        for name, values in batch.signals.items():
            columns.setdefault(name, []).append((moments[inside], values[inside]))
    minutes = {}
    for name, parts in columns.items():
        moments = np.concatenate([part[0] for part in parts])
        values = np.concatenate([part[1] for part in parts])
        known = ~np.isnan(values)
        # The first of several readings of one moment is kept: a repeat changes nothing.
        unique, first = np.unique(moments[known], return_index=True)
        minutes[name] = minutes_of(unique, values[known][first])
    return minutes
