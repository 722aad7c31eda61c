"""One machine's day, from the plant in process: its states, its signals, how worn it is."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.phase import Phase
from simulator.plant import Plant
from simulator.specs.kind import Kind
from simulator.specs.machine import MachineSpec

EPOCH_MS = 1_767_571_200_000
"""Monday 2026-01-05 00:00 UTC."""
DAY_MS = 86_400_000
HOUR_MS = 3_600_000
WARM_DAYS = 2
"""Lived first, so that nothing on the picture is new."""
Float64s = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One quantity over the day."""

    title: str
    """What it is, with its unit."""
    hours: Float64s
    """Moments, in hours since midnight."""
    values: Float64s
    """Its values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What is drawn."""

    title: str
    """Whose day it is."""
    phases: tuple[tuple[float, float, Phase], ...]
    """From when to when, in hours, the machine was in each phase."""
    tracks: tuple[Track, ...]
    """Its signals, and how worn it is."""
    close_h: float
    """How many hours the close-up shows: a few cycles."""


def day_of(kind: Kind, *, signals: int, seed: int = 1) -> Day:
    """A day of a machine of a kind, with its first signals."""
    spec = MachineSpec(
        name=f"{kind.name}-1", location=("line",), kind=kind.name, settings=kind, controller=True, text=""
    )
    plant = Plant(seed, EPOCH_MS - WARM_DAYS * DAY_MS, "picture")
    plant.add(spec, plant.epoch_ms)
    tracks: dict[str, list[Float64s]] = {}
    hours: list[Float64s] = []
    phases: list[tuple[float, float, Phase]] = []
    for hour in range(-24 * WARM_DAYS, 24):
        from_ms = EPOCH_MS + hour * HOUR_MS
        plant.advance(from_ms + HOUR_MS)
        if hour < 0:
            plant.forget(from_ms)
            continue
        batch = plant.batch(spec.name, from_ms, from_ms + HOUR_MS)
        truth = plant.truth(spec.name, from_ms, from_ms + HOUR_MS)
        assert batch is not None
        hours.append(hour + batch.offsets_ms / HOUR_MS)
        for sensor in kind.sensors[:signals]:
            tracks.setdefault(f"{sensor.title}, {sensor.unit}", []).append(batch.signals[sensor.name])
        changes = [(0, truth.phase), *((one.offset_ms, one.phase) for one in truth.changes if one.state)]
        ends = [*(at for at, _ in changes[1:]), HOUR_MS]
        phases += [
            (hour + at / HOUR_MS, hour + end / HOUR_MS, Phase(phase))
            for (at, phase), end in zip(changes, ends, strict=True)
        ]
    moments = np.concatenate(hours)
    return Day(
        title=f"{kind.title}: a day of a machine with its kind's settings, seed {seed}",
        phases=tuple(phases),
        close_h=max(3 * round(4 * kind.cycle_s / 180), 3) / 60,
        tracks=tuple(
            Track(title=title, hours=moments, values=np.concatenate(values))
            for title, values in tracks.items()
        ),
    )
