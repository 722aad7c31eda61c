"""What all machines of the plant say of a short span, worked out together where they are of one sort."""

from collections.abc import Collection, Sequence
from itertools import groupby
from math import isnan
from typing import NamedTuple

import numpy as np

from protocol.messages import Truth
from protocol.readings import Batch, WrittenBatch, write_batch
from simulator.account import Account
from simulator.sensing.bank import Bank

SHORT_READINGS = 12
"""In a span of so many readings all machines of a sort are read together, in a longer one each alone."""
PLACES = 3
"""Values are sent to so many decimal places."""

Column = list[float | None]
Leaving = WrittenBatch | bytes
"""What leaves a machine: a batch, which may go with others, or a message that its faulty link made."""


class Told(NamedTuple):
    """What one machine says of one span of plant time."""

    machine: str
    """Name of the machine."""
    leaving: Sequence[Leaving]
    """The messages with its readings that leave it, in order."""
    truth: Truth
    """What it really did."""

    @property
    def payloads(self) -> list[bytes]:
        """The same as JSON, as each would be sent by itself."""
        return [payload_of(one) for one in self.leaving]


def payload_of(leaving: Leaving) -> bytes:
    """A message as it is sent by itself."""
    return leaving if isinstance(leaving, bytes) else leaving.payload


class Read(NamedTuple):
    """The readings of one machine that was read with others."""

    moments: bytes
    """The half of its batch that it shares with them."""
    signals: dict[str, Column]
    """The values of each signal, None where it says nothing."""


class Chorus:
    """The machines that can be read together.

    Args:
        seed: Seed of the plant.
        epoch_ms: From when on readings are numbered, ms since 1970.
        run: Name of the run.
    """

    def __init__(self, seed: int, epoch_ms: int, run: str) -> None:
        self._seed = seed
        self._epoch_ms = epoch_ms
        self._run = run
        self._banks: list[tuple[Bank, list[Account]]] = []
        self._members: dict[Account, int] = {}
        """Each machine with the period of its readings, in ms."""

    def join(self, account: Account) -> None:
        """Have a machine read together with the others of its sort, if it has sensors and no pattern."""
        kind, sensors = account.spec.settings, account.sensors
        if kind.pattern or sensors is None:
            return
        self._members[account] = kind.period_ms
        steady = sorted(
            (one for one in account.spec.sensors if not one.by_cycle), key=lambda one: one.period_ms
        )
        for period_ms, together in groupby(steady, key=lambda one: one.period_ms):
            same = tuple(together)
            for bank, members in self._banks:  # noqa: B007 - used where the loop was left
                if bank.period_ms == period_ms and bank.sensors == same:
                    break
            else:
                bank, members = (
                    Bank(same, period_ms=period_ms, epoch_ms=self._epoch_ms, seed=self._seed),
                    [],
                )
                self._banks.append((bank, members))
            bank.add(account.spec.name, account.machine.diary, account.machine.labels, sensors)
            members.append(account)

    def leave(self, account: Account) -> None:
        """Read a machine no longer."""
        self._members.pop(account, None)
        for bank, members in self._banks:
            if account in members:
                bank.remove(members.index(account))
                members.remove(account)

    def read(self, from_ms: int, to_ms: int, alone: Collection[str] = ()) -> dict[Account, Read]:
        """The readings of a short span, of the machines that have nothing in it but such readings.

        Args:
            from_ms: Beginning of the span, ms since 1970.
            to_ms: End of the span.
            alone: Machines that are not read together with others, by name.
        """
        read: dict[Account, Read] = {}
        moments: dict[int, tuple[bytes, int]] = {}
        for account, period_ms in self._members.items():
            if account.spec.name in alone:
                continue
            shared = moments.get(period_ms) or self._moments(period_ms, from_ms, to_ms)
            moments[period_ms] = shared
            if 1 <= shared[1] <= SHORT_READINGS and not account.has_moments(from_ms, to_ms):
                nothing: Column = [None] * shared[1]
                one = read[account] = Read(shared[0], dict.fromkeys(account.signals, nothing))
                self._add_highest(account, one.signals, from_ms, to_ms)
        if read:
            for bank, members in self._banks:
                self._read_bank(bank, members, from_ms, to_ms, read)
        return read

    def _add_highest(self, account: Account, signals: dict[str, Column], from_ms: int, to_ms: int) -> None:
        """Put what is told once a period of a machine's cycles among its readings."""
        for name, (at_ms, values) in account.highest(from_ms, to_ms).items():
            column = signals[name].copy()
            first = (from_ms - self._epoch_ms) // self._members[account] + 1
            places = ((at_ms - self._epoch_ms) // self._members[account] - first).tolist()
            for place, value in zip(places, np.round(values, PLACES).tolist(), strict=True):
                column[place] = None if isnan(value) else value
            signals[name] = column

    def _moments(self, period_ms: int, from_ms: int, to_ms: int) -> tuple[bytes, int]:
        first = (from_ms - self._epoch_ms) // period_ms + 1
        last = (to_ms - self._epoch_ms) // period_ms
        if not first <= last < first + SHORT_READINGS:
            return b"", 0
        offsets_ms = self._epoch_ms - from_ms + np.arange(first, last + 1, dtype=np.int64) * period_ms
        return write_batch(
            Batch(run=self._run, at_ms=from_ms, offsets_ms=offsets_ms, signals={})
        ).moments, len(offsets_ms)

    def _read_bank(
        self, bank: Bank, members: list[Account], from_ms: int, to_ms: int, read: dict[Account, Read]
    ) -> None:
        numbers = bank.numbers(from_ms, to_ms)
        if not members or not numbers or len(numbers) > SHORT_READINGS:
            return
        values = np.round(bank.read(numbers), PLACES)
        table: list[list[Column]] = values.tolist()
        for place in np.flatnonzero(np.isnan(values).any(axis=(1, 2))).tolist():
            table[place] = [[None if isnan(one) else one for one in row] for row in values[place].tolist()]
        for account, mine in zip(members, table, strict=True):
            whole = read.get(account)
            if whole is None:
                continue
            every = bank.period_ms // self._members[account]
            if every > 1:
                first = (from_ms - self._epoch_ms) // self._members[account] + 1
                count = len(whole.signals[bank.names[0]])
                mine = [_spread(row, numbers, every, first, count) for row in mine]  # noqa: PLW2901
            whole.signals.update(zip(bank.names, mine, strict=True))


def _spread(row: Column, numbers: range, every: int, first: int, count: int) -> Column:
    """Values of a longer period at their places among so many readings."""
    spread: Column = [None] * count
    for number, value in zip(numbers, row, strict=True):
        spread[number * every - first] = value
    return spread
