"""Writes down what is said at a broker, in the order in which it came, for whoever may hear it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from tests.broker.clients import wait_until

if TYPE_CHECKING:
    from tests.broker.running import RunningBroker

HEARD = {
    "office": ("shopfloor/#", "twin/#"),
    "operator": ("shopfloor/_office/result",),
    "proof": ("shopfloor/_truth/+", "twin/_truth/+"),
    "machines": (
        "shopfloor/_plant/watermark",
        "shopfloor/_plant/office",
        "shopfloor/_plant/office/+",
        "shopfloor/_plant/command",
    ),
    "viewer": (
        *(
            f"shopfloor/_office/{one}"
            for one in ("plant", "refused", "heard", "calls", "work", "assumptions")
        ),
        "shopfloor/_office/machine/+",
        "shopfloor/_plant/faults",
    ),
}
"""What each role is asked to hear; together everything, and nothing twice."""


class Said(NamedTuple):
    """One message."""

    topic: str
    """Where it was said."""
    text: str
    """What was said: JSON."""


class Recorder:
    """Hears all topics of the product at a broker, from when it is made on."""

    def __init__(self, broker: RunningBroker) -> None:
        self.said: list[Said] = []
        """Everything heard."""
        self._lock = threading.Lock()
        self._clients = [self._listening(broker, role, filters) for role, filters in HEARD.items()]

    def close(self) -> None:
        """Hear no more."""
        for client in self._clients:
            client.disconnect()
            client.loop_stop()
            client.on_message = client.on_subscribe = None

    def _listening(self, broker: RunningBroker, role: str, filters: tuple[str, ...]) -> mqtt.Client:
        client, subscribed = mqtt.Client(CallbackAPIVersion.VERSION2), threading.Event()
        client.username_pw_set(role, broker.password(role))

        def hear(_client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
            text = bytes(message.payload).decode("utf-8", "replace")
            with self._lock:
                self.said.append(Said(message.topic, text))

        client.on_message = hear
        client.on_subscribe = lambda *_: subscribed.set()
        client.connect("127.0.0.1", broker.port)
        client.loop_start()
        wait_until(client.is_connected)
        client.subscribe([(one, 1) for one in filters])
        wait_until(subscribed.is_set)
        return client


RETAINED = ("birth", "online", "clock", "office", "assumptions", "faults")
"""The last level of topics on which the broker keeps what was said."""


def is_kept(topic: str) -> bool:
    """Whether the broker keeps what is said on a topic."""
    return topic.rpartition("/")[2] in RETAINED


def lines_of(said: list[Said]) -> bytes:
    """Messages as lines of JSON."""
    return b"".join(msgspec.json.encode(one) + b"\n" for one in said)


def said_in(lines: bytes) -> list[Said]:
    """The messages in lines of JSON."""
    return [Said(*msgspec.json.decode(line, type=tuple[str, str])) for line in lines.splitlines()]
