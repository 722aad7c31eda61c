"""Machines of the simulator, lived in this process with faults, as the condition of machines sees them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from dashboard.condition.detector import Detector
from dashboard.condition.forecast import Forecast
from dashboard.condition.outlook import moments, outlook
from dashboard.condition.regime import ran
from dashboard.ingest.minutes import Minute, minutes_of
from dashboard.intervals import Intervals
from protocol.messages import Signal
from protocol.readings import Float64s, Int64s
from protocol.states import State
from simulator.faults.spells import Spell, Spells
from simulator.plant import Plant
from simulator.specs.kind import load_kinds
from simulator.specs.machine import MachineSpec, load_machine

HOME = Path(__file__).parents[1] / "simulator"
EPOCH_MS = 1_767_600_000_000
HOUR_MS, MINUTE_MS = 3_600_000, 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What a machine said while it lived."""

    minutes: Mapping[str, list[Minute]]
    """The minutes of each signal."""
    signals: Mapping[str, Signal]
    """Its signals."""
    intervals: Intervals
    """What it did."""
    hours: int
    """How long it lived."""


def spec_of(name: str) -> MachineSpec:
    """A shipped machine; one that takes parts from another stands alone here."""
    return replace(load_machine(HOME / "machines" / f"{name}.toml", load_kinds(HOME / "kinds")), feed=None)


def lived(name: str, *, seed: int, hours: int, spells: Sequence[Spell] = ()) -> Life:
    """A shipped machine that has lived for some hours, alone and mended at once, with faults."""
    known = Spells()
    plant = Plant(seed, EPOCH_MS, "run-1", spells=known)
    plant.add(spec_of(name), EPOCH_MS)
    read: list[Int64s] = []
    columns: dict[str, list[Float64s]] = {}
    pieces: dict[int, tuple[State, str]] = {}
    begun = {one.from_ms: one for one in spells}
    before_ms = EPOCH_MS
    for now_ms in sorted({EPOCH_MS + hour * HOUR_MS for hour in range(1, hours + 1)} | set(begun)):
        plant.advance(now_ms)
        batch, truth = plant.batch(name, before_ms, now_ms), plant.truth(name, before_ms, now_ms)
        pieces.setdefault(before_ms, (truth.state, truth.cause))
        for change in truth.changes:
            if change.state is not None:
                pieces[before_ms + change.offset_ms] = change.state, change.cause
        if batch is not None and len(batch.offsets_ms):
            read.append((batch.at_ms or 0) + batch.offsets_ms)
            for signal, values in batch.signals.items():
                columns.setdefault(signal, []).append(values)
        before_ms = now_ms
        if now_ms in begun:
            known.begin(begun[now_ms])
            plant.mind_faults(name, now_ms)
    at_ms = np.concatenate(read)
    return Life(
        minutes=minutes_of(at_ms, {signal: np.concatenate(parts) for signal, parts in columns.items()}),
        signals=plant.birth(name).signals,
        intervals=Intervals.of(
            ((at, *piece) for at, piece in sorted(pieces.items())), EPOCH_MS + hours * HOUR_MS
        ),
        hours=hours,
    )


def judged(life: Life, names: Iterable[str]) -> dict[str, list[int]]:
    """When each signal was flagged: its minutes of running by mean, width and number, ms since 1970."""
    flagged: dict[str, list[int]] = {}
    for name in names:
        minutes = life.minutes[name]
        at_ms = np.array([one.minute_ms for one in minutes])
        rows = np.array([(one.mean, one.max - one.min, one.count) for one in minutes])
        whole = ran(at_ms, life.intervals)
        detector = Detector(rows.shape[1])
        flagged[name] = [
            int(moment) + MINUTE_MS
            for moment, row in zip(at_ms[whole], rows[whole], strict=True)
            if detector.judge(int(moment), row).flag
        ]
    return flagged


def foreseen(life: Life, *, horizon_ms: int = 24 * HOUR_MS) -> list[tuple[int, str, Forecast]]:
    """What is foreseen when: moment, signal and forecast, at every moment at which it is asked."""
    found = []
    for name, minutes in life.minutes.items():
        signal = life.signals.get(name)
        if signal is None or (signal.low is None and signal.high is None):
            continue
        at_ms = np.array([one.minute_ms for one in minutes])
        means = np.array([one.mean for one in minutes])
        for now_ms in moments(EPOCH_MS, EPOCH_MS + life.hours * HOUR_MS):
            one = outlook(now_ms, at_ms, means, life.intervals, low=signal.low, high=signal.high)
            if one is not None and one.at_ms <= now_ms + horizon_ms:
                found.append((now_ms, name, one))
    return sorted(found, key=lambda one: one[:2])
