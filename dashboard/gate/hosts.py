"""Under which names the page may be asked for.

A site that lets its own name point to this machine for a moment (DNS rebinding) would otherwise read and
command a page that listens on the loopback address alone: its browser takes both for one site.
"""

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

HERE = "localhost"


class Hosts:
    """The names that are answered to.

    Args:
        more: Names beside this machine's own; `*` answers to every name.
    """

    def __init__(self, more: Iterable[str] = ()) -> None:
        self._more = frozenset(name.strip().lower().rstrip(".") for name in more if name.strip())

    def knows(self, host: str) -> bool:
        """Whether a request's `Host`, with or without a port, is one of them."""
        try:
            name = urlsplit(f"//{host}").hostname
        except ValueError:
            return False
        if name is None:
            return False
        name = name.rstrip(".")
        return "*" in self._more or name in self._more or is_loopback(name)


def is_loopback(name: str) -> bool:
    """Whether a name or an address is this machine's own, which nobody else can let point elsewhere.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("localhost.example.org")
    (True, True, False)
    """
    if name == HERE or name.endswith(f".{HERE}"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
