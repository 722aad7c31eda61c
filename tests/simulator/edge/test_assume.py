"""What an operator assumes of a running plant: the simulator as a program, a real broker, a small office."""

import json
from pathlib import Path
from typing import Any

import pytest

from protocol.messages import PlantCommand, Value
from protocol.moments import from_ms, to_ms
from simulator.__main__ import main
from simulator.commanding.commands import BadCommand, command_in
from simulator.commanding.form import Grounds
from simulator.commanding.roster import Roster
from simulator.commanding.table import form_of
from simulator.histories.record import load_record
from simulator.histories.run import Run, Settings, last_run, open_run, read_run
from simulator.telling.opening import fingerprint
from tests.broker.running import RunningBroker
from tests.simulator.edge.office import SmallOffice, wait_until
from tests.simulator.edge.operator import Operator
from tests.simulator.edge.program import EPOCH_MS, MILL, Simulator

MINUTE_MS = 60_000
TENDED = MILL + "stops.jam.every_h = 0.05\nstops.jam.person = true\n"
"""A mill whose jams wait for somebody."""


def at_work(simulator: Simulator, office: SmallOffice, *options: str) -> None:
    for name in ("mill-1", "press-1"):
        simulator.write(name, TENDED)
    simulator.begin()
    simulator.start("--speed", "600", *options)
    wait_until(lambda: office.at_ms > EPOCH_MS and bool(office.assumed))


@pytest.mark.broker
def test_what_is_assumed_is_told_from_the_beginning_and_each_change_begins_a_segment(
    broker: RunningBroker, simulator: Simulator, operator: Operator
) -> None:
    with SmallOffice(broker) as office:
        at_work(simulator, office)
        first = office.assumed[-1]

        result = operator.ask(id="a", what="assume", values={"rounds_s": 600, "calls": False})

        assert result.ok
        begun_ms = to_ms(result.at) + 1
        assert result.message.endswith("calls off, rounds every 10 min")
        wait_until(lambda: len(office.assumed[-1].segments) > 1)
        told = office.assumed[-1]
        assert [one.label for one in first.segments] == ["as the run began"]
        assert to_ms(first.segments[0].at) == EPOCH_MS
        assert first.assumptions["rounds_s"].value == 1200
        assert (first.assumptions["logged_from_s"].grade, first.persons[0]) == ("C", "anna")
        assert told.segments[0] == first.segments[0]
        assert told.segments[1:] == (
            type(told.segments[0])(
                at=from_ms(begun_ms),
                label="calls off, rounds every 10 min",
                values={**first.segments[0].values, "calls": False, "rounds_s": 600.0},
            ),
        )
        assert (told.assumptions["calls"].value, told.assumptions["rounds_s"].value) == (False, 600)
        assert told.assumptions["rounds_s"].words == first.assumptions["rounds_s"].words


@pytest.mark.broker
def test_a_change_is_made_once_survives_a_crash_and_ends_with_its_run(
    broker: RunningBroker, simulator: Simulator, operator: Operator
) -> None:
    with SmallOffice(broker) as office:
        at_work(simulator, office)
        done = operator.ask(id="a", what="assume", values={"rounds_s": 600})
        again = operator.ask(id="a", what="assume", values={"rounds_s": 600})
        same = operator.ask(id="b", what="assume", values={"rounds_s": 600})
        # What is assumed is told before the result is.
        wait_until(lambda: any(one.id == "b" for one in office.results))
        simulator.kill()
        office.assumed.clear()
        simulator.start("--speed", "600")
        wait_until(lambda: bool(office.assumed))

        assert done == again
        assert (same.ok, same.message) == (True, "it is assumed already: nothing changes")
        assert operator.ask(id="a", what="assume", values={"rounds_s": 600}) == done
        assert [one.label for one in office.assumed[-1].segments] == [
            "as the run began",
            "rounds every 10 min",
        ]
        run = read_run(simulator.state)
        assert run is not None
        assert [one.order.id for one in run.inputs if one.order is not None] == ["a", "b"]
        assert operator.ask(what="start-over").ok
        wait_until(lambda: office.assumed[-1].run != run.id)
        assert [one.values["rounds_s"] for one in office.assumed[-1].segments] == [1200]


@pytest.mark.broker
def test_a_run_whose_assumptions_changed_is_lived_again_at_any_speed(
    broker: RunningBroker, tmp_path: Path, operator: Operator
) -> None:
    machines = ("mill-1", "press-1")
    with SmallOffice(broker) as office, Simulator(broker, tmp_path / "original") as simulator:
        at_work(simulator, office, "--wait-for-office", "forever")
        wait_until(lambda: office.at_ms > EPOCH_MS + 7 * MINUTE_MS)
        assert operator.ask(what="assume", values={"rounds_s": 120, "on_shift": ["anna"]}).ok
        wait_until(lambda: office.at_ms > EPOCH_MS + 50 * MINUTE_MS)
        record = tmp_path / "record.json"
        assert main(["record", "--state", str(simulator.state), "--out", str(record)]) == 0
        until_ms = to_ms(load_record(record).until)
        wait_until(lambda: office.at_ms >= until_ms)
        once = [[one for one in office.truth(name) if one[0] <= until_ms] for name in machines]
        told = office.assumed[-1].segments
    assert any("unnoticed" in {one[2] for one in truth} for truth in once)
    with SmallOffice(broker) as office, Simulator(broker, tmp_path / "again") as simulator:
        simulator.start("--speed", "max", "--relive", str(record))
        wait_until(lambda: office.at_ms == until_ms and office.clocks[-1].speed == 0)

        assert [[one for one in office.truth(name) if one[0] <= until_ms] for name in machines] == once
        mine = [one for one in office.assumed if one.run == office.ticks[-1].run]
        assert mine[0].segments == told[:1]
        assert mine[-1].segments == told


def test_a_run_from_before_there_were_assumptions_works_by_what_its_people_s_file_says(
    tmp_path: Path,
) -> None:
    run = legacy(tmp_path, 'hears = "nothing"\nrounds_s = 600\nwalk_s = 5\n[persons.anna]\n')

    roster = run.roster()

    assert roster.persons == ("anna",)
    assert {key: roster.assumptions[key] for key in ("calls", "rounds_s", "walk_s", "reaction_s")} == {
        "calls": False,
        "rounds_s": 600,
        "walk_s": 5,
        "reaction_s": 60,
    }
    # Written as such a run's file is: without the key.
    text = (tmp_path / "run.json").read_text(encoding="utf-8")
    (tmp_path / "run.json").write_text(text.replace(',"assumptions":""', ""), encoding="utf-8")
    found = last_run(tmp_path)
    assert found is not None
    assert found.roster().assumptions == roster.assumptions


def legacy(folder: Path, people: str) -> Run:
    settings = Settings(catch_up_to=from_ms(EPOCH_MS), kinds=fingerprint(), machines={}, people=people)
    return open_run(folder, seed=1, epoch_ms=EPOCH_MS, settings=settings)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "key 'values'"),
        (7, "key 'values'"),
        ({"rounds": 600}, "key 'values.rounds' is not known: calls, condition, rounds_s"),
        ({"rounds_s": 59}, "key 'values.rounds_s': 59 is not allowed: a number from 60 to 86400"),
        ({"rounds_s": True}, "key 'values.rounds_s': true is not allowed: a number"),
        ({"rounds_s": "often"}, "key 'values.rounds_s': 'often' is not allowed: a number"),
        ({"calls": 1}, "key 'values.calls': 1 is not allowed: true or false"),
        (
            {"on_shift": []},
            "key 'values.on_shift': () is not allowed: all, or a list of",
        ),
        ({"on_shift": ["anna", "carl"]}, "is not allowed: all, or a list of one or more of anna, ben"),
        ({"on_shift": ["anna", "anna"]}, "is not allowed: all, or a list of one or more of anna, ben"),
        ({"on_shift": "anna"}, "key 'values.on_shift': 'anna' is not allowed: all, or"),
        ({"planned_share": 1.5}, "key 'values.planned_share': 1.5 is not allowed: a number from 0.01 to 1"),
        ({"walk_s": 10, "reaction_s": 0}, "key 'values.reaction_s': 0 is not allowed: a number from 30"),
    ],
)
def test_what_cannot_be_assumed_is_refused_with_key_value_and_what_is_allowed(
    values: Any, sentence: str
) -> None:
    assert sentence in refusal(values)


def test_what_can_be_assumed_is_not_refused() -> None:
    for values in (
        {"on_shift": ["ben"], "calls": False},
        {"on_shift": "all"},
        {"rounds_s": 600, "reason_share": 0.25},
    ):
        assert refusal(values) == ""


def refusal(values: Any) -> str:
    """Why a command is refused by a plant with two people; empty when it is not."""
    command = command_in(json.dumps({"id": "a", "what": "assume", "values": values}).encode())
    if isinstance(command, BadCommand):
        return command.wrong
    roster = Roster({}, persons=("anna", "ben"))
    return form_of(command).refusal(command, Grounds(roster=roster, at_ms=0, kinds={}, bench=()))


def test_two_changes_while_plant_time_stands_still_are_one_segment() -> None:
    roster = Roster({}, persons=("anna",), epoch_ms=1_000)
    changes: list[dict[str, Value]] = [{"rounds_s": 600.0}, {"calls": False}, {"rounds_s": 1200.0}]
    for values in changes:
        command = PlantCommand(id="a", what="assume", values=values)
        form_of(command).enter(command, roster, 5_000)

    assert [(one.at_ms, one.label) for one in roster.segments] == [
        (1_000, "as the run began"),
        (5_001, "calls off"),
    ]
