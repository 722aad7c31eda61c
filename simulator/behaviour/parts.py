"""The parts that one machine made: when each, and how many rejects by then."""

import numpy as np

from simulator.behaviour.columns import Columns
from simulator.behaviour.stretch import Bools, Int64s

NEVER_MS = 1 << 62
"""When what is not planned comes."""


class Parts:
    """The parts of one machine, as far as they are planned."""

    def __init__(self, start_ms: int) -> None:
        self._columns = Columns(at_ms=np.int64, rejects=np.int64)
        self._waiting: list[tuple[Int64s, Bools]] = []
        self._last_ms = start_ms
        self._forgotten = 0
        self._forgotten_rejects = 0

    def plan(self, at_ms: Int64s, rejected: Bools) -> None:
        """Add parts that are made after all the others: when each is made, and whether it is rejected."""
        if len(at_ms):
            # They are counted once somebody asks, all of them at once.
            self._waiting.append((at_ms, rejected))
            self._last_ms = int(at_ms[-1])

    def cut(self, at_ms: int) -> None:
        """Drop the parts that are made after a moment."""
        if self._last_ms <= at_ms:
            return
        waiting = self._waiting
        while waiting and waiting[-1][0][0] > at_ms:
            waiting.pop()
        if waiting:
            made_ms, rejected = waiting[-1]
            made = int(made_ms.searchsorted(at_ms, side="right"))
            waiting[-1] = made_ms[:made], rejected[:made]
        else:
            made_ms = self._columns["at_ms"]
            self._columns.drop(len(made_ms) - int(made_ms.searchsorted(at_ms, side="right")))
        self._last_ms = at_ms

    def counts(self, at_ms: int) -> tuple[int, int]:
        """Parts and rejects made up to and including a moment."""
        return self._counts(int(self._made_ms().searchsorted(at_ms, side="right")))

    def within(self, from_ms: int, to_ms: int) -> tuple[int, int, list[tuple[int, int, int]]]:
        """Parts and rejects made by the beginning of a span, and what was made in (`from_ms`, `to_ms`].

        Of each part: when it was made, and the parts and rejects made by then.
        """
        made_ms = self._made_ms()
        first, last = made_ms.searchsorted((from_ms, to_ms), side="right").tolist()
        parts, rejects = self._counts(first)
        made = zip(
            made_ms[first:last].tolist(),
            range(parts + 1, parts + 1 + last - first),
            self._columns["rejects"][first:last].tolist(),
            strict=True,
        )
        return parts, rejects, list(made)

    def next_ms(self, at_ms: int) -> int:
        """When after a moment a part is made, as far as is planned; far in the future when none is."""
        made_ms = self._made_ms()
        part = int(made_ms.searchsorted(at_ms, side="right"))
        return int(made_ms[part]) if part < len(made_ms) else NEVER_MS

    def ended_within(self, from_ms: int, to_ms: int) -> tuple[int, Int64s]:
        """When each part in (`from_ms`, `to_ms`] was made, and how many were made before them."""
        made_ms = self._made_ms()
        first, last = made_ms.searchsorted((from_ms, to_ms), side="right").tolist()
        return self._forgotten + first, made_ms[first:last].copy()

    def forget(self, before_ms: int) -> None:
        """Drop what lies before a moment; the counts stay."""
        made = int(self._made_ms().searchsorted(before_ms, side="right"))
        self._forgotten, self._forgotten_rejects = self._counts(made)
        self._columns.forget(made)

    def _made_ms(self) -> Int64s:
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            _, before = self._counts(len(self._columns))
            rejects = np.concatenate([rejected for _, rejected in waiting]).cumsum(dtype=np.int64)
            rejects += before
            made_ms = np.concatenate([at_ms for at_ms, _ in waiting])
            self._columns.append(len(made_ms), at_ms=made_ms, rejects=rejects)
        return self._columns["at_ms"]

    def _counts(self, made: int) -> tuple[int, int]:
        rejects = int(self._columns["rejects"][made - 1]) if made else self._forgotten_rejects
        return self._forgotten + made, rejects
