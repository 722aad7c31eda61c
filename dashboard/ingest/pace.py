"""When pages are told: at once of a machine that turns to another state, and once a second of the rest."""

from collections.abc import Callable

from dashboard.ingest.turn import Turn
from protocol.messages import Clock

QUICK_S = 0.05
"""Pages are told at most this often, in seconds of wall time."""
SHARE = 0.2
"""And for no more than this share of the time: what a large fleet says has to be taken in, too."""
NEWS_S = 0.8
"""How long numbers that go on may wait: the plant says something once a second, give or take a little."""
LONGEST_S = 0.15
"""How long what comes without a pause may hold up the telling."""
HURRY_S = 0.5
"""How often at most where the plant's time flies: nobody reads faster, and every page draws each telling."""
CATCHING_UP_S = 1.0
"""How often at most while the plant lives through its past, which a page waits to see whole."""
FASTEST = 60.0
"""Up to this speed a plant says everything once a second."""


class Pace:
    """The moments at which pages are told."""

    def __init__(self) -> None:
        self._turn = Turn(every_s=QUICK_S, share=SHARE)
        self._told_s = 0.0
        self._flows_since_s: float | None = None
        """Since when messages have come without a pause; None in one."""
        self._asked = False

    def ask(self) -> None:
        """Ask for the next telling as soon as may be: somebody is waiting for it."""
        self._asked = True

    def is_due(self, now_s: float, *, whole: bool, turned: Callable[[], bool]) -> bool:
        """Whether to tell pages now.

        Args:
            now_s: Real seconds, going up.
            whole: Whether all that belongs together has come, so that it can be told together.
            turned: Whether some machine is in another state than pages know.
        """
        if whole:
            self._flows_since_s = None
        elif self._flows_since_s is None:
            self._flows_since_s = now_s
        ripe = self._flows_since_s is None or now_s - self._flows_since_s >= LONGEST_S
        if not ripe or not self._turn.is_due(now_s):
            return False
        return self._asked or now_s - self._told_s >= NEWS_S or turned()

    def told(self, began_s: float, ended_s: float, clock: Clock | None) -> None:
        """Take note that pages were told.

        Args:
            began_s: When it began, real seconds.
            ended_s: When it ended.
            clock: What the plant last said of its time; None without a plant.
        """
        self._told_s, self._asked = began_s, False
        rest_s = 0.0
        if clock is not None and clock.catching_up_to is not None:
            rest_s = CATCHING_UP_S
        elif clock is not None and (clock.speed is None or clock.speed > FASTEST):
            rest_s = HURRY_S
        self._turn.took(began_s, ended_s, rest_s=rest_s)

    def rests_s(self, now_s: float) -> float:
        """How much longer nothing is told in any case, in seconds."""
        return self._turn.left_s(now_s)
