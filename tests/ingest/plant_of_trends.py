"""Machines whose vibration grows before they are mended, as an office with calls hears them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from protocol.messages import Signal
from protocol.readings import Batch, Change, encode_batch
from protocol.states import State
from tests.ingest.plant_of_calls import EPOCH_MS, RUN, PlantOfCalls, birth, clock

MINUTE_S, HOUR_S = 60, 3_600
EVERY_S = 15
"""From one reading to the next."""
LIMIT = 2.8
RULES = "[stopped]\nquiet_s = 0\n[trend]\nquiet_s = 3600\nescalate_s = 3600\n"
SIGNALS = {
    "power_kw": Signal(unit="kW", low=0.0, high=9.0),
    "vibration_mm_s": Signal(unit="mm/s", low=0.0, high=LIMIT),
    "loose_mm_s": Signal(unit="mm/s"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wearing:
    """How a machine wears, in seconds after the epoch."""

    begins_s: int = 2 * HOUR_S
    """From here on its vibration grows."""
    mended_s: tuple[int, int] = (7 * HOUR_S, 7 * HOUR_S + 1_800)
    """It stands, and is as new at the end."""
    seed: int = 1
    """Seed of the noise."""

    def vibration(self, at_s: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Any:
        """Its vibration, as a machine of the plant tells it: three decimal places."""
        since = np.where(at_s < self.mended_s[1], np.maximum(at_s - self.begins_s, 0.0), 0.0)
        rough = np.random.default_rng(self.seed).normal(0.0, 0.08, 200_000)[(at_s // EVERY_S).astype(int)]
        return np.round(1.1 * np.exp(since / (6.0 * HOUR_S)) * (1.0 + rough), 3)

    def state(self, at_s: float) -> tuple[State, str]:
        """What it does."""
        begun, ended = self.mended_s
        return (State.DOWN, "mended") if begun <= at_s < ended else (State.RUNNING, "")

    def batch(self, name: str, from_s: float, to_s: float) -> tuple[str, bytes]:
        """What its control says of (from, to]."""
        read = np.arange(from_s // EVERY_S + 1, to_s // EVERY_S + 1) * EVERY_S
        state, cause = self.state(from_s)
        at_s = np.union1d(read, [to_s])
        silent = np.where(np.isin(at_s, read), 0.0, np.nan)
        made = Batch(
            at_ms=EPOCH_MS + round(from_s * 1_000),
            offsets_ms=np.round((at_s - from_s) * 1_000).astype(np.int64),
            signals={
                "power_kw": 1.0 + at_s / (5.0 * HOUR_S) + silent,
                "vibration_mm_s": self.vibration(at_s) + silent,
                "loose_mm_s": self.vibration(at_s) + silent,
            },
            run=RUN,
            state=state,
            cause=cause,
            changes=tuple(
                Change(offset_ms=round((at - from_s) * 1_000), state=state, cause=cause)
                for at, (state, cause) in ((at, self.state(at)) for at in self.mended_s)
                if from_s < at <= to_s
            ),
        )
        return f"shopfloor/line-1/{name}/readings", encode_batch(made)


def plant_of(folder: Path, names: Sequence[str], *, rules: str = RULES) -> PlantOfCalls:
    """An office that has heard the births of some machines."""
    births = [birth(name, period_ms=EVERY_S * 1_000, signals=SIGNALS) for name in names]
    return PlantOfCalls(folder, rules=rules, births=births)


def cuts(until_s: int, more: Sequence[int] = (), every_s: int = 600) -> list[int]:
    """Moments of ticks."""
    return sorted({one for one in more if 0 < one < until_s} | {*range(every_s, until_s, every_s), until_s})


def spans(ends: Sequence[int]) -> Iterator[tuple[int, int]]:
    """What lies between ticks."""
    yield from pairwise([0, *ends])


def live(plant: PlantOfCalls, told: Mapping[str, Wearing], ends: Sequence[int]) -> list[dict[str, Any]]:
    """The calls after all ticks, each machine heard once a tick."""
    for begun, ended in spans(ends):
        plant.hear(clock(ended), *(one.batch(name, begun, ended) for name, one in told.items()))
        plant.tick(ended)
    return plant.calls()
