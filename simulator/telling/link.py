"""One connection to the broker with a last will: of a machine, or of a gateway for many.

It is driven from outside: `serve` when its socket has something, `look_after` from time to time.
Nothing is sent again by itself after an outage: whoever sends hears that it failed, and sends again
in order, so that nothing old ever overtakes anything new.
"""

import ssl
import threading
from collections import deque
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any, Protocol

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from protocol.address import Address
from protocol.session import KEEPALIVE_S, RECONNECT_S, prepare, unique_client_id

CONNECT_TIMEOUT_S = 2.0
"""One machine's attempt to connect holds up all others for no longer than this."""


class Shipment:
    """Messages on their way to the broker, counted by the fleet's thread and waited for by another.

    Args:
        late: Whether they tell of a span that the plant has left behind, because nobody was there to hear it.
    """

    def __init__(self, *, late: bool = False) -> None:
        self.late = late
        """Whether they are backlog."""
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


class Confirmed(Protocol):
    """Something the broker confirms."""

    def is_published(self) -> bool:
        """Whether it has."""


class Link:
    """A connection, and what is retained of whom it speaks for.

    Args:
        name: What it is called where it cannot connect, and the beginning of its client id.
        online: The topic that says whether it is there; its will.
        address: Broker and user.
        watch: Called with the link's socket when that opens or changes what it waits for.
        unwatch: Called with the link's socket before it closes.
        turned: Called when it may have become ready, or may be so no longer.
    """

    def __init__(
        self,
        name: str,
        online: str,
        *,
        address: Address,
        watch: Callable[["Link", Any, bool], None],
        unwatch: Callable[[Any], None],
        turned: Callable[["Link"], None] = lambda _link: None,
    ) -> None:
        self.name = name
        self.retry_at_s = 0.0
        """Not before this moment of the monotonic clock is a connection tried."""
        self.down_since_s: float | None = monotonic()
        """Since when it has no connection; None while it has one."""
        self.why_down = "not tried yet"
        self.cut_off = False
        """True while it is to have no connection, as if somebody had pulled its plug."""
        self.goodbye: Shipment | None = None
        """The last words, once it is to leave."""
        self._online = online
        self._address = address
        self._watch = watch
        self._unwatch = unwatch
        self._turned = turned
        self._kept: dict[str, bytes] = {}
        self._erased: dict[str, Shipment] = {}
        self._greeting: Shipment | None = None
        self._delay_s = float(RECONNECT_S[0])
        self._client_id = unique_client_id(name)
        self._client: mqtt.Client | None = None
        self._on_their_way: deque[tuple[Confirmed, Shipment]] = deque()

    @property
    def ready(self) -> bool:
        """Whether the broker knows all that is retained here, or is not to know, and the link stays."""
        greeted = self._greeting is not None and self._greeting.arrived
        return (greeted or self.cut_off) and self.goodbye is None and not self._erased

    @property
    def speaks_for(self) -> int:
        """On how many topics something of it is retained, beside that of the link itself."""
        return len(self._kept)

    def connect(self) -> bool:
        """Try to connect; False when the broker cannot be reached."""
        # A new client for each connection has nothing left over from the one before. The same id makes
        # the broker end a connection that it still takes for alive, and say its will, before this one.
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=self._client_id, clean_session=True, protocol=mqtt.MQTTv311
        )
        prepare(client, self._address)
        # What a gateway has to say of its machines when it connects may be more than any bound.
        client.max_queued_messages_set(0)
        client.connect_timeout = CONNECT_TIMEOUT_S
        self._prepare(client)
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
            # TLS hands out whole records: what is left of one makes no socket readable.
            while client is self._client and _holds_more(client.socket()):
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
        if self._client is None and now_s >= self.retry_at_s and not self.cut_off:
            return self.connect()
        return True

    def keep(self, topic: str, payload: bytes) -> None:
        """Have this retained on a topic, now and at every connection; who was to leave stays."""
        stays, self.goodbye = self.goodbye is not None, None
        self._kept[topic] = payload
        self._erased.pop(topic, None)
        if self._greeting is None:
            return
        if stays:
            self._say_kept(Shipment())
        else:
            # Ready again once the broker has this too.
            words = Shipment() if self._greeting.arrived else self._greeting
            self.publish(topic, payload, words, retain=True)
            words.complete()
            self._greeting = words
        self._turned(self)

    def erase(self, topics: Iterable[str], shipment: Shipment) -> None:
        """Have nothing retained on some topics, now or when it is connected again."""
        for topic in topics:
            self._kept.pop(topic, None)
            self._erased[topic] = shipment
            if self._greeting is not None:
                self.publish(topic, b"", shipment, retain=True)
        if self._greeting is not None:
            shipment.complete()
        self._turned(self)

    def publish(self, topic: str, payload: bytes, shipment: Shipment | None, *, retain: bool = False) -> None:
        """Send a message as part of a shipment; None to send it at QoS 0, which promises it to nobody."""
        if self._client is None or self.down_since_s is not None:
            if shipment is not None:
                shipment.fail()
            return
        info = self._client.publish(topic, payload, qos=0 if shipment is None else 1, retain=retain)
        if shipment is not None:
            if info.rc == mqtt.MQTT_ERR_SUCCESS:
                shipment.expect()
                self._on_their_way.append((info, shipment))
            else:
                shipment.fail()
        self._rewatch()

    def say_offline(self, shipment: Shipment) -> None:
        """Say that it will not be there any more; what is not connected needs not say it: its will has."""
        if self.down_since_s is None and self.goodbye is None:
            self.publish(self._online, b"false", shipment, retain=True)

    def retire(self, shipment: Shipment) -> None:
        """Take everything retained of it away, now or when it is connected again."""
        self.goodbye = shipment
        self.mend()
        if self._greeting is not None:
            self._say_kept(shipment)
        self._turned(self)

    def cut(self) -> None:
        """Lose the connection without a goodbye, so that the broker says the will, and try for no other."""
        self.cut_off = True
        client = self._client
        opened = None if client is None else client.socket()
        if opened is not None:
            self._unwatch(opened)
            opened.close()
            self._lose("cut off")
        self._turned(self)

    def mend(self) -> None:
        """Try for a connection again, at once if it was cut off."""
        if self.cut_off:
            self.cut_off = False
            self.down_since_s = monotonic()
            self.retry_at_s = 0.0
            self._delay_s = float(RECONNECT_S[0])
            self._turned(self)

    def close(self) -> None:
        """Disconnect, so that the broker does not say the will."""
        client, self._client = self._client, None
        self.down_since_s = monotonic()
        if client is not None:
            client.disconnect()

    def _prepare(self, client: mqtt.Client) -> None:
        """Set on a new client what the broker is told when it connects: the will."""
        client.will_set(self._online, b"false", qos=1, retain=True)

    def _greet(self) -> None:
        for topic, shipment in self._erased.items():
            self.publish(topic, b"", shipment, retain=True)
        for shipment in self._erased.values():
            shipment.complete()
        self._say_kept(self.goodbye or Shipment())

    def _say_kept(self, words: Shipment) -> None:
        leaves = words is self.goodbye
        self._greeting = words
        for topic, payload in self._kept.items():
            self.publish(topic, b"" if leaves else payload, words, retain=True)
        self.publish(self._online, b"" if leaves else b"true", words, retain=True)
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
        told_again = {self.goodbye, *self._erased.values()}
        for _, shipment in self._on_their_way:
            if shipment in told_again:
                shipment.start_over()
            else:
                shipment.fail()
        self._on_their_way.clear()
        self._turned(self)

    def _settle(self) -> None:
        settled = bool(self._on_their_way)
        while self._on_their_way and self._on_their_way[0][0].is_published():
            self._on_their_way.popleft()[1].tick_off()
        if settled:
            self._erased = {topic: one for topic, one in self._erased.items() if not one.arrived}
            self._turned(self)

    def _rewatch(self) -> None:
        if self._client is not None and (opened := self._client.socket()) is not None:
            self._watch(self, opened, self._client.want_write())


def _holds_more(opened: Any) -> bool:
    return isinstance(opened, ssl.SSLSocket) and opened.pending() > 0
