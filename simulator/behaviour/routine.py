"""The days of a machine that follows a pattern: a function of plant time alone, with no chance in it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simulator.behaviour.stretch import CYCLE, Bools, Int64s, Stretch, labels_of
from simulator.phase import Phase
from simulator.specs.kind import Kind
from simulator.specs.pattern import Pattern
from simulator.streams import Float64s


@dataclass(frozen=True, slots=True, kw_only=True)
class _Period:
    """The intervals of one period, and its parts."""

    begins_ms: Int64s
    """When each interval begins, in ms after the beginning of the period; shape (n,)."""
    length_ms: int
    """Length of the period."""
    label: Int64s
    """Number of each interval's label; shape (n,)."""
    pace: Float64s
    """Share of a cycle in a millisecond; shape (n,)."""
    part_ms: Int64s
    """When each part is made, in ms after the beginning; shape (m,)."""


def follow(kind: Kind, pattern: Pattern, *, start_ms: int) -> Iterator[Stretch]:
    """The life of a machine that follows a pattern, from a moment on, for ever.

    Args:
        kind: Its settings.
        pattern: What it does over and over.
        start_ms: When it begins, ms since 1970; in the middle of whatever the pattern says of then.

    Yields:
        A stretch for each period, each beginning where the last one ended.
    """
    period = _period_of(kind, pattern)
    number = start_ms // period.length_ms
    first_ms = start_ms - number * period.length_ms
    yield _stretch(period, pattern, number, from_ms=first_ms)
    while True:
        number += 1
        yield _stretch(period, pattern, number, from_ms=0)


def _stretch(period: _Period, pattern: Pattern, number: int, *, from_ms: int) -> Stretch:
    """A period of that number since 1970, from a moment in it on."""
    origin_ms = number * period.length_ms
    row = int(np.searchsorted(period.begins_ms, from_ms, side="right")) - 1
    begins_ms = period.begins_ms[row:].copy()
    position = np.zeros(len(begins_ms))
    position[0] = (from_ms - begins_ms[0]) * period.pace[row]
    begins_ms[0] = from_ms
    made = int(np.searchsorted(period.part_ms, from_ms, side="right"))
    return Stretch(
        start_ms=origin_ms + begins_ms,
        end_ms=origin_ms + period.length_ms,
        label=period.label[row:],
        position=position,
        pace=period.pace[row:],
        part_ms=origin_ms + period.part_ms[made:],
        rejected=_rejected(pattern, number, len(period.part_ms))[made:],
    )


def _rejected(pattern: Pattern, number: int, parts: int) -> Bools:
    if not pattern.reject_every:
        return np.zeros(parts, dtype=np.bool_)
    counted = number * parts + np.arange(1, parts + 1, dtype=np.int64)
    rejected: Bools = counted % pattern.reject_every == 0
    return rejected


def _period_of(kind: Kind, pattern: Pattern) -> _Period:
    cycle_ms = round(kind.cycle_s * 1_000)
    labels = labels_of(kind)
    lengths: list[int] = []
    numbers: list[int] = []
    for step in pattern.steps:
        if step.phase is Phase.CYCLE:
            cycles = step.length_ms // cycle_ms
            lengths += [cycle_ms] * cycles
            numbers += [CYCLE] * cycles
        else:
            lengths.append(step.length_ms)
            numbers.append(
                next(n for n, one in enumerate(labels) if (one.phase, one.cause) == (step.phase, step.cause))
            )
    ends_ms = np.cumsum(np.array(lengths, dtype=np.int64))
    label = np.array(numbers, dtype=np.int64)
    return _Period(
        begins_ms=ends_ms - np.array(lengths, dtype=np.int64),
        length_ms=pattern.period_ms,
        label=label,
        pace=np.where(label == CYCLE, 1.0 / cycle_ms, 0.0),
        part_ms=ends_ms[label == CYCLE] if kind.makes_parts else np.empty(0, dtype=np.int64),
    )
