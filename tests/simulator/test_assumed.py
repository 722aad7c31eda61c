"""Assumptions that change while the plant lives: what people do from that moment on."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.behaviour.job import TREND
from simulator.plant import Plant
from simulator.specs.assumptions import Value, parse_assumptions
from simulator.specs.machine import MachineSpec
from simulator.specs.people import people_of, persons_in
from tests.simulator.factory import EPOCH_MS, HOUR_MS, MACHINES, MINUTE_MS, machine, plain, story

ANNA = "[persons.anna]\n"
BEN = "[persons.ben]\n"
START: dict[str, Value] = {"rounds_s": 1200, "reaction_s": 60, "reaction_mean_s": 0, "walk_s": 0}


def mill(after_s: float, name: str = "m1", mended_s: float = 60) -> MachineSpec:
    """A new machine that breaks once after so many seconds of running, and soon again."""
    stop = {
        "phase": "repair", "every_h": after_s / 3600, "life": "fixed", "mean_s": mended_s, "length": "fixed",
        "causes": {"broken": 1},
    }  # fmt: skip
    return machine(plain(fresh=True, stops={"broken": stop}), name)


class Floor:
    """A plant whose assumptions are changed."""

    def __init__(self, *specs: MachineSpec, people: str = ANNA, twin: bool = False, **assumed: Value) -> None:
        self.assumptions = parse_assumptions("").changed({**START, **assumed})
        crowd = people_of(persons_in(people), self.assumptions)
        self.plant = Plant(1, EPOCH_MS, "r", people=crowd.of_twin() if twin else crowd, sensors=False)
        for spec in specs:
            self.plant.add(spec, EPOCH_MS)

    def assume(self, at_s: float, **values: Value) -> None:
        """Change them; they hold one millisecond later."""
        self.assumptions = self.assumptions.changed(values)
        self.plant.advance(EPOCH_MS + round(at_s * 1_000))
        self.plant.assume(self.assumptions, self.plant.now_ms)

    def call(self, at_s: float, name: str = "m1", rule: str = "stopped") -> None:
        """A call comes."""
        self.plant.advance(EPOCH_MS + round(at_s * 1_000))
        self.plant.hear_call(name, self.plant.now_ms, rule)

    def phases(self, minutes: int, name: str = "m1") -> list[tuple[int, str]]:
        """What a machine goes through."""
        self.plant.advance(EPOCH_MS + minutes * MINUTE_MS)
        lived = story(self.plant, name, EPOCH_MS, EPOCH_MS + minutes * MINUTE_MS)
        return [(at_s, phase) for at_s, phase, _ in lived]


def test_a_stop_that_is_not_noticed_yet_is_found_on_the_rounds_that_are_made_from_now_on() -> None:
    floor = Floor(mill(700))
    floor.assume(800, rounds_s=300)

    assert floor.phases(20)[:3] == [(0, "cycle"), (700, "unnoticed"), (900, "repair")]


def test_longer_rounds_let_a_stop_wait_for_longer() -> None:
    floor = Floor(mill(700))
    floor.assume(800, rounds_s=3600)

    assert floor.phases(62)[:3] == [(0, "cycle"), (700, "unnoticed"), (3600, "repair")]


def test_a_call_on_its_way_is_not_heard_once_calls_are_off() -> None:
    floor = Floor(mill(700))
    floor.call(720)
    floor.assume(750, calls=False)

    assert floor.phases(22)[:3] == [(0, "cycle"), (700, "unnoticed"), (1200, "repair")]


def test_an_open_call_is_heard_once_calls_are_on_with_the_reaction_from_then() -> None:
    floor = Floor(mill(700), calls=False)
    floor.call(720)
    floor.assume(900, calls=True)

    assert floor.phases(22)[:3] == [(0, "cycle"), (700, "unnoticed"), (960, "repair")]


def test_a_slower_reaction_holds_for_the_call_that_was_raised_before() -> None:
    floor = Floor(mill(700))
    floor.call(720)
    floor.assume(750, reaction_s=300)

    assert floor.phases(22)[:3] == [(0, "cycle"), (700, "unnoticed"), (720 + 300, "repair")]


def test_what_is_noticed_already_stays_noticed() -> None:
    floor = Floor(mill(700, mended_s=600))
    floor.call(720)
    floor.assume(790, calls=False, rounds_s=3600)

    assert floor.phases(24)[:3] == [(0, "cycle"), (700, "unnoticed"), (780, "repair")]


def test_who_leaves_the_shift_finishes_what_they_are_at_and_gets_nothing_new() -> None:
    floor = Floor(mill(700, mended_s=1000), people=ANNA + BEN, on_shift=("anna",))
    floor.assume(1300, on_shift=("ben",))

    floor.phases(100)
    done = floor.plant.responses(EPOCH_MS, EPOCH_MS + 100 * MINUTE_MS)
    mended = [((one.at_ms - EPOCH_MS) // 1_000, one.person) for one in done if one.step == "restored"]
    assert mended == [(2200, "anna"), (4600, "ben")]
    assert floor.phases(100)[2:5] == [(1200, "repair"), (2200, "cycle"), (2900, "unnoticed")]


def test_a_machine_whose_people_are_all_gone_waits_until_one_of_them_is_back() -> None:
    people = '[persons.anna]\ntends = ["m1"]\n[persons.ben]\ntends = ["m2"]\n'
    floor = Floor(mill(700), mill(5000, "m2"), people=people)
    floor.assume(600, on_shift=("ben",))
    floor.call(720)
    floor.assume(7000, on_shift="all")

    # Her call is open still, and the reaction was over long ago.
    assert floor.phases(130)[:3] == [(0, "cycle"), (700, "unnoticed"), (7000, "repair")]


def test_a_stop_that_waits_for_a_person_gets_whoever_comes_on_shift() -> None:
    floor = Floor(
        mill(700, "m1", 3000), mill(710, "m2", 60), people=ANNA + BEN, on_shift=("anna",), rounds_s=1200
    )
    floor.assume(1500, on_shift="all")

    assert floor.phases(30, "m2")[1:4] == [
        (710, "unnoticed"),
        (1200, "waiting for a person"),
        (1500, "repair"),
    ]


def worn_slowly() -> MachineSpec:
    """A machine with a bearing that shows its wear, and lives on."""
    bearing = {
        "phase": "repair", "every_h": 100, "life": "fixed", "mean_s": 60, "length": "fixed",
        "causes": {"bearing": 1}, "symptom": "bearing",
    }  # fmt: skip
    return machine(plain(fresh=True, stops={"bearing": bearing}), "m1")


def test_trends_that_nobody_is_at_are_given_up_once_condition_is_off() -> None:
    given_up, looked_into = Floor(worn_slowly()), Floor(worn_slowly())
    for floor in (given_up, looked_into):
        floor.call(10, rule=TREND)
    given_up.assume(500, condition=False, planned_within_s=600)
    looked_into.assume(500, planned_within_s=600)

    assert given_up.phases(60) == [(0, "cycle")]
    assert looked_into.phases(60)[1] == (610, "false alarm")


def test_an_inspection_that_is_on_takes_as_long_as_was_assumed_when_it_began() -> None:
    floor = Floor(worn_slowly(), planned_within_s=0)
    floor.call(10, rule=TREND)
    floor.assume(200, inspection_s=60)

    assert floor.phases(60)[1:] == [(70, "false alarm"), (670, "cycle")]


CHANGES = st.lists(
    st.tuples(
        st.integers(0, 10 * 60),
        st.sampled_from(
            [
                {"rounds_s": 300},
                {"rounds_s": 3_600},
                {"reaction_s": 400, "reaction_mean_s": 600},
                {"walk_s": 200},
                {"on_shift": ("anna",)},
                {"on_shift": "all"},
                {"inspection_s": 60, "planned_share": 0.2},
                {"condition": False},
            ]
        ),
    ),
    max_size=6,
).map(lambda changes: sorted(changes, key=lambda one: one[0]))


@settings(derandomize=True, max_examples=12, deadline=None)
@given(changes=CHANGES)
def test_equal_rules_give_the_same_truth_after_any_change_whether_calls_come_or_not(
    changes: list[tuple[int, dict[str, Any]]],
) -> None:
    monitored = Floor(*MACHINES.values(), people=ANNA + BEN, calls=False)
    twin = Floor(*MACHINES.values(), people=ANNA + BEN, twin=True)
    for minute in range(0, 10 * 60, 5):
        for at_minute, values in changes:
            if minute <= at_minute < minute + 5:
                for floor in (monitored, twin):
                    floor.assume(at_minute * 60, **values)
        monitored.call((minute + 5) * 60 - 1, sorted(MACHINES)[minute % len(MACHINES)])
        monitored.call((minute + 5) * 60 - 1, sorted(MACHINES)[minute % 7], rule=TREND)
    truths = []
    for floor in (monitored, twin):
        floor.plant.advance(EPOCH_MS + 12 * HOUR_MS)
        truths.append([floor.plant.truth(name, EPOCH_MS, EPOCH_MS + 12 * HOUR_MS) for name in MACHINES])

    assert truths[0] == truths[1]


@pytest.mark.parametrize("calls", [True, False])
def test_the_twin_hears_no_call_whatever_is_assumed(calls: bool) -> None:  # noqa: FBT001 - a parameter
    called, quiet = (Floor(mill(700), twin=True) for _ in range(2))
    for floor in (called, quiet):
        floor.assume(300, calls=calls, rounds_s=900)
    called.call(720)
    called.call(720, rule=TREND)

    assert called.phases(60) == quiet.phases(60)


def test_a_trend_that_nobody_was_there_to_hear_is_heard_by_whoever_comes() -> None:
    floor = Floor(worn_slowly(), people=ANNA + '[persons.ben]\ntends = ["m2"]\n', planned_within_s=600)
    floor.assume(5, on_shift=("ben",))
    floor.call(10, rule=TREND)
    floor.assume(2000, on_shift="all")

    assert floor.phases(60)[1] == (2010, "false alarm")


def test_a_trend_that_is_not_noticed_yet_is_not_once_calls_are_off_and_is_when_they_are_on_again() -> None:
    floor = Floor(worn_slowly(), planned_within_s=0)
    floor.call(10, rule=TREND)
    floor.assume(50, calls=False)
    floor.assume(2000, calls=True)

    assert floor.phases(60)[1] == (2070, "false alarm")
