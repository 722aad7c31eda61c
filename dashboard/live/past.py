"""What lay before this process listened, or while it could not: asked of the history."""

import logging
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from dashboard.history.reader import Reader
from dashboard.live.strip import Piece, numbered

logger = logging.getLogger(__name__)

POWER_SIGNALS = ("power_kw", "power_w", "power")
Pieces = Callable[[str, str, int, int], list[Piece] | None]


class Past:
    """The intervals that the history holds; says once when it cannot be read.

    Args:
        reader: The history; None to do without.
    """

    def __init__(self, reader: Reader | None) -> None:
        self._reader = reader
        self._complained = False

    def pieces(self, run: str, machine: str, from_ms: int, to_ms: int) -> list[Piece] | None:
        """A machine's states in a window; None when the history cannot be read yet."""
        if self._reader is None:
            return None
        try:
            intervals = self._reader.intervals(run, machine, from_ms, to_ms)
        except SQLAlchemyError as error:
            if not self._complained:
                logger.warning("cannot read the history: %s; pages show what came since", error)
                self._complained = True
            return None
        self._complained = False
        return numbered((start, state.value) for start, _end, state, _cause in intervals)
