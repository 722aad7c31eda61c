"""The numbers in one machine's messages: how many are missing, in whatever order they come."""

MOST_MISSING = 10_000
"""Of so many missing numbers it is known which they are; of more, how many."""


class Numbering:
    """The sequence numbers that have been seen.

    A message that comes late fills its gap. A number that was there before, on a message that was not, says
    that the machine has begun to count anew. What has come twice is not told here.
    """

    __slots__ = ("_asked_for", "_missing", "gaps", "newest")

    def __init__(self) -> None:
        self.newest: int | None = None
        """The greatest number since the machine began to count."""
        self.gaps = 0
        """Messages that are missing."""
        self._missing: set[int] = set()
        self._asked_for: set[int] = set()

    def hear(self, number: int | None) -> None:
        """A message with this number has come, or one without."""
        if number is None:
            return
        if number in self._missing:
            self._missing.remove(number)
            self._asked_for.discard(number)
            self.gaps -= 1
            return
        before, self.newest = self.newest, number
        if before is None or number <= before:
            self._missing.clear()
            self._asked_for.clear()
            return
        self.gaps += number - before - 1
        if number - before - 1 + len(self._missing) <= MOST_MISSING:
            self._missing.update(range(before + 1, number))

    @property
    def lost(self) -> bool:
        """Whether messages are missing that nobody has asked for."""
        return len(self._missing) > len(self._asked_for)

    def asked(self) -> None:
        """What is missing now has been asked for: if it does not come, it is lost."""
        self._asked_for |= self._missing
