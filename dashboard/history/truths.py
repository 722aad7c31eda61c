"""What the truth says of windows that are over, kept: the fault lab asks the same again and again."""

import threading
from collections import OrderedDict
from typing import NamedTuple, TypeVar

from dashboard.conclusions import Numbers
from dashboard.history.numbers import numbers_of
from dashboard.history.reader import Reader
from dashboard.history.rows import MachineRow
from dashboard.kpi.account import ideal_us_of, reach_ms
from dashboard.kpi.basis import Basis
from protocol.states import State

_Told = TypeVar("_Told")
MOST = 4_096
"""So many answers are kept, of which those asked for last."""


class _Key(NamedTuple):
    run: str
    name: str
    path: str
    since_ms: int
    """A machine that was forgotten and came again is another."""
    ideal_us: int | None
    """By it parts are judged."""
    from_ms: int
    to_ms: int


class TruthBook:
    """The truth of machines in windows; safe to share between threads.

    Args:
        reader: The history.
        basis: Calendar and choices.
    """

    def __init__(self, reader: Reader, basis: Basis) -> None:
        self._reader, self._basis = reader, basis
        self._after_ms = reach_ms(basis.choices, None)
        self._lock = threading.Lock()
        self._numbers: OrderedDict[_Key, Numbers] = OrderedDict()
        self._ran: OrderedDict[_Key, bool] = OrderedDict()

    def numbers(self, machine: MachineRow, from_ms: int, to_ms: int, told_ms: int) -> Numbers | None:
        """The true numbers of a machine in a window; None for an empty one.

        Args:
            machine: The machine.
            from_ms: Beginning, ms since 1970.
            to_ms: End.
            told_ms: Up to when its truth is told.
        """
        if to_ms <= from_ms:
            return None
        # What comes just after a window may still say whether its last stop was a short one.
        over = to_ms + self._after_ms < told_ms
        key = _key(machine, from_ms, to_ms)
        with self._lock:
            known = self._numbers.get(key) if over else None
        if known is not None:
            return known
        found = numbers_of(self._reader, self._basis, [machine], from_ms, to_ms, source="truth")
        # A hole may be filled once more.
        if over and not found.unknown_ms:
            self._keep(self._numbers, key, found)
        return found

    def ran(self, machine: MachineRow, at_ms: int, told_ms: int) -> bool | None:
        """Whether a machine was running at a moment; None where the truth does not say."""
        if at_ms >= told_ms:
            return None
        key = _key(machine, at_ms, at_ms + 1)
        with self._lock:
            if key in self._ran:
                return self._ran[key]
        told = self._reader.intervals(machine.run, machine.name, at_ms, at_ms + 1, source="truth")
        state, _, _ = told.state_at(at_ms)
        if state is State.UNKNOWN:
            return None
        self._keep(self._ran, key, state is State.RUNNING)
        return state is State.RUNNING

    def _keep(self, kept: OrderedDict[_Key, _Told], key: _Key, told: _Told) -> None:
        with self._lock:
            kept[key] = told
            kept.move_to_end(key)
            while len(kept) > MOST:
                kept.popitem(last=False)


def _key(machine: MachineRow, from_ms: int, to_ms: int) -> _Key:
    ideal_us = ideal_us_of(machine.birth)
    return _Key(machine.run, machine.name, machine.path, machine.since_ms, ideal_us, from_ms, to_ms)
