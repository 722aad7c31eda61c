"""The page about commands: each example is one the plant understands, and the command line makes it."""

import re
import shlex
from pathlib import Path

import pytest

from protocol.messages import PlantCommand
from simulator.__main__ import parser
from simulator.command_line.replay import columns_of
from simulator.commanding.commands import command_in
from simulator.commanding.table import FORMS
from simulator.replaying.columns import columns_in
from simulator.specs.kind import load_kinds
from simulator.specs.machine import parse_machine

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs/commands.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| [^|]+ \| `(command [^`]+)` \| `(\{.*\})` \|$", PAGE, re.MULTILINE)
SHELL = "".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)).splitlines()


@pytest.mark.parametrize(("line", "message"), ROWS)
def test_message_and_command_line_say_the_same(line: str, message: str) -> None:
    command = command_in(message.encode())
    asked = parser().parse_args(shlex.split(line))

    assert isinstance(command, PlantCommand), command
    assert asked.what == command.what
    if "file" not in asked:
        fields = {key: value for key, value in asked.fields(asked).items() if value != ""}
        assert fields == {key: getattr(command, key) for key in fields}
        assert PlantCommand(id=command.id, what=command.what, **fields) == command
    else:
        assert asked.file.stem == command.machine
        parse_machine(command.text, asked.file.name, load_kinds(PROJECT / "simulator" / "kinds"))


def test_every_command_has_an_example() -> None:
    assert {shlex.split(line)[1] for line, _ in ROWS} == set(FORMS)


@pytest.mark.parametrize("line", [line for line in SHELL if line.startswith("python -m simulator")])
def test_the_lines_of_shell_are_understood(line: str) -> None:
    asked = parser().parse_args(shlex.split(line)[3:])

    if asked.command == "replay":
        columns = columns_of(asked)
        assert columns.signals is not None
        assert [one.name for one in columns.signals] == ["power_kw", "oil_c"]


def test_the_column_map_is_understood(tmp_path: Path) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    file = tmp_path / "saw-columns.toml"
    file.write_text(text, encoding="utf-8")

    assert columns_in(file).signals is not None
