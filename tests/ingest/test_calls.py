"""The office calls for people: in planned time, once for a cause, and never in hindsight for what is over."""

from pathlib import Path
from typing import Any

import pytest

from dashboard.commands import Acknowledge, CommandResult, encode
from dashboard.ingest.desk import Desk
from protocol.messages import Response
from protocol.messages import encode as encode_message
from protocol.moments import from_ms
from tests.ingest.plant_of_calls import (
    EPOCH_MS,
    RUN,
    PlantOfCalls,
    S,
    Script,
    batch,
    batches,
    birth,
    clock,
    seconds,
)

MILL: Script = [(0, "running", ""), (100, "down", "jam"), (400, "running", ""), (900, "down", "turret")]
SHIFTS = """
zone = "UTC"
[[shift]]
name = "early"
starts = "06:00"
ends = "06:30"
[[break]]
name = "coffee"
starts = "06:10"
ends = "06:20"
"""


def lived(
    folder: Path, scripts: dict[str, Script], until_s: int, *, rules: str = "", **more: Any
) -> PlantOfCalls:
    births = [birth(name, period_ms=1_000) for name in scripts]
    plant = PlantOfCalls(folder, rules=rules, births=births, **more)
    plant.live(scripts, range(60, until_s + 1, 60))
    return plant


def test_a_machine_that_is_down_for_two_minutes_is_called_for_until_it_runs(tmp_path: Path) -> None:
    plant = lived(tmp_path, {"mill-1": MILL}, 1_200)

    assert plant.calls() == [
        {
            "machine": "mill-1", "rule": "stopped", "cause": "jam", "since": 100, "raised": 220,
            "escalated": None, "closed": 400, "missed": False,
        },
        {
            "machine": "mill-1", "rule": "stopped", "cause": "turret", "since": 900, "raised": 1_020,
            "escalated": None, "closed": None, "missed": False,
        },
    ]  # fmt: skip
    first = plant.said[0][1]
    assert [(call == first, bool(payload)) for _, call, payload in plant.said] == [
        (True, True), (True, True), (True, False), (False, True),
    ]  # fmt: skip


@pytest.mark.parametrize(("at_s", "number"), [(0, 0), (219, 0), (220, 1), (1_020, 2), (1_200, 2)])
def test_a_watermark_counts_the_calls_raised_up_to_it(at_s: int, number: int, tmp_path: Path) -> None:
    plant = lived(tmp_path, {"mill-1": MILL}, 1_200)

    assert plant.office.calls is not None
    assert plant.office.calls.number(RUN, EPOCH_MS + at_s * S) == number


def test_who_waits_is_not_called_for_and_who_is_set_to_be_is(tmp_path: Path) -> None:
    waits: Script = [(0, "idle", "no material"), (500, "setup", "changeover"), (1_000, "running", "")]

    silent = lived(tmp_path / "a", {"mill-1": waits}, 1_200)
    asked = lived(
        tmp_path / "b", {"mill-1": waits}, 1_200, rules="[stopped]\nidle_s = 300\nsetup_s = 400\nquiet_s = 0"
    )

    assert silent.calls() == []
    assert asked.short() == [("mill-1", "stopped", 300, 1_000)]


def test_a_run_too_short_to_mean_anything_does_not_end_a_call(tmp_path: Path) -> None:
    flickers: Script = [
        (0, "down", "jam"), (300, "running", ""), (309, "down", "jam"), (600, "running", ""),
    ]  # fmt: skip

    plant = lived(tmp_path, {"mill-1": flickers}, 660)

    assert plant.short() == [("mill-1", "stopped", 120, 600)]


def test_a_machine_is_left_alone_for_a_while_and_then_called_for_if_it_still_stands(tmp_path: Path) -> None:
    again: Script = [(0, "down", "jam"), (300, "running", ""), (320, "down", "jam")]

    plant = lived(tmp_path, {"mill-1": again}, 900, rules="[stopped]\nquiet_s = 400")

    assert plant.short() == [("mill-1", "stopped", 120, 300), ("mill-1", "stopped", 700, None)]


def test_stops_count_in_planned_time_and_from_its_beginning(tmp_path: Path) -> None:
    # Down from a minute before the break on, which is over at 1200 s; the shift ends at 1800 s.
    stands: Script = [
        (0, "running", ""),
        (540, "down", "jam"),
        (1_500, "running", ""),
        (1_750, "down", "belt"),
    ]

    plant = lived(tmp_path, {"mill-1": stands}, 2_400, calendar=SHIFTS)

    assert plant.short() == [("mill-1", "stopped", 1_320, 1_500)]
    assert plant.calls()[0]["since"] == 540


def test_a_storm_of_stops_makes_one_call_for_its_cause(tmp_path: Path) -> None:
    rules = "[stopped]\nidle_s = 120\nquiet_s = 0"
    storm: dict[str, Script] = {
        "mill-1": [(0, "running", ""), (60, "down", "turret"), (600, "running", "")],
        "mill-2": [(0, "running", ""), (70, "idle", "starved by mill-1"), (660, "running", "")],
        "mill-3": [(0, "running", ""), (80, "idle", "starved by mill-2"), (900, "running", "")],
        "mill-4": [(0, "running", ""), (80, "idle", "starved by nobody"), (900, "running", "")],
    }

    plant = lived(tmp_path, storm, 960, rules=rules)

    assert plant.short() == [
        ("mill-1", "stopped", 180, 600),
        ("mill-4", "stopped", 200, 900),
        # It still waits although what it waited for has run since 660 s.
        ("mill-3", "stopped", 780, 900),
    ]


def test_machines_that_wait_for_each_other_are_called_for(tmp_path: Path) -> None:
    ring: dict[str, Script] = {
        "mill-1": [(0, "running", ""), (60, "idle", "blocked by mill-2")],
        "mill-2": [(0, "running", ""), (60, "idle", "starved by mill-1")],
    }

    plant = lived(tmp_path, ring, 300, rules="[stopped]\nidle_s = 120")

    assert {one[0] for one in plant.short()} == {"mill-1", "mill-2"}


def test_micro_stops_that_repeat_are_called_for_until_they_are_rare(tmp_path: Path) -> None:
    jams = [(100 * n + at, state, cause) for n in range(1, 5) for at, state, cause in
            ((0, "down", "jam"), (20, "running", ""))]  # fmt: skip
    rules = "[micro-stops]\ncount = 3\nwithin_s = 250\nshorter_s = 60\nfalls_to = 1\nquiet_s = 0"

    plant = lived(tmp_path, {"mill-1": [(0, "running", ""), *jams]}, 1_200, rules=rules)

    assert [(one["raised"], one["closed"], one["since"], one["cause"]) for one in plant.calls()] == [
        # The third ran again at 320 s. The third of four is too old at 570 s: then one is left.
        (320.001, 570, 100, "3 stops in 4 min, 3 of them: jam")
    ]


def test_silence_is_called_for_and_over_when_data_come(tmp_path: Path) -> None:
    silent: Script = [(0, "running", ""), (100, "silent", ""), (600, "running", "")]

    plant = lived(tmp_path, {"mill-1": silent}, 660)

    # The last reading is evidence for a second.
    assert plant.short() == [("mill-1", "no-data", 401, 600)]
    assert plant.calls()[0]["cause"] == "no data"


def test_a_machine_of_the_calibration_bench_needs_nobody(tmp_path: Path) -> None:
    plant = PlantOfCalls(tmp_path, births=[birth("ideal", answer={"utilization": 0.8})])

    plant.live({"ideal": MILL}, range(60, 1_201, 60))

    assert plant.calls() == []


def test_a_rule_may_be_off_for_a_kind_and_otherwise_for_a_machine(tmp_path: Path) -> None:
    rules = '[kind."mill".stopped]\non = false\n[machine."mill-2".stopped]\non = true\nafter_s = 60'

    plant = lived(tmp_path, {"mill-1": MILL, "mill-2": MILL}, 300, rules=rules)

    assert plant.short() == [("mill-2", "stopped", 160, None)]


def test_a_call_that_nobody_answers_is_escalated_in_planned_time(tmp_path: Path) -> None:
    stands: Script = [(0, "running", ""), (300, "down", "jam")]

    plant = lived(tmp_path, {"mill-1": stands}, 1_800, rules="[stopped]\nescalate_s = 240", calendar=SHIFTS)

    # Due at 660 s, in the break, which is over at 1200 s.
    assert plant.calls()[0]["escalated"] == 1_200
    assert plant.heard()[-1].escalated == from_ms(EPOCH_MS + 1_200 * S)


def responded(plant: PlantOfCalls, what: str, at_s: float, **more: Any) -> tuple[str, bytes]:
    _, call, _ = plant.said[0]
    said = {
        "call": call,
        "run": RUN,
        "machine": "mill-1",
        "what": what,
        "at": from_ms(EPOCH_MS + round(at_s * S)),
    }
    return "shopfloor/_plant/response", encode_message(Response(**{**said, **more}))


def test_the_first_answer_counts_and_keeps_a_call_from_being_escalated(tmp_path: Path) -> None:
    plant = lived(tmp_path, {"mill-1": MILL}, 240, rules="[stopped]\nescalate_s = 100")

    plant.hear(
        responded(plant, "acknowledged", 300, by="Ada"), responded(plant, "acknowledged", 290, by="Bob")
    )
    plant.live({"mill-1": MILL}, range(300, 421, 60), from_s=240)
    plant.hear(responded(plant, "restored", 390), responded(plant, "restored", 390))

    assert [(one.acknowledged and one.acknowledged.by, one.escalated) for one in plant.heard()] == [
        (None, None), ("Ada", None), ("Ada", None),
    ]  # fmt: skip
    assert plant.office.refused.total == 0


@pytest.mark.parametrize("more", [{"call": "nobody"}, {"machine": "mill-9"}, {"run": "00000000"}])
def test_an_answer_to_no_call_is_refused(more: dict[str, str], tmp_path: Path) -> None:
    plant = lived(tmp_path, {"mill-1": MILL}, 240)

    plant.hear(responded(plant, "acknowledged", 230, **more))

    assert plant.office.refused.total == 1
    assert "there is no call" in plant.office.refused.newest().newest[0].reason


def asked(plant: PlantOfCalls, *commands: Acknowledge) -> list[CommandResult]:
    desk = Desk(plant.office)
    for command in commands:
        desk.take(encode(command), wall_ms=EPOCH_MS)
    plant.commit()
    return desk.take_results()


def test_a_click_acknowledges_once_and_is_kept(tmp_path: Path) -> None:
    plant = lived(tmp_path, {"mill-1": MILL}, 240)
    call = plant.said[0][1]

    first, again, unknown = asked(
        plant,
        Acknowledge(id="1", call=call, by="Ada"),
        Acknowledge(id="2", call=call, by="Bob"),
        Acknowledge(id="3", call="e027989c3f52"),
    )
    plant.kill()
    plant.live({"mill-1": MILL}, range(300, 481, 60), from_s=240)
    (late,) = asked(plant, Acknowledge(id="4", call=call))

    assert (first.ok, again.ok, unknown.ok, late.ok) == (True, True, False, False)
    assert first.message.endswith("is acknowledged by Ada")
    assert again.message == first.message
    assert unknown.message == "there is no call 'e027989c3f52' that is open"
    assert "was closed at" in late.message
    heard = plant.heard()[-1].acknowledged
    assert heard is not None
    assert (heard.by, heard.at) == ("Ada", from_ms(EPOCH_MS + 240 * S))


# --- what comes late ------------------------------------------------------------------------------


def test_a_stop_that_is_over_when_it_becomes_known_is_missed_and_nobody_is_called(tmp_path: Path) -> None:
    told: Script = [(0, "running", ""), (60, "silent", ""), (600, "running", "")]
    plant = lived(tmp_path, {"mill-1": told}, 660, rules="[no-data]\non = false")
    said = list(plant.said)

    plant.hear(*batches("mill-1", [(0, "running", ""), (100, "down", "jam"), (400, "running", "")], 60, 600))
    plant.commit()

    assert plant.calls()[0] == {
        "machine": "mill-1", "rule": "stopped", "cause": "jam", "since": 100, "raised": 220,
        "escalated": None, "closed": 400, "missed": True,
    }  # fmt: skip
    assert plant.said == said == []
    assert plant.office.calls is not None
    assert plant.office.calls.number(RUN, EPOCH_MS + 660 * S) == 0


def test_a_stop_that_still_stands_when_it_becomes_known_is_called_for(tmp_path: Path) -> None:
    told: Script = [(0, "running", ""), (60, "silent", "")]
    plant = lived(tmp_path, {"mill-1": told}, 600, rules="[no-data]\non = false")

    plant.hear(*batches("mill-1", [(0, "running", ""), (100, "down", "jam")], 60, 600))
    plant.commit()

    assert plant.short() == [("mill-1", "stopped", 220, None)]
    assert [one.raised for one in plant.heard()] == [from_ms(EPOCH_MS + 220 * S)]


def test_a_call_that_turns_out_wrong_is_closed(tmp_path: Path) -> None:
    told: Script = [(0, "running", ""), (60, "silent", "")]
    plant = lived(tmp_path, {"mill-1": told}, 600)
    assert plant.short() == [("mill-1", "no-data", 361, None)]

    plant.hear(*batches("mill-1", [(0, "running", "")], 60, 600))
    plant.commit()

    assert plant.short() == [("mill-1", "no-data", 361, 361)]
    assert plant.said[-1][2] == b""


# --- nobody in the office, other runs, machines that go -----------------------------------------------


def test_what_began_while_the_office_was_away_is_missed_and_what_begins_later_is_called_for(
    tmp_path: Path,
) -> None:
    script: Script = [
        (0, "running", ""), (300, "down", "jam"), (800, "running", ""), (950, "down", "belt"),
        (1_300, "running", ""), (1_400, "down", "turret"),
    ]  # fmt: skip
    plant = lived(tmp_path, {"mill-1": script}, 240)
    plant.kill()

    plant.hear(clock(900, attended=False))
    plant.commit()
    plant.hear(clock(1_000))
    plant.live({"mill-1": script}, range(300, 1_621, 60), from_s=240)

    # The second one began before the office was back at 1000 s, and was due after that.
    assert [(one["raised"], one["closed"], one["missed"]) for one in plant.calls()] == [
        (420, 800, True), (1_070, 1_300, True), (1_520, None, False),
    ]  # fmt: skip
    assert {seconds(round(one.raised.timestamp() * 1_000)) for one in plant.heard()} == {1_520}


def test_a_new_run_ends_the_calls_of_the_one_before(tmp_path: Path) -> None:
    plant = lived(tmp_path, {"mill-1": MILL}, 240)
    call = plant.said[0][1]

    plant.hear(clock(0, run="b1b2c3d4"), birth("mill-1", run="b1b2c3d4"))
    plant.commit()

    assert plant.short() == [("mill-1", "stopped", 220, 240)]
    assert plant.said[-1] == ("mill-1", call, b"")


def test_the_same_stop_in_another_run_is_another_call(tmp_path: Path) -> None:
    one, other = (
        PlantOfCalls(tmp_path / run, births=[birth("mill-1", run=run)], run=run) for run in ("a", "b")
    )
    for plant, run in ((one, "a"), (other, "b")):
        plant.hear(clock(240, run=run), batch("mill-1", MILL, 0, 240, run=run))
        plant.tick(240, run)

    assert one.said[0][1] != other.said[0][1]


def test_a_machine_that_goes_needs_nobody_any_more(tmp_path: Path) -> None:
    plant = lived(tmp_path, {"mill-1": MILL}, 240)

    plant.hear(("shopfloor/line-1/mill-1/birth", b""))
    plant.commit()

    assert plant.short() == [("mill-1", "stopped", 220, 240)]
    assert plant.said[-1][2] == b""


def test_of_a_machine_that_is_forgotten_no_call_is_left(tmp_path: Path) -> None:
    plant = lived(tmp_path, {"mill-1": MILL}, 240)
    plant.hear(responded(plant, "acknowledged", 230))
    record = plant.office.fleet.machine("mill-1")
    assert record is not None

    plant.office.fleet.forget(record)
    plant.commit()

    assert plant.calls() == []
    assert plant.said[-1] == ("mill-1", plant.said[0][1], b"")


def test_a_new_connection_hears_what_is_open_and_what_was_closed_not_long_ago(tmp_path: Path) -> None:
    plant = lived(tmp_path, {"mill-1": MILL}, 420)
    before = list(plant.said)
    plant.kill()
    assert plant.office.calls is not None

    plant.office.calls.say_again(RUN, EPOCH_MS + 420 * S)
    again = plant.office.calls.take_words()

    assert again == before[-2:]


def test_what_the_broker_keeps_of_a_call_that_is_not_open_is_taken_away(tmp_path: Path) -> None:
    plant = lived(tmp_path, {"mill-1": MILL}, 1_200)
    closed, standing = plant.said[0][1], plant.said[-1][1]
    calls = plant.office.calls
    assert calls is not None

    calls.hear_kept(RUN, "mill-1", standing)
    assert calls.take_words() == []
    calls.hear_kept(RUN, "mill-1", closed)
    calls.hear_kept(RUN, "mill-1", "e027989c3f52")

    assert [(call, bool(payload)) for _, call, payload in calls.take_words()] == [
        (closed, True), (closed, False), ("e027989c3f52", False),
    ]  # fmt: skip
