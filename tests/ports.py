"""Ports that are a test's own until its process ends, whoever else looks for a free one meanwhile."""

import os
import socket
import sys
from collections import deque

from demo.claims import HOST

HELD = 200
"""So many are held at a time: far more than any test has, and far fewer than a process may have open."""
_held: deque[int] = deque()


def own_port() -> int:
    """Return a port of the loopback address that nobody listens on, and that the system gives nobody else.

    It stays bound without being listened on. On Linux who names it may listen all the same, as servers do
    after a restart, and who asks for any free port gets another one: between choosing and listening lie
    seconds. Elsewhere a port that is bound is taken, so it is only chosen there.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind((HOST, 0))
        number: int = holder.getsockname()[1]
        if sys.platform == "linux":
            _held.append(holder.detach())
    if len(_held) > HELD:
        os.close(_held.popleft())
    return number
