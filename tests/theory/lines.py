"""A4, A5: machines that feed each other, with nothing between them or with a buffer."""

from dataclasses import dataclass
from math import ceil

from simulator.specs.machine import Feed
from tests.theory.check import Check, mean_check
from tests.theory.formulas import line_operation_dependent, line_time_dependent
from tests.theory.gershwin import two_machines
from tests.theory.plants import REPLICATIONS, column, failure, machine, own_name, replications
from tests.theory.result import Draw, Result
from tests.theory.times import exponential, geometric

FAILURES = 2_200
"""So many are expected in all replications together."""
STEP_S = 60
"""One cycle of the two-machine line."""
STEP = STEP_S / 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Rigid:
    """A line without buffers, which stands when one of its machines does."""

    clock: str
    """Whether its machines fail while they run alone, `running`, or at any time, `time`."""
    machines: tuple[tuple[float, float], ...]
    """Mean time between failures and mean time to repair of each, in hours, exponential."""

    def __str__(self) -> str:
        times = ", ".join(f"({up:g}, {down:g})" for up, down in self.machines)
        return f"{'operation' if self.clock == 'running' else 'time'}-dependent failures, {times} h"


def rigid(case: Rigid) -> list[Check]:
    """A4: share of time in which the line runs."""
    specs = [
        machine(
            own_name(case, number),
            cycle_s=600,
            feed=Feed(after=own_name(case, number - 1), buffer_parts=0, container_parts=1)
            if number
            else None,
            stops={"failure": failure(exponential(up), exponential(down), clock=case.clock)},
        )
        for number, (up, down) in enumerate(case.machines)
    ]
    operation_dependent = case.clock == "running"
    theory = (line_operation_dependent if operation_dependent else line_time_dependent)(case.machines)
    rate = sum(1 / up for up, _ in case.machines) * (theory if operation_dependent else 1)
    hours = FAILURES / REPLICATIONS / rate
    results = replications(
        specs, hours=hours, warm_up_hours=20 * max(up * down / (up + down) for up, down in case.machines)
    )
    last = specs[-1].name
    return [
        mean_check("efficiency", theory, column(results, "machines", last, "utilization")),
        mean_check(
            "parts x cycle",
            theory,
            [rate / 6 for rate in column(results, "lines", "theory", "parts_per_hour")],
        ),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two machines of the same cycle, and a buffer between them."""

    r: tuple[float, float]
    """Chance that each is mended within a cycle."""
    p: tuple[float, float]
    """Chance that each fails in a cycle in which it works."""
    buffer: int
    """Parts in the buffer when it is full, Gershwin's way: with the second machine's own, and one that the
    first one holds when it is blocked."""


def pair(case: Pair) -> list[Check]:
    """A5: parts a cycle, and the mean level of the buffer."""
    first, second = own_name(case, 0), own_name(case, 1)
    specs = [
        machine(
            (first, second)[number],
            cycle_s=STEP_S,
            feed=Feed(after=first, buffer_parts=case.buffer - 2, container_parts=1) if number else None,
            stops={"failure": failure(geometric(STEP / p, STEP), geometric(STEP / r, STEP))},
        )
        for number, (r, p) in enumerate(zip(case.r, case.p, strict=True))
    ]
    theory = two_machines(r=case.r, p=case.p, buffer=case.buffer)
    steps = ceil(FAILURES / REPLICATIONS / sum(case.p) / theory.efficiency)
    results = replications(specs, hours=steps * STEP, warm_up_hours=ceil(8 * theory.memory) * STEP)
    level = [
        between + 1 - starved + blocked
        for between, starved, blocked in zip(
            column(results, "buffers", second, "mean_level"),
            column(results, "machines", second, "phases", "starved"),
            column(results, "machines", first, "phases", "blocked"),
            strict=True,
        )
    ]
    made = column(results, "machines", second, "parts_per_hour")
    return [
        mean_check("parts a cycle", theory.efficiency, [rate * STEP for rate in made]),
        mean_check("level of the buffer", theory.level, level),
    ]


def _rigid(draw: Draw) -> Rigid:
    machines = []
    for _ in range(draw.whole(2, 5)):
        up = draw.number(2, 100)
        machines.append((up, float(f"{up * draw.number(0.02, 0.3):.3g}")))
    return Rigid(clock=("running", "time")[draw.whole(0, 1)], machines=tuple(machines))


def _pair(draw: Draw) -> Pair:
    r = (draw.number(0.1, 0.6), draw.number(0.1, 0.6))
    p = (draw.number(0.08 * r[0], 0.5 * r[0]), draw.number(0.08 * r[1], 0.5 * r[1]))
    return Pair(r=r, p=p, buffer=draw.whole(3, 25))


PRINTED = ((10.0, 1.0), (20.0, 1.0), (40.0, 2.0))
RESULTS = (
    Result(
        name="A4",
        title="line without buffers",
        printed=(Rigid(clock="running", machines=PRINTED), Rigid(clock="time", machines=PRINTED)),
        drawn=_rigid,
        tried=rigid,
    ),
    Result(
        name="A5",
        title="two machines and a buffer",
        printed=(Pair(r=(0.1, 0.1), p=(0.01, 0.01), buffer=10),),
        drawn=_pair,
        tried=pair,
    ),
)
