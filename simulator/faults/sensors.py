"""What the sensors of a machine show under faults: their own, and what shows of the machine's."""

from collections.abc import Callable, Sequence
from math import exp

import numpy as np

from simulator.behaviour.stretch import Int64s
from simulator.faults.machines import breaks_ms
from simulator.faults.spells import Spell, Spells
from simulator.sensing.imperfections import Span, drifted, dropped, spiked, stuck
from simulator.specs.sensor import Sensor
from simulator.streams import Float64s, Stream

SPIKE_EVERY = 10
"""Every so manieth reading is a spike."""
HOLE_MS = 10_000
"""A dropout takes away stretches of this length, in milliseconds."""
HOTTER_C = 30.0
"""By how much an overheating machine is hotter in the end, in degrees."""
HEAT_MS = 300_000
"""Time constant with which it grows hot and cool, in milliseconds."""
COOL_MS = 6 * HEAT_MS
"""After this time nothing is left of it."""

Read = Callable[[int, int], tuple[Int64s, dict[str, Float64s]]]
"""Says when sensors are read in (from, to], and what they would show."""


class SensorFaults:
    """The faults that show in one machine's readings.

    Args:
        sensors: Its sensors.
        spells: The faults of the plant, which may grow.
        machine: Its name.
        seed: Seed of the run.
        step_ms: Length of its cycle, in ms: about so far apart are values that come once a cycle.
    """

    def __init__(
        self, sensors: Sequence[Sensor], spells: Spells, *, machine: str, seed: int, step_ms: int
    ) -> None:
        self._sensors = {one.name: one for one in sensors}
        self._spells = spells
        self._machine = machine
        self._seed = seed
        self._step_ms = max(step_ms, 1)
        # What came before a long fault may be forgotten by the time it is asked for again.
        self._stuck_at: dict[tuple[str, int], float] = {}

    def shown(self, moments_ms: Int64s, signals: dict[str, Float64s], read: Read) -> dict[str, Float64s]:
        """What every sensor shows at some moments.

        Args:
            moments_ms: The moments, ms since 1970, increasing; shape (n,).
            signals: What they would have shown; each of shape (n,).
            read: Says what they would have shown at other moments.
        """
        if not self._spells.of(self._machine) or not len(moments_ms):
            return signals
        first_ms, last_ms = int(moments_ms[0]), int(moments_ms[-1])
        found = dict(signals)
        for one in self._spells.during(self._machine, first_ms - COOL_MS, last_ms):
            about = one.entry.about
            for name, sensor in self._sensors.items():
                if about == "machine":
                    values = symptom(one, sensor, moments_ms, found[name])
                elif one.signal == name:
                    values = self._wrong(one, sensor, moments_ms, found[name], read)
                else:
                    continue
                if values is not found[name]:
                    found[name] = np.round(values, sensor.decimals)
        return found

    def _wrong(
        self, spell: Spell, sensor: Sensor, moments_ms: Int64s, values: Float64s, read: Read
    ) -> Float64s:
        """What one sensor shows under a fault of its own."""
        span = Span(first=spell.from_ms + 1, end=spell.until_ms + 1)
        inside = span.covers(moments_ms)
        if inside.start == inside.stop:
            return values
        top = sensor.high if sensor.high is not None else max(sensor.levels.values(), default=1.0)
        if spell.fault == "stuck":
            silent = np.isnan(values)
            flat = stuck(
                moments_ms, values, span, shown=self._first(spell, int(moments_ms[inside][-1]), read)
            )
            return np.where(silent, np.nan, flat)
        if spell.fault == "drift":
            return drifted(moments_ms, values, span, per_step=spell.amount * top / spell.length_ms)
        if spell.fault == "spike":
            return self._with_spikes(sensor, moments_ms, values, inside, size=spell.amount * top)
        return self._with_holes(spell, moments_ms, values, inside)

    def _first(self, spell: Spell, until_ms: int, read: Read) -> float:
        """What a sensor showed first since a fault began: there it is stuck."""
        key = spell.signal, spell.from_ms
        if key not in self._stuck_at:
            values = read(spell.from_ms, until_ms)[1][spell.signal]
            known = values[~np.isnan(values)]
            if not len(known):
                return float("nan")
            self._stuck_at[key] = float(known[0])
        return self._stuck_at[key]

    def _with_spikes(
        self, sensor: Sensor, moments_ms: Int64s, values: Float64s, inside: slice, *, size: float
    ) -> Float64s:
        step_ms = sensor.period_ms or self._step_ms
        tenth = moments_ms[inside] // step_ms % SPIKE_EVERY == 0
        for moment_ms in moments_ms[inside][tenth].tolist():
            values = spiked(moments_ms, values, Span(first=moment_ms, end=moment_ms + 1), size=size)
        return values

    def _with_holes(self, spell: Spell, moments_ms: Int64s, values: Float64s, inside: slice) -> Float64s:
        draws = Stream(self._seed, spell.machine, f"fault.dropout.{spell.signal}")
        first, last = (int(one) // HOLE_MS for one in moments_ms[inside][[0, -1]])
        missing = draws.uniforms(first, last - first + 1) < spell.amount
        for slot in (np.flatnonzero(missing) + first).tolist():
            begin_ms = max(slot * HOLE_MS, spell.from_ms + 1)
            end_ms = min((slot + 1) * HOLE_MS, spell.until_ms + 1)
            values = dropped(moments_ms, values, Span(first=begin_ms, end=end_ms))
        return values


def symptom(spell: Spell, sensor: Sensor, moments_ms: Int64s, values: Float64s) -> Float64s:
    """What a sensor shows of a fault of the machine.

    A worn bearing: vibration times amount ** (share of the time until it breaks down).
    Overheating: temperature nears so much more with a time constant, and loses it again afterwards.
    """
    if spell.fault == "bearing-wear" and sensor.name.startswith("vibration"):
        breaks = breaks_ms(spell)
        worn = (moments_ms - spell.from_ms) / (breaks - spell.from_ms)
        on = (moments_ms > spell.from_ms) & (moments_ms <= min(breaks, spell.until_ms))
        return np.where(on, values * spell.amount**worn, values)
    if spell.fault == "overheating" and sensor.unit == "°C":
        since_ms = np.clip(moments_ms - spell.from_ms, 0, spell.until_ms - spell.from_ms)
        after_ms = np.clip(moments_ms - spell.until_ms, 0, COOL_MS)
        left = np.where(after_ms < COOL_MS, np.exp(-after_ms / HEAT_MS) - exp(-COOL_MS / HEAT_MS), 0.0)
        return values + HOTTER_C * (1 - np.exp(-since_ms / HEAT_MS)) * left
    return values
