"""What the ingest process needs of whoever hears machines of another protocol, on its own connection."""

from typing import Protocol

from protocol.session import Received, Session


class Side(Protocol):
    """Hears machines on a connection beside the measuring one."""

    session: Session
    """Its connection."""

    @property
    def is_waiting(self) -> bool:
        """Whether a tick waits for what machines have said there."""

    def connected(self) -> None:
        """Its connection stands."""

    def hear(self, received: Received, wall_ms: int) -> None:
        """Take in a message of its connection."""

    def turn(self, wall_ms: int) -> None:
        """Look after what no message says; called several times a second."""

    def holds(self, received: Received) -> bool:
        """Whether a tick of the plant has to wait for what machines have said before it; it then does."""

    def take_ticks(self) -> list[Received]:
        """Ticks that need to wait no longer, in order."""
