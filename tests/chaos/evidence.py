"""Readings lost and doubled, counted from the messages that two histories have kept.

A reading is what one signal of one machine showed at one moment: that, and not the number of a message, is
its identity, for a message that is sent again may be cut elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import func, select

from dashboard.history import tables
from dashboard.history.store import open_engine, unpack
from protocol.readings import Int64s, decode_batch
from protocol.twin import twin_run

if TYPE_CHECKING:
    from pathlib import Path

Signal = tuple[str, str, str]
"""`plant` or `twin`, a machine, and one of its signals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a history has of the readings of a run."""

    messages: int
    """Messages that it has kept."""
    moments: dict[Signal, Int64s]
    """When each signal was read, each moment once, in order, by the messages."""
    told_twice: int
    """Readings that more than one of the messages tells of: sent again, and cut elsewhere."""
    counted: dict[Signal, int]
    """How many readings of each signal its minutes count."""

    @property
    def readings(self) -> int:
        """How many readings the messages tell of."""
        return sum(map(len, self.moments.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What a disturbed history has of the readings of an undisturbed one."""

    readings: int
    """Readings of the undisturbed one."""
    messages: int
    """Messages in which the disturbed one has them."""
    lost: int
    """Readings that no message has, or no minute counts."""
    doubled: int
    """Readings that the minutes count more than once, or that never were."""
    told_twice: int
    """Readings that came again in another message, and were counted once."""


def kept(history: Path | str, run: str, from_ms: int, until_ms: int) -> Kept:
    """What a history has of the readings of a run, and of its twin, before a moment."""
    engine = open_engine(history if isinstance(history, str) else f"sqlite:///{history}")
    told: defaultdict[Signal, list[Int64s]] = defaultdict(list)
    counted: dict[Signal, int] = {}
    messages = 0
    r, m = tables.readings.c, tables.rollups.c
    try:
        with engine.connect() as connection:
            for plant, name in (("plant", run), ("twin", twin_run(run))):
                rows = select(r.machine, r.payload).where(r.run == name, r.at_ms < until_ms)
                for machine, payload in connection.execute(rows):
                    messages += 1
                    batch = decode_batch(unpack(payload))
                    assert batch.at_ms is not None
                    at_ms = batch.at_ms + batch.offsets_ms
                    for signal, values in batch.signals.items():
                        there = np.isfinite(values) & (at_ms < until_ms) & (at_ms >= from_ms)
                        told[plant, machine, signal].append(at_ms[there])
                minutes = (
                    select(m.machine, m.signal, func.sum(m.count))
                    .where(m.run == name, m.minute_ms < until_ms, m.minute_ms >= from_ms)
                    .group_by(m.machine, m.signal)
                )
                counted |= {
                    (plant, machine, signal): int(count)
                    for machine, signal, count in connection.execute(minutes)
                }
    finally:
        engine.dispose()
    moments = {signal: np.unique(np.concatenate(pieces)) for signal, pieces in told.items()}
    every = sum(len(piece) for pieces in told.values() for piece in pieces)
    return Kept(
        messages=messages,
        moments={signal: found for signal, found in moments.items() if len(found)},
        told_twice=every - sum(map(len, moments.values())),
        counted=counted,
    )


def balance(undisturbed: Kept, disturbed: Kept) -> Balance:
    """What one history has of the readings of another."""
    lost = doubled = 0
    nothing = np.empty(0, dtype=np.int64)
    for signal in undisturbed.moments.keys() | disturbed.moments.keys() | disturbed.counted.keys():
        wanted = undisturbed.moments.get(signal, nothing)
        there = disturbed.moments.get(signal, nothing)
        counted = disturbed.counted.get(signal, 0)
        lost += len(np.setdiff1d(wanted, there, assume_unique=True)) + max(0, len(there) - counted)
        doubled += len(np.setdiff1d(there, wanted, assume_unique=True)) + max(0, counted - len(there))
    return Balance(
        readings=undisturbed.readings,
        messages=disturbed.messages,
        lost=lost,
        doubled=doubled,
        told_twice=disturbed.told_twice,
    )
