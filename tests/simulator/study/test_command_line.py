"""`python -m simulator study`, from the command line to the report."""

import csv
import io
import json
from pathlib import Path

import pytest

from simulator.__main__ import main

QUICK = ["study", "--days", "1", "--warm-up-days", "0.25", "--seeds", "3", "--workers", "1"]


def ask(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main([*QUICK, *arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_the_table_has_every_machine_and_line_and_progress_goes_to_stderr(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, err = ask(capsys, "--at-hours", "0.1,3")

    assert code == 0
    assert "12 machines, 1 days after 0.25 of warm-up, 3 replications from seed 0" in out
    for name in (
        "mill-1",
        "compressor-1",
        "line packing",
        "plant",
        "utilization %",
        "running 0.1 h",
        "up 3 h",
    ):
        assert name in out
    assert err.splitlines()[-1] == "3 of 3 replications"


def test_json_and_csv_tell_the_same_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    _, text, _ = ask(capsys, "--format", "json")
    _, rows, _ = ask(capsys, "--format", "csv")

    document = json.loads(text)
    told = document["machines"]["mill-1"]["utilization"]
    assert told["count"] == 3
    assert 0 < told["low"] < told["mean"] < told["high"] < 1
    [row] = [
        row
        for row in csv.DictReader(io.StringIO(rows))
        if (row["name"], row["figure"]) == ("mill-1", "utilization")
    ]
    assert {key: float(row[key]) for key in told} == told
    assert set(document["units"]) >= set(document["plant"])
    assert sum(one["mean"] for one in document["plant"]["phases"].values()) == pytest.approx(1)


def test_machines_and_kinds_may_be_ones_own(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    kinds, machines = tmp_path / "kinds", tmp_path / "machines"
    kinds.mkdir()
    machines.mkdir()
    shipped = Path(__file__).parents[3] / "simulator" / "kinds" / "press.toml"
    (kinds / "hammer.toml").write_text(shipped.read_text(encoding="utf-8"), encoding="utf-8")
    (machines / "hammer-1.toml").write_text('kind = "hammer"\nline = "smithy"\n', encoding="utf-8")

    code, out, _ = ask(capsys, "--kinds", str(kinds), "--machines", str(machines))

    assert code == 0
    assert "line smithy" in out
    assert "mill-1" not in out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--days", "0"), "'0' is not allowed: a number from"),
        (("--seeds", "1.5"), "'1.5' is not allowed: a whole number"),
        (("--at-hours", "1,x"), "'x' is not allowed: a number from 0 to"),
    ],
)
def test_a_wrong_option_is_refused_with_what_is_allowed(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, str], sentence: str
) -> None:
    with pytest.raises(SystemExit):
        ask(capsys, *arguments)

    assert sentence in capsys.readouterr().err


def test_an_hour_after_the_end_and_an_empty_folder_are_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    late, _, why_late = ask(capsys, "--at-hours", "30")
    empty, _, why_empty = ask(capsys, "--machines", str(tmp_path))

    assert (late, empty) == (1, 1)
    assert "--at-hours 30: not allowed" in why_late
    assert "holds no machine: at least one file such as mill-1.toml is needed" in why_empty


def test_what_is_assumed_and_hearing_at_once_change_what_comes_of_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    seldom = tmp_path / "seldom.toml"
    seldom.write_text("[rounds_s]\nvalue = 14400\n", encoding="utf-8")

    waits = {}
    for name, options in (
        ("shipped", ()),
        ("seldom", ("--assumptions", str(seldom))),
        ("at once", ("--at-once",)),
    ):
        code, text, _ = ask(capsys, "--format", "json", *options)
        assert code == 0
        waits[name] = json.loads(text)["plant"]["phases"]["unnoticed"]["mean"]

    assert waits["at once"] < waits["shipped"] < waits["seldom"]


def test_rules_in_the_people_s_file_are_refused_and_so_are_wrong_assumptions(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    people, wrong = tmp_path / "people.toml", tmp_path / "wrong.toml"
    people.write_text('hears = "at once"\n[persons.anna]\n', encoding="utf-8")
    wrong.write_text("[walk_s]\nvalue = -1\n", encoding="utf-8")

    assert ask(capsys, "--people", str(people))[::2] == (
        1,
        "people.toml: key 'hears' is not known: 'calls' stands in assumptions.toml\n",
    )
    assert ask(capsys, "--assumptions", str(wrong))[::2] == (
        1,
        "wrong.toml: key 'walk_s.value': -1 is not allowed: a number from 0 to 3600\n",
    )
