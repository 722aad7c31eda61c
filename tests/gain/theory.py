"""A10 and A17 of people who are called, or who come on their rounds: lived in one process, beside theory."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from dashboard.calls.rules import CallRules
from demo.study.outcome import Outcome, outcome_of
from demo.study.plan import HOUR_MS, Plan
from protocol.states import State
from simulator.phase import Phase
from simulator.specs.machine import MachineSpec
from simulator.specs.people import Hears, People, persons_in
from tests.gain.plants import AT_ONCE
from tests.theory.check import Check, mean_check, ratio_check
from tests.theory.formulas import interference, response
from tests.theory.plants import failure, machine, own_name
from tests.theory.times import exponential

REPLICATIONS = 30
"""Their seeds are 0, 1, 2 and so on."""
FAILURES = 4_000
"""So many are expected in all replications together."""
MINUTE = 1 / 60
CALL_S = 2
"""From a stop to its being noticed where all is as quick as may be: one to the call, one till it is heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Machines that one person tends."""

    machines: int
    """How many."""
    up: float
    """Mean running time to a stop, in minutes, exponential."""
    service: float
    """Mean time to mend it, in minutes, exponential."""

    def tried(self) -> list[Check]:
        """A10, tried."""
        return tended(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """One machine whose person comes some time after the office's call, and makes no rounds."""

    up: float
    """Mean running time to a failure, in hours, exponential."""
    down: float
    """Mean time to mend it, in hours, exponential."""
    after_s: int
    """How long it must stand before it is called for."""
    reaction_s: int
    """From the call to its being noticed."""

    def tried(self) -> list[Check]:
        """A17, tried."""
        return called(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """One machine whose person finds it on the next round."""

    up: float
    """Mean running time to a failure, in hours, exponential."""
    down: float
    """Mean time to mend it, in hours, exponential."""
    every: float
    """From one round to the next, in hours."""

    def tried(self) -> list[Check]:
        """A17, tried."""
        return rounds(self)


def tended(case: Crowd) -> list[Check]:
    """A10 in the monitored plant with zero reaction: the office calls, and one person comes at once.

    What a call itself takes, `CALL_S`, is a ten-thousandth of the running time to a stop or less.
    """
    stop = failure(exponential(case.up * MINUTE), exponential(case.service * MINUTE), person=True)
    theory = interference(case.machines, case.up, case.service)
    hours = FAILURES / REPLICATIONS * case.up * MINUTE / (case.machines * theory.efficiency)
    outcomes = _outcomes(
        [machine(own_name(case, number), stops={"stop": stop}) for number in range(case.machines)],
        people=one_person("calls"),
        calls=AT_ONCE,
        hours=hours,
        warm_up_hours=10 * (case.up + theory.wait + case.service) * MINUTE,
        monitored=True,
    )
    running = [one.hours(State.RUNNING) / (case.machines * hours) for one in outcomes]
    waited = [one.phase_hours(Phase.WAITING_FOR_PERSON) / MINUTE for one in outcomes]
    failed = [float(sum(one.failures.values())) for one in outcomes]
    return [
        mean_check("efficiency", theory.efficiency, running),
        ratio_check("wait, min", theory.wait, waited, failed),
    ]


def called(case: Called) -> list[Check]:
    """A17 in the monitored plant: the response time is what the rule waits and what the person takes."""
    wait = (case.after_s + case.reaction_s) / 3600
    theory = response(case.up, wait, case.down)
    return _availability(
        case,
        theory,
        cycle=case.up + wait + case.down,
        people=one_person("calls", reaction_s=case.reaction_s),
        calls=AT_ONCE.replace("after_s = 1", f"after_s = {case.after_s}"),
        monitored=True,
    )


def rounds(case: Rounds) -> list[Check]:
    """A17 in the twin: the response time is the mean time from a stop to the next round."""
    wait = to_next_round(case)
    theory = response(case.up, wait, case.down)
    return _availability(
        case,
        theory,
        cycle=case.up + wait + case.down,
        people=one_person("nothing", rounds_s=case.every * 3600),
        calls=AT_ONCE,
        monitored=False,
    )


def to_next_round(case: Rounds) -> float:
    """Mean time from a stop to the next round, in hours.

    Mending begins on a round. With S the time mended and then run, the next stop is noticed on the first
    round after S, so the machine begins anew every r ceil(S / r), and E[ceil(S / r)] is the sum over n from
    0 on of P(S > n r) = (m exp(-l n r) - l exp(-m n r)) / (m - l), with the rates l of failing and m of
    mending: two geometric series. What is left of the mean of that without E[S] is the wait.

    >>> round(to_next_round(Rounds(up=1000, down=0.001, every=0.5)), 3)
    0.25
    """
    fails, mends, every = 1 / case.up, 1 / case.down, case.every
    series = mends / (1 - exp(-fails * every)) - fails / (1 - exp(-mends * every))
    return every * series / (mends - fails) - case.up - case.down


def one_person(hears: Hears, *, reaction_s: float = 0, rounds_s: float = 0) -> People:
    """One person for everything, who is everywhere without a step."""
    return People(
        persons=persons_in("[persons.anna]"),
        hears=hears,
        rounds_ms=round(rounds_s * 1_000),
        reaction_ms=round(reaction_s * 1_000),
        reaction_mean_ms=0.0,
        walk_ms=0,
    )


def _availability(
    case: Called | Rounds,
    theory: float,
    *,
    cycle: float,
    people: People,
    calls: str,
    monitored: bool,
) -> list[Check]:
    name = own_name(case)
    stop = failure(exponential(case.up), exponential(case.down), person=True)
    hours = cycle * FAILURES / REPLICATIONS
    outcomes = _outcomes(
        [machine(name, stops={"failure": stop})],
        people=people,
        calls=calls,
        hours=hours,
        warm_up_hours=20 * cycle,
        monitored=monitored,
    )
    up = [(one.hours(State.RUNNING) + one.hours(State.IDLE)) / hours for one in outcomes]
    return [mean_check("availability", theory, up)]


def _outcomes(
    machines: Sequence[MachineSpec],
    *,
    people: People,
    calls: str,
    hours: float,
    warm_up_hours: float,
    monitored: bool,
) -> list[Outcome]:
    plan = Plan(
        machines=tuple(machines),
        people=people,
        calls=CallRules.of(calls),
        length_ms=round(hours * HOUR_MS),
        warm_up_ms=round(warm_up_hours * HOUR_MS),
    )
    return [outcome_of(plan, seed, monitored=monitored) for seed in range(REPLICATIONS)]


Case = Crowd | Called | Rounds
CASES: tuple[Case, ...] = (
    Crowd(machines=10, up=300, service=15),
    Called(up=1, down=0.05, after_s=120, reaction_s=60),
    Rounds(up=1, down=0.05, every=1 / 3),
    Rounds(up=1, down=0.05, every=1),
    Rounds(up=3, down=0.4, every=0.25),
    Rounds(up=0.2, down=0.1, every=0.5),
)
"""The first of each sort: ten times the times of the printed A10, which does not know minutes from hours."""
