"""A5: the two-machine line of Gershwin's deterministic processing time model, its chain solved as it stands.

Both machines take the same time for a part. In a step the machines' states change first, each up machine
that is neither starved nor blocked failing with probability p, each down one mended with probability r;
then a working machine moves a part, the first one into the buffer, the second one out of it.
Gershwin, Manufacturing Systems Engineering (1994), chapter 3; MIT 2.852, lectures on flow line analysis.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What the chain says."""

    efficiency: float
    """Parts a step."""
    level: float
    """Mean level of the buffer."""
    memory: float
    """Steps in which what the chain remembers of its beginning falls to 1/e."""


def two_machines(*, r: tuple[float, float], p: tuple[float, float], buffer: int) -> Pair:
    """The steady state of two machines and a buffer of so many parts.

    >>> line = two_machines(r=(0.1, 0.1), p=(0.01, 0.01), buffer=10)
    >>> round(line.efficiency, 6), round(line.level, 6)
    (0.856175, 5.0)
    """
    states = list(product(range(buffer + 1), (True, False), (True, False)))
    row = {state: number for number, state in enumerate(states)}
    matrix = np.zeros((len(states), len(states)))
    produced = np.zeros(len(states))
    for (level, *up), number in ((state, row[state]) for state in states):
        free = (level < buffer, level > 0)
        for first, a in _next(up[0], r[0], p[0], free=free[0]):
            for second, b in _next(up[1], r[1], p[1], free=free[1]):
                puts, takes = first and free[0], second and free[1]
                matrix[number, row[level + puts - takes, first, second]] += a * b
                produced[number] += a * b * takes
    chances = _stationary(matrix)
    levels = np.array([level for level, _, _ in states])
    return Pair(efficiency=float(chances @ produced), level=float(chances @ levels), memory=_memory(matrix))


def _next(up: bool, r: float, p: float, *, free: bool) -> Iterator[tuple[bool, float]]:  # noqa: FBT001 - a state
    """Whether a machine is up in the next step, each way with its probability."""
    fails = p if free else 0.0
    yield True, (1 - fails) if up else r
    yield False, fails if up else 1 - r


def _stationary(matrix: np.ndarray) -> np.ndarray:
    """The distribution that the chain does not change; states it never enters get 0."""
    equations = matrix.T - np.eye(len(matrix))
    equations[-1] = 1  # one of the equations follows from the others; the probabilities add up to 1 instead
    answer = np.zeros(len(matrix))
    answer[-1] = 1
    solution: np.ndarray = np.linalg.solve(equations, answer)
    return solution


def _memory(matrix: np.ndarray) -> float:
    """By the second eigenvalue, which says how quickly all starts become one."""
    second = float(np.sort(np.abs(np.linalg.eigvals(matrix)))[-2])
    return -1 / float(np.log(second))
