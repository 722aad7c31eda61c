"""Whether the plant lives on without its office, as its clock says while the office says nothing."""

from typing import Literal, NamedTuple

from dashboard.conclusions import Board
from protocol.messages import Clock
from protocol.moments import to_ms

SILENT_S = 5.0
"""An office that has said nothing for this long is not there."""
CLOCK_S = 10.0
"""A clock that has said nothing for this long says nothing of now."""
BEHIND_MS = 10 * 60_000
"""An office that is further behind the plant than this works through what it has missed."""


class Away(NamedTuple):
    """The office is away, or has just come back."""

    what: Literal["away", "behind"]
    """`away`: the plant is unattended. `behind`: it is back, and works through what it has missed."""
    since_ms: int
    """Plant time up to which the office had worked out everything when it went."""


class Absence:
    """Follows the plant's clock, which is told whether an office is there or not."""

    def __init__(self) -> None:
        self._clock: Clock | None = None
        self._heard_s = 0.0
        self._since: tuple[str, int] | None = None
        """The run, and up to when everything was worked out as the office went."""

    def hear(self, clock: Clock, heard_s: float) -> None:
        """Take in the plant's clock, heard at so many real seconds, going up."""
        self._clock, self._heard_s = clock, heard_s

    def now(self, board: Board | None, age_s: float | None, now_s: float) -> Away | None:
        """How it is; None while the office is there and has not far to go.

        Args:
            board: The office's newest word.
            age_s: How old that is, in seconds.
            now_s: Real seconds, going up.
        """
        clock = self._clock
        if clock is None or board is None or age_s is None or clock.run != board.run:
            return None
        if now_s - self._heard_s > CLOCK_S:
            return None
        if age_s > SILENT_S:
            if clock.attended:
                return None
            self._since = board.run, board.now_ms
            return Away("away", board.now_ms)
        if self._since is None or self._since[0] != board.run:
            return None
        if to_ms(clock.at) - board.now_ms > BEHIND_MS:
            return Away("behind", self._since[1])
        self._since = None
        return None
