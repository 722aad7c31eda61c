from pathlib import Path

import pytest

from simulator.__main__ import main

MILL = 'kind = "cnc-mill"\nline = "machining"\n'


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """What is said of arguments that are refused."""
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    return capsys.readouterr().err


def test_kinds_lists_every_kind(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kinds"]) == 0

    said = capsys.readouterr().out
    for file in (Path(__file__).parents[3] / "simulator" / "kinds").glob("*.toml"):
        assert file.stem in said


def test_a_new_machine_s_file_is_written_and_found_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", "cnc-mill", "mill-7", "--line", "machining", "--machines", str(tmp_path)]) == 0
    assert (tmp_path / "mill-7.toml").exists()

    assert main(["check", "--machines", str(tmp_path)]) == 0
    assert "all is well" in capsys.readouterr().out


def test_check_says_everything_that_is_wrong_and_exits_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mill-1.toml").write_text(MILL, encoding="utf-8")
    (tmp_path / "mill-2.toml").write_text(MILL + "cycle_s = -3\n", encoding="utf-8")
    (tmp_path / "mill-3.toml").write_text("kind =", encoding="utf-8")

    assert main(["check", "--machines", str(tmp_path)]) == 1

    said = capsys.readouterr().err
    assert "mill-2.toml" in said
    assert "mill-3.toml" in said
    assert "mill-1.toml" not in said


def test_the_shipped_machines_are_right() -> None:
    machines = Path(__file__).parents[3] / "simulator" / "machines"

    assert main(["check", "--machines", str(machines)]) == 0


@pytest.mark.parametrize(
    ("option", "value", "allowed"),
    [
        ("--speed", "7000", "from 0.1 to 3600, or max"),
        ("--speed", "fast", "from 0.1 to 3600, or max"),
        ("--lookahead-s", "10", "from 30"),
        ("--wait-for-office", "never", "from 1"),
        ("--history-hours", "-1", "from 0"),
        ("--history-hours", "nan", "from 0"),
        ("--epoch", "yesterday", "ISO 8601 with a time zone"),
        ("--epoch", "2026-01-05T06:00:00", "ISO 8601 with a time zone"),
        ("--epoch", "1970-01-05T06:00:00Z", "ISO 8601 with a time zone"),
    ],
)
def test_a_wrong_option_is_refused_with_what_is_allowed(
    option: str, value: str, allowed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(["run", option, value], capsys)

    assert repr(value) in said
    assert allowed in said


def test_a_wrong_variable_is_refused_like_a_wrong_option(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SPEED", "7000")

    assert "from 0.1 to 3600, or max" in refused(["run"], capsys)


def test_help_names_the_variable_and_the_default_of_every_setting(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["run", "--help"])

    said = " ".join(capsys.readouterr().out.split())
    for piece in (
        "BROKER_URL, default mqtt://127.0.0.1:1883",
        "CREDENTIALS_DIR",
        "SPEED, default 60",
        "HISTORY_HOURS, default 8",
        "EPOCH, default none",
        "SEED, default 1",
        "MACHINES_DIR, default simulator/machines",
        "STATE_DIR, default var/simulator",
        "WAIT_FOR_OFFICE, default 5",
        "HEARTBEAT",
    ):
        assert piece in said


def test_a_password_that_is_not_there_ends_it_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--credentials", str(tmp_path), "--state", str(tmp_path / "state")]) == 1

    assert "cannot read the password of 'machines'" in capsys.readouterr().err


def test_a_recording_that_is_not_there_ends_it_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "nothing.csv.gz"

    assert main(["replay", str(file), "--as", "mazak-1", "--line", "recorded"]) == 1

    assert "nothing.csv.gz" in capsys.readouterr().err
