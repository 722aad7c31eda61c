"""One machine's connection to the broker, with a last will of its own.

It is driven from outside: `serve` when its socket has something, `look_after` from time to time.
Nothing is sent again by itself after an outage: whoever sends hears that it failed, and sends again
in order, so that nothing old ever overtakes anything new.
"""

import threading
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from protocol.address import Address
from protocol.session import KEEPALIVE_S, RECONNECT_S, prepare, unique_client_id
from protocol.topics import MachineTopic

CONNECT_TIMEOUT_S = 2.0
"""One machine's attempt to connect holds up all others for no longer than this."""


class Shipment:
    """Messages on their way to the broker, counted by the fleet's thread and waited for by another."""

    def __init__(self) -> None:
        self.failed = False
        """True when a connection broke, or was not there, before the broker had everything."""
        self._left = 0
        self._complete = False
        self._done = threading.Event()

    @property
    def arrived(self) -> bool:
        """Whether the broker has everything."""
        return self._done.is_set() and not self.failed

    def wait(self, timeout_s: float) -> bool:
        """Wait until the broker has everything; False when it has not, or not in time."""
        return self._done.wait(timeout_s) and not self.failed

    def expect(self) -> None:
        """One more message is on its way."""
        self._left += 1

    def tick_off(self) -> None:
        """The broker has one of them."""
        self._left -= 1
        if self._complete and not self._left:
            self._done.set()

    def complete(self) -> None:
        """No more messages will be added."""
        self._complete = True
        if not self._left:
            self._done.set()

    def start_over(self) -> None:
        """What was on its way is lost, and will be sent again as part of this shipment."""
        self._left = 0
        self._complete = False

    def fail(self) -> None:
        """At least one of them is lost."""
        self.failed = True
        self._done.set()


class Link:
    """A machine's connection.

    Args:
        topic: Any topic of the machine.
        birth: Its birth, retained at every connection.
        address: Broker and user.
        watch: Called with the link's socket when that opens or changes what it waits for.
        unwatch: Called with the link's socket before it closes.
    """

    def __init__(
        self,
        topic: MachineTopic,
        birth: bytes,
        *,
        address: Address,
        watch: Callable[["Link", Any, bool], None],
        unwatch: Callable[[Any], None],
    ) -> None:
        self.machine = topic.machine
        self.birth = birth
        self.retry_at_s = 0.0
        """Not before this moment of the monotonic clock is a connection tried."""
        self.down_since_s: float | None = monotonic()
        """Since when it has no connection; None while it has one."""
        self.why_down = "not tried yet"
        self.goodbye: Shipment | None = None
        """The last words, once it is to leave."""
        self._topic = topic
        self._address = address
        self._watch = watch
        self._unwatch = unwatch
        self._greeting: Shipment | None = None
        self._delay_s = float(RECONNECT_S[0])
        self._client_id = unique_client_id(topic.machine)
        self._client: mqtt.Client | None = None
        self._on_their_way: deque[tuple[mqtt.MQTTMessageInfo, Shipment]] = deque()

    @property
    def ready(self) -> bool:
        """Whether the broker knows that the machine is there, and it is not about to leave."""
        return self.goodbye is None and self._greeting is not None and self._greeting.arrived

    def connect(self) -> bool:
        """Try to connect; False when the broker cannot be reached."""
        # A new client for each connection has nothing left over from the one before. The same id makes
        # the broker end a connection that it still takes for alive, and say its will, before this one.
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=self._client_id, clean_session=True, protocol=mqtt.MQTTv311
        )
        prepare(client, self._address)
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.will_set(self._topic_of("online"), b"false", qos=1, retain=True)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_socket_close = lambda _client, _userdata, closing: self._unwatch(closing)
        self._client = client
        try:
            client.connect(self._address.host, self._address.port, keepalive=KEEPALIVE_S)
        except OSError as error:
            self._lose(error.strerror or str(error))
            return False
        self._rewatch()
        return True

    def serve(self, *, readable: bool) -> None:
        """Read what came and write what waits."""
        client = self._client
        if client is None:
            return
        if readable:
            client.loop_read()
        if client is self._client and client.want_write():
            client.loop_write()
        if self.down_since_s is None and self._greeting is None:
            self._greet()
        self._settle()
        self._rewatch()

    def look_after(self, now_s: float) -> bool:
        """Keep the connection alive, or try for a new one; False when the broker cannot be reached."""
        if self._client is not None:
            self._client.loop_misc()
        if self._client is None and now_s >= self.retry_at_s:
            return self.connect()
        return True

    def publish(self, kind: str, payload: bytes, shipment: Shipment, *, retain: bool = False) -> None:
        """Send a message to one of the machine's topics."""
        if self._client is None or self.down_since_s is not None:
            shipment.fail()
            return
        shipment.expect()
        info = self._client.publish(self._topic_of(kind), payload, qos=1, retain=retain)
        if info.rc == mqtt.MQTT_ERR_SUCCESS:
            self._on_their_way.append((info, shipment))
        else:
            shipment.fail()
        self._rewatch()

    def mutter(self, kind: str, payload: bytes) -> None:
        """Send a message that nobody is promised."""
        if self._client is not None and self.down_since_s is None:
            self._client.publish(self._topic_of(kind), payload, qos=0)
            self._rewatch()

    def say_offline(self, shipment: Shipment) -> None:
        """Say that it will not be there any more; what is not connected needs not say it: its will has."""
        if self.down_since_s is None and self.goodbye is None:
            self.publish("online", b"false", shipment, retain=True)

    def retire(self, shipment: Shipment) -> None:
        """Take everything retained of it away, now or when it is connected again."""
        self.goodbye = shipment
        if self.down_since_s is None:
            self._greet()

    def close(self) -> None:
        """Disconnect, so that the broker does not say the will."""
        client, self._client = self._client, None
        self.down_since_s = monotonic()
        if client is not None:
            client.disconnect()

    def _greet(self) -> None:
        words = self._greeting = self.goodbye or Shipment()
        self.publish("birth", self.birth if self.goodbye is None else b"", words, retain=True)
        self.publish("online", b"true" if self.goodbye is None else b"", words, retain=True)
        words.complete()

    def _on_connect(
        self, _client: mqtt.Client, _userdata: Any, _flags: Any, reason: Any, _props: Any
    ) -> None:
        if reason.is_failure:
            self.why_down = f"refused as user {self._address.user!r}: {reason}"
            return
        self.down_since_s = None
        self._delay_s = float(RECONNECT_S[0])

    def _on_disconnect(
        self, client: mqtt.Client, _userdata: Any, _flags: Any, reason: Any, _props: Any
    ) -> None:
        if client is self._client:
            self._lose(self.why_down if self.down_since_s is not None else str(reason))

    def _lose(self, why: str) -> None:
        self._client = None
        self._greeting = None
        self.why_down = why
        now_s = monotonic()
        self.down_since_s = self.down_since_s or now_s
        self.retry_at_s = now_s + self._delay_s
        self._delay_s = min(2 * self._delay_s, float(RECONNECT_S[1]))
        for _, shipment in self._on_their_way:
            if shipment is self.goodbye:
                shipment.start_over()
            else:
                shipment.fail()
        self._on_their_way.clear()

    def _settle(self) -> None:
        while self._on_their_way and self._on_their_way[0][0].is_published():
            self._on_their_way.popleft()[1].tick_off()

    def _rewatch(self) -> None:
        if self._client is not None and (opened := self._client.socket()) is not None:
            self._watch(self, opened, self._client.want_write())

    def _topic_of(self, kind: str) -> str:
        topic = self._topic
        return str(MachineTopic(root=topic.root, location=topic.location, machine=topic.machine, kind=kind))
