"""What a signal showed in a window: single readings where they are kept, before them minutes, then hours.

Reduced by tsdownsample's MinMax, which gives the lowest and the highest of each stretch of time, so that a
peak of one reading survives whatever is beside it. (LTTB and MinMaxLTTB keep one of two opposite peaks.)
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from tsdownsample import MinMaxDownsampler

from dashboard.api.question import ApiError, Question
from dashboard.history.reader import Reader
from dashboard.history.rows import MachineRow
from dashboard.units import unit_of
from protocol.messages import MessageError
from protocol.moments import to_text
from protocol.readings import Float64s, Int64s, decode_batch

POINTS = 1_000
LEAST_POINTS = 10
MOST_POINTS = 20_000
MOST_MESSAGES = 10_000
"""Of more messages than these, minutes are given: a window so long has none finer on any screen."""
MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Column:
    """What a signal showed, in order of time; n readings, minutes or hours."""

    at_ms: Int64s
    """When it was read, or when the minute or hour begins, ms since 1970; shape (n,)."""
    value: Float64s
    """The reading, or the mean of the minute or hour."""
    low: Float64s
    """The reading, or the smallest of the minute or hour."""
    high: Float64s
    """The reading, or the largest of the minute or hour."""

    def __len__(self) -> int:
        return len(self.at_ms)

    def chosen(self, index: Int64s) -> "Column":
        """Some of them."""
        return Column(self.at_ms[index], self.value[index], self.low[index], self.high[index])


def readings(question: Question) -> dict[str, Any]:
    """A signal of a machine, reduced to some points."""
    run = question.run
    machine = question.machine(run)
    from_ms, to_ms = question.window(run)
    points = question.number("points", default=POINTS, least=LEAST_POINTS, most=MOST_POINTS)
    reader = question.sources.reader
    signal = question.text("signal")
    cut_ms, singles = _singles(reader, machine, from_ms, to_ms, signal or "")
    minutes = reader.rollups(run.run, machine.name, from_ms, to_ms if singles is None else cut_ms)
    if signal is None or (signal not in minutes and (singles is None or not len(singles))):
        _known(reader, machine, signal, set(minutes))
    found = _minutes(minutes, signal or "")
    hours = _hours(minutes, signal or "")
    if singles is not None:
        found = Column(
            np.concatenate((found.at_ms, singles.at_ms)),
            np.concatenate((found.value, singles.value)),
            np.concatenate((found.low, singles.low)),
            np.concatenate((found.high, singles.high)),
        )
    kept = reduced(found, points)
    return {
        "run": run.run,
        "plant": "monitored",
        "from": to_text(from_ms),
        "to": to_text(to_ms),
        "machine": machine.name,
        "signal": signal,
        "unit": unit_of(machine.birth, signal or ""),
        "found": len(found),
        "single_from": None if singles is None else to_text(cut_ms),
        "readings": [
            {
                "at": to_text(at_ms),
                "value": value,
                "low": low,
                "high": high,
                "of": "reading" if singles is not None and at_ms >= cut_ms else _word(at_ms, hours),
            }
            for at_ms, value, low, high in zip(
                kept.at_ms.tolist(), kept.value.tolist(), kept.low.tolist(), kept.high.tolist(), strict=True
            )
        ],
    }


def reduced(column: Column, points: int) -> Column:
    """At most so many of them, the lowest low and the highest high of every stretch of time among them."""
    if len(column) <= points:
        return column
    # Where there are minutes, lows and highs are two columns, and each needs half of the points.
    kinds = [column.value] if np.array_equal(column.low, column.high) else [column.low, column.high]
    each = points // len(kinds) // 2 * 2
    reducer = MinMaxDownsampler()  # type: ignore[no-untyped-call]
    indexes = [reducer.downsample(column.at_ms, values, n_out=each) for values in kinds]
    return column.chosen(np.unique(np.concatenate(indexes)).astype(np.int64))


def _singles(
    reader: Reader, machine: MachineRow, from_ms: int, to_ms: int, signal: str
) -> tuple[int, Column | None]:
    """From when on single readings are known, and these; None when none is kept, or too many are."""
    kept_ms = reader.messages_from(machine.run, machine.name)
    if kept_ms is None or kept_ms >= to_ms:
        return to_ms, None
    cut_ms = from_ms
    if kept_ms > max(from_ms, machine.since_ms):
        # Of the minute in which they begin some are gone already: it is whole among the minutes alone.
        cut_ms = min((kept_ms // MINUTE_MS + 1) * MINUTE_MS, to_ms)
    messages = reader.messages(machine.run, machine.name, cut_ms, to_ms, limit=MOST_MESSAGES)
    if messages is None:
        return to_ms, None
    times, values = [np.empty(0, np.int64)], [np.empty(0, np.float64)]
    for at_ms, payload in messages:
        try:
            batch = decode_batch(payload)
        except MessageError:
            # Kept by an older version that took it: nothing of it can be shown.
            continue
        if signal in batch.signals:
            times.append(at_ms + batch.offsets_ms)
            values.append(batch.signals[signal])
    at = np.concatenate(times)
    value = np.concatenate(values)
    inside = (at >= cut_ms) & (at < to_ms) & ~np.isnan(value)
    # A reading that was sent again in another message is there once.
    at, first = np.unique(at[inside], return_index=True)
    value = value[inside][first]
    return cut_ms, Column(at, value, value, value)


def _minutes(minutes: dict[str, Any], signal: str) -> Column:
    if signal not in minutes:
        nothing = np.empty(0, np.float64)
        return Column(np.empty(0, np.int64), nothing, nothing, nothing)
    found = minutes[signal]
    return Column(found.minute_ms, found.mean, found.min, found.max)


def _hours(minutes: dict[str, Any], signal: str) -> set[int]:
    """When those begin that are hours, ms since 1970."""
    if signal not in minutes:
        return set()
    found = minutes[signal]
    return set(found.minute_ms[found.length_ms > MINUTE_MS].tolist())


def _word(at_ms: int, hours: set[int]) -> str:
    return "hour" if at_ms in hours else "minute"


def _known(reader: Reader, machine: MachineRow, signal: str | None, found: set[str]) -> None:
    """Refuse a signal that the machine never had; one that is merely silent in the window is known."""
    named = set(machine.birth.signals) if machine.birth is not None else set()
    known = named | found
    if not known:
        known = set(reader.rollups(machine.run, machine.name, 0, machine.known_until_ms + MINUTE_MS))
    if signal is None or signal not in known:
        allowed = ", ".join(sorted(known)) or "none: this machine has no signal"
        raise ApiError(400 if signal is None else 404, "signal", signal, allowed)
