"""Of what Mosquitto says, keeps who was refused what, and all that is no chatter of its level `debug`.

What broker-config/refusals.awk does in Compose.
"""

from __future__ import annotations

import re

A_MINUTE = 60
"""So many refusals are told a minute, and the rest counted: they shall not fill the disk."""
MINUTE = len("2026-01-05T06:00")
REFUSED = re.compile(r": Denied |: Sending CONNACK to .*\(0, [1-9][0-9]*\)|: OpenSSL Error")
"""A message that the access list does not give, or a sign-in: 4 is a wrong password, 5 not authorised; and
whoever leaves in the middle of TLS, or never spoke it."""
CHATTER = re.compile(r": (Sending|Received|No will|Will message)|^[0-9T:-]+: \s")


class Sieve:
    """Lets lines through."""

    def __init__(self) -> None:
        self._minute, self._refused = "", 0

    def take(self, line: str) -> list[str]:
        """What is kept of a line: nothing, itself, or a count of what was left out and itself."""
        if REFUSED.search(line) is None:
            return [] if CHATTER.search(line) else [line]
        kept = []
        if line[:MINUTE] != self._minute:
            more = self._refused - A_MINUTE
            if more > 0:
                kept.append(f"{self._minute}: refused {more} more in that minute")
            self._minute, self._refused = line[:MINUTE], 0
        self._refused += 1
        return [*kept, line] if self._refused <= A_MINUTE else kept
