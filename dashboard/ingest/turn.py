"""When it is time for something that may take long: soon, and for a bounded share of the time."""


class Turn:
    """The turns of one thing among others that have to be done.

    Args:
        every_s: Not more often than this, in seconds of wall time.
        share: Of all time it may take at most this share, from 0 to 1.
    """

    def __init__(self, *, every_s: float, share: float) -> None:
        self._every_s = every_s
        self._share = share
        self._next_s = 0.0

    def is_due(self, now_s: float) -> bool:
        """Whether it is time."""
        return now_s >= self._next_s

    def left_s(self, now_s: float) -> float:
        """How long it is until then; 0 when it is time."""
        return max(0.0, self._next_s - now_s)

    def took(self, began_s: float, ended_s: float, *, rest_s: float = 0.0) -> None:
        """Take note of a turn: what took long comes less often, and none within `rest_s` of its beginning."""
        self._next_s = began_s + max(self._every_s, rest_s, (ended_s - began_s) / self._share)
