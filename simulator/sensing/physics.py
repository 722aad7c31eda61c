"""The laws that signals follow: first order, wear, growth before a failure, and the swing of the day.

Each takes columns and gives columns, value by value, so that any part of a history can be computed alone.
"""

from math import atan, cos, log, pi
from typing import Literal

import numpy as np
import numpy.typing as npt

from simulator.specs.sensor import Ambient
from simulator.specs.wear import Growth
from simulator.streams import Float64s

Int64s = npt.NDArray[np.int64]
DAY_MS = 86_400_000


def first_order(level: Float64s, begun: Float64s, since_ms: Int64s, *, tau_ms: float) -> Float64s:
    """What nears a level with a time constant.

        value(t) = level + (value(start) - level) * exp(-(t - start) / tau)

    Args:
        level: Where it would end; shape (n,).
        begun: What it was at the start; shape (n,).
        since_ms: Time since the start, in milliseconds; shape (n,).
        tau_ms: The time constant, in milliseconds.
    """
    values: Float64s = level + (begun - level) * np.exp(-since_ms / tau_ms)
    return values


def wear(share: Float64s, shape: Literal["linear", "end"]) -> Float64s:
    """How worn a component is, from 0 when new to 1 at the end of its life.

        linear: share;  end: share / 3 + 2 / 3 * share ** 8

    The second rises sharply at the end, as cutting forces do [SIKDAR]; the power of 8 is an assumption.

    Args:
        share: Share of its life used, from 0 to 1; shape (n,).
        shape: Which of the two.
    """
    if shape == "linear":
        return share
    squared = share * share
    to_the_fourth = squared * squared
    return share / 3 + (2 / 3) * (to_the_fourth * to_the_fourth)


def growth(share: Float64s, law: Growth, *, level: float) -> Float64s:
    """What the running level is multiplied with at the end of a life: 1, and then exponentially more.

        v(t) = v0 * exp((t - t0) / tau), with tau so that v reaches `to` at the end of the life

    Args:
        share: Share of the life used, from 0 to 1; shape (n,).
        law: When it begins, and what it reaches.
        level: The running level v0.
    """
    grown = np.maximum(share - law.begins, 0.0) * (log(law.to / level) / (1 - law.begins))
    factors: Float64s = np.exp(grown)
    return factors


def swing(at_ms: Int64s, ambient: Ambient, *, tau_ms: float | None) -> Float64s:
    """By how much a signal is higher or lower than on the mean of the day, for the air around.

    What nears its level slowly follows the air later and less, as the first-order law says of a sine.

        swing * cos(phi) * cos(omega * (t - warmest) - phi), with phi = atan(omega * tau)

    Args:
        at_ms: Moments, ms since 1970; shape (n,).
        ambient: The swing of the air.
        tau_ms: Time constant of the signal, in milliseconds; None when it follows at once.
    """
    omega = 2 * pi / DAY_MS
    phi = atan(omega * tau_ms) if tau_ms else 0.0
    # Within the day in whole milliseconds first: a sine of billions is exact to a few digits only.
    within = (at_ms - ambient.warmest_ms) % DAY_MS
    values: Float64s = ambient.swing * cos(phi) * np.cos(within * omega - phi)
    return values
