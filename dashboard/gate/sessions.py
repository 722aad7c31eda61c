"""Who has signed in as operator: a random token each, kept as a hash, for a working day at most."""

import hashlib
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

LASTS_S = 10 * 3_600.0
"""Longest stay: a shift and a handover."""
IDLE_S = 3_600.0
"""Without a command for so long, one has to sign in again."""
MAX_SESSIONS = 100
"""Beyond it the one that was used least lately ends."""


@dataclass(slots=True, kw_only=True)
class _Session:
    begun_s: float
    used_s: float
    password: str
    """The line of the password file that it began with: another password ends it."""


class Sessions:
    """The sessions of this process.

    Args:
        clock: Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, _Session] = OrderedDict()

    def begin(self, password: str) -> str:
        """Begin one, and return the token that its browser keeps."""
        token = secrets.token_urlsafe(32)
        now = self._clock()
        with self._lock:
            self._known[_hashed(token)] = _Session(begun_s=now, used_s=now, password=password)
            while len(self._known) > MAX_SESSIONS:
                self._known.popitem(last=False)
        return token

    def has(self, token: str, password: str) -> bool:
        """Whether a token is that of a session that goes on; using it counts."""
        key, now = _hashed(token), self._clock()
        with self._lock:
            session = self._known.get(key)
            if session is None:
                return False
            over = now - session.begun_s > LASTS_S or now - session.used_s > IDLE_S
            if over or session.password != password:
                del self._known[key]
                return False
            session.used_s = now
            self._known.move_to_end(key)
            return True

    def end(self, token: str) -> None:
        """End one."""
        with self._lock:
            self._known.pop(_hashed(token), None)


def _hashed(token: str) -> bytes:
    # Looked up by its hash, so that how long the look-up takes tells nothing of a token.
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
