"""The cycles of one machine: how long each takes, the handling after it, and whether its part is rejected."""

import numpy as np

from simulator.behaviour.stretch import Bools, Int64s
from simulator.specs.kind import Kind
from simulator.streams import Dice, Float64s

CYCLE_BLOCK = 2048
"""So many cycles are drawn at once."""
PLANNED = 512
"""So many cycles are planned at most."""


class Cycles:
    """The cycles of a machine by their count. The k-th takes the same time whatever happened before."""

    def __init__(self, kind: Kind, dice: Dice) -> None:
        self.begun = 0.0 if kind.fresh else dice.uniform("begun.cycle")
        """How far the first one has come when the machine is put up, from 0 to 1."""
        self._length = dice.draws("cycle", kind.cycle.values, block=CYCLE_BLOCK)
        self._handling = (
            dice.draws("handling", kind.handling.values, block=CYCLE_BLOCK) if kind.handling else None
        )
        self._scrap = dice.draws("scrap", lambda uniforms: uniforms, block=CYCLE_BLOCK)
        self._number = -1
        self._lengths = np.empty(0, dtype=np.int64)
        self._handlings: Int64s | None = None
        self._chances = np.empty(0)

    def ahead(self, k: int) -> tuple[Int64s, Int64s | None, Float64s]:
        """The cycles from the k-th on, as many as are planned at most and drawn together.

        Returns:
            Their lengths; the lengths of the handling after each, or None; a number in (0, 1) for each, below
            the share of rejects where the part is one.
        """
        number, first = divmod(k, CYCLE_BLOCK)
        if number != self._number:
            self._number = number
            self._lengths = self._length.block(number).astype(np.int64)
            if self._handling is not None:
                self._handlings = self._handling.block(number).astype(np.int64)
            self._chances = self._scrap.block(number)
        last = first + PLANNED
        handling = None if self._handlings is None else self._handlings[first:last]
        return self._lengths[first:last], handling, self._chances[first:last]


def rejected(chances: Float64s, kind: Kind, worn: Float64s | None) -> Bools:
    """Which parts are rejects.

        share = scrap + (scrap_worn - scrap) * wear of the tool when the part is done

    Args:
        chances: A number in (0, 1) for each part.
        kind: The settings of the machine.
        worn: The wear of the tool at the end of each cycle; None where scrap does not follow it.
    """
    share = kind.scrap if worn is None else kind.scrap + (kind.scrap_worn - kind.scrap) * worn
    rejects: Bools = chances < share
    return rejects
