"""The switchboard: one thread that drives any number of links, by what their sockets have to say.

A thread for each would fail silently at the 340th, because paho's own threads use `select()`; so
paho's public `loop_read`, `loop_write` and `loop_misc` are called from one selector here.
Everything that touches a link happens in that thread; the outside hands in what is to be done.
A turn of it looks at the links that have something to say, and at those that are not ready; at all
of them it looks from time to time.
"""

import logging
import selectors
import socket
import threading
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Any, Generic, TypeVar

from protocol.address import Address
from protocol.session import RECONNECT_S
from simulator.telling.link import Link, Shipment

logger = logging.getLogger(__name__)

TURN_S = 0.25
"""The thread looks after keep-alives and broken connections at least this often."""
GRIEVANCE_S = 2.0
"""An outage of single links is spoken of when it lasts longer."""


AnyLink = TypeVar("AnyLink", bound=Link)


class Switchboard(Generic[AnyLink]):
    """The links, by name, and the thread that drives them.

    Args:
        address: Broker and user.
        make: What makes a link of a name and the topic of its will.
        whom: What the links are, in the plural: `machines`.
        speak: False while somebody else has already said that the broker is away.
    """

    def __init__(
        self,
        address: Address,
        make: Callable[..., AnyLink],
        *,
        whom: str,
        speak: Callable[[], bool] = lambda: True,
    ) -> None:
        self.failures = 0
        """Turns of the thread that ended in an unforeseen error."""
        self.links: dict[str, AnyLink] = {}
        """Touched in the thread alone."""
        self._address = address
        self._make = make
        self._whom = whom
        self._speak = speak
        self._orders: deque[Callable[[], None]] = deque()
        self._unready: set[AnyLink] = set()
        self._settled = True
        self._looked_s = 0.0
        self._complained = False
        self._stopping = False
        self._rung = False
        self._selector = selectors.DefaultSelector()
        self._ear, self._bell = socket.socketpair()
        self._ear.settimeout(0)
        self._bell.settimeout(0)
        self._thread = threading.Thread(target=self._run, name=whom, daemon=True)

    @property
    def ready(self) -> bool:
        """Whether the broker knows all that is to be there, and nothing that is not."""
        return not self._orders and self._settled

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._thread.start()

    def stop(self, timeout_s: float) -> bool:
        """Say `online` false for every link, wait until that is out, disconnect, and end the thread.

        Args:
            timeout_s: For how many real seconds the broker may take to hear it.

        Returns:
            False when the broker has not heard every one of them in time.
        """
        last_words = Shipment()
        self.order(lambda: self._say_goodbye(last_words))
        heard = last_words.wait(timeout_s)
        self._stopping = True
        self._ring()
        self._thread.join(timeout_s)
        return heard

    def order(self, order: Callable[[], None]) -> None:
        """Have something done in the thread."""
        self._orders.append(order)
        if not self._rung:
            # One ring for all that is ordered until the thread wakes.
            self._rung = True
            self._ring()

    def open(self, name: str, online: str) -> AnyLink:
        """A new link of that name; one that is there is closed. In the thread alone."""
        before = self.links.get(name)
        if before is not None:
            self._close(before)
        link = self.links[name] = self._make(
            name, online, address=self._address, watch=self._watch, unwatch=self._unwatch, turned=self._turned
        )
        self._unready.add(link)
        return link

    def _ring(self) -> None:
        try:
            self._bell.send(b"!")
        except BlockingIOError:
            return  # it is ringing already

    def _run(self) -> None:
        self._selector.register(self._ear, selectors.EVENT_READ, None)
        while not self._stopping:
            try:
                self._turn()
            except Exception:  # the thread carries every link: it must not die of one
                self.failures += 1
                logger.exception("the connections of %s had an unforeseen error", self._whom)
        for link in self.links.values():
            link.close()
        self._selector.close()
        self._ear.close()
        self._bell.close()

    def _say_goodbye(self, last_words: Shipment) -> None:
        for link in self.links.values():
            link.say_offline(last_words)
        last_words.complete()

    def _turn(self) -> None:
        for key, events in self._selector.select(TURN_S):
            if key.data is None:
                self._ear.recv(4096)
            else:
                key.data.serve(readable=bool(events & selectors.EVENT_READ))
        self._settled = False
        # Before the orders are taken: what is ordered from now on rings again.
        self._rung = False
        while self._orders:
            try:
                self._orders[0]()
            finally:
                self._orders.popleft()
        self._look_after()
        self._settled = not self._unready

    def _look_after(self) -> None:
        now_s = monotonic()
        if now_s - self._looked_s >= TURN_S:
            self._looked_s = now_s
            links = list(self.links.values())
        else:
            links = list(self._unready)
        for link in links:
            if link.goodbye is not None and link.goodbye.arrived:
                self._close(link)
                del self.links[link.name]
            elif not link.look_after(now_s):
                # The broker is away for all of them: one at a time asks whether it is back.
                for other in self.links.values():
                    other.retry_at_s = max(other.retry_at_s, link.retry_at_s)
        self._complain(now_s)

    def _complain(self, now_s: float) -> None:
        down = [link for link in self._unready if link.down_since_s is not None]
        if not down:
            self._complained = False
            return
        longest = min(down, key=lambda link: link.down_since_s or now_s)
        if self._complained or now_s - (longest.down_since_s or now_s) < GRIEVANCE_S or not self._speak():
            return
        self._complained = True
        logger.warning(
            "%d %s have no connection to the broker at %s (%s: %s); trying again every %d to %d s",
            len(down),
            self._whom,
            self._address,
            longest.name,
            longest.why_down,
            *RECONNECT_S,
        )

    def _close(self, link: Link) -> None:
        link.close()
        self._unready.discard(link)

    def _turned(self, link: Link) -> None:
        if link.ready:
            self._unready.discard(link)
        elif self.links.get(link.name) is link:
            self._unready.add(link)

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
