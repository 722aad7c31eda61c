"""When what was taken in was committed, and when pages were told: a row a commit, none a message.

A message knows when it was received; it was in the first commit that began after that. So the way of every
message that is kept can be told afterwards, and taking one in costs nothing more.
"""

from collections.abc import Callable
from time import time

from dashboard.history.store import Row

MOST_UNTOLD = 1_000
"""Commits that wait for pages to be told of them; of more, the oldest are written without."""


def wall_ms() -> int:
    """What time it is, ms since 1970."""
    return int(time() * 1000)


class Stamps:
    """The stamps of the newest commits.

    Args:
        wall_ms: What time it is, ms since 1970.
    """

    def __init__(self, wall_ms: Callable[[], int]) -> None:
        self.wall_ms = wall_ms
        self._sent_ms: int | None = None
        self._untold: list[Row] = []
        self._told: list[Row] = []

    def hear_tick(self, sent_ms: int | None) -> None:
        """Note when the plant began to send what comes with the next commit; the first of several counts."""
        if self._sent_ms is None:
            self._sent_ms = sent_ms

    @property
    def has_tick(self) -> bool:
        """Whether a tick that says when its sending began waits for a commit."""
        return self._sent_ms is not None

    def commit(self, begun_ms: int) -> None:
        """Note that a commit of readings, or of a tick, begun at a moment, is done."""
        self._untold.append(
            {
                "begun_wall_ms": begun_ms,
                "done_wall_ms": self.wall_ms(),
                "told_wall_ms": None,
                "sent_wall_ms": self._sent_ms,
            }
        )
        self._sent_ms = None
        if len(self._untold) > MOST_UNTOLD:
            self._told.append(self._untold.pop(0))

    def tell(self) -> None:
        """Note that pages have just been told of everything."""
        now_ms = self.wall_ms()
        for row in self._untold:
            row["told_wall_ms"] = now_ms
        self._told += self._untold
        self._untold = []

    def take_rows(self) -> list[Row]:
        """Rows for the next commit: those of commits that pages have been told of."""
        rows, self._told = self._told, []
        return rows
