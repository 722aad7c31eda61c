"""The study on the command line: what it prints, and what it says of what it cannot use."""

import json
from pathlib import Path

import pytest

from demo.__main__ import main
from demo.study.asked import parser, plan_of
from demo.study.pair import live_pair


def test_a_table_has_a_row_for_each_line_and_says_how_sure_each_gain_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main(["study", "--pairs", "2", "--hours", "1", "--workers", "1"])

    said = capsys.readouterr()
    rows = [line.split()[0] for line in said.out.splitlines() if line]
    assert code == 0
    assert {"packing", "machining", "moulding", "plant", "running", "unnoticed"} <= set(rows)
    assert said.out.startswith("12 machines, 1 h, 2 pairs, seeds 1 to 2; ")
    assert said.out.count("the interval.") == 4
    assert said.err.splitlines()[-1] == "2 of 2 pairs"


def test_json_has_the_numbers_of_the_pairs_with_every_digit(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--pairs", "1", "--hours", "1", "--seed", "5", "--workers", "1"]
    plan, _ = plan_of(parser().parse_args(asked))
    pair = live_pair(plan, 5)

    main(["study", *asked, "--format", "json"])

    told = json.loads(capsys.readouterr().out)
    assert told["study"]["digest"] == plan.digest
    assert told["study"]["seeds"] == [5]
    assert {line: one["gain"]["mean"] for line, one in told["good"].items() if line != "plant"} == pair.gain
    assert told["good"]["plant"]["gain"]["low"] is None


def test_what_is_assumed_on_the_command_line_comes_before_the_file() -> None:
    plan, assumptions = plan_of(parser().parse_args(["--assume", "rounds_s=600", "calls=off"]))

    assert plan.people.rounds_ms == 600_000
    assert plan.people.hears == "nothing"
    assert assumptions["rounds_s"] == 600.0


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            ["--assume", "rounds_s=5"],
            "--assume: key 'values.rounds_s': 5 is not allowed: a number from 60 to",
        ),
        (["--machines", "{folder}"], "holds no machine: at least one file such as mill-1.toml is needed"),
        (["--calls", "{folder}/none.toml"], "none.toml"),
        (["--people", "{folder}/none.toml"], "none.toml"),
        (["--calendar", "{folder}/none.toml"], "none.toml"),
    ],
)
def test_what_cannot_be_used_is_named_in_a_sentence(
    asked: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["study", *(one.format(folder=tmp_path) for one in asked)])

    told = capsys.readouterr()
    assert code == 1
    assert said in told.err
    assert len(told.err.splitlines()) == 1
    assert told.out == ""


@pytest.mark.parametrize(
    "asked", ["--pairs=0", "--pairs=x", "--hours=0", "--assume=moon=full", "--workers=0"]
)
def test_an_option_with_a_value_that_is_not_allowed_is_named(
    asked: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["study", asked])

    assert ended.value.code == 2
    assert "is not allowed" in capsys.readouterr().err
