"""Devices of one's own through a real Mosquitto and the real ingest: as guests, and by the topic map."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.conclusions import Heard, HeardLately, Refusals, Tile, decode
from tests.broker.clients import Client, wait_until
from tests.broker.running import RunningBroker
from tests.ingest.running import RunningIngest

pytestmark = pytest.mark.broker

TOPICS = """
[[device]]
topic = "devices/{machine}/status/switch:0"
line = "joinery"
[device.signals]
power_kw = { path = "apower", factor = 0.001 }

[[device]]
topic = "devices/{machine}/relay/0/power"
[device.signals]
power_kw = { factor = 0.001 }
"""
SWITCH = {"id": 0, "output": True, "apower": 812.4, "voltage": 231.5}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBroker]:
    folder = tmp_path_factory.mktemp("devices")
    broker = RunningBroker(folder / "broker")
    broker.start()
    file = folder / "topics.toml"
    file.write_text(TOPICS, encoding="utf-8")
    ingest = RunningIngest(broker, Path(folder), "--topics", str(file))
    ingest.start()
    yield broker
    ingest.stop()
    broker.kill()


@pytest.fixture
def device(office: RunningBroker) -> Iterator[Client]:
    client = Client(office.port, "device", office.password("device"))
    yield client
    client.close()


@pytest.fixture
def viewer(office: RunningBroker) -> Iterator[Client]:
    client = Client(office.port, "viewer", office.password("viewer"))
    client.listen("shopfloor/_office/#")
    yield client
    client.close()


def newest(viewer: Client, topic: str) -> bytes | None:
    told = [one.payload for one in viewer.heard if one.topic == f"shopfloor/_office/{topic}"]
    return bytes(told[-1]) if told else None


def heard(viewer: Client, topic: str) -> Heard | None:
    payload = newest(viewer, "heard")
    lately = [] if payload is None else decode(payload, HeardLately).newest
    return next((one for one in lately if one.topic == topic), None)


def test_a_smart_plug_is_a_machine_with_a_tile_and_pages_are_told_what_was_understood(
    device: Client, viewer: Client
) -> None:
    topic = "devices/band-saw/status/switch:0"
    device.say([topic], json.dumps(SWITCH))
    device.say([topic], json.dumps({**SWITCH, "apower": 20.0}))

    wait_until(lambda: newest(viewer, "machine/band-saw") is not None)
    wait_until(lambda: (one := heard(viewer, topic)) is not None and one.count == 2)
    tile = decode(newest(viewer, "machine/band-saw") or b"", Tile)
    said = heard(viewer, topic)

    assert (tile.path, tile.simulated, tile.how) == ("joinery", False, "learned")
    assert said is not None
    assert (said.machine, said.values) == ("band-saw", {"power_kw": (0.02, "kW")})
    assert said.head.startswith('{"id": 0')
    assert said.learning.startswith("learning")


def test_a_payload_that_is_a_bare_number_is_a_reading(device: Client, viewer: Client) -> None:
    device.say(["devices/planer/relay/0/power"], "1460.5")

    wait_until(lambda: heard(viewer, "devices/planer/relay/0/power") is not None)
    said = heard(viewer, "devices/planer/relay/0/power")

    assert said is not None
    assert said.values == {"power_kw": (1.4605, "kW")}


def test_what_cannot_be_understood_is_refused_under_its_own_topic_with_its_own_payload(
    device: Client, viewer: Client
) -> None:
    topic = "devices/drill/status/switch:0"
    device.say([topic], '{"output": false}')

    def told() -> Refusals | None:
        payload = newest(viewer, "refused")
        return None if payload is None else decode(payload, Refusals)

    wait_until(lambda: (now := told()) is not None and any(one.topic == topic for one in now.newest))
    refusals = told()

    assert refusals is not None
    (refusal,) = [one for one in refusals.newest if one.topic == topic]
    assert refusal.head == '{"output": false}'
    assert refusal.reason == "none of apower is a number in it: it has output; topics.toml says where to look"
    assert newest(viewer, "machine/drill") is None


def test_what_the_broker_had_kept_is_no_reading_of_now(broker: RunningBroker, tmp_path: Path) -> None:
    file = tmp_path / "topics.toml"
    file.write_text(TOPICS, encoding="utf-8")
    device = Client(broker.port, "device", broker.password("device"))
    device.say(["devices/lathe/relay/0/power"], "99", retain=True)
    ingest = RunningIngest(broker, tmp_path, "--topics", str(file))
    ingest.start()
    viewer = Client(broker.port, "viewer", broker.password("viewer"))
    viewer.listen("shopfloor/_office/#")

    device.say(["devices/planer/relay/0/power"], "1460.5")

    wait_until(lambda: heard(viewer, "devices/planer/relay/0/power") is not None)
    assert heard(viewer, "devices/lathe/relay/0/power") is None
    ingest.stop()
    viewer.close()
    device.close()


def test_a_guests_message_is_told_with_what_was_understood(office: RunningBroker, viewer: Client) -> None:
    guest = Client(office.port, "guest", office.password("guest"))
    guest.say(["shopfloor/my-press/readings"], '{"power_kw": 3.2, "oil_c": 41}')

    wait_until(lambda: heard(viewer, "shopfloor/my-press/readings") is not None)
    said = heard(viewer, "shopfloor/my-press/readings")
    guest.close()

    assert said is not None
    assert said.values == {"power_kw": (3.2, "kW"), "oil_c": (41.0, "°C")}
    assert said.state == "unknown"


def test_what_is_told_of_a_device_goes_when_it_is_forgotten(office: RunningBroker, viewer: Client) -> None:
    guest = Client(office.port, "guest", office.password("guest"))
    guest.say(["shopfloor/old-press/readings"], '{"power_kw": 3.2}')
    wait_until(lambda: heard(viewer, "shopfloor/old-press/readings") is not None)
    operator = Client(office.port, "operator", office.password("operator"))

    operator.say(["shopfloor/_office/command"], '{"id": "f1", "what": "forget", "machine": "old-press"}')

    wait_until(lambda: newest(viewer, "machine/old-press") == b"")
    wait_until(lambda: heard(viewer, "shopfloor/old-press/readings") is None)
    guest.close()
    operator.close()
