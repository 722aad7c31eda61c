"""One connection to the broker that comes back by itself, with paho's thread kept out of the work.

What arrives is put into a bounded queue and nothing else happens in paho's thread, because an
exception in a callback would end that thread while the client still looks connected.
"""

import hmac
import logging
import os
import queue
import secrets
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic, time
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from protocol.address import Address

logger = logging.getLogger(__name__)
_paho_logger = logging.getLogger(f"{__name__}.paho")
"""Where paho says what it caught in a callback."""

KEEPALIVE_S = 12
RECONNECT_S = (1, 5)
MAX_QUEUED_OUT = 20_000
MAX_INFLIGHT = 100
ID_DIGITS = 16
"""Of a client id, those that are secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One message as it came, or, with an empty topic, the news that a connection stands."""

    topic: str
    """Topic it came on; `""` says that the session has just (re)connected and subscribed."""
    payload: bytes
    """The bytes."""
    retained: bool
    """True when the broker had kept it from before."""
    qos: int
    """0 or 1."""
    mid: int
    """Message id on this connection, for the acknowledgement."""
    connection: int
    """Which connection it came on: an acknowledgement must not reach another one."""
    session: str
    """Name of the session it came on."""
    wall_s: float
    """Monotonic wall clock when it came, in seconds; for latencies only."""
    again: bool = False
    """True when the broker has sent it before, and was not told that it is dealt with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Will:
    """What the broker says for us, retained, when the connection breaks."""

    topic: str
    """Topic of the will."""
    payload: bytes
    """Its bytes."""


def unique_client_id(name: str) -> str:
    """A client id that no other client has: two with one id would kick each other out for ever."""
    return f"{name}-{socket.gethostname()[:16]}-{os.getpid()}-{secrets.token_hex(8)}"


def kept_client_id(name: str, address: Address) -> str:
    """A client id that is the same at every start, and that nobody else can guess.

    Whoever signs in by a client id, with whatever password, takes its session away from whoever has it: the
    connection, and what the broker keeps for it. So the user's own password is mixed in.
    """
    if not address.password:
        return name
    return f"{name}-{hmac.digest(address.password.encode(), name.encode(), 'sha256').hex()[:ID_DIGITS]}"


def prepare(client: mqtt.Client, address: Address) -> None:
    """Set on a new client what every connection of ours has: user, TLS, back-off, queue limits, no delay."""
    sign_in(client, address)
    context = address.context()
    if context is not None:
        client.tls_set_context(context)
    client.reconnect_delay_set(*RECONNECT_S)
    client.max_inflight_messages_set(MAX_INFLIGHT)
    client.max_queued_messages_set(MAX_QUEUED_OUT)
    client.on_socket_open = _without_delay
    client.suppress_exceptions = True
    _paho_logger.addFilter(_is_news)
    client.enable_logger(_paho_logger)


def sign_in(client: mqtt.Client, address: Address) -> None:
    """Tell a client its user, and the password as it is now: it may have been rotated."""
    if address.user is not None:
        client.username_pw_set(address.user, address.password_now)


class Session:
    """A connection with subscriptions, an inbox, and an optional will.

    Args:
        name: What log lines call it, and the beginning of its client id.
        address: Broker and user.
        filters: Topic filters with their QoS, subscribed at every connection.
        inbox: Where received messages go; shared by several sessions if one worker serves them.
        will: Said by the broker when the connection breaks; a function is asked before each connection.
        client_id: A fixed id makes the broker keep what arrives while we are away; None for a new
            session every time.
        manual_ack: True when `acknowledge` is called after a commit.
        resend: False for a sender that sends again by itself after an outage; what was on its way is
            then dropped at the next connection, so that nothing old overtakes anything new.
        quiet: True for a second connection of a process, of which the log need not tell as well.
        admits: Whether a message on a topic, of so many bytes, is to be received at all; what is not is
            acknowledged. Asked in paho's thread for each message, so it has to be quick and raise nothing.
    """

    def __init__(
        self,
        *,
        name: str,
        address: Address,
        filters: Sequence[tuple[str, int]] = (),
        inbox: "queue.Queue[Received] | None" = None,
        will: Will | Callable[[], Will] | None = None,
        client_id: str | None = None,
        manual_ack: bool = False,
        resend: bool = True,
        quiet: bool = False,
        admits: Callable[[str, int], bool] | None = None,
    ) -> None:
        self.name = name
        self.address = address
        self.inbox: queue.Queue[Received] = inbox if inbox is not None else queue.Queue(100_000)
        self.connected = threading.Event()
        self.dropped = 0
        """Messages that did not fit the inbox, not acknowledged."""
        self.refusal = ""
        """Why the broker lets this user not in; `""` where it does, or cannot be reached."""
        self.away_since_wall_s = time()
        """Since when there was no connection the last time there was none, in seconds since 1970."""
        self._filters = list(filters)
        self._resend = resend
        self._quiet = quiet
        self._admits = admits
        self._connection = 0
        self._complained = False
        self._knocked_s: float | None = None
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id or unique_client_id(name),
            clean_session=client_id is None,
            protocol=mqtt.MQTTv311,
            manual_ack=manual_ack,
        )
        prepare(self._client, address)
        if quiet:
            self._client.disable_logger()
        if isinstance(will, Will):
            self._leave_will(will)
        elif will is not None:
            make = will
            self._client.on_pre_connect = lambda _client, _userdata: self._leave_will(make())
        self._client.on_connect = self._on_connect
        self._client.on_connect_fail = self._on_connect_fail
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self._client.on_subscribe = self._on_subscribe

    @property
    def connection(self) -> int:
        """Number of the connection that stands, or of the last one that did; 0 before the first."""
        return self._connection

    def _leave_will(self, will: Will) -> None:
        self._client.will_set(will.topic, will.payload, qos=1, retain=True)

    def start(self) -> None:
        """Begin to connect, in a thread of paho's; returns at once."""
        self._client.connect_async(self.address.host, self.address.port, keepalive=KEEPALIVE_S)
        self._client.loop_start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Disconnect cleanly, so that the broker does not say the will."""
        # Its thread would complain of the socket that is closed under it.
        self._client.disable_logger()
        self._client.disconnect()
        # Without this an unfinished attempt to connect would hold the thread for its whole delay.
        thread = self._client._thread  # noqa: SLF001 - loop_stop() joins without a limit
        self._client._thread_terminate = True  # noqa: SLF001
        if thread is not None:
            thread.join(timeout_s)
        self.connected.clear()

    def publish(
        self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False
    ) -> mqtt.MQTTMessageInfo:
        """Send a message; at QoS 1 it is kept and sent again until the broker has it."""
        return self._client.publish(topic, payload, qos=qos, retain=retain)

    def knock(self, topic: str) -> None:
        """Ask the broker for a sign of life, unless it still owes one: a connection may stand to nobody.

        Args:
            topic: One that this user may hear, and on which nobody speaks.
        """
        if self._knocked_s is None and self.connected.is_set():
            self._knocked_s = monotonic()
            # Every broker answers that; iotcore does not answer who unsubscribes from what is unknown.
            self._client.subscribe(topic, 0)

    @property
    def owed_s(self) -> float:
        """For how long the broker has owed a sign of life; 0 where it owes none."""
        knocked_s = self._knocked_s
        return 0.0 if knocked_s is None else monotonic() - knocked_s

    def give_up(self, topic_filter: str) -> None:
        """Subscribe to a filter no longer, neither now nor at the next connection."""
        self._filters = [one for one in self._filters if one[0] != topic_filter]
        self._client.unsubscribe(topic_filter)

    def flush(self, info: mqtt.MQTTMessageInfo, timeout_s: float = 2.0) -> bool:
        """Wait until the broker has a message; False when it has not within the time."""
        try:
            info.wait_for_publish(timeout_s)
        except (RuntimeError, ValueError):
            return False
        return info.is_published()

    def acknowledge(self, received: Received) -> None:
        """Tell the broker that a message is dealt with, if it came on the connection that stands."""
        if received.qos and received.mid and received.connection == self._connection:
            self._client.ack(received.mid, received.qos)

    def _on_connect(
        self,
        client: mqtt.Client,
        _userdata: Any,
        _flags: mqtt.ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self.refusal = str(reason)
            # Passwords that were rotated stand in their files by now, or soon will.
            sign_in(client, self.address)
            self._complain(f"the broker at {self.address} refuses user {self.address.user!r}: {reason}")
            return
        self.refusal = ""
        self._knocked_s = None
        self._connection += 1
        if not self._resend:
            client.drop_out_messages()
        if self._filters:
            # Subscribing here rather than once at start survives every reconnection.
            client.subscribe(self._filters)
        if not self._quiet:
            logger.info("%s: connected to the broker at %s", self.name, self.address)
        self._complained = False
        self.connected.set()
        self._put("", b"", retained=False, qos=0, mid=0)

    def _on_connect_fail(self, _client: mqtt.Client, _userdata: Any) -> None:
        self.refusal = ""
        self._complain(f"cannot reach the broker at {self.address}")

    def _on_disconnect(
        self,
        _client: mqtt.Client,
        _userdata: Any,
        _flags: mqtt.DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if self.connected.is_set():
            self.away_since_wall_s = time()
        self.connected.clear()
        if reason.is_failure:
            self._complain(f"lost the broker at {self.address}: {reason}")

    def _on_subscribe(
        self,
        _client: mqtt.Client,
        _userdata: Any,
        _mid: int,
        _reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        self._knocked_s = None

    def _complain(self, sentence: str) -> None:
        # Said once an outage, not once an attempt.
        if not self._complained and not self._quiet:
            self._complained = True
            low, high = RECONNECT_S
            logger.warning("%s: %s; trying again every %d to %d s", self.name, sentence, low, high)

    def _on_message(self, _client: mqtt.Client, _userdata: Any, message: mqtt.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = repr(message._topic)  # noqa: SLF001 - the property is what raises
        if self._admits is not None and not self._admits(topic, len(message.payload)):
            # Else it would hold its place among those that the broker sends before it waits.
            self._client.ack(message.mid, message.qos)
            return
        self._put(
            topic,
            bytes(message.payload),
            retained=message.retain,
            qos=message.qos,
            mid=message.mid,
            again=message.dup,
        )

    def _put(
        self, topic: str, payload: bytes, *, retained: bool, qos: int, mid: int, again: bool = False
    ) -> None:
        try:
            self.inbox.put_nowait(
                Received(
                    topic=topic,
                    payload=payload,
                    retained=retained,
                    qos=qos,
                    mid=mid,
                    connection=self._connection,
                    session=self.name,
                    wall_s=monotonic(),
                    again=again,
                )
            )
        except queue.Full:
            self.dropped += 1


def _is_news(record: logging.LogRecord) -> bool:
    # While there is no broker paho says so at every attempt; we have said it once.
    return not record.getMessage().startswith("Client is not connected")


def _without_delay(_client: mqtt.Client, _userdata: Any, opened: Any) -> None:
    # Without it bursts of small messages arrive 40 ms late.
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
