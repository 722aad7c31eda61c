"""What lay before this process listened, or while it could not: asked of the history."""

import logging
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from dashboard.history.answering import Asking
from dashboard.history.reader import Reader
from dashboard.live.strip import Piece, numbered

logger = logging.getLogger(__name__)

PATIENCE_S = 3.0
"""For so long at most is nothing else heard."""

_Answer = TypeVar("_Answer")


class Past:
    """The intervals and minutes that the history holds; says once when it cannot be read.

    Args:
        reader: The history; None to do without.
    """

    def __init__(self, reader: Reader | None) -> None:
        self._reader = reader
        # Whoever asks hears the broker, too: a history that hangs may not make it deaf.
        self._asking = Asking(patience_s=PATIENCE_S)
        self._complained = False

    def pieces(self, run: str, machine: str, from_ms: int, to_ms: int) -> list[Piece] | None:
        """A machine's states in a window, from its beginning on; None when the history cannot be read yet."""

        def states(reader: Reader) -> list[Piece]:
            begun = next((one.since_ms for one in reader.machines(run) if one.name == machine), to_ms)
            intervals = reader.intervals(run, machine, max(from_ms, begun), to_ms)
            return numbered((start, state.value) for start, _end, state, _cause in intervals)

        return self._ask(states)

    def minutes(
        self, run: str, machine: str, signal: str, from_ms: int, to_ms: int
    ) -> list[tuple[int, float]] | None:
        """A signal's mean by the minute; None when the history cannot be read yet."""

        def means(reader: Reader) -> list[tuple[int, float]]:
            minutes = reader.rollups(run, machine, from_ms, to_ms, signal).get(signal)
            if minutes is None:
                return []
            return list(zip(minutes.minute_ms.tolist(), minutes.mean.round(3).tolist(), strict=True))

        return self._ask(means)

    def _ask(self, question: Callable[[Reader], _Answer]) -> _Answer | None:
        reader = self._reader
        if reader is None:
            return None
        try:
            answer = self._asking.ask(lambda: question(reader))
        except SQLAlchemyError as error:
            if not self._complained:
                reason = getattr(error, "orig", None) or error
                logger.warning("cannot read the history: %s; pages show what came since", reason)
                self._complained = True
            return None
        self._complained = False
        return answer
