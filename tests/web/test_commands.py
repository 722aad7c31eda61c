"""A person at the page commands office and plant, through a real broker and a real office."""

import json
import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from time import time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.__main__ import _parser
from dashboard.app import Settings, make_app
from dashboard.calendar.places import Calendar
from dashboard.gate.arguments import asks_password
from dashboard.gate.door import Door
from dashboard.history.reader import Reader
from dashboard.kpi.basis import Basis
from dashboard.live.command_routes import command_routes
from dashboard.live.commander import Commander
from dashboard.losses.reasons import Reasons
from protocol.address import Address, address_of
from protocol.messages import PlantCommand, PlantResult, decode, encode
from protocol.moments import from_ms, to_text
from protocol.session import Session
from protocol.states import State
from protocol.topics import plant_topic
from tests.broker.clients import Client, wait_until
from tests.broker.running import RunningBroker
from tests.ingest.running import RunningIngest

pytestmark = pytest.mark.broker
NAME = "my-press"
BIRTH = f"shopfloor/{NAME}/birth"
READINGS = f"shopfloor/{NAME}/readings"


@pytest.fixture
def ingest(broker: RunningBroker, tmp_path: Path) -> Iterator[RunningIngest]:
    """An office that has taken its place."""
    running = RunningIngest(broker, tmp_path)
    running.start()
    yield running
    running.stop()


def page_of(broker: RunningBroker, history: str, *, operator: bool = True) -> FlaskClient:
    """A page whose live channel is not needed."""
    app, _ = make_app(
        Settings(
            address=Address(host="127.0.0.1", port=1),
            root="shopfloor",
            history=history,
            basis=Basis(calendar=Calendar.read()),
            reasons=Reasons.read(),
            guest_line="",
            operator=address_of(broker.url, role="operator", credentials=broker.credentials)
            if operator
            else None,
        )
    )
    server: Flask = app.server
    return server.test_client()


@pytest.fixture
def page(broker: RunningBroker, ingest: RunningIngest) -> FlaskClient:
    return page_of(broker, ingest.history)


def ask(page: FlaskClient, status: int, **body: Any) -> Any:
    answer = page.post("/api/commands", json=body)
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/json"
    return answer.json


@pytest.fixture
def device(broker: RunningBroker, ingest: RunningIngest) -> Iterator[Client]:
    """A press of one's own that has told of itself and of five idle minutes."""
    client = Client(broker.port, "machines", broker.password("machines"))
    birth = {"at": "2026-01-05T06:00:00Z", "states": "reported", "period_ms": 60_000}
    client.say([BIRTH], json.dumps(birth), retain=True)
    client.say([READINGS], batch(begun_ms()))
    reader = Reader(ingest.history)
    # A birth may be kept before the readings that follow it are.
    wait_until(lambda: bool(reader.runs()) and State.IDLE in states(reader))
    assert [one.name for one in reader.machines("")] == [NAME]
    reader.close()
    yield client
    client.close()


def states(reader: Reader) -> set[State]:
    return {state for _, _, state, _ in reader.intervals("", NAME, 0, now_ms())}


def now_ms() -> int:
    return int(time() * 1_000)


def begun_ms() -> int:
    return int(time()) * 1_000 - 600_000


def batch(at_ms: int) -> str:
    readings = {"at": to_text(at_ms), "offsets_ms": [0, 300_000], "power_kw": [3, 3], "state": "idle"}
    return json.dumps(readings)


@pytest.mark.usefixtures("device")
def test_a_reason_given_at_the_page_is_in_the_history_when_the_answer_comes(
    page: FlaskClient, ingest: RunningIngest
) -> None:
    reader = Reader(ingest.history)
    begun = list(reader.intervals("", NAME, 0, now_ms()))[-2][0]

    told = ask(
        page,
        200,
        what="reason",
        run="",
        machine=NAME,
        at=to_text(begun + 1_000),
        reason="no material",
        note="x",
    )

    assert told == {"ok": True, "message": f"the stop of {NAME} at {to_text(begun + 1_000)}: no material"}
    (kept,) = reader.reasons("", NAME, begun, begun + 60_000)
    assert (kept.at_ms, kept.reason, kept.note) == (begun + 1_000, "no material", "x")
    reader.close()


def test_a_machine_is_forgotten_everywhere_and_begins_anew_when_it_sends_again(
    page: FlaskClient, device: Client, ingest: RunningIngest, broker: RunningBroker
) -> None:
    witness = Client(broker.port, "viewer", broker.password("viewer"))
    witness.listen("shopfloor/_office/#")
    tile = f"shopfloor/_office/machine/{NAME}"
    wait_until(lambda: tile in witness.topics)

    told = ask(page, 200, what="forget", machine=NAME)
    reader = Reader(ingest.history)

    assert told["message"] == f"{NAME} is forgotten; if it sends again, it begins anew"
    assert reader.machines("", retired=True) == []
    wait_until(lambda: [one.payload for one in witness.heard if one.topic == tile][-1] == b"")
    later = Client(broker.port, "office", broker.password("office"))
    later.listen(BIRTH)
    assert later.heard == []
    device.say([READINGS], batch(begun_ms() + 400_000))
    wait_until(lambda: [one.name for one in reader.machines("")] == [NAME])
    assert reader.machines("")[0].birth is None
    reader.close()
    witness.close()
    later.close()


@pytest.mark.usefixtures("device")
def test_what_the_office_refuses_is_a_conflict_with_its_sentence(page: FlaskClient) -> None:
    told = ask(page, 409, what="relearn", machine=NAME, since="2026-01-05T06:00:00Z")

    assert told == {"error": f"{NAME} reports its states itself: there is nothing to learn"}


@pytest.mark.usefixtures("device")
def test_an_id_of_ones_own_makes_it_safe_to_ask_again(page: FlaskClient) -> None:
    first = ask(page, 200, what="forget", machine=NAME, id="once")
    second = ask(page, 200, what="forget", machine=NAME, id="once")
    third = ask(page, 409, what="forget", machine=NAME)

    assert first == second
    assert third == {"error": f"there is no machine {NAME!r}"}


@pytest.mark.usefixtures("device")
def test_commands_asked_at_the_same_time_get_each_its_own_answer(page: FlaskClient) -> None:
    answers: dict[str, Any] = {}

    def forget(name: str) -> None:
        answers[name] = page.application.test_client().post(
            "/api/commands", json={"what": "forget", "machine": name}
        )

    threads = [threading.Thread(target=forget, args=(f"press-{number}",)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {name: answer.json for name, answer in answers.items()} == {
        f"press-{number}": {"error": f"there is no machine 'press-{number}'"} for number in range(12)
    }


def test_the_plant_is_asked_and_answers(broker: RunningBroker, tmp_path: Path) -> None:
    asked: list[PlantCommand] = []
    with PlantByHand(broker, asked):
        page = page_of(broker, f"sqlite:///{tmp_path}/history.db")

        over = ask(page, 200, what="start-over", seed=7)
        bench = ask(page, 409, what="bench", on=True)
        values = {"rounds_s": 600, "calls": False, "on_shift": ["anna"]}
        assumed = ask(page, 200, what="assume", values=values)

    assert over == {"ok": True, "message": "done: start-over"}
    assert assumed == {"ok": True, "message": "done: assume"}
    assert asked.pop().values == {"rounds_s": 600.0, "calls": False, "on_shift": ("anna",)}
    assert bench == {"error": "not now: bench"}
    assert [(one.what, one.seed, one.on) for one in asked] == [("start-over", 7, None), ("bench", None, True)]


class PlantByHand:
    """Does what it is asked, but puts up no bench."""

    def __init__(self, broker: RunningBroker, asked: list[PlantCommand]) -> None:
        self._asked = asked
        self._session = Session(
            name="plant",
            address=address_of(broker.url, role="machines", credentials=broker.credentials),
            filters=[(plant_topic("shopfloor", "command"), 1)],
        )
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> None:
        self._session.start()
        assert self._session.connected.wait(10)
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()
        self._session.stop()

    def _work(self) -> None:
        while not self._ending.is_set():
            try:
                received = self._session.inbox.get(timeout=0.1)
            except queue.Empty:
                continue
            if received.topic:
                command = decode(received.payload, PlantCommand)
                self._asked.append(command)
                ok = command.what != "bench"
                result = PlantResult(
                    id=command.id,
                    at=from_ms(1_767_592_800_000),
                    ok=ok,
                    what=command.what,
                    message=f"{'done' if ok else 'not now'}: {command.what}",
                )
                self._session.publish(plant_topic("shopfloor", "result"), encode(result))


def test_where_nobody_answers_the_page_says_so(broker: RunningBroker) -> None:
    address = address_of(broker.url, role="operator", credentials=broker.credentials)
    server = Flask("a page of little patience")
    commander = Commander(address=address, root="shopfloor", patience_s=1.0)
    server.register_blueprint(command_routes(commander, Door()))
    page = server.test_client()
    # Its patience is for answers: a busy computer may need longer to connect.
    commander._start()
    assert commander._session.connected.wait(15)

    office = ask(page, 504, what="forget", machine=NAME)
    plant = ask(page, 504, what="start-over")
    broker.stop()

    assert office == {"error": "the office does not answer: it may still be done, see whether it was"}
    assert plant == {"error": "the plant does not answer: it may still be done, see whether it was"}
    gone = f"no connection to the broker at 127.0.0.1:{broker.port}"
    wait_until(lambda: gone in ask(page, 504, what="start-over")["error"])


@pytest.mark.parametrize(
    ("body", "key", "sentence"),
    [
        (
            {"what": "explode"},
            "what",
            "what 'explode': allowed is reason, acknowledge, forget, relearn, start-over, bench, assume",
        ),
        (
            {},
            "what",
            "what is missing: allowed is reason, acknowledge, forget, relearn, start-over, bench, assume",
        ),
        ([1], "body", 'body is missing: allowed is a JSON object with a key "what"'),
        (
            {"what": "forget"},
            "machine",
            "machine is missing: allowed is printable text of 1 to 128 characters",
        ),
        ({"what": "forget", "machine": ""}, "machine", "machine '': allowed is printable text"),
        ({"what": "forget", "machine": "a\nb"}, "machine", "machine 'a\\nb': allowed is printable text"),
        (
            {"what": "forget", "machine": "a", "force": 1},
            "force",
            "force 1: allowed is for forget: machine, id",
        ),
        (
            {"what": "relearn", "machine": "a", "since": "2026-01-05T06:00:00"},
            "since",
            "since '2026-01-05T06:00:00': allowed is a moment in RFC 3339 with a zone",
        ),
        ({"what": "relearn", "machine": "a", "since": 7}, "since", "since 7: allowed is a moment"),
        ({"what": "start-over", "seed": "x"}, "seed", "seed 'x': allowed is a whole number from 0 on"),
        ({"what": "start-over", "seed": True}, "seed", "seed True: allowed is a whole number from 0 on"),
        ({"what": "bench", "on": 1}, "on", "on 1: allowed is true or false"),
        ({"what": "assume"}, "values", "values is missing: allowed is an object of assumptions by name"),
        ({"what": "assume", "values": {}}, "values", "values {}: allowed is an object of assumptions"),
        ({"what": "assume", "values": 3}, "values", "values 3: allowed is an object of assumptions"),
        (
            {"what": "assume", "values": {"rounds_s": {"a": 1}}},
            "values",
            "values {'rounds_s': {'a': 1}}: allowed is an object of assumptions",
        ),
    ],
)
def test_a_wrong_key_is_named_with_its_value_and_what_is_allowed(
    body: Any, key: str, sentence: str, lonely_page: FlaskClient
) -> None:
    answer = lonely_page.post("/api/commands", json=body)

    assert answer.status_code == 400
    told = answer.json
    assert told is not None
    assert told["key"] == key
    assert set(told) == {"error", "key", "value", "allowed"}
    assert sentence in told["error"]


@pytest.fixture(scope="module")
def lonely_page(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A page without an operator's password."""
    folder = tmp_path_factory.mktemp("lonely")
    app, _ = make_app(
        Settings(
            address=Address(host="127.0.0.1", port=1),
            root="shopfloor",
            history=f"sqlite:///{folder}/history.db",
            basis=Basis(calendar=Calendar.read()),
            reasons=Reasons.read(),
            guest_line="",
        )
    )
    server: Flask = app.server
    return server.test_client()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 503),
        ({"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}, 503),
        ({"Origin": "http://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
    ],
)
def test_a_command_from_another_site_is_not_taken(
    headers: dict[str, str], status: int, lonely_page: FlaskClient
) -> None:
    answer = lonely_page.post("/api/commands", json={"what": "start-over"}, headers=headers)

    assert answer.status_code == status


@pytest.mark.parametrize("content", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_what_a_form_could_send_is_not_taken(content: str, lonely_page: FlaskClient) -> None:
    answer = lonely_page.post("/api/commands", data='{"what": "start-over"}', content_type=content)

    assert answer.status_code == 415


def test_a_command_that_is_too_long_is_not_read(lonely_page: FlaskClient) -> None:
    assert lonely_page.post("/api/commands", json={"what": "x" * 20_000}).status_code == 413


@pytest.mark.parametrize(
    ("body", "key", "piece"),
    [
        ({"what": "add", "machine": "m"}, "text", "the TOML of a machine's file, 1 to 12,000 characters"),
        ({"what": "add", "machine": "m", "text": "x" * 12_001}, "text", "1 to 12,000 characters"),
        ({"what": "check", "machine": "m", "text": "a\x00"}, "text", "1 to 12,000 characters"),
        ({"what": "clone", "machine": "m"}, "name", "printable text of 1 to 128 characters"),
        ({"what": "speed", "speed": "fast"}, "speed", "a number from 0.1 to 3600, or max"),
        ({"what": "speed", "speed": 0}, "speed", "a number from 0.1 to 3600, or max"),
        ({"what": "speed", "speed": True}, "speed", "a number from 0.1 to 3600, or max"),
        ({"what": "step", "seconds": 86_401}, "seconds", "plant seconds, a number from 0.001 to 86400"),
        ({"what": "jump", "machine": "m"}, "machine", "for jump: id"),
        ({"what": "kinds", "text": "x"}, "text", "for kinds: id"),
        ({"what": ["kinds"]}, "what", "reason, acknowledge"),
    ],
)
def test_what_a_command_about_machines_or_the_clock_may_hold_is_said_key_by_key(
    body: dict[str, Any], key: str, piece: str, lonely_page: FlaskClient
) -> None:
    answer = lonely_page.post("/api/commands", json=body)

    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["key"] == key
    assert piece in answer.json["allowed"]


def test_a_page_without_the_operators_password_says_so(lonely_page: FlaskClient) -> None:
    answer = lonely_page.post("/api/commands", json={"what": "start-over"})

    assert answer.status_code == 503
    assert answer.json == {"error": "this page may not command: it has no operator's password"}


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        ([], False),
        (["--host", "::1"], False),
        (["--host", "localhost"], False),
        (["--host", "0.0.0.0"], True),  # noqa: S104 - only read here
        (["--host", "0.0.0.0", "--commands", "open"], False),  # noqa: S104
        (["--commands", "password"], True),
    ],
)
def test_the_password_is_asked_for_where_the_page_listens_beyond_this_machine(
    arguments: list[str], *, asked: bool
) -> None:
    assert asks_password(_parser().parse_args(["web", *arguments])) is asked
