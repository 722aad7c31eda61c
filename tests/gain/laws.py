"""What must be so of the gain: laws of pairs, each with the numbers that it was tried at."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import sqrt
from statistics import fmean, stdev

from demo.study.outcome import Outcome, Stop
from demo.study.pair import Pair
from demo.study.plan import Plan
from demo.study.study import pairs_of
from simulator.specs.machine import MachineSpec
from simulator.specs.people import persons_in
from tests.gain.plants import HOUR_MS, calls_at_once, shipped

ALLOWED = 4.0
"""So many standard errors may lie between what is claimed and what was found."""
MINUTE_MS = 60_000
ROUNDS_S = (300, 600, 1200, 2400)
"""Round intervals, each a multiple of the one before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One number, and whether it is as it must be."""

    what: str
    """What was looked at."""
    value: float
    """What was found."""
    error: float
    """Its standard error; 0 where nothing is left to chance."""
    holds: bool
    """Whether it is as it must be."""

    def __str__(self) -> str:
        found = f"{self.value:+.3f} ± {self.error:.3f}" if self.error else f"{self.value:g}"
        return f"{'holds' if self.holds else 'FAILS'}  {self.what}: {found}"


def rounds_of(plan: Plan, rounds_s: int) -> Plan:
    """The same with other rounds."""
    return replace(plan, people=replace(plan.people, rounds_ms=rounds_s * 1_000))


def each_for_one(plan: Plan) -> Plan:
    """The same with a person for each machine, who acts on no trend, and with failures of work alone."""
    persons = "".join(f'[persons.p-{one.name}]\ntends = ["{one.name}"]\n' for one in plan.machines)
    return replace(
        plan,
        people=replace(plan.people, persons=persons_in(persons), condition=False),
        machines=tuple(_worn_by_work(one) for one in plan.machines),
    )


def _worn_by_work(spec: MachineSpec) -> MachineSpec:
    stops = tuple(replace(stop, clock="running") for stop in spec.settings.stops)
    return replace(spec, settings=replace(spec.settings, stops=stops))


def longer_rounds_one_by_one(
    seeds: Sequence[int], *, hours: float = 8, at_once: bool = True, workers: int = 1
) -> list[Finding]:
    """Longer rounds, seed by seed: neither plant ever makes more, and nothing is ever lost by calls.

    The gain is not smaller either wherever the monitored plant's people learn of every stop by a call,
    so that their rounds do not matter. Where a round comes first, it may fall by what that plant loses.

    Args:
        seeds: One pair for each, at each of the intervals.
        hours: How long each is.
        at_once: Whether calls are raised and heard as soon as may be, and not as the demo has it.
        workers: How many processes share them.
    """
    plan = each_for_one(shipped(hours))
    plan = calls_at_once(plan) if at_once else plan
    by_rounds = [list(pairs_of(rounds_of(plan, one), seeds, workers=workers)) for one in ROUNDS_S]
    wrong = dict.fromkeys(("twin", "plant", "lost", "bound", "gain"), 0)
    alike = fell = 0
    for several in zip(*by_rounds, strict=True):
        for short, long in pairwise(several):
            same = short.plant.truth == long.plant.truth
            alike += same
            for line, gain in long.gain.items():
                cost = short.plant.good[line] - long.plant.good[line]
                wrong["twin"] += long.twin.good[line] > short.twin.good[line]
                wrong["plant"] += cost < 0
                wrong["lost"] += gain < 0 or short.gain[line] < 0
                wrong["bound"] += gain < short.gain[line] - cost
                wrong["gain"] += same and gain < short.gain[line]
                fell += gain < short.gain[line]
    said = {
        "twin": "lines whose twin makes more with longer rounds",
        "plant": "lines whose monitored plant does",
        "lost": "lines that lose by calls",
        "bound": "lines whose gain falls by more than their monitored plant loses",
        "gain": "lines whose gain falls although calls tell of every stop",
    }
    found = [Finding(what=said[key], value=count, error=0, holds=not count) for key, count in wrong.items()]
    steps = len(seeds) * (len(ROUNDS_S) - 1)
    return [
        *found,
        Finding(
            what=f"of {steps} steps, those in which calls tell of every stop",
            value=alike,
            error=0,
            holds=not at_once or 2 * alike > steps,
        ),
        Finding(what="to be known: lines whose gain falls at all", value=fell, error=0, holds=True),
    ]


def longer_rounds_on_average(seeds: Sequence[int], *, hours: float = 8, workers: int = 1) -> list[Finding]:
    """The plant of the demo: its mean gain does not fall with longer rounds, four standard errors aside."""
    by_rounds = [list(pairs_of(rounds_of(shipped(hours), one), seeds, workers=workers)) for one in ROUNDS_S]
    found = []
    for (short_s, shorts), (long_s, longs) in pairwise(zip(ROUNDS_S, by_rounds, strict=True)):
        for line in shorts[0].gain:
            rises = [long.gain[line] - short.gain[line] for short, long in zip(shorts, longs, strict=True)]
            mean, error = _mean(rises)
            found.append(
                Finding(
                    what=f"{line}: gain with rounds of {long_s} s less that with {short_s} s",
                    value=mean,
                    error=error,
                    holds=mean >= -ALLOWED * error,
                )
            )
    return found


def office_away_for_an_hour(seeds: Sequence[int], *, begins_h: int = 3, workers: int = 1) -> list[Finding]:
    """An hour without an office: its stops are noticed on rounds, in both plants, and nothing is gained."""
    away = begins_h * HOUR_MS, (begins_h + 1) * HOUR_MS
    plan = shipped(begins_h + 3, absent=(away,))
    begun, ended = plan.epoch_ms + away[0], plan.epoch_ms + away[1]
    pairs = list(pairs_of(plan, seeds, workers=workers))
    differences: dict[str, list[float]] = {"unnoticed": [], "not restored": []}
    late = called = stops = 0
    for pair in pairs:
        for outcome in (pair.plant, pair.twin):
            mine = list(begun_in(outcome, begun, ended))
            stops += len(mine)
            called += sum(one.called for one in mine)
            late += sum(not noticed_on_a_round(one, plan) for one in mine)
        for key, spent in differences.items():
            times = [
                sum(_spent_min(one, key, plan) for one in begun_in(outcome, begun, ended))
                for outcome in (pair.plant, pair.twin)
            ]
            spent.append(times[1] - times[0])
    found = [
        Finding(
            what=f"of {stops} stops begun in the hour, those called for",
            value=called,
            error=0,
            holds=not called,
        ),
        Finding(
            what="those not noticed on the next round, or at once by who stands there",
            value=late,
            error=0,
            holds=not late,
        ),
    ]
    for key, spent in differences.items():
        mean, error = _mean(spent)
        found.append(
            Finding(
                what=f"minutes {key} gained in stops begun in the hour, a pair",
                value=mean,
                error=error,
                holds=abs(mean) <= ALLOWED * error,
            )
        )
    return found


def begun_in(outcome: Outcome, from_ms: int, to_ms: int) -> Iterable[Stop]:
    """The stops of a plant that began in [from_ms, to_ms)."""
    return (one for one in outcome.stops if from_ms <= one.begun_ms < to_ms)


def noticed_on_a_round(stop: Stop, plan: Plan) -> bool:
    """Whether a stop was noticed on the next round, or at once by somebody who stood before the machine."""
    every_ms = plan.people.rounds_ms
    due_ms = plan.epoch_ms - (plan.epoch_ms - stop.begun_ms) // every_ms * every_ms
    return stop.noticed_ms in {due_ms, stop.begun_ms}


def gains(pairs: Iterable[Pair]) -> list[int]:
    """Good parts gained in each pair, all lines together."""
    return [sum(one.gain.values()) for one in pairs]


def _spent_min(stop: Stop, what: str, plan: Plan) -> float:
    until_ms = stop.noticed_ms if what == "unnoticed" else stop.restored_ms or plan.end_ms
    return (until_ms - stop.begun_ms) / MINUTE_MS


def _mean(values: Sequence[float]) -> tuple[float, float]:
    return fmean(values), stdev(values) / sqrt(len(values))
