"""Pairs in one process: equal rules gain nothing, and how the work is divided changes nothing."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from demo.study.life import Life
from demo.study.pair import live_pair
from demo.study.plan import EPOCH_MS, HOUR_MS, Plan
from demo.study.study import findings_of, pairs_of
from protocol.states import State
from simulator.phase import Phase
from simulator.specs.sensor import STATES
from tests.gain.plants import PROJECT, shipped, truth_of

MINUTE_MS = 60_000


def heard(plan: Plan) -> Plan:
    """The same where people take half a minute to hear a call, so the plant is less far ahead."""
    return replace(plan, people=replace(plan.people, reaction_ms=30_000))


def test_equal_rules_gain_nothing_and_the_truths_are_the_same() -> None:
    for seed in range(3):
        pair = live_pair(shipped(4, alike=True), seed)

        assert set(pair.gain.values()) == {0}
        assert pair.plant == pair.twin


def test_people_who_hear_nothing_gain_nothing_however_much_they_are_called() -> None:
    plan = shipped(4)
    plan = replace(plan, people=replace(plan.people, hears="nothing"))
    for seed in range(3):
        pair = live_pair(plan, seed)

        assert set(pair.gain.values()) == {0}
        assert pair.plant.truth == pair.twin.truth
        assert pair.plant.calls > 0


def test_without_an_office_from_the_start_nothing_is_gained_and_the_truths_are_the_same() -> None:
    for seed in range(3):
        pair = live_pair(shipped(4, absent=((0, 4 * HOUR_MS),)), seed)

        assert set(pair.gain.values()) == {0}
        assert pair.plant.truth == pair.twin.truth
        assert pair.plant.calls == 0


def test_calls_change_the_plant_and_not_its_twin() -> None:
    called, alone = live_pair(shipped(4), 1), live_pair(shipped(4, alike=True), 1)

    assert called.plant.truth != called.twin.truth == alone.twin.truth
    assert any(stop.called for stop in called.plant.stops)
    assert not any(stop.called for stop in called.twin.stops)


def test_an_office_that_is_asked_where_it_matters_calls_as_one_that_is_asked_each_minute() -> None:
    for seed, plan in ((4, shipped(6)), (5, heard(shipped(6)))):
        until_ms = EPOCH_MS + plan.length_ms
        asked, minutely = Life(plan, seed, monitored=True), Life(plan, seed, monitored=True)
        asked.live(until_ms)
        for minute in range(plan.length_ms // MINUTE_MS):
            minutely.live(EPOCH_MS + (minute + 1) * MINUTE_MS)

        assert sorted(one.id for one in asked.sent) == sorted(one.id for one in minutely.sent)
        assert truth_of(asked, EPOCH_MS, until_ms) == truth_of(minutely, EPOCH_MS, until_ms)


def test_all_time_of_both_plants_has_a_state_and_a_phase_to_the_millisecond() -> None:
    pair = live_pair(shipped(3), 2)

    for outcome in (pair.plant, pair.twin):
        for name, states in outcome.state_ms.items():
            assert sum(states.values()) == sum(outcome.phase_ms[name].values()) == 3 * HOUR_MS
            assert states[State.RUNNING] == outcome.phase_ms[name][Phase.CYCLE]
    assert sum(pair.hours_gained(state) for state in STATES) == pytest.approx(0, abs=1e-9)
    assert sum(pair.phase_hours_gained(phase) for phase in Phase) == pytest.approx(0, abs=1e-9)


def test_warm_up_is_lived_and_not_counted() -> None:
    whole, late = live_pair(shipped(3), 1), live_pair(shipped(2, warm_up_ms=HOUR_MS), 1)
    first = live_pair(shipped(1), 1)

    assert late.plant.truth == whole.plant.truth
    for line, good in whole.plant.good.items():
        assert late.plant.good[line] == good - first.plant.good[line]


def test_workers_change_no_number() -> None:
    plan = shipped(0.5)
    alone, shared = list(pairs_of(plan, range(3))), list(pairs_of(plan, range(3), workers=2))

    assert alone == shared
    assert findings_of(alone) == findings_of(shared)


def test_the_digest_of_a_plan_tells_other_people_rules_and_hours_apart() -> None:
    plan = shipped(8)
    others = [
        replace(plan, people=replace(plan.people, rounds_ms=600_000)),
        replace(plan, length_ms=plan.length_ms + 1),
        replace(plan, machines=plan.machines[1:]),
        replace(plan, absent=((0, 1),)),
    ]

    assert shipped(8).digest == plan.digest
    assert len({plan.digest, *(one.digest for one in others)}) == 5


def test_another_process_has_the_same_digest() -> None:
    program = "from tests.gain.plants import shipped; print(shipped(8).digest)"
    told = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=PROJECT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }

    assert told == {shipped(8).digest}
