"""The page about faults says what the catalogue says, and its examples are understood."""

import re
from pathlib import Path

import pytest

from protocol.messages import PlantCommand
from simulator.__main__ import main
from simulator.commanding.commands import command_in
from simulator.faults.catalogue import CATALOGUE, table

PAGE = (Path(__file__).parents[2] / "docs" / "faults.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r'^(\{"id".*\})$', PAGE, re.MULTILINE)


def test_the_page_holds_the_catalogue_as_the_command_line_prints_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["faults"]) == 0

    assert capsys.readouterr().out.strip() == table()
    assert table() in PAGE


def test_there_are_seven_faults_of_machines_four_of_sensors_and_seven_of_the_link() -> None:
    about = [one.about for one in CATALOGUE.values()]

    assert [about.count(one) for one in ("machine", "sensor", "link")] == [7, 4, 7]


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_message_of_the_page_is_understood(example: str) -> None:
    assert isinstance(command_in(example.encode()), PlantCommand)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 4
