"""The machines' connections: each machine its own, with its own last will, all driven by one thread.

A thread for each would fail silently at the 340th, because paho's own threads use `select()`; so
paho's public `loop_read`, `loop_write` and `loop_misc` are called from one selector here.
Everything that touches a connection happens in that thread; the outside hands in what is to be done.
"""

import logging
import selectors
import socket
import threading
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Any

from protocol.address import Address
from protocol.readings import MAX_PAYLOAD_BYTES
from protocol.session import RECONNECT_S
from protocol.topics import MachineTopic
from simulator.telling.link import Link, Shipment

logger = logging.getLogger(__name__)

TURN_S = 0.25
"""The thread looks after keep-alives and broken connections at least this often."""
GRIEVANCE_S = 2.0
"""An outage of single machines is spoken of when it lasts longer."""


class Fleet:
    """The connections of all machines.

    Args:
        address: Broker and user.
        speak: False while somebody else has already said that the broker is away.
    """

    def __init__(self, address: Address, *, speak: Callable[[], bool] = lambda: True) -> None:
        self.oversized = 0
        """Messages that were too long to be sent."""
        self.failures = 0
        """Turns of the thread that ended in an unforeseen error."""
        self._address = address
        self._speak = speak
        self._links: dict[str, Link] = {}
        self._orders: deque[Callable[[], None]] = deque()
        self._settled = True
        self._complained = False
        self._stopping = False
        self._selector = selectors.DefaultSelector()
        self._ear, self._bell = socket.socketpair()
        self._ear.settimeout(0)
        self._bell.settimeout(0)
        self._thread = threading.Thread(target=self._run, name="fleet", daemon=True)

    @property
    def ready(self) -> bool:
        """Whether the broker knows every machine that is to be there, and none that is not."""
        return not self._orders and self._settled

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._thread.start()

    def keep(self, topic: MachineTopic, birth: bytes) -> None:
        """Have a machine connected, with this birth; connects it, or publishes its birth again."""
        self._order(lambda: self._keep(topic, birth))

    def retire(self, topic: MachineTopic) -> Shipment:
        """Disconnect a machine and leave nothing of it in retained topics, even if it is not connected."""
        shipment = Shipment()
        self._order(lambda: self._retire(topic, shipment))
        return shipment

    def send(self, machine: str, batch: bytes, shipment: Shipment) -> None:
        """Send a batch of readings as part of a shipment, which says when the broker has it."""
        if self._fits(machine, batch):
            self._order(lambda: self._send(machine, batch, shipment))

    def close(self, shipment: Shipment) -> None:
        """Say that nothing more will be part of a shipment."""
        self._order(shipment.complete)

    def mutter(self, machine: str, batch: bytes) -> None:
        """Send a batch at QoS 0: whoever listens hears it, and nobody is promised it."""
        if self._fits(machine, batch):
            self._order(lambda: self._mutter(machine, batch))

    def stop(self, timeout_s: float = 2.0) -> bool:
        """Say `online` false for every machine, wait until that is out, and disconnect.

        Returns:
            False when the broker has not heard every one of them in time.
        """
        last_words = Shipment()
        self._order(lambda: self._leave(last_words))
        heard = last_words.wait(timeout_s)
        self._stopping = True
        self._ring()
        self._thread.join(timeout_s)
        return heard

    def _order(self, order: Callable[[], None]) -> None:
        self._orders.append(order)
        self._ring()

    def _ring(self) -> None:
        try:
            self._bell.send(b"!")
        except BlockingIOError:
            return  # it is ringing already

    def _fits(self, machine: str, batch: bytes) -> bool:
        if len(batch) <= MAX_PAYLOAD_BYTES:
            return True
        # Brokers cut the connection over it, and it would be sent again for ever.
        self.oversized += 1
        logger.error("%s: a batch of %d bytes is too long and was not sent", machine, len(batch))
        return False

    def _run(self) -> None:
        self._selector.register(self._ear, selectors.EVENT_READ, None)
        while not self._stopping:
            try:
                self._turn()
            except Exception:  # the thread carries every machine: it must not die of one
                self.failures += 1
                logger.exception("the machines' connections had an unforeseen error")
        for link in self._links.values():
            link.close()
        self._selector.close()
        self._ear.close()
        self._bell.close()

    def _turn(self) -> None:
        for key, events in self._selector.select(TURN_S):
            if key.data is None:
                self._ear.recv(4096)
            else:
                key.data.serve(readable=bool(events & selectors.EVENT_READ))
        self._settled = False
        while self._orders:
            try:
                self._orders[0]()
            finally:
                self._orders.popleft()
        self._look_after()
        self._settled = all(link.ready for link in self._links.values())

    def _look_after(self) -> None:
        now_s = monotonic()
        for link in list(self._links.values()):
            if link.goodbye is not None and link.goodbye.arrived:
                link.close()
                del self._links[link.machine]
            elif not link.look_after(now_s):
                # The broker is away for all of them: one at a time asks whether it is back.
                for other in self._links.values():
                    other.retry_at_s = max(other.retry_at_s, link.retry_at_s)
        self._complain(now_s)

    def _complain(self, now_s: float) -> None:
        down = [link for link in self._links.values() if link.down_since_s is not None]
        if not down:
            self._complained = False
            return
        longest = min(down, key=lambda link: link.down_since_s or now_s)
        if self._complained or now_s - (longest.down_since_s or now_s) < GRIEVANCE_S or not self._speak():
            return
        self._complained = True
        logger.warning(
            "%d machines have no connection to the broker at %s (%s: %s); trying again every %d to %d s",
            len(down),
            self._address,
            longest.machine,
            longest.why_down,
            *RECONNECT_S,
        )

    def _keep(self, topic: MachineTopic, birth: bytes) -> None:
        link = self._links.get(topic.machine)
        if link is not None:
            link.close()
        self._links[topic.machine] = self._new_link(topic, birth)

    def _retire(self, topic: MachineTopic, shipment: Shipment) -> None:
        if topic.machine not in self._links:
            self._links[topic.machine] = self._new_link(topic, b"")
        self._links[topic.machine].retire(shipment)

    def _leave(self, last_words: Shipment) -> None:
        for link in self._links.values():
            link.say_offline(last_words)
        last_words.complete()

    def _send(self, machine: str, batch: bytes, shipment: Shipment) -> None:
        link = self._links.get(machine)
        if link is None or not link.ready:
            shipment.fail()
        else:
            link.publish("readings", batch, shipment)

    def _mutter(self, machine: str, batch: bytes) -> None:
        link = self._links.get(machine)
        if link is not None and link.ready:
            link.mutter("readings", batch)

    def _new_link(self, topic: MachineTopic, birth: bytes) -> Link:
        return Link(topic, birth, address=self._address, watch=self._watch, unwatch=self._unwatch)

    def _watch(self, link: Link, opened: Any, writes: bool) -> None:  # noqa: FBT001 - a callback
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if writes else 0)
        key = self._selector.get_map().get(opened)
        if key is None:
            self._selector.register(opened, events, link)
        elif key.data is not link or key.events != events:
            self._selector.modify(opened, events, link)

    def _unwatch(self, closing: Any) -> None:
        try:
            self._selector.unregister(closing)
        except (KeyError, ValueError):
            return  # it was never watched, or has been closed by another hand
