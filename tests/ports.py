"""Ports for what tests start, none of them given to two tests at once."""

import socket
from collections import deque

from demo.claims import HOST, free_port

MOST_CLAIMS = 200
"""Each holds a file open: those given long ago are listened on by now, or never will be."""
_claims: deque[socket.socket] = deque()


def own_port() -> int:
    """Return a free port of the loopback address that no other process of tests is given meanwhile.

    Seconds may pass until it is listened on, or while who listens there is away: other workers start
    brokers all the time, and a test would then speak to the one of another.
    """
    while True:
        number = free_port()
        # Nobody listens here: datagrams have ports of their own, and each is bound once.
        claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            claim.bind((HOST, number))
        except OSError:
            claim.close()
            continue
        _claims.append(claim)
        if len(_claims) > MOST_CLAIMS:
            _claims.popleft().close()
        return number
