from pathlib import Path

import pytest

from simulator.specs.check import check_folder, clashes, kinds_table, new_machine_file
from simulator.specs.machine import SpecError, load_machine, parse_machine
from tests.simulator.factory import KINDS, MACHINES_FOLDER


def test_nothing_is_wrong_with_the_shipped_machines() -> None:
    assert check_folder(MACHINES_FOLDER, KINDS) == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_table_of_kinds_names_each_with_its_stops_and_signals(kind: str) -> None:
    row = next(line for line in kinds_table(KINDS).splitlines() if line.startswith(f"{kind} "))

    assert KINDS[kind].title in row
    assert "power_kw" in row
    assert "breakdown" in row


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_file_of_every_kind_is_a_machine_and_says_what_can_be_set(kind: str, tmp_path: Path) -> None:
    file = new_machine_file(kind, "new-7", "machining", tmp_path, KINDS)

    assert file == tmp_path / "new-7.toml"
    assert load_machine(file, KINDS).settings == KINDS[kind]
    # What it suggests can be set: without the comment signs the file is a machine too.
    text = file.read_text("utf-8")
    suggested = "\n".join(line.removeprefix("# ") for line in text.splitlines() if " = " in line)
    assert not parse_machine(suggested, "new-7.toml", KINDS).controller
    assert ("receiver.leak_m3_min = " if KINDS[kind].receiver else "cycle_s = ") in suggested


def test_a_file_that_exists_is_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "mill-7.toml"
    file.write_text("# mine")

    with pytest.raises(SpecError, match="exists already"):
        new_machine_file("cnc-mill", "mill-7", "machining", tmp_path, KINDS)

    assert file.read_text("utf-8") == "# mine"


@pytest.mark.parametrize(
    ("kind", "name", "line", "sentence"),
    [
        ("robot", "mill-7", "machining", "one of air-compressor"),
        ("cnc-mill", "Mill 7", "machining", "is not allowed: 1 to 40 of a-z"),
        ("cnc-mill", "../mill-7", "machining", "is not allowed: 1 to 40 of a-z"),
        ("cnc-mill", "mill-7", 'a"b\n', "key 'line'"),
        ("cnc-mill", "mill-7", "mill-7", "any name but the machine's own"),
    ],
)
def test_a_new_file_that_would_be_wrong_is_not_written(
    kind: str, name: str, line: str, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(SpecError, match=sentence):
        new_machine_file(kind, name, line, tmp_path, KINDS)

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="cannot be written: No such file"):
        new_machine_file("cnc-mill", "mill-7", "machining", tmp_path / "none", KINDS)


def test_all_problems_of_a_folder_are_said_at_once(tmp_path: Path) -> None:
    for name, text in {
        "a-1": 'kind = "robot"\nline = "machining"\n',
        "b-1": "not toml",
        "c-1": 'kind = "press"\nline = "packing"\n',
        "packing": 'kind = "press"\nline = "machining"\n',
    }.items():
        (tmp_path / f"{name}.toml").write_text(text)
    (tmp_path / "notes.txt").write_text("no machine")

    problems = check_folder(tmp_path, KINDS)

    assert [problem.split(":")[0] for problem in problems] == ["a-1.toml", "b-1.toml", "packing.toml"]
    assert "c-1.toml calls a line so" in problems[2]
    assert check_folder(tmp_path / "none", KINDS) == [f"{tmp_path / 'none'}: no such folder"]


def test_a_name_is_used_once_in_the_plant() -> None:
    text = 'kind = "press"\nline = "{}"\n'
    specs = [parse_machine(text.format(line), "press-7.toml", KINDS) for line in ("forming", "packing")]

    assert clashes(specs) == [
        "press-7.toml: a machine of that name stands in forming already: a name is used once in the plant"
    ]
