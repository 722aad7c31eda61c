"""How often a wrong password may be said: by one address, and by all together."""

import ipaddress
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from time import monotonic

WITHIN_S = 300.0
"""For so long a wrong password is remembered."""
OF_ONE = 5
"""Wrong ones of one address within that time; then even the right one has to wait."""
OF_ALL = 50
"""Wrong ones of all addresses together: who has many of them guesses no faster."""
MAX_ADDRESSES = 1_000
"""Addresses that are remembered."""


class Tries:
    """Wrong passwords of late.

    Args:
        clock: Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._all: deque[float] = deque(maxlen=OF_ALL)
        self._by_address: OrderedDict[str, deque[float]] = OrderedDict()

    def begin(self, address: str) -> float:
        """Count a try as a wrong one until it is known to be right.

        Returns:
            For how many seconds the address has to wait instead; 0 when it may try.
        """
        with self._lock:
            network = network_of(address)
            said = self._by_address.get(network, deque(maxlen=OF_ONE))
            rest_s = max(self._rest_s(said, OF_ONE), self._rest_s(self._all, OF_ALL))
            if rest_s:
                return rest_s
            said.append(self._clock())
            self._all.append(said[-1])
            self._by_address[network] = said
            self._by_address.move_to_end(network)
            while len(self._by_address) > MAX_ADDRESSES:
                self._by_address.popitem(last=False)
            return 0.0

    def right(self, address: str) -> None:
        """It was the right one: what the address got wrong before is forgotten."""
        with self._lock:
            said = self._by_address.pop(network_of(address), None)
            if said and said[-1] in self._all:
                self._all.remove(said[-1])

    def _rest_s(self, said: deque[float], allowed: int) -> float:
        return 0.0 if len(said) < allowed else max(0.0, said[0] + WITHIN_S - self._clock())


def network_of(address: str) -> str:
    """What counts as one address: of IPv6 the 64 bits that a subscriber cannot change.

    >>> network_of("2001:db8::1:2"), network_of("10.0.0.7")
    ('2001:db8::/64', '10.0.0.7')
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if parsed.version == 4:  # noqa: PLR2004 - the version's name is a number
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
