"""What an edge node leaves with the broker before each connection."""

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from protocol.address import Address
from protocol.sparkplug.payloads import SEQUENCE, decode_payload
from simulator.telling.node_link import NodeLink


def test_every_connection_has_a_death_of_its_own_and_255_is_followed_by_0() -> None:
    link = NodeLink(
        "line", "spBv1.0/plant/NDEATH/line", group="plant", host="",
        address=Address(host="127.0.0.1", port=1), watch=lambda *_: None, unwatch=lambda _: None,
    )  # fmt: skip
    numbers = []
    for _ in range(SEQUENCE + 2):
        client = mqtt.Client(CallbackAPIVersion.VERSION2)

        link._prepare(client)

        assert (client._will_topic, client._will_qos, client._will_retain) == (
            b"spBv1.0/plant/NDEATH/line", 1, False,
        )  # fmt: skip
        numbers.append(decode_payload(client._will_payload).metrics[0].value)
    assert numbers == [*range(SEQUENCE), 0, 1]
