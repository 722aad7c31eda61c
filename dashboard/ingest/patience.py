"""Writes to the history until it takes what it is given: a full disk is waited for, with everything in hand.

While it waits nothing else is taken in and nothing is acknowledged, so the broker and the plant keep what
the history has not got, and what is in memory is written as it is once there is room again.
"""

import logging
import threading
from collections.abc import Callable
from time import monotonic, time

from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError

from dashboard.conclusions import Keeping
from dashboard.history.room import room_of

logger = logging.getLogger(__name__)

AGAIN_S = 0.5
"""How long to wait before the history is tried again."""
LOOK_S = 5.0
"""How often the disk is looked at."""
HANGS_S = 5.0
"""A history that has said neither yes nor no for so long gives no answer."""
PASSING = (OperationalError, InterfaceError, InternalError, OSError)
"""A full or read-only disk, a lock, a server that is gone: no fault of what is written."""


class GivenUpError(Exception):
    """Raised when the office is told to stop while the history takes nothing."""


class Patience:
    """Has things done to the history, however long that takes.

    Args:
        url: Where the history is.
    """

    def __init__(self, url: str) -> None:
        self.stopping = threading.Event()
        """Set when the office is to stop: then nothing is waited for."""
        self.waiting: Callable[[], None] = lambda: None
        """Called each time that the history was tried in vain."""
        self._url = url
        self._lock = threading.Lock()
        self._tried_s: float | None = None
        """Since when the history owes an answer; None while it owes none."""
        self._silence = silence_of(url)
        self._failing = ""
        self._failing_since_ms: int | None = None
        self._committed_ms: int | None = None
        self._took_ms: float | None = None
        self._looked_s = -LOOK_S
        self._room = room_of(url)

    def insist(self, do: Callable[[], None]) -> None:
        """Do something that changes all or nothing, again and again until it is done.

        Args:
            do: One transaction.

        Raises:
            GivenUpError: The office is to stop.
            UnsureError: It is not known whether it was done.
        """
        while True:
            began_s = self._tried_s = monotonic()
            try:
                do()
            except PASSING as error:
                self._failed(why(error))
            else:
                self._done(monotonic() - began_s)
                return
            finally:
                self._tried_s = None
            self.waiting()
            if self.stopping.wait(AGAIN_S):
                raise GivenUpError(self._failing)

    def look(self) -> None:
        """Notice that the history gives no answer, and say so; called by a thread that has not asked it."""
        # What waits is not told of while it is told of here.
        with self._lock:
            tried_s = self._tried_s
            if tried_s is None or monotonic() - tried_s < HANGS_S:
                return
            self._note(self._silence)
            self.waiting()

    @property
    def keeping(self) -> Keeping:
        """How the history is just now."""
        now_s = monotonic()
        if now_s - self._looked_s >= LOOK_S or self._failing:
            self._looked_s, self._room = now_s, room_of(self._url)
        return Keeping(
            committed_wall_ms=self._committed_ms,
            took_ms=self._took_ms,
            failing=self._failing,
            failing_since_wall_ms=self._failing_since_ms,
            size_bytes=self._room.size_bytes,
            free_bytes=self._room.free_bytes,
        )

    def _failed(self, words: str) -> None:
        with self._lock:
            self._tried_s = None
            self._note(words)

    def _note(self, words: str) -> None:
        if not self._failing:
            logger.warning(
                "the history takes nothing (%s): trying again every %.1f s, and nothing is acknowledged",
                words, AGAIN_S,
            )  # fmt: skip
            self._failing_since_ms = int(time() * 1_000)
        self._failing = words

    def _done(self, took_s: float) -> None:
        with self._lock:
            self._tried_s = None
            if self._failing:
                logger.info("the history takes again what it is given")
            self._failing, self._failing_since_ms = "", None
            self._committed_ms, self._took_ms = int(time() * 1_000), round(took_s * 1_000, 2)


def silence_of(url: str) -> str:
    """What is said of a history that gives no answer.

    >>> silence_of("postgresql://office@db/history")
    'no answer from the database server'
    >>> silence_of("sqlite:///var/history.db")
    'no answer from its disk'
    """
    return "no answer from " + ("its disk" if url.startswith("sqlite") else "the database server")


def why(error: Exception) -> str:
    """What is wrong, in the words of the database and in one line, without what was to be written."""
    said = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return " ".join(str(said).split())[:200] or type(said).__name__
