"""What fuzzing has found, each once more, so that it does not come back."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dashboard.api.openapi import document
from dashboard.commands import CommandError, decode_command
from dashboard.conclusions import ConclusionError, Tile
from dashboard.conclusions import decode as decode_conclusion
from dashboard.goals import Goals, GoalsError
from dashboard.ingest.topic_map import TopicMap
from dashboard.sparkplug.host import Born, Host, News, Refused
from dashboard.sparkplug.metric_map import MetricMap
from dashboard.sparkplug.refusal import SparkplugError
from protocol.messages import Birth, Clock, MessageError, Tick, decode
from protocol.moments import to_ms
from protocol.readings import decode_batch
from protocol.sparkplug.datatypes import DataType
from protocol.sparkplug.payloads import Metric, Payload, encode_payload
from simulator.specs.settings import SpecError, parse_toml
from tests.fuzz.pages import app, as_described
from tests.fuzz.said import MESSAGES, written
from tests.fuzz.target import Refusal
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, close, give, minutes, open_office
from tests.sparkplug.said import AT_MS, node_birth, topic

DEEP = b'{"x":' + b"[" * 100_000
UNTIL_MS = EPOCH_MS + 5 * MINUTE


@pytest.fixture
def client() -> FlaskClient:
    made: FlaskClient = app().server.test_client()
    return made


@pytest.mark.parametrize(
    ("read", "refusal"),
    [
        (lambda payload: decode(payload, Birth), MessageError),
        (decode_command, CommandError),
        (lambda payload: decode_conclusion(payload, Tile), ConclusionError),
    ],
)
def test_a_message_that_is_nested_too_deeply_is_refused_as_such(
    read: Callable[[bytes], object], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal, match="nested too deeply"):
        read(DEEP)


@pytest.mark.parametrize(
    "at", ["1999-12-31T23:59:59Z", "9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00+23:59"]
)
@pytest.mark.parametrize("kind", [Birth, Clock, Tick])
def test_no_clock_is_years_off(kind: type[Birth | Clock | Tick], at: str) -> None:
    said = json.loads(written(next(one for one in MESSAGES if isinstance(one, kind))))

    with pytest.raises(MessageError, match=r"key 'at': '.*' is no time of a plant: allowed is 2000 to 2100"):
        decode(json.dumps({**said, "at": at}).encode(), kind)


def test_of_a_long_value_a_sentence_has_the_beginning_and_still_says_what_is_allowed() -> None:
    with pytest.raises(MessageError) as of_a_message:
        decode_batch(json.dumps({"state": "x" * 60_000, "power_kw": "y" * 60_000}).encode())
    with pytest.raises(GoalsError) as of_a_file:
        Goals.of(f"utilization = '{'x' * 60_000}'")

    assert len(str(of_a_message.value)) <= 300
    assert len(str(of_a_file.value)) <= 600
    assert str(of_a_file.value).endswith("allowed is a share of planned time above 0 up to 1")


@pytest.mark.parametrize("text", ["a = " + "[" * 20_000, "a = " + "9" * 5_000])
def test_a_file_that_python_cannot_read_is_refused_by_its_name(text: str) -> None:
    with pytest.raises(GoalsError, match=r"goals\.toml: not TOML"):
        Goals.of(text)
    with pytest.raises(SpecError, match=r"mill-7\.toml: not TOML"):
        parse_toml(text, "mill-7.toml")


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (f"period_s = {10**400}", "0.1 to 86400"),
        (f"ideal_cycle_s = {10**400}", "0 to 604800"),
        ("state = { metric = 'S', words = { a = [] } }", "state.words.a"),
    ],
)
def test_a_number_or_a_word_that_no_device_has_is_refused_in_the_map_of_metrics(
    line: str, named: str
) -> None:
    with pytest.raises(SparkplugError, match=named):
        MetricMap.of(f"[[device]]\ndevice = 'Saw'\n{line}")


@pytest.mark.parametrize("at_ms", [0, 1, 2**53, 2**63])
def test_a_birth_of_no_time_of_a_plant_is_refused_in_sparkplug(at_ms: int) -> None:
    (refused,) = born(at_ms)

    assert isinstance(refused, Refused)
    assert "allowed is 2000 to 2100" in refused.reason


def test_a_birth_without_a_moment_is_one_of_now_in_sparkplug() -> None:
    news = born(None)

    assert isinstance(news[0], Born)
    assert to_ms(news[0].birth.at) == AT_MS


def born(at_ms: int | None) -> list[News]:
    """What a host makes of a device that is born at a moment, which is now for the host."""
    host = Host(root="shopfloor", rules=MetricMap(), now_ms=lambda: AT_MS, shift=lambda: False)
    assert len([*host.receive(topic("NBIRTH"), node_birth(), 0.0)]) == 1
    metrics = [Metric(name="Drive/Power", datatype=DataType.DOUBLE, value=3.5)]
    payload = encode_payload(Payload(at_ms=at_ms, seq=1, metrics=metrics))
    return [*host.receive(topic("DBIRTH", "press"), payload, 1.0)]


def test_a_number_beyond_all_floats_in_a_devices_message_is_none() -> None:
    devices = TopicMap.of(
        '[[device]]\ntopic = "devices/saw"\nmachine = "saw-1"\nsignals.power_kw = { factor = 0.1 }'
    )

    with pytest.raises(MessageError, match="the payload itself"):
        devices.meaning(devices.devices[0], "devices/saw", b"9" * 400)


def test_an_ideal_cycle_of_ages_is_refused() -> None:
    said = json.loads(written(MESSAGES[0]))

    with pytest.raises(MessageError, match="ideal_cycle_s"):
        decode(json.dumps({**said, "ideal_cycle_s": 1e308}).encode(), Birth)


def test_a_counter_that_leaps_to_its_end_and_back_leaves_every_number_of_the_plant(tmp_path: Path) -> None:
    office = open_office(tmp_path, UNTIL_MS)
    birth = {"at": "2026-01-05T06:00:00Z", "states": "reported", "ideal_cycle_s": 604_800}
    give(office, [*minutes(3), ("shopfloor/hall/leaper/birth", json.dumps(birth).encode())])
    counts = [0, 2**16 - 1, 3, 2**32 - 1, 0, 2**40, 1, 2**40]
    batch = {
        "at": EPOCH_MS,
        "state": "running",
        "offsets_ms": [*range(8)],
        "parts": counts,
        "power_kw": counts,
    }

    give(office, [("shopfloor/hall/leaper/readings", json.dumps(batch).encode())], wall_ms=UNTIL_MS)
    give(office, [("shopfloor/hall/leaper/readings", b'{"parts": 1099511627777}')], wall_ms=UNTIL_MS)

    assert "allowed are 0 to 1,099,511,627,776" in office.refused.newest().newest[0].reason
    assert office.refused.total == 1
    assert len(close(office, UNTIL_MS)["counts"]) > len(counts)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 16_000,
        b'{"what":"speed","speed":NaN}',
        b'{"what":"speed","speed":1e999}',
        b'{"what":"assume","values":{"rounds_s":-Infinity}}',
        b'{"what":"add","machine":"mill-9","text":"\\ud800"}',
    ],
)
def test_a_command_that_is_no_json_is_refused_in_json(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/api/commands", data=body, content_type="application/json")

    assert answer.status_code == 400
    assert json.loads(answer.text, parse_constant=pytest.fail)["key"] == "body"


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", "/api/commands", 405, "OPTIONS, POST"),
        ("PUT", "/api/kpis", 405, "GET, HEAD, OPTIONS"),
        ("OPTIONS", "/api/session", 200, "DELETE, GET, HEAD, OPTIONS, POST"),
    ],
)
def test_a_path_of_the_api_says_which_methods_it_has(
    client: FlaskClient, method: str, path: str, status: int, allow: str
) -> None:
    answer = client.open(path, method=method)

    assert answer.status_code == status
    assert answer.headers["Allow"] == allow


def test_a_sign_in_with_more_than_a_password_is_refused(client: FlaskClient) -> None:
    assert client.post("/api/session", json={"password": "x", "user": "y"}).status_code == 400


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"[" * 5_000, "JSON object"),
        (b"null", "JSON object"),
        (b"{}", "output"),
        (b'{"output":"x.children"}', "'x.children'"),
        (b'{"output":"page.children"}', "outputs"),
        (
            b'{"output":"page.children","outputs":{"id":"page","property":"children"},"inputs":[]}',
            "url.pathname",
        ),
    ],
)
def test_what_no_page_asks_of_a_callback_is_refused_before_dash_sees_it(
    client: FlaskClient, body: bytes, named: str
) -> None:
    client.get("/_dash-dependencies")

    answer = client.post("/_dash-update-component", data=body, content_type="application/json")

    assert answer.status_code == 400
    assert named in answer.get_json()["error"]


EVERY = [
    (method, path)
    for path, operations in sorted(document()["paths"].items())
    for method in sorted(operations)
]


@pytest.mark.parametrize(("method", "path"), EVERY)
def test_a_parameter_that_no_path_takes_is_refused_as_the_document_says(
    client: FlaskClient, method: str, path: str
) -> None:
    body = None if method == "get" else {"what": "again", "password": "none"}

    answer = client.open(f"{path}?shopfloor=1", method=method, json=body)

    assert isinstance(as_described(method, path, answer), Refusal)
    assert answer.status_code == 400
    assert "there is no parameter 'shopfloor'" in answer.get_json()["error"]


@pytest.mark.parametrize("value", [None, 5, [], {"a": 1}, "/losses"])
def test_a_page_is_drawn_whatever_stands_where_its_address_should(client: FlaskClient, value: object) -> None:
    client.get("/_dash-dependencies")
    asked = {
        "output": "page.children",
        "outputs": {"id": "page", "property": "children"},
        "inputs": [{"id": "url", "property": "pathname", "value": value}],
        "state": [{"id": "url", "property": "search", "value": value}],
        "changedPropIds": ["url.pathname"],
    }

    assert client.post("/_dash-update-component", json=asked).status_code == 200


def test_a_reason_is_logged_without_characters_that_steer_a_terminal(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    office = open_office(tmp_path, UNTIL_MS)

    give(office, [("shopfloor/guest-1/mood\x1b[31m", b"{}")])
    office.store.close()

    assert "mood" in caplog.text
    assert "\x1b" not in caplog.text
