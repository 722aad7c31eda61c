"""Replications: the same numbers whatever the workers, other ones for other seeds, and what is refused."""

from dataclasses import replace

import pytest

from simulator.behaviour.stretch import Label, Labels
from simulator.phase import STATE_OF, Phase
from simulator.specs.machine import MachineSpec
from simulator.study.conservation import ConservationError, check
from simulator.study.replication import DAY_MS, HOUR_MS, Plan, replicate
from simulator.study.study import report_of, study
from simulator.study.tally import Tally
from tests.simulator.factory import MACHINES, machine, plain

SHIPPED = Plan(machines=tuple(MACHINES.values()), warm_up_ms=DAY_MS // 4, length_ms=DAY_MS)


def plan_of(*machines: MachineSpec, hours: float = 10, warm_up_hours: float = 0) -> Plan:
    return Plan(
        machines=machines,
        warm_up_ms=round(warm_up_hours * HOUR_MS),
        length_ms=round(hours * HOUR_MS),
        at_ms=(HOUR_MS // 10,),
    )


def test_the_numbers_are_the_same_whatever_the_number_of_workers() -> None:
    assert study(SHIPPED, range(3), workers=2) == study(SHIPPED, range(3), workers=1)


def test_another_seed_is_another_history() -> None:
    first, second = study(SHIPPED, [0, 1])

    assert first != second
    assert study(SHIPPED, [1]) == [second]


def test_a_machine_without_chance_makes_the_parts_that_its_cycle_says() -> None:
    figures = replicate(plan_of(machine(plain(cycle_s=100))), seed=0)

    assert figures["machines", "mill-1", "parts_per_hour"] == pytest.approx(36, abs=0.1)
    assert figures["machines", "mill-1", "utilization"] == 1
    assert figures["machines", "mill-1", "mtbf_h"] is None
    assert figures["machines", "mill-1", "at_hours", "0.1", "running"] == 1
    assert figures["plant", "parts_per_hour"] == figures["machines", "mill-1", "parts_per_hour"]


def test_the_warm_up_is_lived_and_not_counted() -> None:
    whole = replicate(plan_of(MACHINES["press-1"], hours=20), seed=3)
    first = replicate(plan_of(MACHINES["press-1"], hours=8), seed=3)
    rest = replicate(plan_of(MACHINES["press-1"], hours=12, warm_up_hours=8), seed=3)

    for figure in ("utilization", "uptime", "parts_per_hour"):
        key = ("machines", "press-1", figure)
        a, b, all_of_it = first[key], rest[key], whole[key]
        assert a is not None
        assert b is not None
        assert all_of_it == pytest.approx((8 * a + 12 * b) / 20, rel=1e-12)


def test_a_cause_that_did_not_come_up_took_no_time() -> None:
    key = ("machines", "mill-1", "causes", "jam", "share")
    other = ("machines", "mill-1", "mtbf_h")

    report = report_of([{key: 0.5, other: 3.0}, {other: None}])

    assert (report[key].count, report[key].mean) == (2, 0.25)
    assert (report[other].count, report[other].mean) == (1, 3.0)


def test_progress_is_told_after_each_replication() -> None:
    told: list[tuple[int, int]] = []

    study(plan_of(machine(plain())), range(3), progress=lambda done, of: told.append((done, of)))

    assert told == [(1, 3), (2, 3), (3, 3)]


SPEC = MACHINES["mill-1"]


@pytest.fixture
def sums() -> Tally:
    """Sums of a machine that hold: an hour of cycles, an hour of repair."""
    labels = [Label(state=STATE_OF[phase], phase=phase, cause="") for phase in (Phase.CYCLE, Phase.REPAIR)]
    return Tally(
        labels=Labels(labels),
        label_ms=[HOUR_MS, HOUR_MS],
        label_count=[1, 1],
        window_ms=2 * HOUR_MS,
        parts=4,
        rejects=1,
    )


def test_sums_that_hold_pass(sums: Tally) -> None:
    check(SPEC, sums, window_ms=2 * HOUR_MS)


def test_a_lost_millisecond_is_found(sums: Tally) -> None:
    sums.label_ms[0] -= 1

    with pytest.raises(
        ConservationError, match="mill-1: its phases add up to 7199999 ms in a window of 7200000"
    ):
        check(SPEC, sums, window_ms=2 * HOUR_MS)


def test_more_rejects_than_parts_are_found(sums: Tally) -> None:
    sums.rejects = 5

    with pytest.raises(ConservationError, match="mill-1: of 4 parts, 5 were rejected"):
        check(SPEC, sums, window_ms=2 * HOUR_MS)


def test_a_state_that_contradicts_its_phase_is_found(sums: Tally) -> None:
    labels = list(sums.labels)
    sums.labels = Labels([labels[0], replace(labels[1], state=labels[0].state)])

    with pytest.raises(ConservationError, match="mill-1: it was running while in repair"):
        check(SPEC, sums, window_ms=2 * HOUR_MS)
