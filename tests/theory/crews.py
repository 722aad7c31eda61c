"""A10, A17: machines that wait for a person when they stop."""

from dataclasses import dataclass

from simulator.specs.people import People, parse_people
from tests.theory.check import Check, mean_check, ratio_check
from tests.theory.formulas import interference, response
from tests.theory.plants import REPLICATIONS, column, failure, machine, own_name, replications
from tests.theory.result import Draw, Result
from tests.theory.times import Time, exponential

FAILURES = 4_000
"""So many are expected in all replications together."""
MINUTE = 1 / 60


def one_person(*, reaction_s: float) -> People:
    """One person for everything, who hears at once and is everywhere without a step."""
    return parse_people(
        f'hears = "at once"\nreaction_s = {reaction_s}\nreaction_mean_s = 0\nwalk_s = 0\n[persons.anna]\n'
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tended:
    """Machines that one person tends."""

    machines: int
    """How many."""
    up: float
    """Mean running time to a stop, in minutes, exponential."""
    service: float
    """Mean time to mend it, in minutes, exponential."""


def tended(case: Tended) -> list[Check]:
    """A10: share of time in which a machine runs, and how long a stopped one waits."""
    stop = failure(exponential(case.up * MINUTE), exponential(case.service * MINUTE), person=True)
    theory = interference(case.machines, case.up, case.service)
    hours = FAILURES / REPLICATIONS * case.up * MINUTE / (case.machines * theory.efficiency)
    cycle = (case.up + theory.wait + case.service) * MINUTE
    results = replications(
        [machine(own_name(case, number), stops={"stop": stop}) for number in range(case.machines)],
        hours=hours,
        warm_up_hours=10 * cycle,
        people=one_person(reaction_s=0),
    )
    minutes = case.machines * hours / MINUTE
    waited = [share * minutes for share in column(results, "plant", "phases", "waiting for a person")]
    return [
        mean_check("efficiency", theory.efficiency, column(results, "plant", "utilization")),
        ratio_check("wait, min", theory.wait, waited, column(results, "plant", "failures")),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A machine whose person comes after a while."""

    up: Time
    """How long it runs."""
    down: Time
    """How long it is mended."""
    wait: float
    """How long the person takes to come, in minutes."""


def answered(case: Answered) -> list[Check]:
    """A17: availability when every stop waits first."""
    name = own_name(case)
    both = case.up.mean + case.down.mean + case.wait * MINUTE
    results = replications(
        [machine(name, stops={"failure": failure(case.up, case.down, person=True)})],
        hours=both * FAILURES / REPLICATIONS,
        warm_up_hours=20 * both,
        people=one_person(reaction_s=case.wait * 60),
    )
    theory = response(case.up.mean, case.wait * MINUTE, case.down.mean)
    return [mean_check("availability", theory, column(results, "machines", name, "uptime"))]


def _tended(draw: Draw) -> Tended:
    up = draw.number(5, 200)
    return Tended(machines=draw.whole(2, 20), up=up, service=draw.number(0.01 * up, 0.3 * up))


def _answered(draw: Draw) -> Answered:
    up = draw.up(0.5, 20)
    wait = draw.number(0.01 * up.mean, min(0.5 * up.mean, 20)) * 60
    return Answered(up=up, down=draw.down(0.02 * up.mean, 0.2 * up.mean), wait=round(wait, 2))


HOUR, THREE = exponential(1), exponential(0.05)
RESULTS = (
    Result(
        name="A10",
        title="machine interference",
        printed=(Tended(machines=10, up=30, service=1.5),),
        drawn=_tended,
        tried=tended,
    ),
    Result(
        name="A17",
        title="response time",
        printed=tuple(Answered(up=HOUR, down=THREE, wait=wait) for wait in (12, 2, 0)),
        drawn=_answered,
        tried=answered,
    ),
)
