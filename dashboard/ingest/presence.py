"""That there is an office: said to the plant again and again, and shown by a file to whoever watches it."""

import secrets
from pathlib import Path

from dashboard.ingest.share import Share
from protocol.messages import OfficeNotice, encode
from protocol.session import Session
from protocol.topics import plant_topic

HEARTBEAT_S = 2.0
NOTICE_S = 5.0
"""How often the plant is told again that there is an office."""


def presence_topic(root: str, share: Share) -> str:
    """Where a worker of the office says that it is there: the first one for all, the others below that."""
    return plant_topic(root, "office" if share.leads else f"office/{share.name()}")


class Presence:
    """Says that the office is there.

    Args:
        root: First level of every topic.
        session: The measuring connection.
        heartbeat: File touched while the process is well; None for none.
        share: Which worker of the office it is.
    """

    def __init__(self, *, root: str, session: Session, heartbeat: Path | None, share: Share) -> None:
        self._topic = presence_topic(root, share)
        self._share = share
        self._session = session
        self._heartbeat = heartbeat
        self._notice = b""
        self._beat_at = self._said_at = 0.0

    def begin(self, now_s: float) -> None:
        """Say it under another boot: what was on its way may be lost, and comes again.

        Args:
            now_s: Real seconds, going up.
        """
        boot, share = secrets.token_hex(4), self._share
        elsewhere = share.others if share.leads else ()
        self._notice = encode(OfficeNotice(names=share.everybody, elsewhere=elsewhere, boot=boot))
        self._say(now_s)

    def look(self, now_s: float) -> None:
        """Say and show it again, if it is time."""
        if not self._session.connected.is_set():
            return
        if now_s - self._beat_at >= HEARTBEAT_S:
            self._beat_at = now_s
            if self._heartbeat is not None:
                self._heartbeat.touch()
        if self._notice and now_s - self._said_at >= NOTICE_S:
            # The will of a connection that only seemed to stand may be said after we are back.
            self._say(now_s)

    def _say(self, now_s: float) -> None:
        self._said_at = now_s
        self._session.publish(self._topic, self._notice, retain=True)
