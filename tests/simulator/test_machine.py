from pathlib import Path

import pytest

from protocol.states import State
from simulator.specs.kind import RETROFIT_SIGNALS, kind_of, load_kinds
from simulator.specs.machine import SpecError, load_machine, parse_machine
from simulator.specs.settings import MAX_FILE_BYTES
from tests.simulator.factory import KINDS, MACHINES, PLAIN

GOOD = 'kind = "cnc-mill"\nline = "machining"\n'


def refusal(text: str, source: str = "mill-7.toml") -> str:
    """The sentence with which a machine's file is refused."""
    with pytest.raises(SpecError) as caught:
        parse_machine(text, source, KINDS)
    return str(caught.value)


@pytest.mark.parametrize("name", MACHINES)
def test_every_shipped_machine_has_the_name_of_its_file_and_few_lines(name: str) -> None:
    spec = MACHINES[name]

    assert spec.name == name
    assert spec.kind in KINDS
    assert len(spec.text.splitlines()) <= 8


@pytest.mark.parametrize("kind", KINDS)
def test_a_machine_of_every_kind_takes_two_lines(kind: str) -> None:
    spec = parse_machine(f'kind = "{kind}"\nline = "machining"\n', "new-1.toml", KINDS)

    assert spec.controller
    assert spec.location == ("machining",)
    assert spec.settings == KINDS[kind]


def test_the_fleet_is_twelve_machines_on_three_lines_half_of_them_retrofits_and_of_every_kind() -> None:
    assert len(MACHINES) == 12
    assert {spec.location for spec in MACHINES.values()} == {("machining",), ("moulding",), ("packing",)}
    assert sum(spec.controller for spec in MACHINES.values()) == 6
    assert {spec.kind for spec in MACHINES.values()} == set(KINDS)


def test_a_retrofit_has_the_three_sensors_of_its_kit() -> None:
    spec = parse_machine(GOOD + "controller = false\n", "mill-7.toml", KINDS)

    assert tuple(sensor.name for sensor in spec.sensors) == RETROFIT_SIGNALS[:3]


def test_settings_of_a_machine_are_laid_over_those_of_its_kind() -> None:
    spec = parse_machine(
        GOOD + "cycle_s = 100\nstops.jam.every_h = 2\n[signals.power_kw]\nrunning = 20\n",
        "mill-7.toml",
        KINDS,
    )

    assert spec.settings.cycle_s == 100
    assert spec.settings.ideal_cycle_s == pytest.approx(94)
    jam = next(stop for stop in spec.settings.stops if stop.name == "jam")
    assert jam.life.scale == 7_200_000
    assert dict(jam.causes) == {"chips in the way": 3, "coolant low": 2, "door not closed": 1}
    assert spec.settings.power.levels[State.RUNNING] == 20
    assert KINDS["cnc-mill"].cycle_s == 180


def test_a_machine_may_say_length_and_frequency_the_other_way() -> None:
    text = GOOD + "[stops.jam]\nmean_s = 60\ncv = 0\nevery_parts = [5, 5]\ncauses = { burr = 1 }\n"

    spec = parse_machine(text, "mill-7.toml", KINDS)

    jam = next(stop for stop in spec.settings.stops if stop.name == "jam")
    assert (jam.length.scale, jam.length.spread) == (60_000, 0)
    assert (jam.life.name, jam.life.scale, jam.life.spread) == ("uniform", 5, 5)
    assert jam.causes == (("burr", 1.0),)


def test_a_machine_may_have_a_stop_and_a_signal_of_its_own() -> None:
    text = (
        GOOD
        + '[stops.flood]\nphase = "repair"\nevery_h = 900\nmean_s = 9000\ncv = 1\ncauses = { water = 1 }\n'
        + '[signals.level_mm]\ntitle = "water"\nunit = "mm"\nrunning = 1\nidle = 1\n'
    )

    spec = parse_machine(text, "mill-7.toml", KINDS)

    assert spec.settings.stops[-1].name == "flood"
    assert spec.sensors[-1].name == "level_mm"


def test_a_line_may_have_levels_above_it() -> None:
    spec = parse_machine('kind = "press"\nline = "bern/hall-2/forming"\n', "press-7.toml", KINDS)

    assert spec.location == ("bern", "hall-2", "forming")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (GOOD + "cycle_s = -3\n", "mill-7.toml: key 'cycle_s': -3 is not allowed: more than 0, up to 86400"),
        (GOOD + "cycle_s = 0.01\nhandling_s = 0\n", "'cycle_s': 0.01 is not allowed: at least 0.1 together"),
        (GOOD + "cycle_s = 5e-324\n", "'cycle_s': 5e-324 is not allowed: at least 0.001"),
        (GOOD + f"cycle_s = 0x{5_000 * 'f'}\n", "key 'cycle_s': a whole number of 20000 bits is not"),
        (GOOD + 'cycle_s = "fast"\n', "'fast' is not allowed: a number, more than 0, up to 86400"),
        (GOOD + "cycle_s = true\n", "key 'cycle_s': true is not allowed: a number"),
        (GOOD + "cycle_s = nan\n", "key 'cycle_s': nan is not allowed"),
        (GOOD + "cycle_s = inf\n", "key 'cycle_s': inf is not allowed"),
        (GOOD + "cycle_s = 1979-05-27\n", "is not allowed: a number"),
        (GOOD + f"cycle_s = 1{400 * '0'}\n", "key 'cycle_s': 1000"),
        (GOOD + "cycel_s = 3\n", "mill-7.toml: key 'cycel_s' is not known: did you mean 'cycle_s'?"),
        (GOOD + "colour = 3\n", "key 'colour' is not known: allowed are air_m3_min, answer, cycle_cv"),
        (GOOD + "scrap = 1.5\n", "key 'scrap': 1.5 is not allowed: from 0, up to 1"),
        (GOOD + "period_ms = 10.5\n", "10.5 is not allowed: a whole number from 100 to 3600000"),
        (GOOD + "makes_parts = 1\n", "key 'makes_parts': 1 is not allowed: true or false"),
        (GOOD + "controller = 'no'\n", "key 'controller': 'no' is not allowed: true or false"),
        (GOOD + "title = ''\n", "key 'title': '' is not allowed: printable text of 1 to 64 characters"),
        (GOOD + "title = 3\n", "key 'title': 3 is not allowed: printable text"),
        (GOOD + "stops = 3\n", "key 'stops': 3 is not allowed: a table"),
        (GOOD + "stops.jam = 3\n", "key 'stops.jam': 3 is not allowed: a table"),
        (GOOD + "stops.jam.every_h = 0\n", "'stops.jam.every_h': 0 is not allowed: from 0.001, up"),
        (GOOD + "stops.jam.evry_h = 1\n", "key 'stops.jam.evry_h' is not known: did you mean 'every_h'?"),
        (GOOD + "stops.jam.phase = 'asleep'\n", "one of waiting for material, setup, micro-stop, repair"),
        (GOOD + "stops.setup.every_parts = [3, 2]\n", "two whole numbers from 1 to 1000000"),
        (GOOD + "stops.setup.every_parts = 3\n", "key 'stops.setup.every_parts': 3 is not allowed"),
        (GOOD + "stops.setup.every_parts = [1, true]\n", "two whole numbers"),
        (GOOD + "stops.jam.every_h = 1\nstops.jam.every_parts = [3, 4]\n", "and not both"),
        (GOOD + "stops.jam.mean_s = 1\nstops.jam.median_s = 1\n", "and not both"),
        (GOOD + "stops.jam.causes = {}\n", "key 'stops.jam.causes' is missing: at least one"),
        (GOOD + "stops.jam.causes = { jam = 0 }\n", "'stops.jam.causes.jam': 0 is not allowed: more than 0"),
        (GOOD + f"stops.jam.causes = {{ {65 * 'x'} = 1 }}\n", "a cause of 1 to 64 printable characters"),
        (GOOD + "stops.new.every_h = 1\n", "key 'stops.new.phase' is missing"),
        (GOOD + "signals.power_kw.running = 1.5\n", "signals.power_kw.running': 1.5 is not allowed: clearly"),
        (GOOD + "signals.power_kw.down = 0.1\n", "'signals.power_kw.down': 0.1 is not allowed: the same"),
        (GOOD + "signals.power_kw.tau_s = 10\n", "either shape or tau_s"),
        (GOOD + "signals.power_kw.shape = [[0, 0], [1, 1]]\n", "clearly more than idle"),
        (GOOD + "signals.power_kw.shape = [[0.5, 1], [0.4, 1]]\n", "points [share of the cycle"),
        (GOOD + "signals.power_kw.shape = [3]\n", "points [share of the cycle"),
        (GOOD + "signals.power_kw.shape = [['a', 3]]\n", "points [share of the cycle"),
        (GOOD + "signals.power_kw.low = 20\n", "'signals.power_kw.high': 11.5 is not allowed: more than"),
        (GOOD + "signals.power_kw.decimals = 9\n", "a whole number from 0 to 6"),
        (GOOD + "signals._x.idle = 1\n", "key 'signals._x': allowed are letters, digits and _"),
        ('kind = "robot"\nline = "a"\n', "'robot' is not allowed: one of air-compressor, cnc-lathe, cnc"),
        ('line = "a"\n', "mill-7.toml: key 'kind' is missing"),
        ('kind = "cnc-mill"\n', "mill-7.toml: key 'line' is missing"),
        ('kind = "cnc-mill"\nline = "Big Hall"\n', "key 'line': 'Big Hall' is not allowed: 1 to 40 of a-z"),
        ('kind = "cnc-mill"\nline = "a/b/c/d"\n', "up to 3 of them joined by /"),
        ('kind = "cnc-mill"\nline = "_truth"\n', "key 'line': '_truth' is not allowed"),
        ('kind = "cnc-mill"\nline = "mill-7"\n', "any name but the machine's own, 'mill-7'"),
        (GOOD + 'name = "mill-8"\n', "key 'name': 'mill-8' is not allowed: 'mill-7', as the file is called"),
        ("kind = cnc\n", "mill-7.toml: not TOML: Invalid value (at line 1, column 8)"),
        (GOOD + "kind = 'press'\n", "mill-7.toml: not TOML: Cannot overwrite a value (at line 3"),
        ("a = " + 5000 * "[", "mill-7.toml: not TOML"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_file_key_value_and_what_is_allowed(text: str, sentence: str) -> None:
    assert sentence in refusal(text)
    assert refusal(text).startswith("mill-7.toml: ")


@pytest.mark.parametrize(
    "source",
    ["Mill-7.toml", "-mill.toml", "mill-.toml", "_a.toml", "a b.toml", "ä.toml", ".toml", "mill-7.txt"],
)
def test_a_wrong_file_name_is_refused(source: str) -> None:
    assert "is not allowed: 1 to 40 of a-z, 0-9 and -" in refusal(GOOD, source)


def test_a_name_of_forty_characters_is_the_longest() -> None:
    assert parse_machine(GOOD, f"{40 * 'a'}.toml", KINDS).name == 40 * "a"
    assert "is not allowed" in refusal(GOOD, f"{41 * 'a'}.toml")


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    binary = tmp_path / "mill-7.toml"
    binary.write_bytes(b"\xff\xfe")
    large = tmp_path / "mill-8.toml"
    large.write_text("#" * (MAX_FILE_BYTES + 1))

    with pytest.raises(SpecError, match=r"mill-7\.toml: not TOML: byte 0 is not UTF-8"):
        load_machine(binary, KINDS)
    with pytest.raises(SpecError, match=r"mill-8\.toml: 65537 bytes are too many"):
        load_machine(large, KINDS)
    with pytest.raises(SpecError, match=r"mill-9\.toml: cannot be read: No such file"):
        load_machine(tmp_path / "mill-9.toml", KINDS)


def test_a_file_keeps_its_text_for_the_log() -> None:
    assert parse_machine(GOOD, "mill-7.toml", KINDS).text == GOOD


@pytest.mark.parametrize("signal", RETROFIT_SIGNALS)
def test_a_kind_without_the_sensors_of_a_retrofit_kit_is_refused(signal: str) -> None:
    signals = {name: one for name, one in PLAIN["signals"].items() if name != signal}

    with pytest.raises(SpecError, match=rf"robot\.toml: key 'signals\.{signal}' is missing"):
        kind_of("robot", PLAIN | {"signals": signals}, source="robot.toml")


def test_a_kind_that_makes_no_parts_counts_none() -> None:
    stops = {"setup": {"phase": "setup", "every_parts": [1, 2], "mean_s": 1, "cv": 0, "causes": {"setup": 1}}}

    with pytest.raises(SpecError, match="makes no parts"):
        kind_of("pump", PLAIN | {"makes_parts": False, "stops": stops}, source="pump.toml")


def test_a_folder_without_kinds_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="holds no kind"):
        load_kinds(tmp_path)


def test_a_new_kind_is_one_file(tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "simulator" / "kinds" / "cnc-mill.toml"
    (tmp_path / "router.toml").write_text(shipped.read_text("utf-8").replace("CNC mill", "router"), "utf-8")

    kinds = load_kinds(tmp_path)

    assert kinds["router"].title == "router"
    assert parse_machine('kind = "router"\nline = "wood"\n', "router-1.toml", kinds).kind == "router"
