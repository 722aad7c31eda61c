"""An online detector: how surprising each row is after the rows before it; no labels, nothing to tune.

    surprise = sum over signs of u² + 3 u²(the row as a whole)       u = 1 where one row in a hundred goes
    score    = 1 - chance ^ (1/4)                                    chance that an ordinary row is such

A chance of one in 16 scores 0.5, one in 625 scores 0.8, one in 10,000 scores 0.9.
"""

from typing import NamedTuple

import numpy as np

from dashboard.condition.level import Levels
from dashboard.condition.novelty import LENGTHS, Novelty
from dashboard.condition.signs import KINDS, Signs
from dashboard.condition.tail import TAIL, Tail
from dashboard.condition.usual import Usual
from protocol.readings import Float64s

POWER = 0.25
"""The score is one less this power of the chance: scores spread from 0 to 1, and rare ones keep apart."""
FLAG = 0.8
"""A row is flagged from this score on: once in 625 rows, were they all ordinary and of no rhythm."""
REACH = 1.5
"""No row is flagged in which no sign goes so far: 1 + ln 1.65, beyond where one row in a hundred goes."""
QUIET = 100
"""After a flag, so many rows are what it was about, unless one goes far further."""
FURTHER = 0.7
"""That is, the logarithm of how far goes up by so much: twice as far."""
SELDOM = 5
"""Of what a flag was about, one row in so many teaches what is usual: an event is no excuse for itself."""
WHOLE = 3.0
"""So many signs does the row as a whole count for."""
TOGETHER = 4
"""The power by which columns are taken together: the more, the more the worst one counts."""


class Verdict(NamedTuple):
    """What is thought of one row."""

    score: float
    """How surprising it is, from 0 to 1; 0 while too little was seen."""
    flag: bool
    """Whether somebody should look: something begins here that is not as it was."""


NOTHING = Verdict(0.0, False)  # noqa: FBT003 - a pair is read at a glance


class Detector:
    """Judges rows in the order of time, each by those before it alone.

    Args:
        columns: Number of columns.
    """

    def __init__(self, columns: int) -> None:
        self._levels = Levels(columns)
        self._signs = Signs(columns)
        self._novelty = Novelty(columns)
        sided = np.arange(KINDS + len(LENGTHS) + 1) >= KINDS
        self._usual = Usual((len(sided), columns), sided=sided)
        every = np.ones(len(sided), np.bool_)
        self._usual_all = Usual((len(sided), 1), sided=every) if columns > 1 else None
        self._tail = Tail()
        self._since_told = QUIET + 1
        self._told_reach = 0.0

    def judge(self, at_ms: int, row: Float64s) -> Verdict:
        """Say how surprising a row is, and learn it.

        Args:
            at_ms: When it was read, ms since 1970; where rows are only counted, their number.
            row: A value for each column; NaN where there is none.
        """
        surprise, reach = self._surprise(at_ms, row)
        if surprise is None:
            return NOTHING
        chance = self._tail.chance(surprise)
        verdict = self._verdict(chance, reach)
        if chance > TAIL or self._since_told > QUIET or self._since_told % SELDOM == 0:
            self._tail.learn(surprise)
        return verdict

    def _surprise(self, at_ms: int, row: Float64s) -> tuple[float | None, float]:
        residual = self._levels.take(at_ms, row)
        whole, shapes = self._novelty.read(row)
        signs = np.concatenate((self._signs.read(residual), shapes, np.full((1, len(row)), whole)))
        far = self._usual.measure(signs)
        if self._usual_all is not None:
            together = (far**TOGETHER).sum(axis=1) ** (1 / TOGETHER)
            far = self._usual_all.measure(np.where(together > 0, together, np.nan)[:, None])
        if np.isnan(whole):
            return None, 0.0
        far = far[:, 0]
        return float(far @ far) + (WHOLE - 1.0) * float(far[-1]) ** 2, float(far.max())

    def _verdict(self, chance: float, reach: float) -> Verdict:
        score = 1.0 - chance**POWER
        self._since_told += 1
        if score < FLAG:
            return Verdict(score, False)  # noqa: FBT003
        news = self._since_told > QUIET or reach > self._told_reach + FURTHER
        if reach < REACH or not news:
            # Just below: beside its neighbours it still stands out.
            return Verdict(FLAG - 0.001 * chance**POWER, False)  # noqa: FBT003
        self._since_told, self._told_reach = 0, reach
        return Verdict(score, True)  # noqa: FBT003
