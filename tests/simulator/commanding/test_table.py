"""The table of commands: what each may say, judged on grounds that are made by hand."""

from typing import Any

import msgspec
import pytest

from protocol.messages import PlantCommand
from simulator.commanding.clockwork import Clockwork, ShiftEnds
from simulator.commanding.commands import BadCommand, command_in
from simulator.commanding.form import Grounds
from simulator.commanding.roster import Roster
from simulator.commanding.table import FORMS, form_of
from simulator.specs.calibration import load_bench
from simulator.specs.machine import parse_machine
from tests.simulator.factory import EPOCH_MS, KINDS

MILL = 'kind = "cnc-mill"\nline = "machining"\n'
SAW = 'kind = "press"\nline = "sawing"\nname = "saw-1"\ncycle_s = 7\n'
BENCH = load_bench()


def grounds(clockwork: Clockwork | None = None, **machines: str) -> Grounds:
    """A plant of two machines, and what more is said."""
    texts = {
        "mill-1": MILL,
        "saw-1": SAW,
        **{name.replace("_", "-"): text for name, text in machines.items()},
    }
    return Grounds(
        roster=Roster(texts),
        at_ms=EPOCH_MS,
        kinds=KINDS,
        bench=BENCH,
        clockwork=clockwork or Clockwork(speed=60.0),
        shifts=ShiftEnds(),
    )


def command(what: str, **fields: Any) -> PlantCommand:
    """A command as it would come over the wire, which must be understood."""
    said = command_in(msgspec.json.encode({"id": "x", "what": what, **fields}))
    assert isinstance(said, PlantCommand), said
    return said


def refusal(what: str, where: Grounds | None = None, **fields: Any) -> str:
    """Why a command is refused; empty when it is not."""
    said = command(what, **fields)
    return form_of(said).refusal(said, where or grounds())


def misunderstood(what: str, **fields: Any) -> str:
    """What is wrong with a command that cannot be understood."""
    said = command_in(msgspec.json.encode({"id": "x", "what": what, **fields}))
    assert isinstance(said, BadCommand)
    return said.wrong


@pytest.mark.parametrize(
    ("fields", "piece"),
    [
        ({"what": "speed"}, "key 'speed' is missing: allowed is a number from 0.1 to 3600, or max"),
        ({"what": "speed", "speed": 0}, "key 'speed': '0' is not allowed: a number from 0.1 to 3600, or max"),
        ({"what": "speed", "speed": True}, "key 'speed': 'True' is not allowed"),
        ({"what": "speed", "speed": "min"}, "key 'speed': 'min' is not allowed"),
        ({"what": "step", "seconds": -1}, "key 'seconds': '-1' is not allowed: a number from 0.001 to 86400"),
        ({"what": "jump", "seconds": 1}, "key 'seconds' is not allowed beside 'jump': nothing more"),
        # Of a later version: jumped without it, the plant would stand somewhere else.
        ({"what": "jump", "to": "Sunday"}, "key 'to' is not allowed beside 'jump': nothing more"),
        (
            {"what": "jump", "v": 2, "to": "Sunday"},
            (
                "key 'v': 2 is a later version of the messages than the simulator knows: allowed is 1; "
                "upgrade the simulator"
            ),
        ),
        (
            {"what": "pause", "machine": "Mill 1"},
            "key 'machine': 'Mill 1' is not allowed: the name of a machine",
        ),
        ({"what": "pause", "machine": 7}, "key 'machine': '7' is not allowed"),
        ({"what": "add", "machine": "mill-9"}, "key 'text' is missing: allowed is TOML text"),
        ({"what": "add", "machine": "mill-9", "text": "x" * 70_000}, "TOML text of 1 to 65536 bytes"),
        ({"what": "add", "text": MILL}, "key 'machine' is missing"),
        ({"what": "clone", "machine": "mill-1"}, "key 'name' is missing"),
        ({"what": "clone", "machine": "mill-1", "name": "mill-9", "text": MILL}, "key 'text' is not allowed"),
        ({"what": "remove"}, "key 'machine' is missing"),
    ],
)
def test_a_field_that_is_wrong_missing_or_out_of_place_is_named(fields: dict[str, Any], piece: str) -> None:
    assert piece in misunderstood(**fields)


def test_every_word_has_a_row_and_every_row_a_field_of_the_message() -> None:
    words = set(PlantCommand.__annotations__["what"].__args__)

    assert FORMS.keys() <= words
    for form in FORMS.values():
        assert form.fields.keys() <= set(PlantCommand.__struct_fields__)


@pytest.mark.parametrize(
    ("fields", "piece"),
    [
        ({"what": "add", "machine": "mill-1", "text": MILL}, "a machine of the plant is called so"),
        (
            {"what": "add", "machine": "ideal", "text": MILL},
            "a machine of the calibration bench is called so",
        ),
        ({"what": "add", "machine": "sawing", "text": MILL}, "saw-1 stands on a line of that name"),
        ({"what": "add", "machine": "m", "text": 'kind = "press"\nline = "mill-1"\n'}, "mill-1 is a machine"),
        ({"what": "add", "machine": "m", "text": "kind ="}, "m.toml: not TOML"),
        ({"what": "add", "machine": "m", "text": 'kind = "robot"\nline = "x"\n'}, "key 'kind': 'robot'"),
        (
            {"what": "add", "machine": "m", "text": MILL + "cycle_s = -3\n"},
            "key 'cycle_s': -3 is not allowed",
        ),
        (
            {"what": "clone", "machine": "mill-9", "name": "m"},
            "'mill-9' is not allowed: the machines of the plant are mill-1, saw-1",
        ),
        ({"what": "clone", "machine": "mill-1", "name": "saw-1"}, "key 'name': 'saw-1' is not allowed"),
        ({"what": "clone", "machine": "mill-1", "name": "sawing"}, "saw-1 stands on a line of that name"),
        ({"what": "change", "machine": "mill-1", "text": MILL}, "mill-1 is so already"),
        ({"what": "change", "machine": "mill-2", "text": MILL}, "key 'machine': 'mill-2' is not allowed"),
        ({"what": "change", "machine": "mill-1", "text": "kind ="}, "mill-1.toml: not TOML"),
        ({"what": "remove", "machine": "ideal"}, "a machine of the calibration bench stays as it is"),
        ({"what": "save", "machine": "mill-2"}, "key 'machine': 'mill-2' is not allowed"),
        ({"what": "pause", "machine": "mill-2"}, "key 'machine': 'mill-2' is not allowed"),
        ({"what": "resume", "machine": "mill-1"}, "mill-1 is not paused"),
        ({"what": "step", "seconds": 60}, "pause it first"),
    ],
)
def test_what_cannot_be_done_as_the_plant_stands_is_refused_with_the_reason(
    fields: dict[str, Any], piece: str
) -> None:
    assert piece in refusal(**fields)


def test_a_clone_has_all_settings_and_no_other_name() -> None:
    here = grounds()
    said = command("clone", machine="saw-1", name="saw-2")

    assert not form_of(said).refusal(said, here)
    form_of(said).enter(said, here.roster, EPOCH_MS)

    copy = parse_machine(here.roster.machines["saw-2"], "saw-2.toml", KINDS)
    original = parse_machine(SAW, "saw-1.toml", KINDS)
    assert (copy.name, copy.settings, copy.location) == ("saw-2", original.settings, original.location)


def test_a_machine_is_held_once_and_held_no_longer_once_it_is_another() -> None:
    here = grounds()
    hold = command("pause", machine="mill-1")
    form_of(hold).enter(hold, here.roster, EPOCH_MS)
    assert refusal("pause", here, machine="mill-1") == "mill-1 is paused already"
    assert not refusal("resume", here, machine="mill-1")

    other = command("change", machine="mill-1", text=MILL + "cycle_s = 9\n")
    form_of(other).enter(other, here.roster, EPOCH_MS)

    assert refusal("resume", here, machine="mill-1") == "mill-1 is not paused"


def test_a_pause_ends_a_jump_and_a_speed_ends_neither() -> None:
    jumping = grounds(Clockwork(speed=10.0, hurry_to_ms=EPOCH_MS + 1))
    pause, fast = command("pause"), command("speed", speed="max")

    assert form_of(pause).turn(pause, jumping) == Clockwork(speed=10.0, paused=True)
    assert form_of(fast).turn(fast, jumping) == Clockwork(speed=None, hurry_to_ms=EPOCH_MS + 1)


def test_steps_follow_one_another_and_a_jump_ends_with_the_shift() -> None:
    paused = grounds(Clockwork(speed=10.0, paused=True))
    step, jump = command("step", seconds=90), command("jump")

    once = form_of(step).turn(step, paused)
    twice = form_of(step).turn(step, grounds(once))

    assert (once.hurry_to_ms - EPOCH_MS, twice.hurry_to_ms - EPOCH_MS) == (90_000, 180_000)
    assert form_of(jump).turn(jump, paused).hurry_to_ms == EPOCH_MS + 6 * 3_600_000
    assert "2026-01-05T14:00:00.000Z, and then stands still" in form_of(jump).done(jump, paused)


def test_a_file_takes_over_a_machine_that_an_order_put_up_and_its_going_takes_it_away() -> None:
    roster = Roster({})
    roster.put_up("mill-9", MILL)
    roster.file("mill-9", MILL)
    assert roster.filed == roster.machines == {"mill-9": MILL}

    roster.unfile("mill-9")

    assert roster.machines == {}


def test_a_check_says_what_would_stand_in_the_way_of_adding_and_remembers_nothing() -> None:
    here = grounds()

    def checked(**fields: Any) -> str:
        return refusal("check", here, **fields)

    assert checked(machine="saw-2", text=SAW.replace("saw-1", "saw-2")) == ""
    assert "a machine of the plant is called so" in checked(machine="mill-1", text=MILL)
    assert "key 'cycle_s': -3 is not allowed: more than 0" in checked(
        machine="m", text=MILL + "cycle_s = -3\n"
    )
    assert "m.toml: not TOML" in checked(machine="m", text="kind =")
    assert not here.specs


def test_a_check_for_a_place_judges_a_change() -> None:
    assert refusal("check", machine="mill-1", name="mill-1", text=MILL + "cycle_s = 99\n") == ""
    assert "the machines of the plant are mill-1, saw-1" in refusal(
        "check", machine="mill-9", name="mill-9", text=MILL
    )
    assert "key 'machine': 'mill-2' is not allowed" in refusal(
        "check", machine="mill-2", name="mill-1", text=MILL
    )


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        (
            MILL,
            "CNC mill on machining, ideally a part every 169.2 s; its control reports its states; 7 signals",
        ),
        (MILL + "controller = false\n", "a retrofit, whose power tells its states; 3 signals"),
        (MILL + 'after = "saw-1"\nbuffer_parts = 9\n', "on machining, fed by saw-1"),
        ('kind = "air-compressor"\nline = "air"\n', "on air; its control reports its states"),
    ],
)
def test_a_text_that_fits_is_told_in_words(text: str, piece: str) -> None:
    said = command("check", machine="mill-9", text=text)

    assert not form_of(said).refusal(said, grounds())
    assert piece in form_of(said).done(said, grounds())


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_setting_that_a_kind_offers_may_be_set_to_what_it_is_and_half_as_much_again(name: str) -> None:
    said = command("kinds")
    offer = form_of(said).more(said, grounds())["kinds"][name]

    assert offer.title == KINDS[name].title
    assert set(offer.signals) == {one.name for one in KINDS[name].sensors}
    assert sum(one.retrofit for one in offer.signals.values()) == 3
    assert offer.settings
    for one in offer.settings:
        for factor in (1, 1.5):
            text = f'kind = "{name}"\nline = "x"\n{one.key} = {one.value * factor:g}\n'
            assert refusal("check", machine="m", text=text) == ""


def test_the_machines_are_told_with_whose_word_they_stand_by() -> None:
    here = grounds()
    for said in (
        command("add", machine="mill-2", text=MILL),
        command("change", machine="saw-1", text=MILL),
        command("pause", machine="mill-2"),
        command("bench", on=True),
    ):
        assert not form_of(said).refusal(said, here)
        form_of(said).enter(said, here.roster, EPOCH_MS)

    asked = command("machines")
    told = form_of(asked).more(asked, here)["machines"]

    assert (told["mill-1"].by, told["saw-1"].by, told["mill-2"].by) == ("file", "file and command", "command")
    assert [name for name, one in told.items() if one.paused] == ["mill-2"]
    assert told["ideal"].by == "bench"
