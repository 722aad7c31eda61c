"""The topic map: devices that speak otherwise, what is understood of them, and what is wrong with a map."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.ingest.topic_map import DEFAULT_FILE, TopicMap, TopicsError
from protocol.messages import MessageError

SHELLY = {
    "id": 0, "source": "init", "output": True, "apower": 812.4, "voltage": 231.5, "current": 3.61,
    "aenergy": {"total": 6.532, "by_minute": [45.199, 47.141, 88.397], "minute_ts": 1626935779},
    "temperature": {"tC": 41.2, "tF": 106.2},
}  # fmt: skip
ZIGBEE = {"state": "ON", "power": 1460, "voltage": 229, "current": 6.4, "energy": 812.33, "linkquality": 112}
TASMOTA = {
    "Time": "2026-01-05T06:00:00",
    "ENERGY": {
        "TotalStartTime": "2025-09-01T10:00:00", "Total": 3.185, "Yesterday": 1.412, "Today": 0.208,
        "Power": 2140, "ApparentPower": 2260, "ReactivePower": 722, "Factor": 0.95, "Voltage": 230,
        "Current": 9.826,
    },
}  # fmt: skip
SAW = '[[device]]\ntopic = "devices/saw/power"\nmachine = "saw-1"\n'


def examples() -> TopicMap:
    """The map of the demo with its examples in use: their lines without the sign before them."""
    text = DEFAULT_FILE.read_text(encoding="utf-8")
    taken = re.sub(
        r"^# (?=\[|topic = |line = |power_kw = |current_a = |temperature_c = )", "", text, flags=re.MULTILINE
    )
    return TopicMap.of(taken)


def understood(devices: TopicMap, topic: str, payload: object) -> tuple[str, dict[str, float]]:
    """Where the machine would have said it, and what."""
    device = devices.device(topic)
    assert device is not None, topic
    said = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    meant = devices.meaning(device, topic, said)
    return str(meant.topic), json.loads(meant.payload)


def refused(devices: TopicMap, topic: str, payload: bytes) -> str:
    device = devices.device(topic)
    assert device is not None
    with pytest.raises(MessageError) as error:
        devices.meaning(device, topic, payload)
    return str(error.value)


def test_the_map_of_the_demo_listens_for_nothing_until_somebody_says_so() -> None:
    assert TopicMap.read().filters == []


@pytest.mark.parametrize(
    ("topic", "payload", "means"),
    [
        (
            "devices/band-saw/status/switch:0",
            SHELLY,
            (
                "shopfloor/joinery/band-saw/readings",
                {"power_kw": 0.8124, "current_a": 3.61, "temperature_c": 41.2},
            ),
        ),
        ("devices/band-saw/relay/0/power", b"812.40", ("shopfloor/band-saw/readings", {"power_kw": 0.8124})),
        (
            "devices/zigbee2mqtt/Drill press",
            ZIGBEE,
            ("shopfloor/drill-press/readings", {"power_kw": 1.46, "current_a": 6.4}),
        ),
        (
            "devices/planer/tele/SENSOR",
            TASMOTA,
            ("shopfloor/planer/readings", {"power_kw": 2.14, "current_a": 9.826}),
        ),
    ],
    ids=["shelly-2", "shelly-1", "zigbee2mqtt", "tasmota"],
)
def test_the_worked_examples_understand_what_their_devices_publish(
    topic: str, payload: object, means: tuple[str, dict[str, float]]
) -> None:
    assert understood(examples(), topic, payload) == means


def test_what_matches_no_pattern_is_no_devices() -> None:
    for topic in ("devices/saw/rpc", "devices/zigbee2mqtt/bridge/state", "shopfloor/saw/readings", "devices"):
        assert examples().device(topic) is None


def test_a_path_leads_through_lists_and_texts_that_are_numbers_and_has_factor_and_offset() -> None:
    devices = TopicMap.of(
        f'{SAW}[device.signals]\na_kw = {{ path = "m.1.w", factor = 0.001 }}\n'
        't_c = { path = "f", factor = 0.5, offset = -16 }\ngone = { path = "m.7.w" }\n'
    )

    _, values = understood(devices, "devices/saw/power", {"m": [{}, {"w": "1500"}], "f": 100})

    assert values == {"a_kw": 1.5, "t_c": 34.0}


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        (
            b'{"state": "ON", "a": {"b": 1}}',
            "none of apower is a number in it: it has state, a.b; topics.toml says",
        ),
        (b'{"apower": null}', "none of apower is a number in it: it has apower"),
        (b'{"apower": true}', "none of apower is a number in it"),
        (b'{"apower": "NaN"}', "none of apower is a number in it"),
        (b"{}", "none of apower is a number in it: it is empty"),
        (b"offline", "none of apower is a number in it: it is 'offline'"),
        (b"\xff\xfe", "none of apower is a number in it"),
        (b"[" * 5_000, "none of apower is a number in it"),
    ],
)
def test_a_message_without_a_value_is_refused_with_what_it_has_and_where_to_mend_it(
    payload: bytes, sentence: str
) -> None:
    devices = TopicMap.of(f'{SAW}[device.signals]\npower_kw = {{ path = "apower" }}\n')

    assert sentence in refused(devices, "devices/saw/power", payload)


def test_a_topic_that_names_no_machine_is_refused() -> None:
    devices = TopicMap.of('[[device]]\ntopic = "devices/{machine}/w"\nsignals = { power_w = {} }\n')

    assert "the machine's name from '!!!' is empty" in refused(devices, "devices/!!!/w", b"1")
    assert understood(devices, "devices/Säge 1/w", b"1")[0] == "shopfloor/s-ge-1/readings"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[[device]", "topics.toml: not TOML"),
        ("x = 1", "topics.toml: key 'x': '1' is not allowed: only [[device]] tables"),
        ("device = 1", "key 'device': '1' is not allowed: tables, each under [[device]]"),
        (
            '[[device]]\nmachine = "a"\nsignals.w = {}',
            "device 1: key 'topic': 'None' is not allowed: a topic outside",
        ),
        ('[[device]]\ntopic = "shopfloor/+/x"\nmachine = "a"\nsignals.w = {}', "a topic outside shopfloor/"),
        ('[[device]]\ntopic = "+/x"\nmachine = "a"\nsignals.w = {}', "a topic outside shopfloor/"),
        ('[[device]]\ntopic = "a/#"\nmachine = "a"\nsignals.w = {}', "key 'topic': 'a/#' is not allowed"),
        ('[[device]]\ntopic = "a/x{machine}"\nsignals.w = {}', "key 'topic': 'a/x{machine}' is not allowed"),
        (
            '[[device]]\ntopic = "a/b"\nsignals.w = {}',
            "key 'machine': '' is not allowed: a name, or {machine}",
        ),
        ('[[device]]\ntopic = "a/{machine}"\nmachine = "b"\nsignals.w = {}', "and not both"),
        ('[[device]]\ntopic = "a/b"\nmachine = "_b"\nsignals.w = {}', "key 'machine': '_b' is not allowed"),
        ('[[device]]\ntopic = "a/b"\nmachine = "b"\nline = "a/b/c/d"\nsignals.w = {}', "up to 3 names"),
        (f"{SAW}name = 7", "device 1: key 'name': '7' is not allowed: only topic, machine, line, signals"),
        (SAW, "key 'signals': 'None' is not allowed: 1 to 64 tables by name, [device.signals.power_kw]"),
        (f'{SAW}signals."a b" = {{}}', "key 'signals.a b'"),
        (f"{SAW}signals.w = 3", "key 'signals.w': '3' is not allowed: a table with path, factor, offset"),
        (f"{SAW}signals.w.faktor = 3", "a table with path, factor, offset"),
        (f"{SAW}signals.w.path = 3", "key 'signals.w.path': '3' is not allowed: keys joined by dots"),
        (f"{SAW}signals.w.factor = true", "key 'signals.w.factor': 'True' is not allowed: a number"),
        (f"{SAW}signals.w.offset = nan", "key 'signals.w.offset': 'nan' is not allowed: a number"),
    ],
)
def test_a_wrong_map_names_key_value_and_what_is_allowed(text: str, sentence: str) -> None:
    with pytest.raises(TopicsError) as error:
        TopicMap.of(text)

    assert sentence in str(error.value)


def test_the_first_table_that_matches_counts() -> None:
    devices = TopicMap.of(
        f'{SAW}signals.w = {{}}\n[[device]]\ntopic = "devices/{{machine}}/power"\nsignals.w = {{}}\n'
    )

    assert devices.filters == ["devices/saw/power", "devices/+/power"]
    assert understood(devices, "devices/saw/power", b"1")[0] == "shopfloor/saw-1/readings"
    assert understood(devices, "devices/mill/power", b"1")[0] == "shopfloor/mill/readings"


def test_the_tables_and_payloads_of_the_page_about_devices_are_those_that_are_understood() -> None:
    page = (DEFAULT_FILE.parents[1] / "docs" / "devices.md").read_text(encoding="utf-8")
    tables = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    payloads = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    topics = ("devices/a/status/switch:0", "devices/zigbee2mqtt/a", "devices/a/tele/SENSOR")
    devices = TopicMap.of("\n".join(tables[1:]))

    for topic, payload in zip(topics, payloads, strict=True):
        place, values = understood(devices, topic, payload.encode())
        assert place == "shopfloor/a/readings"
        assert values == understood(examples(), topic, payload.encode())[1]
    assert TopicMap.of(tables[0]).filters == ["devices/+/status/switch:0"]


def test_ingest_does_not_start_with_a_wrong_map_and_says_why_in_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "topics.toml"
    file.write_text(f"{SAW}signals.w.factor = 'x'\n", encoding="utf-8")

    ended = subprocess.run(
        [sys.executable, "-m", "dashboard", "ingest", "--topics", str(file)],
        cwd=DEFAULT_FILE.parents[1],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 2
    assert ended.stderr == (
        "dashboard ingest: topics.toml: device 1: key 'signals.w.factor': 'x' is not allowed: "
        "a number from -1e+15 to 1e+15\n"
    )
