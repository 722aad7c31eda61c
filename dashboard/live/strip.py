"""One machine's states in time, as a page draws them: starts and states, the last up to the end."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from protocol.states import State

STATES = tuple(state.value for state in State)
"""The states in the order in which a page numbers them."""
UNKNOWN = STATES.index(State.UNKNOWN.value)
Piece = tuple[int, int]
"""Start in milliseconds, index into `STATES`; it lasts up to the start of the next."""


def numbered(pieces: Iterable[tuple[int, str]]) -> list[Piece]:
    """The same pieces with the number of their state; a state from the future is unknown."""
    return [(start, STATES.index(state) if state in STATES else UNKNOWN) for start, state in pieces]


class Strip:
    """States that tile `[start, end_ms)`, replaced from some moment on by every word of the office."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._states: list[int] = []
        self.end_ms = 0
        """End of the last piece, in plant time."""

    def __len__(self) -> int:
        return len(self._starts)

    @property
    def pieces(self) -> list[Piece]:
        """All pieces in order."""
        return list(zip(self._starts, self._states, strict=True))

    def since(self, from_ms: int) -> list[Piece]:
        """The pieces that start at a moment or later."""
        at = bisect_left(self._starts, from_ms)
        return list(zip(self._starts[at:], self._states[at:], strict=True))

    @property
    def start_ms(self) -> int | None:
        """Where the first piece starts; None when there is none."""
        return self._starts[0] if self._starts else None

    def replace(self, from_ms: int, pieces: list[Piece], end_ms: int) -> bool:
        """Replace all from a moment on, and say whether that fitted what was known before.

        Where it did not reach back to the end of what was known, the time between is unknown until
        the history fills it.
        """
        fits = not self._starts or from_ms <= self.end_ms
        cut = bisect_left(self._starts, from_ms)
        del self._starts[cut:], self._states[cut:]
        if not fits:
            self._append(self.end_ms, UNKNOWN)
        for start, state in pieces:
            self._append(start, state)
        self.end_ms = max(end_ms, self._starts[-1] if self._starts else end_ms)
        return fits

    def fill(self, from_ms: int, pieces: list[Piece], to_ms: int) -> None:
        """Put what the history knows of `[from_ms, to_ms)` in the place of what is there."""
        before = [piece for piece in self.pieces if piece[0] < from_ms]
        after = [piece for piece in self.pieces if piece[0] >= to_ms]
        at = bisect_right(self._starts, to_ms) - 1
        goes_on = at >= 0 and to_ms < self.end_ms
        resumed = [(to_ms, self._states[at])] if goes_on else []
        end_ms = max(self.end_ms, to_ms)
        self._starts, self._states = [], []
        for start, state in (*before, *pieces, *resumed, *after):
            self._append(start, state)
        self.end_ms = end_ms

    def forget(self, before_ms: int) -> None:
        """Drop what ended before a moment."""
        cut = bisect_right(self._starts, before_ms) - 1
        if cut > 0:
            del self._starts[:cut], self._states[:cut]

    def _append(self, start: int, state: int) -> None:
        if self._starts and start <= self._starts[-1]:
            # The later word on the same moment counts.
            self._starts.pop()
            self._states.pop()
            self._append(start, state)
        elif not self._states or self._states[-1] != state:
            self._starts.append(start)
            self._states.append(state)
