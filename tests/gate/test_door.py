"""Commands on a page that others reach: the password, wrong tries, sessions, and their cookie."""

import json
import logging
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.gate.door import COOKIE, SECURE_COOKIE, Door
from dashboard.gate.hosts import Hosts
from dashboard.gate.password import PagePassword
from dashboard.gate.sessions import IDLE_S, LASTS_S, MAX_SESSIONS, Sessions
from dashboard.gate.tries import OF_ALL, OF_ONE, WITHIN_S, Tries
from tests.broker.running import PROJECT
from tests.gate.shut import COMMAND, PASSWORD, Clock, door, page, set_password, sign_in

HERE = {"Origin": "http://localhost"}
DONE = 503
"""What a command comes to that was let in, where there is no broker."""


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shut")


@pytest.fixture(scope="module")
def server(folder: Path, clock: Clock) -> Flask:
    return page(folder, door(folder, clock))


@pytest.fixture
def client(server: Flask, clock: Clock) -> Iterator[FlaskClient]:
    yield server.test_client()
    clock.now_s += 2 * WITHIN_S  # what a test got wrong is no other's affair


def command(client: FlaskClient, **more: object) -> int:
    return client.post("/api/commands", json=COMMAND, headers=HERE, **more).status_code


def test_a_script_that_no_page_loads_is_not_there_and_fills_no_log(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    for path in ("os/path.py", "dash/dash.py", "dash/../../app.py"):
        answer = client.get(f"/_dash-component-suites/{path}")

        assert answer.status_code == 404
        assert answer.json is not None
        assert answer.json["error"].endswith("allowed is what a page loads")
    assert caplog.records == []


def test_nobody_commands_without_the_password_and_the_browser_is_not_made_to_ask(client: FlaskClient) -> None:
    answer = client.post("/api/commands", json=COMMAND, headers=HERE)

    assert answer.status_code == 401
    assert answer.json == {"error": "commands from here need the operator's password"}
    assert not answer.headers["WWW-Authenticate"].startswith("Basic")


@pytest.mark.parametrize("what", ["kinds", "machines"])
def test_what_only_asks_needs_no_password(client: FlaskClient, what: str) -> None:
    assert client.post("/api/commands", json={"what": what}).status_code == DONE


@pytest.mark.parametrize(
    ("user", "password", "status"),
    [
        ("operator", PASSWORD, DONE),
        ("operator", "wrong", 401),
        ("viewer", PASSWORD, 401),
        ("operator", "", 401),
    ],
)
def test_a_program_says_the_password_with_each_command(
    client: FlaskClient, user: str, password: str, status: int
) -> None:
    assert command(client, auth=(user, password)) == status


def test_who_has_signed_in_commands_until_signing_out(client: FlaskClient) -> None:
    assert client.get("/api/session").json == {"password": True, "signed_in": False}
    assert sign_in(client) == 200
    assert client.get("/api/session").json == {"password": True, "signed_in": True}
    assert command(client) == DONE
    kept = client.get_cookie(COOKIE)
    assert kept is not None

    assert client.delete("/api/session", headers=HERE).json == {"password": True, "signed_in": False}

    client.set_cookie(COOKIE, kept.value)  # whoever kept the token all the same
    assert command(client) == 401


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(client: FlaskClient) -> None:
    plain = client.post("/api/session", json={"password": PASSWORD}).headers["Set-Cookie"]
    secure = client.post("/api/session", json={"password": PASSWORD}, base_url="https://localhost").headers[
        "Set-Cookie"
    ]

    assert plain.startswith(f"{COOKIE}=")
    assert secure.startswith(f"{SECURE_COOKIE}=")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(plain.split("; "))
    assert {"HttpOnly", "SameSite=Strict", "Path=/", "Secure"} <= set(secure.split("; "))
    assert PASSWORD not in plain + secure


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://elsewhere.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "null"},
        {"Origin": "http://["},
    ],
)
def test_a_cookie_alone_commands_nothing(client: FlaskClient, headers: dict[str, str]) -> None:
    assert sign_in(client) == 200

    assert client.post("/api/commands", json=COMMAND, headers=headers).status_code in {401, 403}


def test_after_five_wrong_passwords_even_the_right_one_waits(client: FlaskClient, clock: Clock) -> None:
    assert [sign_in(client, f"wrong {number}") for number in range(OF_ONE)] == [401] * OF_ONE
    assert sign_in(client) == 429
    assert command(client, auth=("operator", PASSWORD)) == 429

    answer = client.post("/api/session", json={"password": PASSWORD})
    assert answer.headers["Retry-After"] == str(int(WITHIN_S))
    clock.now_s += WITHIN_S
    assert sign_in(client) == 200


def test_many_addresses_guess_no_faster_than_fifty_in_five_minutes(client: FlaskClient, clock: Clock) -> None:
    door = Door(tries=Tries(clock), password=PagePassword(Path("nowhere")))
    said = [door.tries.begin(f"2001:db8:{number:x}::1") for number in range(OF_ALL + 1)]

    assert said[:OF_ALL] == [0.0] * OF_ALL
    assert said[OF_ALL] == WITHIN_S
    assert client is not None


def test_a_password_that_was_right_is_no_wrong_try() -> None:
    tries = Tries(Clock())

    for _ in range(3 * OF_ALL):
        assert tries.begin("10.0.0.7") == 0.0
        tries.right("10.0.0.7")


def test_addresses_of_one_subscriber_count_as_one() -> None:
    tries = Tries(Clock())

    assert [tries.begin(f"2001:db8::{number:x}") for number in range(OF_ONE)] == [0.0] * OF_ONE
    assert tries.begin("2001:db8::ffff") > 0
    assert tries.begin("2001:db8:0:1::1") == 0.0


def test_a_session_ends_when_it_is_idle_when_it_is_old_and_with_its_password() -> None:
    clock = Clock()
    sessions = Sessions(clock)
    idle, old, other = (sessions.begin("line") for _ in range(3))

    assert not sessions.has(other, "another line")
    assert not sessions.has(other, "line")
    clock.now_s += IDLE_S + 1
    assert not sessions.has(idle, "line")
    old = sessions.begin("line")
    for _ in range(int(LASTS_S // IDLE_S)):
        clock.now_s += IDLE_S
        assert sessions.has(old, "line")
    clock.now_s += IDLE_S
    assert not sessions.has(old, "line")


def test_sessions_are_bounded() -> None:
    sessions = Sessions(Clock())
    first = sessions.begin("line")

    kept = [sessions.begin("line") for _ in range(MAX_SESSIONS)]

    assert not sessions.has(first, "line")
    assert all(sessions.has(token, "line") for token in kept)


def test_another_password_ends_every_session(server: Flask, folder: Path) -> None:
    client = server.test_client()
    assert sign_in(client) == 200

    set_password(folder, "another long one")
    try:
        assert command(client) == 401
        assert sign_in(client) == 401
        assert sign_in(client, "another long one") == 200
    finally:
        set_password(folder)


def test_without_a_password_set_nobody_commands(tmp_path: Path) -> None:
    client = page(tmp_path, Door(password=PagePassword(tmp_path / "page"))).test_client()

    assert command(client, auth=("operator", "")) == 403
    assert sign_in(client, "") == 403
    answer = client.post("/api/commands", json=COMMAND)
    assert answer.json is not None
    assert "--page-password sets it" in answer.json["error"]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "plain text",
        "scrypt$1$8$1$AA==$AA==",
        "scrypt$99999999999$8$1$AA==$AA==",
        "scrypt$x$8$1$AA==$AA==",
    ],
)
def test_a_file_that_holds_no_hash_lets_nobody_in(tmp_path: Path, line: str) -> None:
    (tmp_path / "page").write_text(line, encoding="utf-8")

    assert not PagePassword(tmp_path / "page").is_right("plain text")


def test_the_script_keeps_a_hash_alone_and_refuses_a_short_password(tmp_path: Path) -> None:
    script = [sys.executable, "broker-config/make_credentials.py", "--out", str(tmp_path), "--page-password"]

    def run(said: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(script, cwd=PROJECT, input=said, capture_output=True, text=True, check=False)

    short, done = run("too short\n"), run(f"{PASSWORD}\n")

    assert (short.returncode, short.stderr) == (
        1, "9 characters: allowed are 12 or more; nothing is changed\n",
    )  # fmt: skip
    assert done.returncode == 0
    assert PASSWORD not in done.stdout + (tmp_path / "page").read_text(encoding="utf-8")
    assert (tmp_path / "page").stat().st_mode & 0o777 == 0o600
    assert PagePassword(tmp_path / "page").is_right(PASSWORD)
    assert not PagePassword(tmp_path / "page").is_right(PASSWORD + " ")


def test_a_refusal_is_logged_with_who_and_what_and_no_secret(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        command(client, auth=("operator", "hunter2 hunter2"))
        sign_in(client, "hunter3 hunter3")
        client.post("/api/commands?token=hunter4", data=json.dumps(COMMAND), content_type="application/json")

    assert "refused POST /api/commands from 127.0.0.1: that is not the operator's password" in caplog.text
    assert "refused POST /api/session from 127.0.0.1: that is not the operator's password" in caplog.text
    assert "hunter" not in caplog.text
    assert b64encode(b"operator:hunter2 hunter2").decode() not in caplog.text


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("localhost", True),
        ("localhost:8050", True),
        ("127.0.0.1:8050", True),
        ("[::1]:8050", True),
        ("LOCALHOST.", True),
        ("floor.localhost", True),
        ("web:8050", True),
        ("attacker.example:8050", False),
        ("localhost.attacker.example", False),
        ("127.0.0.1.attacker.example", False),
        ("192.168.1.7", False),
        ("0.0.0.0", False),  # noqa: S104 - only read here
        ("", False),
        ("[::1", False),
        ("localhost@attacker.example", False),
    ],
)
def test_a_page_of_this_machine_answers_to_its_own_names_alone(host: str, *, known: bool) -> None:
    assert Hosts(["web"]).knows(host) is known


def test_a_name_that_was_let_point_here_reads_and_commands_nothing(tmp_path: Path) -> None:
    client = page(tmp_path, Door()).test_client()

    for method, path in (
        ("GET", "/"),
        ("GET", "/api/kpis"),
        ("POST", "/api/commands"),
        ("GET", "/live/state"),
    ):
        answer = client.open(path, method=method, base_url="http://attacker.example:8050")
        assert answer.status_code == 421, path
        assert answer.json is not None
        assert "--allow-host" in answer.json["error"]
