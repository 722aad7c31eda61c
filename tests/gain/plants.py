"""The plans that are tried, and a plant's truth as rows that can be compared."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from dashboard.calls.rules import CallRules
from demo.study.life import Life
from demo.study.plan import Plan
from protocol.moments import to_ms
from simulator.specs.kind import load_kinds
from simulator.specs.machine import load_machine
from simulator.specs.people import load_people

PROJECT = Path(__file__).parents[2]
HOUR_MS = 3_600_000

Rows = list[tuple[Any, ...]]


def shipped(hours: float, **more: Any) -> Plan:
    """The plant of the demo, as it is shipped."""
    kinds = load_kinds(PROJECT / "simulator/kinds")
    plan = Plan(
        machines=tuple(
            load_machine(file, kinds) for file in sorted((PROJECT / "simulator/machines").glob("*.toml"))
        ),
        people=load_people(PROJECT / "simulator/people.toml", PROJECT / "simulator/assumptions.toml"),
        calls=CallRules.read(),
        length_ms=round(hours * HOUR_MS),
    )
    return replace(plan, **more)


AT_ONCE = """
[stopped]
after_s = 1
setup_s = 1
clear_s = 0
quiet_s = 0
[micro-stops]
on = false
[slow-cycle]
on = false
[no-data]
on = false
[trend]
on = false
"""
"""Rules that call a second after a machine has stopped, whatever was before."""


def calls_at_once(plan: Plan) -> Plan:
    """The same where every stop is called for after a second and heard as soon as may be.

    All have a control: a retrofit looks the same while it is loaded and while it is set up.
    """
    people = replace(plan.people, reaction_ms=0, reaction_mean_ms=0.0)
    machines = tuple(replace(one, controller=True) for one in plan.machines)
    return replace(plan, machines=machines, calls=CallRules.of(AT_ONCE), people=people)


def truth_of(life: Life, from_ms: int, until_ms: int) -> dict[str, Rows]:
    """All that truly happened from the beginning up to a moment, in the rows of a history."""
    intervals: Rows = []
    counts: Rows = []
    for name in life.plant.names():
        truth = life.plant.truth(name, from_ms, until_ms)
        intervals.append((name, from_ms, truth.state, truth.phase, truth.cause))
        counts.append((name, from_ms, truth.parts, truth.rejects))
        begun_ms = to_ms(truth.at)
        for one in truth.changes:
            at_ms = begun_ms + one.offset_ms
            if one.state is not None:
                intervals.append((name, at_ms, one.state, one.phase, one.cause))
            if one.parts is not None:
                counts.append((name, at_ms, one.parts, one.rejects))
    return {"truth_intervals": before(intervals, until_ms), "truth_counts": before(counts, until_ms)}


def before(rows: Iterable[tuple[Any, ...]], until_ms: int) -> Rows:
    """The rows that begin before a moment, in order."""
    return sorted(one for one in rows if one[1] < until_ms)
