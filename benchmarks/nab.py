"""The Numenta Anomaly Benchmark: seven of its series, and its score in the standard profile.

Lavin, Ahmad: Evaluating Real-time Anomaly Detection Algorithms (2015), https://arxiv.org/abs/1510.03336.
"""

import csv
import gzip
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

DATA = Path(__file__).parent / "data" / "nab"
TRUE_POSITIVE, FALSE_POSITIVE, FALSE_NEGATIVE = 1.0, 0.11, 1.0
"""Weights of the standard profile."""
PROBATION, LONGEST = 0.15, 5_000
"""The share of a series that is for learning alone, and the length at which it stops growing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One series and where something was wrong in it."""

    name: str
    """Name of its file, without the end."""
    at_ms: npt.NDArray[np.int64]
    """When each value was read, ms since 1970."""
    readings: npt.NDArray[np.float64]
    """The values."""
    windows: tuple[tuple[int, int], ...]
    """First and last row of each window in which a detection is right."""

    @property
    def probation(self) -> int:
        """Rows in which nothing is judged."""
        return int(PROBATION * min(len(self.readings), LONGEST))

    @property
    def days(self) -> float:
        """How long it is after that, in days."""
        return float(self.at_ms[-1] - self.at_ms[self.probation]) / 86_400_000


def read_all(folder: Path = DATA) -> Iterator[Series]:
    """The series in a folder that has their windows too."""
    labels = json.loads((folder / "windows.json").read_text())
    for path, windows in sorted(labels.items()):
        name = Path(path).stem
        with gzip.open(folder / f"{name}.csv.gz", "rt", newline="") as file:
            rows = list(csv.reader(file))[1:]
        at_ms = np.array([_ms(row[0]) for row in rows], dtype=np.int64)
        yield Series(
            name=name,
            at_ms=at_ms,
            readings=np.array([float(row[1]) for row in rows]),
            windows=tuple(
                (int(np.searchsorted(at_ms, _ms(a))), int(np.searchsorted(at_ms, _ms(b), "right")) - 1)
                for a, b in windows
            ),
        )


def points(series: Series, flagged: Sequence[int]) -> float:
    """What flags at these rows are worth, before it is made comparable.

    The first flag in a window earns most at its beginning and nothing at its end; each flag outside costs,
    less where a window has just passed; a window without a flag costs one.
    """
    total = 0.0
    rows = [row for row in flagged if row >= series.probation]
    for first, last in series.windows:
        hits = [row for row in rows if first <= row <= last]
        if hits:
            width = last - first + 1
            earliest = -(last - hits[0] + 1) / width
            total += TRUE_POSITIVE * sigmoid(earliest) / sigmoid(-1.0)
        else:
            total -= FALSE_NEGATIVE
    for row in rows:
        if any(first <= row <= last for first, last in series.windows):
            continue
        before = [(first, last) for first, last in series.windows if last < row]
        if not before:
            total -= FALSE_POSITIVE
        else:
            first, last = before[-1]
            total += FALSE_POSITIVE * sigmoid((row - last) / max(last - first, 1))
    return total


def sigmoid(place: float) -> float:
    """Worth of a flag by its place: -1 at the beginning of a window, 0 at its end, behind it above that."""
    return -1.0 if place > 3 else 2.0 / (1.0 + math.exp(5.0 * place)) - 1.0  # noqa: PLR2004


def normalised(total: float, windows: int) -> float:
    """100 for every window found at its very beginning and nothing else; 0 for no flag at all."""
    return 100.0 * (total + FALSE_NEGATIVE * windows) / ((TRUE_POSITIVE + FALSE_NEGATIVE) * windows)


def _ms(text: str) -> int:
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return round(moment.timestamp() * 1_000)
