"""A1, A2, A3, A16: one machine that runs until it fails and is mended, over and over."""

from dataclasses import dataclass
from math import ceil
from statistics import fmean

from tests.theory.check import Check, mean_check, sd_check, variance_check
from tests.theory.formulas import availability, availability_at, availability_sd, failures_an_hour
from tests.theory.plants import REPLICATIONS, column, failure, machine, own_name, replications
from tests.theory.result import Draw, Result
from tests.theory.times import Time, exponential, fixed, lognormal, weibull

FAILURES = 2_400
"""So many are expected in all replications together."""
WARM_UP = 20
"""So many up and down times are lived first: the machine was new."""
MANY = 120
"""Replications where a spread is measured and not a mean."""
PARK = 30
"""Machines that are new together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """A machine that alternates between up and down."""

    up: Time
    """How long it runs."""
    down: Time
    """How long it is down."""


def renewal(case: Renewal) -> list[Check]:
    """A1: availability and failures an hour."""
    name = own_name(case)
    both = case.up.mean + case.down.mean
    hours = both * FAILURES / REPLICATIONS
    results = replications(
        [machine(name, stops={"failure": failure(case.up, case.down)})],
        hours=hours,
        warm_up_hours=WARM_UP * both,
    )
    up, down = case.up.mean, case.down.mean
    return [
        mean_check("availability", availability(up, down), column(results, "machines", name, "uptime")),
        mean_check(
            "failures an hour",
            failures_an_hour(up, down),
            [count / hours for count in column(results, "machines", name, "failures")],
        ),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A machine whose availability is measured over some hours."""

    renewal: Renewal
    """The machine."""
    hours: float
    """How long it is measured."""


def measured_spread(case: Measured) -> list[Check]:
    """A2: standard deviation of the measured availability."""
    name = own_name(case)
    up, down = case.renewal.up, case.renewal.down
    results = replications(
        [machine(name, stops={"failure": failure(up, down)})],
        hours=case.hours,
        warm_up_hours=WARM_UP * (up.mean + down.mean),
        count=MANY,
    )
    theory = availability_sd(up.spread, down.spread, case.hours)
    return [sd_check("sd of availability", theory, column(results, "machines", name, "uptime"))]


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """A machine that is new at first, with exponential times."""

    up: float
    """Mean time to a failure, in hours."""
    down: float
    """Mean time to its end."""
    at: tuple[float, ...]
    """When is asked whether it is up, in hours after the beginning."""


def transient(case: New) -> list[Check]:
    """A3: share of machines that are up so long after all were new."""
    chance = failure(exponential(case.up), exponential(case.down))
    names = [own_name(case, number) for number in range(PARK)]
    results = replications(
        [machine(name, stops={"failure": chance}) for name in names],
        hours=max(case.at) + 0.01,
        warm_up_hours=0,
        count=max(REPLICATIONS, ceil(FAILURES / PARK * case.up / max(case.at))),
        at_hours=case.at,
    )
    checks = []
    for at in case.at:
        up = [
            fmean(figures["machines", name, "at_hours", f"{at:g}", "up"] or 0 for name in names)
            for figures in results
        ]
        checks.append(mean_check(f"up after {at:g} h", availability_at(case.up, case.down, at), up))
    return checks


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Failures counted over some operating hours."""

    mtbf: float
    """Mean operating hours from one to the next, exponential."""
    hours: float
    """How many operating hours."""


def poisson(case: Counted) -> list[Check]:
    """A16: failures in operating time are Poisson, mean and variance both hours / MTBF.

    A repair takes a millisecond, so that operating time is all the time there is.
    """
    name, at_once = own_name(case), fixed(1 / 3_600_000)
    results = replications(
        [machine(name, stops={"failure": failure(exponential(case.mtbf), at_once)})],
        hours=case.hours,
        warm_up_hours=0,
        count=MANY,
    )
    counts = column(results, "machines", name, "failures")
    expected = case.hours / case.mtbf
    # The fourth central moment of a Poisson count: mean + 3 mean**2.
    return [
        mean_check("failures", expected, counts),
        variance_check("variance of failures", expected, counts, fourth=expected + 3 * expected**2),
    ]


def _renewal(draw: Draw) -> Renewal:
    up = draw.up(1, 200)
    return Renewal(up=up, down=draw.down(0.02 * up.mean, 0.5 * up.mean))


def _measured(draw: Draw) -> Measured:
    case = _renewal(draw)
    return Measured(renewal=case, hours=round(draw.number(60, 120) * (case.up.mean + case.down.mean), 1))


def _new(draw: Draw) -> New:
    up = draw.number(1, 100)
    down = up * draw.number(0.15, 1)
    settling = up * down / (up + down)
    at = tuple(float(f"{settling * share:.3g}") for share in (0.3, 1, 4))
    return New(up=up, down=float(f"{down:.3g}"), at=at)


def _counted(draw: Draw) -> Counted:
    mtbf = draw.number(0.5, 200)
    return Counted(mtbf=mtbf, hours=round(mtbf * draw.number(20, 150), 1))


A1_PRINTED = Renewal(up=weibull(10, 1.5), down=lognormal(0.5, 1))
RESULTS = (
    Result(
        name="A1",
        title="alternating renewal process",
        printed=(A1_PRINTED,),
        drawn=_renewal,
        tried=renewal,
    ),
    Result(
        name="A2",
        title="spread of a measured availability",
        printed=(Measured(renewal=A1_PRINTED, hours=1000),),
        drawn=_measured,
        tried=measured_spread,
    ),
    Result(
        name="A3",
        title="availability of a new machine",
        printed=(New(up=10, down=0.5, at=(0.1, 0.5, 1.0, 2.0)),),
        drawn=_new,
        tried=transient,
    ),
    Result(
        name="A16",
        title="failures in operating time",
        printed=(Counted(mtbf=10, hours=1000),),
        drawn=_counted,
        tried=poisson,
    ),
)
