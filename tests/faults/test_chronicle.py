"""Faults in a run that is lived, told again, read from its files and lived again."""

import json
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.messages import MessageError, PlantCommand
from protocol.moments import from_ms, to_ms
from protocol.readings import decode_batch
from simulator.commanding.commands import BadCommand, command_in
from simulator.commanding.table import FORMS
from simulator.faults.catalogue import CATALOGUE
from simulator.histories.answers import done_result
from simulator.histories.chronicle import Chronicle
from simulator.histories.run import Run, last_run
from tests.simulator.edge.program import EPOCH_MS, MILL, PRESS
from tests.simulator.edge.test_chronicle import KINDS, MINUTE_MS, new_run

BUSY = MILL + "cycle_s = 20\nhandling_s = 5\n"


class Plant:
    """A run and its chronicle, to which orders are given."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.chronicle = Chronicle(run, KINDS)

    def order(self, what: str, **fields: Any) -> str:
        """Give an order at the run's position; what came of it, or what is wrong with it."""
        command = PlantCommand(id=f"c{len(self.run.inputs)}", what=what, **fields)  # type: ignore[arg-type]
        grounds = self.chronicle.grounds_of_log()
        wrong = FORMS[what].refusal(command, grounds)
        if wrong:
            return wrong
        self.run.note("order", order=command)
        self.chronicle.take_in()
        return done_result(command, grounds).message

    def live(self, until_ms: int, *, tick_ms: int = MINUTE_MS) -> dict[str, Any]:
        """Live on, and everything that left, but for the numbers of the messages."""
        heard: dict[str, Any] = {"truth": [], "lost": []}
        chronicle = self.chronicle
        while chronicle.cursor_ms < until_ms:
            end_ms = chronicle.clip(min(chronicle.cursor_ms + tick_ms, until_ms))
            self.run.reach(max(self.run.position_ms, end_ms))
            for told in chronicle.tell(end_ms):
                for payload in told.payloads:
                    try:
                        batch = decode_batch(payload)
                    except MessageError:
                        heard["lost"].append((told.machine, end_ms))
                    else:
                        mine = heard.setdefault(told.machine, {})
                        at = ((batch.at_ms or 0) + batch.offsets_ms).tolist()
                        rows = zip(*(column.tolist() for column in batch.signals.values()), strict=True)
                        mine.update(zip(at, map(repr, rows), strict=True))
                heard["truth"] += [
                    (told.machine, to_ms(told.truth.at) + one.offset_ms, one.state, one.cause, one.parts)
                    for one in told.truth.changes
                ]
            chronicle.go_to(end_ms)
        return heard


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    return Plant(new_run(tmp_path, mill_1=MILL, press_1=PRESS))


def test_a_dropped_message_stays_dropped_when_the_span_is_sent_again(plant: Plant) -> None:
    plant.live(EPOCH_MS + 5 * MINUTE_MS)
    plant.order("fault", machine="mill-1", fault="silent-drop", severity=0.6, duration_s=240)
    first = plant.live(EPOCH_MS + 15 * MINUTE_MS)

    plant.chronicle.go_to(EPOCH_MS + 5 * MINUTE_MS)

    assert plant.live(EPOCH_MS + 15 * MINUTE_MS) == first
    assert plant.chronicle.times_lived == 1
    assert 300 < len(first["mill-1"]) < 540
    assert len(first["press-1"]) == 600


def test_everything_under_a_fault_leaves_alike_at_every_speed_and_in_a_life_again(tmp_path: Path) -> None:
    run = new_run(tmp_path, mill_1=MILL, press_1=PRESS)
    plant = Plant(run)
    plant.live(EPOCH_MS + 90_500)
    for place, one in enumerate(one for one in CATALOGUE.values() if one.about != "machine"):
        machine = ("mill-1", "press-1")[place % 2]
        signal = "power_kw" if one.about == "sensor" else ""
        plant.order("fault", machine=machine, fault=one.name, duration_s=200, signal=signal)
        plant.live(plant.run.position_ms + 45_000)
    plant.order("clear", machine="mill-1", fault="malformed")
    plant.live(EPOCH_MS + 40 * MINUTE_MS)

    histories = []
    for tick_ms in (1_000, 10_000, 60_000):
        again = Plant(Run(tmp_path, run.head, list(run.inputs), run.position_ms))
        histories.append(again.live(EPOCH_MS + 40 * MINUTE_MS, tick_ms=tick_ms))

    for history in histories[1:]:
        assert history["mill-1"] == histories[0]["mill-1"]
        assert history["press-1"] == histories[0]["press-1"]
        assert sorted(history["truth"], key=str) == sorted(histories[0]["truth"], key=str)
        assert len(history["lost"]) == len(histories[0]["lost"]) > 1
    moments = [at for at in histories[0]["press-1"] if at <= EPOCH_MS + 40 * MINUTE_MS]
    assert len(moments) > 2_000


def test_a_disconnected_machine_is_away_until_its_span_ends_and_no_span_goes_across_that(
    plant: Plant,
) -> None:
    plant.live(EPOCH_MS + MINUTE_MS)
    plant.order("fault", machine="press-1", fault="disconnect", duration_s=90)

    assert plant.chronicle.away() == {"press-1"}
    assert "press-1" not in plant.live(EPOCH_MS + 2 * MINUTE_MS)
    assert plant.chronicle.clip(EPOCH_MS + 3 * MINUTE_MS) == EPOCH_MS + 150_000
    plant.live(EPOCH_MS + 150_000)
    assert plant.chronicle.away() == set()
    assert len(plant.live(EPOCH_MS + 3 * MINUTE_MS)["press-1"]) == 120


def test_what_is_held_up_is_remembered_when_the_rest_is_forgotten(plant: Plant) -> None:
    plant.live(EPOCH_MS + MINUTE_MS)
    plant.order("fault", machine="press-1", fault="disconnect", duration_s=3_600)
    plant.live(EPOCH_MS + 50 * MINUTE_MS)
    plant.chronicle.forget(EPOCH_MS + 50 * MINUTE_MS)

    plant.order("clear")

    assert len(plant.live(EPOCH_MS + 51 * MINUTE_MS)["press-1"]) == 50 * 60
    assert plant.chronicle.times_lived == 1


def test_the_same_fault_again_is_answered_and_neither_begins_nor_lasts_longer(plant: Plant) -> None:
    plant.live(EPOCH_MS + MINUTE_MS)
    first = plant.order("fault", machine="mill-1", fault="silent-drop", severity=0.8, duration_s=600)
    plant.live(EPOCH_MS + 3 * MINUTE_MS)

    again = plant.order("fault", machine="mill-1", fault="silent-drop", severity=1.0)

    assert "silent drop of severity 0.8 (81 % of its messages vanish" in first
    until = from_ms(EPOCH_MS + 11 * MINUTE_MS).isoformat()[:19]
    assert f"has silent drop already, until {until}" in again
    assert [one.until_ms for one in plant.run.roster().spells] == [EPOCH_MS + 11 * MINUTE_MS]


def test_clearing_ends_one_fault_those_of_a_machine_or_all_and_says_when_there_is_none(plant: Plant) -> None:
    plant.live(EPOCH_MS + MINUTE_MS)
    for fault in ("delay", "duplicate"):
        plant.order("fault", machine="mill-1", fault=fault)
    for signal in ("power_kw", "temperature_c"):
        plant.order("fault", machine="press-1", fault="drift", signal=signal)

    assert plant.order("clear", machine="mill-1", fault="delay") == "cleared mill-1: delay"
    assert plant.order("clear", machine="mill-1", fault="delay") == ("mill-1 has no delay: nothing changes")
    assert plant.order("clear", machine="press-1", signal="power_kw") == "cleared press-1: drift of power_kw"
    assert plant.order("clear") == "cleared mill-1: duplicates, press-1: drift of temperature_c"
    assert plant.order("clear") == "no machine has a fault: nothing changes"


def test_a_machine_that_goes_takes_its_faults_with_it_and_one_that_is_changed_keeps_them(
    plant: Plant,
) -> None:
    for machine in ("mill-1", "press-1"):
        plant.order("fault", machine=machine, fault="delay")
    plant.live(EPOCH_MS + MINUTE_MS)
    plant.run.note("retired", machine="mill-1")
    plant.run.note("added", machine="press-1", text=PRESS + "scrap = 0.1\n")
    plant.chronicle.take_in()

    spells = {one.machine: one.until_ms - EPOCH_MS for one in plant.run.roster().spells}

    assert spells == {"mill-1": MINUTE_MS, "press-1": 10 * MINUTE_MS}


def test_the_truth_says_which_faults_were_on_from_when_to_when(plant: Plant) -> None:
    plant.order("fault", machine="press-1", fault="stuck", signal="power_kw", severity=1, duration_s=90)
    told = {one.machine: one.truth for one in plant.chronicle.tell(EPOCH_MS + MINUTE_MS)}

    (fault,) = told["press-1"].faults
    assert (fault.fault, fault.signal, fault.severity) == ("stuck", "power_kw", 1)
    assert (fault.begun, fault.until) == (from_ms(EPOCH_MS), from_ms(EPOCH_MS + 90_000))
    assert told["mill-1"].faults == ()
    plant.live(EPOCH_MS + 30_000)
    plant.order("clear", machine="press-1")
    told = {one.machine: one.truth for one in plant.chronicle.tell(EPOCH_MS + MINUTE_MS)}
    assert [one.until for one in told["press-1"].faults] == [from_ms(EPOCH_MS + 30_000)]


@pytest.mark.parametrize(
    ("fields", "piece"),
    [
        ({"machine": "mill-1"}, "key 'fault' is missing: allowed is jam, tool-breakage"),
        ({"fault": "jam"}, "key 'machine' is missing"),
        ({"machine": "mill-1", "fault": "flood"}, "key 'fault': 'flood' is not allowed: jam, tool-breakage"),
        ({"machine": "mill-1", "fault": "jam", "severity": 1.5}, "'1.5' is not allowed: a number from 0"),
        ({"machine": "mill-1", "fault": "jam", "duration_s": 0}, "key 'duration_s': '0' is not allowed"),
        ({"machine": "mill-1", "fault": "jam", "duration_s": "long"}, "key 'duration_s': 'long'"),
        ({"machine": "mill-1", "fault": "jam", "severity": True}, "key 'severity': 'True'"),
        ({"machine": "mill-1", "fault": "jam", "seed": 3}, "key 'seed' is not allowed beside 'fault'"),
        ({"machine": "mill-1", "fault": "stuck", "signal": "power kw"}, "key 'signal': 'power kw'"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_with_what_is_allowed(fields: dict[str, Any], piece: str) -> None:
    bad = command_in(json.dumps({"id": "x", "what": "fault", **fields}).encode())

    assert isinstance(bad, BadCommand)
    assert piece in bad.wrong


def test_what_the_plant_does_not_have_is_refused_with_what_it_has(plant: Plant) -> None:
    assert plant.order("fault", machine="mill-9", fault="jam") == (
        "key 'machine': 'mill-9' is not in the plant: mill-1, press-1"
    )
    assert plant.order("fault", machine="press-1", fault="drift") == (
        "key 'signal' is missing beside 'drift': power_kw, vibration_mm_s, temperature_c"
    )
    assert plant.order("fault", machine="press-1", fault="drift", signal="tonnage") == (
        "key 'signal': 'tonnage' is no signal of press-1: power_kw, vibration_mm_s, temperature_c"
    )
    assert plant.order("fault", machine="press-1", fault="delay", signal="power_kw") == (
        "key 'signal' is not allowed beside 'delay', which is a fault of the link"
    )
    assert plant.order("clear", fault="jam") == (
        "key 'machine' is missing: without one every fault of every machine is cleared"
    )
    assert plant.run.inputs == []
    assert last_run(plant.run._folder) is not None


@given(
    tick_s=st.lists(st.sampled_from([1.0, 7.0, 33.337, 60.0]), min_size=1, max_size=20),
    back_s=st.sampled_from([0, 1, 30, 90]),
)
@settings(max_examples=6)
def test_what_machines_do_under_faults_is_told_alike_however_time_goes_by_and_when_told_again(
    tick_s: list[float], back_s: int
) -> None:
    with TemporaryDirectory() as folder:
        faults = [one.name for one in CATALOGUE.values() if one.about == "machine"]
        plant = Plant(new_run(Path(folder), **{fault.replace("-", "_"): BUSY for fault in faults}))
        plant.live(EPOCH_MS + 2 * MINUTE_MS)
        for fault in faults:
            plant.order("fault", machine=fault, fault=fault, severity=0.9, duration_s=240)
        straight = Plant(Run(Path(folder), plant.run.head, list(plant.run.inputs), plant.run.position_ms))
        whole = straight.live(EPOCH_MS + 8 * MINUTE_MS)["truth"]

        said: dict[Any, Any] = {}
        cursor_ms, ticks = plant.chronicle.cursor_ms, cycle(tick_s)
        while cursor_ms < EPOCH_MS + 8 * MINUTE_MS:
            until_ms = min(cursor_ms + round(next(ticks) * 1_000), EPOCH_MS + 8 * MINUTE_MS)
            said |= {one[:2]: one for one in plant.live(until_ms)["truth"]}
            if until_ms - back_s * 1_000 > EPOCH_MS + 2 * MINUTE_MS:
                plant.chronicle.go_to(until_ms - back_s * 1_000)
                again = {one[:2]: one for one in plant.live(until_ms)["truth"]}
                assert again == {key: said[key] for key in again}
            cursor_ms = until_ms
        expected = {one[:2]: one for one in whole if one[1] > EPOCH_MS + 2 * MINUTE_MS}
        assert said == expected
