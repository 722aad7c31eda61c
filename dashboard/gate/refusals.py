"""What was refused at the page, in the log: who, what and why, and neither a password nor a token."""

import logging
import threading
from collections.abc import Callable
from time import monotonic

logger = logging.getLogger(__name__)

MINUTE_S = 60.0
LOGGED = 60
"""Lines a minute: whoever is refused faster would fill the disk that way, and is counted."""
MAX_SHOWN = 120


class Refusals:
    """Counts and logs them.

    Args:
        clock: Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.total = 0
        self._clock = clock
        self._lock = threading.Lock()
        self._minute_s, self._in_minute = clock(), 0

    def note(self, address: str, method: str, path: str, why: str) -> None:
        """Note one: address of who asked, what was asked for, and why it was refused."""
        with self._lock:
            self.total += 1
            now = self._clock()
            if now - self._minute_s >= MINUTE_S:
                left_out = self._in_minute - LOGGED
                if left_out > 0:
                    logger.warning("refused %d more in that minute", left_out)
                self._minute_s, self._in_minute = now, 0
            self._in_minute += 1
            if self._in_minute > LOGGED:
                return
        logger.warning("refused %s %s from %s: %s", shown(method), shown(path), shown(address), why)


def shown(text: str) -> str:
    """A text from outside as one may print it: shortened, and on one line."""
    clean = "".join(one if one.isprintable() else "�" for one in text[:MAX_SHOWN])
    return clean if len(text) <= MAX_SHOWN else clean + "…"
