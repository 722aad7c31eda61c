"""A1, A2, A3, A16: one machine that runs until it fails and is mended, over and over."""

from dataclasses import dataclass

from tests.theory.check import Check, mean_check, sd_check
from tests.theory.formulas import availability, availability_sd, failures_an_hour
from tests.theory.plants import REPLICATIONS, column, failure, machine, replications
from tests.theory.times import Time

FAILURES = 2_500
"""So many are expected in all replications together."""
WARM_UP = 20
"""So many up and down times are lived first: the machine was new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """A machine that alternates between up and down."""

    up: Time
    """How long it runs."""
    down: Time
    """How long it is down."""


def a1(case: Renewal) -> list[Check]:
    """A1: availability and failures an hour."""
    both = case.up.mean + case.down.mean
    hours = both * FAILURES / REPLICATIONS
    results = replications(
        [machine("m", stops={"failure": failure(case.up, case.down)})],
        hours=hours,
        warm_up_hours=WARM_UP * both,
    )
    up, down = case.up.mean, case.down.mean
    return [
        mean_check("availability", availability(up, down), column(results, "machines", "m", "uptime")),
        mean_check(
            "failures an hour",
            failures_an_hour(up, down),
            [count / hours for count in column(results, "machines", "m", "failures")],
        ),
    ]


def a2(case: Renewal, hours: float) -> list[Check]:
    """A2: standard deviation of the availability measured over some hours."""
    both = case.up.mean + case.down.mean
    results = replications(
        [machine("m", stops={"failure": failure(case.up, case.down)})],
        hours=hours,
        warm_up_hours=WARM_UP * both,
        count=200,
    )
    theory = availability_sd(case.up.spread, case.down.spread, hours)
    return [sd_check("sd of availability", theory, column(results, "machines", "m", "uptime"))]
