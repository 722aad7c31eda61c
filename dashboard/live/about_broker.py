"""What the broker says of itself, on a connection of its own: some brokers end one that asks for it."""

import queue

from protocol.address import Address
from protocol.session import Session

ABOUT = "$SYS/broker/"
"""Where Mosquitto tells of itself."""
TOLD = ("version", "clients/connected", "publish/messages/dropped")
"""What of that is listened to."""
TRIES = 3
"""After so many connections without a word, a broker is not asked any more."""
MAX_WORD = 60


class AboutBroker:
    """Listens to the broker's words on itself, as far as it has any.

    Args:
        address: The broker, as viewer.
    """

    def __init__(self, address: Address) -> None:
        self._said: dict[str, str] = {}
        self._session = Session(
            name="web-about",
            address=address,
            filters=[(ABOUT + name, 0) for name in TOLD],
            inbox=queue.Queue(1_000),
            quiet=True,
        )
        self._listens = False

    def start(self) -> None:
        """Begin to listen; returns at once."""
        self._listens = True
        self._session.start()

    def stop(self) -> None:
        """Listen no longer."""
        if self._listens:
            self._listens = False
            self._session.stop(timeout_s=1.0)

    def look(self) -> None:
        """Take in what was said; give up on a broker that will not say it."""
        while not self._session.inbox.empty():
            heard = self._session.inbox.get_nowait()
            if heard.topic:
                word = heard.payload[:MAX_WORD].decode("utf-8", "replace")
                self._said[heard.topic.removeprefix(ABOUT)] = word
        if not self._said and self._session.connection >= TRIES:
            self.stop()

    @property
    def version(self) -> str:
        """What it calls itself; `""` where it does not say."""
        return self._said.get("version", "")

    @property
    def clients(self) -> int | None:
        """Connections that it has; None where it does not say."""
        return _number(self._said.get("clients/connected"))

    @property
    def dropped(self) -> int | None:
        """Messages that it has dropped for slow clients; None where it does not say."""
        return _number(self._said.get("publish/messages/dropped"))


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() else None
