"""The numbers in one machine's messages: how many are missing, in whatever order they come."""

MOST_MISSING = 10_000
"""Of so many missing numbers it is known which they are; of more, how many."""


class Numbering:
    """The sequence numbers that have been seen.

    A message that comes late fills its gap. A number that was there before, on a message that was not, says
    that the machine has begun to count anew. What has come twice is not told here.
    """

    __slots__ = ("_asked_for", "_forgotten", "_forgotten_ms", "_long_asked_for", "_missing", "gaps", "newest")

    def __init__(self) -> None:
        self.newest: int | None = None
        """The greatest number since the machine began to count."""
        self.gaps = 0
        """Messages that are missing."""
        self._missing: set[int] = set()
        """Those that nobody has asked for."""
        self._asked_for: set[int] = set()
        """Those that have been asked for since something was forgotten last."""
        self._long_asked_for: set[int] = set()
        """Those that had been asked for by then."""
        self._forgotten = 0
        """How many of those that are missing nobody knows any longer by their number."""
        self._forgotten_ms: int | None = None
        """When something was forgotten last, plant time, ms since 1970."""

    def hear(self, number: int | None, *, late: bool = False) -> None:
        """A message has come.

        Args:
            number: Its number; None for one without.
            late: Whether later ones of its machine came before it: then it may be one that was forgotten.
        """
        if number is None:
            return
        for missing in (self._missing, self._asked_for, self._long_asked_for):
            if number in missing:
                missing.remove(number)
                self.gaps -= 1
                return
        before = self.newest
        if late and self._forgotten and before is not None and number <= before:
            self._forgotten -= 1
            self.gaps -= 1
            return
        self.newest = number
        if before is None or number <= before:
            for missing in (self._missing, self._asked_for, self._long_asked_for):
                missing.clear()
            self._forgotten = 0
            return
        self.gaps += number - before - 1
        if number - before - 1 + self._known <= MOST_MISSING:
            self._missing.update(range(before + 1, number))

    @property
    def lost(self) -> bool:
        """Whether messages are missing that nobody has asked for."""
        return bool(self._missing)

    def asked(self) -> None:
        """What is missing now has been asked for: if it does not come, it is lost."""
        self._asked_for |= self._missing
        self._missing.clear()

    def forget(self, before_ms: int, now_ms: int) -> None:
        """Wait no longer for the numbers that were asked for before a moment: they are counted, as ever.

        What is said again in answer is cut elsewhere and has new numbers, so most of the old ones never come.

        Args:
            before_ms: The moment, plant time, ms since 1970.
            now_ms: Plant time, ms since 1970.
        """
        if self._forgotten_ms is not None and self._forgotten_ms > before_ms:
            return
        self._forgotten_ms = now_ms
        self._forgotten += len(self._long_asked_for)
        self._asked_for, self._long_asked_for = set(), self._asked_for

    @property
    def _known(self) -> int:
        return len(self._missing) + len(self._asked_for) + len(self._long_asked_for)
