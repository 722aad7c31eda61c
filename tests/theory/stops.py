"""A13: which stops polling and a log by hand miss, counted among the true stops of a long run."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from protocol.states import State
from simulator.study.replication import EPOCH_MS, HOUR_MS
from simulator.study.witness import Witness
from tests.theory.check import Check, ratio_check
from tests.theory.formulas import missed_by_polling, unlogged_exponential, unlogged_lognormal
from tests.theory.plants import REPLICATIONS, failure, machine, own_name
from tests.theory.result import Draw, Result
from tests.theory.times import Time, exponential, lognormal

STOPS = 3_000
"""So many are expected in all replications together."""
RUNS = 5
"""A machine runs so many times as long as it stops."""
Int64s = npt.NDArray[np.int64]
SECOND, MINUTE = 1 / 3600, 1 / 60


def true_stops(case: object, length: Time, seed: int) -> tuple[Int64s, Int64s]:
    """When each stop of one replication began and ended, in milliseconds after the beginning."""
    name = own_name(case)
    spec = machine(name, stops={"failure": failure(exponential(RUNS * length.mean), length)})
    witness = Witness([spec], seed=seed, epoch_ms=EPOCH_MS)
    hours = (RUNS + 1) * length.mean * STOPS / REPLICATIONS
    to_ms = EPOCH_MS + round(hours * HOUR_MS)
    witness.advance(to_ms)
    lived = witness.lived(name, EPOCH_MS, to_ms)
    ends = np.append(lived.start_ms[1:], to_ms)
    down = np.array([label.state is State.DOWN for label in witness.labels(name)])[lived.label]
    down[-1] = False  # it may go on
    return lived.start_ms[down] - EPOCH_MS, ends[down] - EPOCH_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """Stops of a length, exponential, and a machine that is asked for its state now and then."""

    mean: float
    """Mean length of a stop, in hours."""
    every: float
    """Hours from one question to the next."""


def polled(case: Polled) -> list[Check]:
    """A13: share of the stops that lie between two questions."""
    every_ms = round(case.every * HOUR_MS)
    missed, all_of_them = [], []
    for seed in range(REPLICATIONS):
        starts, ends = true_stops(case, exponential(case.mean), seed)
        # The first question at or after the beginning comes at or after the end.
        missed.append(float(np.count_nonzero(-(-starts // every_ms) * every_ms >= ends)))
        all_of_them.append(float(len(starts)))
    theory = missed_by_polling(case.mean, case.every)
    return [ratio_check("stops missed by polling", theory, missed, all_of_them)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """Stops that are written down by hand when they are long enough."""

    length: Time
    """How long they are: exponential, or lognormal."""
    threshold: float
    """Shorter ones are not written down, in hours."""


def logged(case: Logged) -> list[Check]:
    """A13: shares, by count and by time, that nobody writes down."""
    threshold_ms = round(case.threshold * HOUR_MS)
    counts: list[tuple[float, float]] = []
    times: list[tuple[float, float]] = []
    for seed in range(REPLICATIONS):
        starts, ends = true_stops(case, case.length, seed)
        lengths = ends - starts
        short = lengths < threshold_ms
        counts.append((float(np.count_nonzero(short)), float(len(lengths))))
        times.append((float(lengths[short].sum()), float(lengths.sum())))
    count, time = _unlogged(case)
    return [
        ratio_check("stops not written down", count, *zip(*counts, strict=True)),
        ratio_check("time not written down", time, *zip(*times, strict=True)),
    ]


def _unlogged(case: Logged) -> tuple[float, float]:
    if case.length.law == "exponential":
        return unlogged_exponential(case.length.mean, case.threshold)
    return unlogged_lognormal(case.length.median, case.length.sigma, case.threshold)


def _polled(draw: Draw) -> Polled:
    mean = draw.number(10 * SECOND, 10 * MINUTE)
    return Polled(mean=mean, every=draw.number(0.05 * mean, 8 * mean))


def _logged(draw: Draw) -> Logged:
    mean = draw.number(20 * SECOND, 10 * MINUTE)
    length = lognormal(mean, draw.number(0.2, 1.5)) if draw.whole(0, 1) else exponential(mean)
    return Logged(length=length, threshold=draw.number(0.4 * mean, 2.5 * mean))


RESULTS = (
    Result(
        name="A13 polling",
        title="stops missed by polling",
        printed=tuple(Polled(mean=30 * SECOND, every=every * SECOND) for every in (1, 10, 60, 300)),
        drawn=_polled,
        tried=polled,
    ),
    Result(
        name="A13 log",
        title="stops missed by a log by hand",
        printed=(
            Logged(length=exponential(2 * MINUTE), threshold=5 * MINUTE),
            Logged(length=Time.of_median(1.5 * MINUTE, 1.2), threshold=5 * MINUTE),
        ),
        drawn=_logged,
        tried=logged,
    ),
)
