"""Series made here, each with one thing wrong in it whose place is known."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
ROWS = 4_000
MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One series."""

    wrong: str
    """What is wrong: `spike`, `nothing`."""
    rows: Floats
    """The values; shape (rows, columns)."""
    first: int
    """First row in which it is wrong; the number of rows when nothing is."""
    last: int
    """Last row in which a flag is right: where it is wrong, or a hundred rows later."""


def series(seed: int) -> Iterator[Made]:
    """One series of each sort on each ground."""
    for ground, background in GROUNDS.items():
        for wrong, (length, spoil) in WRONG.items():
            dice = np.random.default_rng([seed, *wrong.encode(), *ground.encode()])
            rows = background(dice)
            first = ROWS
            if length:
                first = int(dice.integers(ROWS // 2, ROWS - 600))
                spoil(rows[first : first + length], dice, float(np.std(rows[:, 0])))
            yield Made(wrong=wrong, rows=rows, first=first, last=first + max(length, 100))


def _noise(dice: np.random.Generator) -> Floats:
    return 20.0 + dice.normal(size=(ROWS, 1))


def _wandering(dice: np.random.Generator) -> Floats:
    rows = dice.normal(size=(ROWS, 1))
    for row in range(1, ROWS):
        rows[row] += 0.9 * rows[row - 1]
    return rows


def _wave(dice: np.random.Generator) -> Floats:
    places = np.arange(ROWS)[:, None]
    return (
        10.0 * np.sin(2 * np.pi * places / 50)
        + 3.0 * np.sin(2 * np.pi * places / 25)
        + dice.normal(size=(ROWS, 1))
    )


def _eight(dice: np.random.Generator) -> Floats:
    common = _wandering(dice)
    return common * dice.uniform(0.5, 2.0, size=8) + dice.normal(size=(ROWS, 8)) * dice.uniform(
        0.5, 1.5, size=8
    )


GROUNDS: dict[str, Callable[[np.random.Generator], Floats]] = {
    "noise": _noise, "wandering": _wandering, "wave": _wave, "eight columns": _eight,
}  # fmt: skip


def _spike(part: Floats, dice: np.random.Generator, size: float) -> None:
    part[:, 0] += dice.choice((-1.0, 1.0)) * 6.0 * size


def _shift(part: Floats, dice: np.random.Generator, size: float) -> None:
    part[:, 0] += dice.choice((-1.0, 1.0)) * 3.0 * size


def _slope(part: Floats, dice: np.random.Generator, size: float) -> None:
    part[:, 0] += dice.choice((-1.0, 1.0)) * 5.0 * size * np.linspace(0, 1, len(part))


def _unrest(part: Floats, dice: np.random.Generator, size: float) -> None:
    part[:, 0] += dice.normal(size=len(part)) * 2.5 * size


def _flat(part: Floats, dice: np.random.Generator, size: float) -> None:
    del dice, size
    part[:, 0] = part[0, 0]


def _other(part: Floats, dice: np.random.Generator, size: float) -> None:
    del size
    part[:, 0] = dice.permutation(part[:, 0])


def _nothing(part: Floats, dice: np.random.Generator, size: float) -> None:
    del part, dice, size


WRONG: dict[str, tuple[int, Callable[[Floats, np.random.Generator, float], None]]] = {
    "nothing": (0, _nothing), "spike": (1, _spike), "shift": (200, _shift), "slope": (300, _slope),
    "unrest": (100, _unrest), "flat": (100, _flat), "other order": (100, _other),
}  # fmt: skip
"""What goes wrong, for how many rows."""
