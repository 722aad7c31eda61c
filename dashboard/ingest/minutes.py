"""Roll-ups: each signal by the minute, as count, sum, min, max, last and when, so that they merge."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from protocol.readings import Batch, Float64s, Int64s

MINUTE_MS = 60_000
_ZERO = np.zeros(1, dtype=np.int64)


class Minute(msgspec.Struct, frozen=True, gc=False):
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


def minutes_of(at_ms: Int64s, signals: Mapping[str, Float64s]) -> dict[str, list[Minute]]:
    """The minutes of several signals read at the same moments, in order.

    Args:
        at_ms: When the values were read, increasing; shape (n,).
        signals: The values by signal, NaN where there is none; shape (n,) each.
    """
    if not len(at_ms) or not signals:
        return {}
    table = np.array(list(signals.values()))
    silent = np.isnan(table)
    if not silent.any():
        return _rolled_up(at_ms, list(signals), table)
    return _where_told(at_ms, list(signals), table, ~silent)


def _where_told(
    at_ms: Int64s, names: list[str], table: Float64s, told: npt.NDArray[np.bool_]
) -> dict[str, list[Minute]]:
    """The minutes of signals that are silent in some readings: those read together are rolled up together."""
    together: dict[bytes, list[int]] = {}
    for row, mask in enumerate(told):
        together.setdefault(mask.tobytes(), []).append(row)
    found: dict[str, list[Minute]] = {}
    for rows in together.values():
        known = np.flatnonzero(told[rows[0]])
        if len(known):
            mine = np.ascontiguousarray(table[rows][:, known])
            found |= _rolled_up(at_ms[known], [names[row] for row in rows], mine)
    return {name: found[name] for name in names if name in found}


def _rolled_up(at_ms: Int64s, names: list[str], table: Float64s) -> dict[str, list[Minute]]:
    """The minutes of signals that say something in every reading; a row of the table each."""
    minute = at_ms // MINUTE_MS
    starts = np.concatenate((_ZERO, np.flatnonzero(minute[1:] != minute[:-1]) + 1))
    begun = (minute[starts] * MINUTE_MS).tolist()
    firsts = starts.tolist()
    ends = [*firsts[1:], len(at_ms)]
    lasts = [end - 1 for end in ends]
    counts = [end - first for first, end in zip(firsts, ends, strict=True)]
    last_at = at_ms[lasts].tolist()
    columns = zip(
        np.add.reduceat(table, starts, axis=1).tolist(),
        np.minimum.reduceat(table, starts, axis=1).tolist(),
        np.maximum.reduceat(table, starts, axis=1).tolist(),
        table[:, lasts].tolist(),
        strict=True,
    )
    return {
        name: [
            Minute(begun_ms, count, total, low, high, last, last_at_ms)
            for begun_ms, count, total, low, high, last, last_at_ms in zip(
                begun, counts, *mine, last_at, strict=True
            )
        ]
        for name, mine in zip(names, columns, strict=True)
    }


def _known_minutes(at_ms: Int64s, values: Float64s) -> list[Minute]:
    known = ~np.isnan(values)
    return minutes_of(at_ms[known], {"": values[known]}).get("", [])


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
        if not inside.any():
            continue
        for name, values in batch.signals.items():
            columns.setdefault(name, []).append((moments[inside], values[inside]))
    minutes = {}
    for name, parts in columns.items():
        moments = np.concatenate([part[0] for part in parts])
        values = np.concatenate([part[1] for part in parts])
        known = ~np.isnan(values)
        moments, values = moments[known], values[known]
        # Of several readings of one moment the least is kept: neither a repeat nor an order changes anything.
        order = np.lexsort((values, moments))
        moments, values = moments[order], values[order]
        first = np.ones(len(moments), np.bool_)
        first[1:] = moments[1:] != moments[:-1]
        minutes[name] = minutes_of(moments[first], {"": values[first]}).get("", [])
    return minutes
