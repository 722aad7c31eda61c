"""What is said once the page answers."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from demo.claims import HOST
from demo.greeting import greeting, guest_line, python_here
from tests.broker.clients import Client, wait_until

if TYPE_CHECKING:
    from tests.broker.running import RunningBroker


@pytest.mark.broker
@pytest.mark.parametrize("has_client", [True, False], ids=["mosquitto_pub", "python"])
def test_the_guests_line_works_as_it_is_pasted(
    broker: RunningBroker, monkeypatch: pytest.MonkeyPatch, *, has_client: bool
) -> None:
    if not has_client:
        monkeypatch.setattr("shutil.which", lambda _name: None)
    line = guest_line(host=HOST, port=broker.port, password=broker.password("guest"))
    office = Client(broker.port, "office", broker.password("office"))
    office.listen("shopfloor/+/readings")

    subprocess.run(line, shell=True, check=True)  # noqa: S602 - as a person would paste it

    wait_until(lambda: len(office.heard) == 1)
    assert office.heard[0].topic == "shopfloor/my-press/readings"
    assert office.heard[0].payload == b'{"power_kw": 3.2}'
    office.close()


def test_the_greeting_says_where_what_and_how() -> None:
    said = greeting(address="http://127.0.0.1:8050", machines=12, speed="60", guest="the line")

    assert "The shop floor is at http://127.0.0.1:8050" in said
    assert "13 machines" in said
    assert "60 times as fast as yours" in said
    assert "    the line\n" in said


def test_a_broker_of_ones_own_whose_guest_is_unknown_has_no_guests_line() -> None:
    assert "device of your own" not in greeting(address="", machines=12, speed="1", guest=None)


def test_python_is_named_as_one_would_type_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "executable", str(tmp_path / ".venv" / "bin" / "python"))
    assert python_here() == ".venv/bin/python"

    monkeypatch.setattr(sys, "executable", "/opt/my tools/python")
    assert python_here() == shlex.quote("/opt/my tools/python")
