"""When pages are told: of a machine that turns to another state at once, and of all numbers once a second."""

from collections.abc import Callable
from enum import Enum, auto

from dashboard.ingest.turn import Turn
from protocol.messages import Clock

QUICK_S = 0.01
"""Machines that turned are told at most this often, in seconds of wall time."""
ROUND_S = 0.05
"""All numbers are told at most this often, however many calls ask for it."""
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
BEHIND_S = 0.005
"""How long a round waits behind what turned: what has just been said leaves the process meanwhile."""


class Telling(Enum):
    """What pages are told."""

    NOTHING = auto()
    TURNED = auto()
    """The machines that are in another state than pages know."""
    ROUND = auto()
    """All that is new of everything."""


class Pace:
    """The moments at which pages are told."""

    def __init__(self) -> None:
        self._turned = Turn(every_s=QUICK_S, share=SHARE)
        self._round = Turn(every_s=ROUND_S, share=SHARE)
        self._told_s = 0.0
        self._flows_since_s: float | None = None
        """Since when messages have come without a pause; None in one."""
        self._waited_for = False
        """Whether a round is due as soon as may be: somebody asked for it, or what turned went first."""
        self._behind = False
        """Whether what turned went before the round that is due: it does so once."""
        self._flies = False
        """Whether the plant's time passes faster than anybody reads."""

    def ask(self) -> None:
        """Ask for a round as soon as may be: somebody is waiting for it."""
        self._waited_for = True

    def due(self, now_s: float, *, whole: bool, turned: Callable[[], bool]) -> Telling:
        """What to tell pages now.

        Args:
            now_s: Real seconds, going up.
            whole: Whether all that belongs together has come, so that it can be told together.
            turned: Whether some machine is in another state than pages know.
        """
        if whole:
            self._flows_since_s = None
        elif self._flows_since_s is None:
            self._flows_since_s = now_s
        if self._flows_since_s is not None and now_s - self._flows_since_s < LONGEST_S:
            return Telling.NOTHING
        is_round = self._round.is_due(now_s) and (self._waited_for or now_s - self._told_s >= NEWS_S)
        if self._flies:
            is_round = is_round or (self._round.is_due(now_s) and turned())
        elif not (is_round and self._behind) and self._turned.is_due(now_s) and turned():
            self._behind = is_round
            self._waited_for = self._waited_for or is_round
            return Telling.TURNED
        return Telling.ROUND if is_round else Telling.NOTHING

    def told_turned(self, began_s: float, ended_s: float) -> None:
        """Take note that pages were told of machines that turned."""
        self._turned.took(began_s, ended_s)

    def told(self, began_s: float, ended_s: float, clock: Clock | None) -> None:
        """Take note that pages were told all that is new.

        Args:
            began_s: When it began, real seconds.
            ended_s: When it ended.
            clock: What the plant last said of its time; None without a plant.
        """
        self._told_s, self._waited_for, self._behind = began_s, False, False
        rest_s = 0.0
        if clock is not None and clock.catching_up_to is not None:
            rest_s = CATCHING_UP_S
        elif clock is not None and (clock.speed is None or clock.speed > FASTEST):
            rest_s = HURRY_S
        self._flies = rest_s > 0
        self._round.took(began_s, ended_s, rest_s=rest_s)

    def rests_s(self, now_s: float) -> float:
        """How long to look for nothing but messages, in seconds; 0 where nothing is waited for."""
        waits = [self._turned.left_s(now_s)]
        if self._waited_for:
            waits.append(max(BEHIND_S, self._round.left_s(now_s)))
        return min((one for one in waits if one > 0), default=0.0)
