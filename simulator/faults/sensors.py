"""Faults of sensors: what a sensor shows instead of what it would have shown."""

from collections.abc import Callable

import numpy as np

from simulator.faults.spells import Spell
from simulator.sensing.imperfections import Int64s, Span, drifted, dropped, spiked, stuck
from simulator.streams import Float64s, Stream

SPIKE_EVERY = 10
"""Every so manieth reading is a spike."""
HOLE_MS = 10_000
"""A dropout takes away stretches of this length, in milliseconds."""


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


def _with_spikes(
    moments_ms: Int64s, values: Float64s, inside: slice, *, first: int, size: float
) -> Float64s:
    for moment_ms, number in zip(moments_ms[inside].tolist(), range(first + inside.start, 1 << 62), strict=False):
        if number % SPIKE_EVERY == 0:
            values = spiked(moments_ms, values, Span(first=moment_ms, end=moment_ms + 1), size=size)
    return values


def _with_holes(
    spell: Spell, moments_ms: Int64s, values: Float64s, inside: slice, *, seed: int
) -> Float64s:
    draws = Stream(seed, spell.machine, f"fault.dropout.{spell.signal}")
    first, last = (int(one) // HOLE_MS for one in moments_ms[inside][[0, -1]])
    missing = draws.uniforms(first, last - first + 1) < spell.amount
    for slot in (np.flatnonzero(missing) + first).tolist():
        begin_ms = max(slot * HOLE_MS, spell.from_ms + 1)
        end_ms = min((slot + 1) * HOLE_MS, spell.until_ms + 1)
        values = dropped(moments_ms, values, Span(first=begin_ms, end=end_ms))
    return values
