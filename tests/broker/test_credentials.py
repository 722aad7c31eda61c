"""Credentials: one per role, kept once made, readable by their owner alone."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from protocol.address import ROLES
from tests.broker.running import PROJECT, make_credentials

if TYPE_CHECKING:
    from pathlib import Path


def contents(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}


def test_every_role_of_the_protocol_gets_a_password_of_its_own(tmp_path: Path) -> None:
    make_credentials(tmp_path)

    made = contents(tmp_path)
    assert set(made) == {*ROLES, "health", "passwd", "acl", "postgresql", "pgpass"}
    assert len({made[role] for role in ROLES}) == len(ROLES)
    assert all(len(made[role].strip()) == 32 for role in ROLES)
    assert [line.split(":")[0] for line in made["passwd"].splitlines()] == [*ROLES, "health"]
    assert not any(made[role].strip() in made["passwd"] for role in ROLES)


def test_the_databases_password_stands_alone_and_for_its_clients_and_the_broker_does_not_know_it(
    tmp_path: Path,
) -> None:
    make_credentials(tmp_path)
    (tmp_path / "postgresql").write_text("a:b\\c\n", encoding="utf-8")

    make_credentials(tmp_path)

    made = contents(tmp_path)
    assert made["pgpass"] == "*:*:*:*:a\\:b\\\\c\n"
    assert "postgresql" not in made["passwd"]


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    make_credentials(tmp_path)
    before = contents(tmp_path)

    make_credentials(tmp_path)

    assert contents(tmp_path) == before


def test_a_password_that_was_changed_by_hand_is_taken_over_and_users_of_ones_own_stay(
    tmp_path: Path,
) -> None:
    make_credentials(tmp_path)
    before = contents(tmp_path)
    (tmp_path / "guest").write_text("my own\n", encoding="utf-8")
    with (tmp_path / "passwd").open("a", encoding="utf-8") as passwd:
        passwd.write("neighbour:$7$101$c2FsdA==$aGFzaA==\n")

    printed = make_credentials(tmp_path)

    after = contents(tmp_path)
    entries = dict(line.split(":") for line in after["passwd"].splitlines())
    assert "-P my own " in printed
    assert entries.pop("neighbour") == "$7$101$c2FsdA==$aGFzaA=="
    assert entries.pop("guest") not in before["passwd"]
    assert all(entry in before["passwd"] for entry in entries.values())


def test_the_access_list_beside_the_passwords_is_the_newest(tmp_path: Path) -> None:
    make_credentials(tmp_path)
    (tmp_path / "acl").write_text("user guest\ntopic readwrite #\n", encoding="utf-8")

    make_credentials(tmp_path)

    shipped = PROJECT / "broker-config" / "acl"
    assert (tmp_path / "acl").read_text(encoding="utf-8") == shipped.read_text(encoding="utf-8")


def test_files_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    make_credentials(tmp_path)
    (tmp_path / "office").chmod(0o644)

    make_credentials(tmp_path)

    assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}


@pytest.mark.broker
def test_a_password_hashed_by_mosquittos_own_program_is_recognised(tmp_path: Path) -> None:
    make_credentials(tmp_path)
    (tmp_path / "passwd").write_text("", encoding="utf-8")
    password = (tmp_path / "viewer").read_text(encoding="utf-8").strip()
    hashing = ["mosquitto_passwd", "-b", str(tmp_path / "passwd"), "viewer", password]
    subprocess.run(hashing, check=True, capture_output=True)
    by_mosquitto = (tmp_path / "passwd").read_text(encoding="utf-8").strip()

    make_credentials(tmp_path)

    assert by_mosquitto in (tmp_path / "passwd").read_text(encoding="utf-8").splitlines()
