"""Messages on their way to the broker on one connection, waited for by whoever sent them."""

from collections import deque
from time import monotonic

import paho.mqtt.client as mqtt

from protocol.session import Session


class OnTheWay:
    """Messages on their way to the broker on one connection."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection
        self._infos: deque[mqtt.MQTTMessageInfo] = deque()

    def add(self, info: mqtt.MQTTMessageInfo) -> None:
        """One more message is on its way."""
        self._infos.append(info)

    @property
    def failed(self) -> bool:
        """Whether the connection has gone before the broker had everything."""
        gone = not self._session.connected.is_set() or self._session.connection != self._connection
        return gone and bool(self._infos)

    def wait(self, timeout_s: float) -> bool:
        """Wait until the broker has everything; False when it has not, or not in time."""
        end_s = monotonic() + timeout_s
        while self._infos:
            if not self._session.flush(self._infos[0], max(0.001, end_s - monotonic())):
                return False
            self._infos.popleft()
        return True
