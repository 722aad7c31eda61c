"""The causes that machines ever gave, each with a number, so that columns can hold them."""

import threading
from collections.abc import Sequence

import numpy as np

from dashboard.intervals import Int64s


class Causes:
    """Numbers for causes, in the order in which they are first met; safe to share between threads."""

    def __init__(self) -> None:
        self._numbers = {"": 0}
        self._texts = [""]
        self._lock = threading.Lock()
        self.nbytes = 0
        """About how much memory they take, in bytes."""

    def __getitem__(self, number: int) -> str:
        """The cause that has a number."""
        return self._texts[number]

    def __len__(self) -> int:
        return len(self._texts)

    def numbers(self, causes: Sequence[str]) -> Int64s:
        """The number of each cause; `""`, which says nothing, has 0."""
        new = set(causes).difference(self._numbers)
        if new:
            with self._lock:
                for cause in sorted(new.difference(self._numbers)):
                    self._texts.append(cause)
                    self.nbytes += 200 + len(cause)
                    # Last, because it may be looked up as soon as it is here.
                    self._numbers[cause] = len(self._texts) - 1
        return np.fromiter(map(self._numbers.__getitem__, causes), np.int64, len(causes))
