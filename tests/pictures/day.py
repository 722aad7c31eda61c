"""One machine's day, from the plant in process: its states, its signals, how worn it is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from simulator.phase import Phase
from simulator.plant import Plant
from simulator.specs.kind import load_kinds
from simulator.specs.machine import MachineSpec, load_machine
from simulator.specs.people import load_people

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
    close_h: tuple[float, float]
    """From which hour to which the close-up shows it: a few cycles."""


def days_of(folder: Path, *, signals: int, seed: int = 1) -> dict[str, Day]:
    """A day of the first machine of each kind in the shipped plant, by the name of the kind.

    Args:
        folder: The simulator's folder, with kinds, machines and people.
        signals: How many of its signals are drawn, the first of its file.
        seed: Seed of the plant.
    """
    kinds = load_kinds(folder / "kinds")
    specs = [load_machine(file, kinds) for file in sorted((folder / "machines").glob("*.toml"))]
    epoch_ms = EPOCH_MS - WARM_DAYS * DAY_MS
    people = load_people(folder / "people.toml", folder / "assumptions.toml")
    plant = Plant(seed, epoch_ms, "picture", people=people)
    for spec in _in_order(specs):
        plant.add(replace(spec, controller=True), epoch_ms)
    for day in range(WARM_DAYS):
        plant.advance(epoch_ms + (day + 1) * DAY_MS)
        plant.forget(plant.now_ms)
    plant.advance(EPOCH_MS + DAY_MS)
    first = {spec.kind: spec for spec in reversed(specs)}
    return {name: _day(plant, first[name], signals=signals, seed=seed) for name in sorted(first)}


def _in_order(specs: Sequence[MachineSpec]) -> list[MachineSpec]:
    """Those that follow no other first, then those that follow them."""
    ordered: list[MachineSpec] = []
    left = list(specs)
    while left:
        names = {spec.name for spec in left}
        ready = [spec for spec in left if spec.feed is None or spec.feed.after not in names]
        ordered += ready
        left = [spec for spec in left if spec not in ready]
    return ordered


def _day(plant: Plant, spec: MachineSpec, *, signals: int, seed: int) -> Day:
    kind = spec.settings
    tracks: dict[str, list[Float64s]] = {}
    hours: list[Float64s] = []
    phases: list[tuple[float, float, Phase]] = []
    diary = plant.machine(spec.name).diary
    for hour in range(24):
        from_ms = EPOCH_MS + hour * HOUR_MS
        batch = plant.batch(spec.name, from_ms, from_ms + HOUR_MS)
        truth = plant.truth(spec.name, from_ms, from_ms + HOUR_MS)
        assert batch is not None
        hours.append(hour + batch.offsets_ms / HOUR_MS)
        moments_ms = from_ms + batch.offsets_ms
        rows = diary.at(moments_ms)
        since_ms = moments_ms - diary.column("start_ms")[rows]
        for sensor in kind.sensors[:signals]:
            tracks.setdefault(f"{sensor.title}, {sensor.unit}", []).append(batch.signals[sensor.name])
        for wear in [stop.symptom for stop in kind.stops if stop.symptom]:
            worn: Float64s = (
                diary.column(f"worn.{wear}")[rows] + since_ms * diary.column(f"wearing.{wear}")[rows]
            )
            tracks.setdefault(f"wear of the {wear}, share of its life", []).append(np.minimum(worn, 1.0))
        changes = [(0, truth.phase), *((one.offset_ms, one.phase) for one in truth.changes if one.state)]
        ends = [*(at for at, _ in changes[1:]), HOUR_MS]
        phases += [
            (hour + at / HOUR_MS, hour + end / HOUR_MS, Phase(phase))
            for (at, phase), end in zip(changes, ends, strict=True)
        ]
    moments = np.concatenate(hours)
    return Day(
        title=f"{spec.name}, {kind.title}: a simulated day without calls, seed {seed}",
        phases=tuple(phases),
        close_h=_close_up(phases, max(3 * round(4 * kind.cycle_s / 180), 3) / 60),
        tracks=tuple(
            Track(title=title, hours=moments, values=np.concatenate(values))
            for title, values in tracks.items()
        ),
    )


def _close_up(phases: Sequence[tuple[float, float, Phase]], length_h: float) -> tuple[float, float]:
    """The quarter of an hour from which on it worked most, for so long."""

    def worked(start: float) -> float:
        return sum(
            max(min(end, start + length_h) - max(begin, start), 0)
            for begin, end, phase in phases
            if phase in (Phase.CYCLE, Phase.HANDLING)
        )

    start = max((quarter / 4 for quarter in range(4 * 8, 4 * 20)), key=lambda start: round(worked(start), 6))
    return start, start + length_h
