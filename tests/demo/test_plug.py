"""The plug: pulled, the office is killed and stays away; pushed, it comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from demo.__main__ import main
from demo.claims import claim_folder
from demo.crew import Crew
from demo.plug import Plug
from tests.demo.test_crew import lines, lives, look_until, stand_in, wait_until

if TYPE_CHECKING:
    from pathlib import Path


def test_an_unplugged_office_is_killed_stays_away_and_comes_back_alone(tmp_path: Path) -> None:
    said: list[str] = []
    office, web = tmp_path / "office", tmp_path / "web"
    plug = Plug.of(tmp_path)
    crew = Crew([stand_in("ingest", office), stand_in("web", web)], tmp_path / "log", said.append, plug=plug)
    crew.start(1)
    wait_until(lambda: len(lines(office)) == len(lines(web)) == 1)

    plug.pull()
    look_until(crew, lambda: "ingest is unplugged." in said)
    killed = lines(office)[0]
    for _ in range(200):
        crew.look()
    away = lines(office)
    plug.push()
    look_until(crew, lambda: len(lines(office)) == 2)
    crew.stop()

    # It had no time to say that it stops, and is not said to have ended by itself.
    assert away == [killed]
    assert not lives(killed)
    assert said == ["ingest is unplugged.", "ingest is plugged in again."]
    assert len(lines(web)) == 2
    assert lines(web)[1] == "stopped"


def test_the_command_acts_on_the_demo_that_runs_in_its_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with claim_folder(tmp_path):
        codes = [main(["plug", "pull", "--state", str(tmp_path)])]
        pulled = Plug.of(tmp_path).pulled
        codes.append(main(["plug", "push", "--state", str(tmp_path)]))

    assert codes == [0, 0]
    assert pulled
    assert not Plug.of(tmp_path).pulled
    assert "Push the plug by: python -m demo plug push" in capsys.readouterr().out


def test_without_a_demo_the_command_says_so_and_pulls_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        assert main(["plug", "pull", "--state", str(folder)]) == 1
        assert not Plug.of(folder).pulled

    assert f"No demo is running in {tmp_path}: start one by python -m demo" in capsys.readouterr().err


def test_a_demo_says_which_words_the_plug_knows(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["plug", "cut"])

    assert "invalid choice: 'cut'" in capsys.readouterr().err
