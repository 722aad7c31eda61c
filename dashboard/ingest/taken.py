"""How much the office takes in: messages, readings and the values in them, in a run and in a second."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from sqlalchemy.exc import SQLAlchemyError

from dashboard.history.store import Row, Store
from protocol.readings import Batch

OVER_S = 10.0
"""Rates are those of the last so many real seconds."""


@dataclass(slots=True, kw_only=True)
class Amount:
    """An amount of what was taken in."""

    messages: int = 0
    """MQTT messages, of whatever kind."""
    readings: int = 0
    """Readings of machines, each of all sensors of one at one moment; repeats do not count."""
    measured: int = 0
    """Single values in them."""

    def add(self, more: "Amount") -> None:
        """Add another amount."""
        self.messages += more.messages
        self.readings += more.readings
        self.measured += more.measured


class Taken:
    """Counts what is taken in, and remembers it with the history.

    Args:
        store: Where it is kept.
        alone: Whether nobody else adds to it: what is kept then need not be read again.
    """

    def __init__(self, store: Store, *, alone: bool = True) -> None:
        self._store = store
        self._alone = alone
        self._new: dict[str, Amount] = {}
        """Of each run, what the history has not got yet."""
        self._kept: dict[str, Amount] = {}
        """Of each run that was asked for, what it has."""
        self._from_memory = False
        self._marks: deque[tuple[float, int, int]] = deque()
        self._marked = ""
        """The run whose rates were asked for last."""

    def message(self, run: str) -> None:
        """Count a message."""
        self._count(run, Amount(messages=1))

    def batch(self, run: str, batch: Batch) -> None:
        """Count the readings of a batch."""
        # All signals at once: a call of NumPy for each costs more than its values.
        table = np.array(list(batch.signals.values()))
        values = table.size - int(np.count_nonzero(np.isnan(table)))
        self._count(run, Amount(readings=len(batch.offsets_ms), measured=values))

    @contextmanager
    def from_memory(self) -> Iterator[None]:
        """Within it the history is not asked: it takes nothing just now, and may not answer."""
        self._from_memory = True
        try:
            yield
        finally:
            self._from_memory = False

    def take_rows(self) -> list[Row]:
        """Rows for the history that have not been taken before."""
        rows = []
        for run, amount in self._new.items():
            if self._alone:
                self._of(run).add(amount)
            rows.append(
                {
                    "run": run, "messages": amount.messages,
                    "readings": amount.readings, "measured": amount.measured,
                }
            )  # fmt: skip
        self._new.clear()
        return rows

    def total(self, run: str) -> Amount:
        """Everything that was taken in of a run."""
        amount = Amount()
        amount.add(self._of(run))
        amount.add(self._new.get(run, Amount()))
        return amount

    def rates(self, run: str, now_s: float) -> tuple[float, float]:
        """Messages and readings of a run in a real second, of late.

        Args:
            run: The run.
            now_s: Real seconds, going up.
        """
        total = self.total(run)
        if run != self._marked:
            self._marks.clear()
            self._marked = run
        self._marks.append((now_s, total.messages, total.readings))
        while len(self._marks) > 1 and self._marks[1][0] <= now_s - OVER_S:
            self._marks.popleft()
        from_s, messages, readings = self._marks[0]
        span_s = now_s - from_s
        if not span_s:
            return 0.0, 0.0
        return (total.messages - messages) / span_s, (total.readings - readings) / span_s

    def _count(self, run: str, amount: Amount) -> None:
        self._new.setdefault(run, Amount()).add(amount)

    def _of(self, run: str) -> Amount:
        """What the history has of a run."""
        if self._from_memory:
            return self._kept.get(run, Amount())
        if run not in self._kept or not self._alone:
            try:
                row = self._store.taken(run)
            except SQLAlchemyError:
                # Whoever writes finds out that the history is gone, and waits; what is told may be late.
                return self._kept.get(run, Amount())
            self._kept[run] = Amount()
            if row is not None:
                self._kept[run].add(row)
        return self._kept[run]
