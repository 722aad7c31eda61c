"""Faults of sensors: what a sensor shows instead of what it would have shown."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from simulator.faults.spells import Spell
from simulator.sensing.imperfections import Int64s, Span, drifted, dropped, spiked, stuck
from simulator.specs.kind import Sensor
from simulator.streams import Float64s, Stream

SPIKE_EVERY = 10
"""Every so manieth reading is a spike."""
HOLE_MS = 10_000
"""A dropout takes away stretches of this length, in milliseconds."""


class SensorFaults:
    """The faults of one machine's sensors.

    Args:
        sensors: Its sensors.
        seed: Seed of the run.
    """

    def __init__(self, sensors: Sequence[Sensor], *, seed: int) -> None:
        self._sensors = {one.name: one for one in sensors}
        self._seed = seed
        # What came before a long fault may be forgotten by the time it is read again.
        self._at_begin: dict[tuple[str, int], float] = {}

    def shown(
        self,
        spells: Sequence[Spell],
        moments_ms: Int64s,
        signals: Mapping[str, Float64s],
        *,
        first: int,
        at_begin: Callable[[str, int], float],
    ) -> dict[str, Float64s]:
        """What every sensor shows at some moments, one at least.

        Args:
            spells: The faults, in the order in which they began.
            moments_ms: The moments, ms since 1970.
            signals: What they would have shown.
            first: Number of the first reading since the run's epoch.
            at_begin: Says what a sensor would have shown at a moment.
        """
        found = dict(signals)
        first_ms, last_ms = int(moments_ms[0]), int(moments_ms[-1])
        for one in spells:
            sensor = self._sensors.get(one.signal)
            if sensor is None or one.until_ms < first_ms or one.from_ms >= last_ms:
                continue

            def stuck_at(spell: Spell = one) -> float:
                key = spell.signal, spell.from_ms
                if key not in self._at_begin:
                    self._at_begin[key] = at_begin(*key)
                return self._at_begin[key]

            values = shown(
                one,
                moments_ms,
                found[one.signal],
                first=first,
                top=_top(sensor),
                seed=self._seed,
                at_begin=stuck_at,
            )
            found[one.signal] = np.round(values, sensor.decimals)
        return found


def _top(sensor: Sensor) -> float:
    return sensor.high if sensor.high is not None else max(sensor.levels.values())


def shown(
    spell: Spell,
    moments_ms: Int64s,
    values: Float64s,
    *,
    first: int,
    top: float,
    seed: int,
    at_begin: Callable[[], float],
) -> Float64s:
    """What a sensor shows under a fault.

    Args:
        spell: The fault.
        moments_ms: When it was read, ms since 1970, increasing; shape (n,).
        values: What it would have shown; shape (n,).
        first: Number of the first reading since the run's epoch.
        top: Top of its normal range, in its unit.
        seed: Seed of the run.
        at_begin: Says what it showed at the moment at which the fault began.
    """
    span = Span(first=spell.from_ms + 1, end=spell.until_ms + 1)
    inside = span.covers(moments_ms)
    if inside.start == inside.stop:
        return values
    if spell.fault == "stuck":
        return stuck(moments_ms, values, span, shown=at_begin())
    if spell.fault == "drift":
        return drifted(moments_ms, values, span, per_step=spell.amount * top / spell.length_ms)
    if spell.fault == "spike":
        return _with_spikes(moments_ms, values, inside, first=first, size=spell.amount * top)
    return _with_holes(spell, moments_ms, values, inside, seed=seed)


def _with_spikes(moments_ms: Int64s, values: Float64s, inside: slice, *, first: int, size: float) -> Float64s:
    for moment_ms, number in zip(
        moments_ms[inside].tolist(), range(first + inside.start, 1 << 62), strict=False
    ):
        if number % SPIKE_EVERY == 0:
            values = spiked(moments_ms, values, Span(first=moment_ms, end=moment_ms + 1), size=size)
    return values


def _with_holes(spell: Spell, moments_ms: Int64s, values: Float64s, inside: slice, *, seed: int) -> Float64s:
    draws = Stream(seed, spell.machine, f"fault.dropout.{spell.signal}")
    first, last = (int(one) // HOLE_MS for one in moments_ms[inside][[0, -1]])
    missing = draws.uniforms(first, last - first + 1) < spell.amount
    for slot in (np.flatnonzero(missing) + first).tolist():
        begin_ms = max(slot * HOLE_MS, spell.from_ms + 1)
        end_ms = min((slot + 1) * HOLE_MS, spell.until_ms + 1)
        values = dropped(moments_ms, values, Span(first=begin_ms, end=end_ms))
    return values
