"""The office as a Sparkplug host application: a connection of its own, STATE, and what edge nodes say.

As the specification wants it: a clean session and QoS 0, so what was on its way when a connection broke is
lost. It shows as time that is not observed; only what comes in JSON is counted exactly once.
"""

import queue
from collections.abc import Iterable
from time import monotonic, time

from paho.mqtt.client import MQTTMessageInfo

from dashboard.ingest.gate import Gate
from dashboard.ingest.office import Office
from dashboard.ingest.topic_map import Meant
from dashboard.sparkplug.host import Born, Gone, Host, Link, News, Refused, Told
from dashboard.sparkplug.metric_map import MetricMap
from protocol.address import Address
from protocol.messages import MessageError, Tick, decode
from protocol.moments import to_ms
from protocol.readings import encode_batch
from protocol.session import Received, Session, Will
from protocol.sparkplug.host_state import HostState, decode_state, encode_state
from protocol.sparkplug.topics import NAMESPACE, host_filters, state_topic
from protocol.topics import plant_topic

NAME = "sparkplug"
PLACES = 9
"""More places than any meter has, and fewer than binary fractions show."""
AWAY_S = 30.0
"""While there is no connection, and for no longer than this, ticks are not answered."""
LOOK_S = 0.25
BIRTHS_S = 1.5
"""So long after a connection ticks wait for the births of nodes that were known before."""
SETTLED_S = 1.0
"""Nodes that were known before and have not been born this long after a connection are asked."""


class HostApplication:
    """Hears edge nodes, and says what they mean to the office.

    Args:
        office: The office.
        address: Broker and user.
        groups: The groups whose nodes are heard.
        name: What it is called, for nodes that wait for it.
        rules: What devices and metrics mean.
        inbox: Where received messages go.
    """

    def __init__(
        self,
        *,
        office: Office,
        address: Address,
        groups: Iterable[str],
        name: str,
        rules: MetricMap,
        inbox: "queue.Queue[Received]",
    ) -> None:
        self._office = office
        self._wall_ms = 0
        self._state_topic = state_topic(name)
        self._timestamp_ms = 0
        self._tick_topic = plant_topic(office.root, "tick")
        self._host = Host(
            root=office.root,
            rules=rules,
            now_ms=lambda: office.now_ms(self._wall_ms),
            shift=lambda: office.time.clock is not None,
        )
        self.session = Session(
            name=NAME,
            address=address,
            filters=[
                *((one, 0) for group in groups for one in host_filters(group)),
                (self._state_topic, 1),
                # The broker tells it behind all data that came before it.
                (self._tick_topic, 0),
            ],
            inbox=inbox,
            will=self._will,
        )
        self._gate = Gate()
        self._connected_s: float | None = None
        self._begun_s = -BIRTHS_S
        self._looked_s = 0.0

    def _will(self) -> Will:
        """What the broker says when the next connection breaks; with the moment that its birth will have."""
        self._timestamp_ms = max(round(time() * 1_000), self._timestamp_ms + 1)
        state = HostState(online=False, timestamp=self._timestamp_ms)
        return Will(topic=self._state_topic, payload=encode_state(state))

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self.session.start()

    def stop(self) -> None:
        """Say that it is offline, and disconnect."""
        goodbye = self._say_state(online=False)
        self.session.flush(goodbye, timeout_s=1.0)
        self.session.stop()

    def connected(self) -> None:
        """A connection stands, and what it asked for is subscribed: now nodes may speak."""
        self._host.connected()
        self._gate.begin()
        self._connected_s = self._begun_s = monotonic()
        self._say_state(online=True)

    def hear(self, received: Received, wall_ms: int) -> None:
        """Take in a message that came on its connection."""
        self._wall_ms = wall_ms
        if received.topic == self._tick_topic:
            self._hear_tick(received)
        elif received.topic == self._state_topic:
            self._hear_own_state(received)
        else:
            self._take(self._host.receive(received.topic, received.payload, monotonic()))

    def turn(self, wall_ms: int) -> None:
        """Look after what no message says: what is missing for too long, and whom to ask."""
        now_s = monotonic()
        if now_s - self._looked_s < LOOK_S:
            return
        self._looked_s, self._wall_ms = now_s, wall_ms
        self._take(self._host.turn(now_s))
        if self._connected_s is not None and now_s - self._connected_s >= SETTLED_S:
            self._connected_s = None
            for gateway in self._known():
                self._host.look_for(gateway, now_s)
            self._request()

    def holds(self, received: Received) -> bool:
        """Whether a tick has to wait until all data before it have come here, too; it then does."""
        try:
            tick = decode(received.payload, Tick)
        except MessageError:
            return False
        if not self.session.connected.is_set():
            # What it tells of may have been on its way here: without an answer the plant says it again.
            return bool(self._known()) and time() - self.session.away_since_wall_s < AWAY_S
        if self._gate.is_deaf:
            return False
        self._gate.hold((tick.run, to_ms(tick.at)), received, monotonic())
        return True

    def take_ticks(self) -> list[Received]:
        """Ticks that need to wait no longer."""
        return [] if self._is_settling else self._gate.release(monotonic())

    @property
    def is_waiting(self) -> bool:
        """Whether a tick waits."""
        return self._gate.is_waiting

    def _known(self) -> list[str]:
        """The nodes of machines of the run that is on, heard by this process or the one before."""
        gateways = {record.gateway for record in self._office.fleet.shown().values()}
        return sorted(one for one in gateways if one.startswith(f"{NAMESPACE}/"))

    @property
    def _is_settling(self) -> bool:
        """Whether a connection is new, and nodes that were known before have not been born on it.

        What the plant says again once its ticks are answered would come before their births, and be lost.
        """
        if monotonic() - self._begun_s >= BIRTHS_S:
            return False
        return not all(self._host.is_born(gateway) for gateway in self._known())

    def _hear_tick(self, received: Received) -> None:
        try:
            tick = decode(received.payload, Tick)
        except MessageError:
            return  # it is refused where it counts
        self._gate.hear((tick.run, to_ms(tick.at)))
        # Order holds on a connection: what is missing now does not come.
        self._take(self._host.turn(monotonic(), complete=True))

    def _hear_own_state(self, received: Received) -> None:
        try:
            state = decode_state(received.payload)
        except MessageError:
            state = HostState(online=False, timestamp=0)
        if not state.online:
            # The will of an older connection: nodes would go away.
            self._say_state(online=True)

    def _say_state(self, *, online: bool) -> MQTTMessageInfo:
        state = HostState(online=online, timestamp=self._timestamp_ms)
        return self.session.publish(self._state_topic, encode_state(state), retain=True)

    def _take(self, news: Iterable[News]) -> None:
        for one in news:
            self._take_one(one)
        self._request()

    def _request(self) -> None:
        for topic, payload in self._host.take_requests():
            self.session.publish(topic, payload, qos=0)

    def _take_one(self, news: News) -> None:
        office, wall_ms = self._office, self._wall_ms
        try:
            if isinstance(news, Born):
                office.fleet.hear_of_device(news.machine, news.birth, wall_ms=wall_ms)
            elif isinstance(news, Told):
                payload = encode_batch(news.batch, decimals=PLACES)
                meant = Meant(topic=news.machine, payload=payload)
                office.receive_meaning(
                    meant, topic=str(news.machine), payload=payload, wall_ms=wall_ms, again=False
                )
            elif isinstance(news, Gone):
                if news.retired:
                    office.fleet.hear_birth(news.machine, None, wall_ms=wall_ms)
                else:
                    office.fleet.hear_of_link(news.machine, online=False)
            elif isinstance(news, Link):
                office.fleet.hear_of_gateway(news.gateway, online=news.online)
            elif isinstance(news, Refused):
                office.refused.add(news.topic, news.payload, news.reason, wall_ms=wall_ms)
        except MessageError as error:
            office.refused.add(str(getattr(news, "machine", "")), b"", str(error), wall_ms=wall_ms)
