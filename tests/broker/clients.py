"""MQTT clients of the tests: signed in by role, remembering what they hear."""

from __future__ import annotations

import secrets
import threading
import time
from typing import TYPE_CHECKING, Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

WAIT_S = 60.0


def wait_until(condition: Callable[[], bool], wait_s: float = WAIT_S) -> None:
    """Wait for a condition, and fail when it does not come true."""
    until_s = time.monotonic() + wait_s
    asked_s = time.monotonic()
    while not condition():
        now_s = time.monotonic()
        assert now_s < until_s, "waited in vain"
        # What is waited for needs the processor, too: asking takes a quarter of the time at most.
        time.sleep(min(max(0.005, 3 * (now_s - asked_s)), 0.2))
        asked_s = time.monotonic()


class Client:
    """A signed-in client that remembers what it has heard.

    Args:
        port: Where the broker listens, on the loopback address.
        user: Who signs in.
        password: Their password.
        client_id: A fixed one makes the broker keep what comes while the client is away.
        acknowledges: False for a client that hears and never confirms.
        wait_s: How long signing in may take.
    """

    def __init__(
        self,
        port: int,
        user: str,
        password: str,
        *,
        client_id: str = "",
        acknowledges: bool = True,
        wait_s: float = WAIT_S,
    ) -> None:
        self.heard: list[mqtt.MQTTMessage] = []
        self.refused: str | None = None
        self._subscribed = threading.Event()
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id or f"{user}-{secrets.token_hex(4)}",
            clean_session=not client_id,
            manual_ack=not acknowledges,
        )
        self._client.username_pw_set(user, password)
        self._client.on_message = lambda _client, _data, message: self.heard.append(message)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        wait_until(lambda: self._client.is_connected() or self.refused is not None, wait_s)

    def _on_connect(self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _more: Any) -> None:
        if reason.is_failure:
            self.refused = str(reason)
            client.disconnect()

    @property
    def topics(self) -> set[str]:
        """The topics that something was heard on."""
        return {message.topic for message in self.heard}

    def listen(self, *filters: str, qos: int = 1) -> None:
        """Subscribe, and wait until all that was retained or already said has come."""
        # The broker answers a subscription after what it sent before.
        for topics in ([(topic, qos) for topic in filters], [("barrier", 1)]):
            self._subscribed.clear()
            self._client.subscribe(topics)
            wait_until(self._subscribed.is_set)

    def say(self, topics: Iterable[str], payload: str | bytes, *, retain: bool = False) -> None:
        """Publish to each topic, and wait until the broker has answered every message."""
        sent = [self._client.publish(topic, payload, qos=1, retain=retain) for topic in topics]
        for message in sent:
            message.wait_for_publish(WAIT_S)

    def send(self, topic: str, payload: bytes, *, retain: bool = False) -> mqtt.MQTTMessageInfo:
        """Publish, and leave waiting to who asked."""
        return self._client.publish(topic, payload, qos=1, retain=retain)

    def close(self) -> None:
        """Sign off."""
        self._client.disconnect()
        self._client.loop_stop()
        # Without them nothing refers back to this client, and its sockets go with it.
        self._client.on_message = self._client.on_connect = self._client.on_subscribe = None
