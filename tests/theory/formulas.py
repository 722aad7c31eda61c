"""What theory says, in closed form, each with its source: times in hours unless the name says otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import erf, exp, expm1, gamma, log, prod, sqrt


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Mean and coefficient of variation of a time."""

    mean: float
    """Mean."""
    cv: float
    """Standard deviation over mean."""

    @property
    def variance(self) -> float:
        """Its variance."""
        return (self.mean * self.cv) ** 2


def weibull_cv(shape: float) -> float:
    """Coefficient of variation of a Weibull time: sqrt(G(1 + 2/k) / G(1 + 1/k)**2 - 1).

    >>> weibull_cv(1)
    1.0
    """
    return sqrt(gamma(1 + 2 / shape) / gamma(1 + 1 / shape) ** 2 - 1)


def availability(up: float, down: float) -> float:
    """A1, alternating renewal process: E[U] / (E[U] + E[D]), whatever the distributions.

    >>> round(availability(10, 0.5), 6)
    0.952381
    """
    return up / (up + down)


def failures_an_hour(up: float, down: float) -> float:
    """A1: one failure for each up and down time.

    >>> round(failures_an_hour(10, 0.5), 6)
    0.095238
    """
    return 1 / (up + down)


def availability_sd(up: Spread, down: Spread, hours: float) -> float:
    """A2, central limit theorem: sqrt((D**2 Var U + U**2 Var D) / ((U + D)**3 T)).

    >>> weibull = Spread(mean=10, cv=weibull_cv(1.5))
    >>> round(availability_sd(weibull, Spread(mean=0.5, cv=1), 1000), 5)
    0.00562
    >>> round(availability_sd(Spread(mean=10, cv=1), Spread(mean=0.5, cv=1), 1000), 5)
    0.00657
    """
    spread = down.mean**2 * up.variance + up.mean**2 * down.variance
    return sqrt(spread / ((up.mean + down.mean) ** 3 * hours))


def availability_at(up: float, down: float, hours: float) -> float:
    """A3, both exponential, up at first: m/(l+m) + l/(l+m) exp(-(l+m) t).

    >>> [round(availability_at(10, 0.5, t), 6) for t in (0.1, 0.5, 1, 2)]
    [0.99098, 0.969045, 0.958212, 0.953095]
    """
    fails, mends = 1 / up, 1 / down
    return (mends + fails * exp(-(fails + mends) * hours)) / (fails + mends)


def line_operation_dependent(machines: Sequence[tuple[float, float]]) -> float:
    """A4, Buzacott: a line without buffers whose clocks stop with it, 1 / (1 + sum of MTTR/MTBF).

    >>> round(line_operation_dependent([(10, 1), (20, 1), (40, 2)]), 6)
    0.833333
    """
    return 1 / (1 + sum(down / up for up, down in machines))


def line_time_dependent(machines: Sequence[tuple[float, float]]) -> float:
    """A4: a line without buffers whose machines fail whether it runs or not, the product of availabilities.

    >>> round(line_time_dependent([(10, 1), (20, 1), (40, 2)]), 6)
    0.824572
    """
    return prod(availability(up, down) for up, down in machines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interference:
    """What one operator who tends several machines makes of them."""

    efficiency: float
    """Share of time a machine runs."""
    wait: float
    """Mean wait of a stopped machine for the operator."""


def interference(machines: int, up: float, service: float) -> Interference:
    """A10, machine interference, M/M/1//N: p_n in proportion to N!/(N-n)! (service/up)**n.

    >>> ten = interference(10, 30, 1.5)  # minutes
    >>> round(ten.efficiency, 6), round(ten.wait, 3)
    (0.924074, 0.965)
    """
    weights = [1.0]
    for stopped in range(machines):
        weights.append(weights[-1] * (machines - stopped) * service / up)
    idle = 1 / sum(weights)
    away = sum(n * weight for n, weight in enumerate(weights)) * idle
    efficiency = 1 - away / machines
    # Little: away = rate x (wait + service), and the operator is busy a share 1 - p_0 = rate x service.
    return Interference(efficiency=efficiency, wait=away * service / (1 - idle) - service)


def missed_by_polling(mean: float, every: float) -> float:
    """A13: share of exponential stops that lie between two polls, 1 - m/d (1 - exp(-d/m)).

    >>> [round(100 * missed_by_polling(30, every), 2) for every in (1, 10, 60, 300)]
    [1.65, 14.96, 56.77, 90.0]
    """
    return 1 + mean / every * expm1(-every / mean)


def unlogged_exponential(mean: float, threshold: float) -> tuple[float, float]:
    """A13: shares, by count and by time, of exponential stops shorter than a threshold.

    >>> [round(100 * share, 2) for share in unlogged_exponential(2, 5)]
    [91.79, 71.27]
    """
    ratio = threshold / mean
    return -expm1(-ratio), 1 - (1 + ratio) * exp(-ratio)


def unlogged_lognormal(median: float, sigma: float, threshold: float) -> tuple[float, float]:
    """A13: the same of lognormal stops, P((ln t - m)/s) and P((ln t - m - s**2)/s).

    >>> [round(100 * share, 2) for share in unlogged_lognormal(1.5, 1.2, 5)]
    [84.21, 42.2]
    """
    z = log(threshold / median) / sigma
    return _normal(z), _normal(z - sigma)


def _normal(z: float) -> float:
    return (1 + erf(z / sqrt(2))) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """A compressor that loads and unloads between two pressures, under a constant demand."""

    load_s: float
    """Seconds loaded in each cycle."""
    unload_s: float
    """Seconds unloaded."""
    loaded: float
    """Share of time loaded."""
    cycles_a_minute: float
    """Cycles a minute."""


def receiver(
    *, volume_m3: float, band_bar: float, atmosphere_bar: float, flow: float, demand: float
) -> Receiver:
    """A14, isothermal mass balance: V dp / (pa (Q - D)) and V dp / (pa D), flows in m3/min of free air.

    >>> r = receiver(volume_m3=1, band_bar=0.7, atmosphere_bar=1.013, flow=5, demand=3)
    >>> round(r.load_s, 2), round(r.unload_s, 2), round(r.loaded, 9), round(r.cycles_a_minute, 3)
    (20.73, 13.82, 0.6, 1.737)
    """
    free_m3 = volume_m3 * band_bar / atmosphere_bar
    load_s, unload_s = 60 * free_m3 / (flow - demand), 60 * free_m3 / demand
    return Receiver(
        load_s=load_s, unload_s=unload_s, loaded=demand / flow, cycles_a_minute=60 / (load_s + unload_s)
    )


def mean_power(loaded: float, *, full_kw: float, unloaded_share: float) -> float:
    """A14: mean power of a compressor that is loaded for a share of its time.

    >>> mean_power(0.6, full_kw=30, unloaded_share=0.25)
    21.0
    """
    return full_kw * (loaded + (1 - loaded) * unloaded_share)


def first_order(start: float, end: float, tau: float, after: float) -> float:
    """A15, first-order thermal: end + (start - end) exp(-t / tau).

    >>> round(first_order(40, 120, 3, 3), 2)
    90.57
    """
    return end + (start - end) * exp(-after / tau)


def response(mtbf: float, wait: float, mttr: float) -> float:
    """A17: availability when a stop waits for someone before it is mended.

    >>> [round(response(60, wait, 3), 6) for wait in (12, 2, 0)]
    [0.8, 0.923077, 0.952381]
    """
    return mtbf / (mtbf + wait + mttr)
