"""The gain of a run in any window, put together from the history."""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic

import numpy as np
from sqlalchemy import func, select

from dashboard.gain.holes import Hole, Without, holes_of
from dashboard.gain.outlets import Outlets, Place, outlets_of
from dashboard.gain.pairs import Pair
from dashboard.gain.paper import Habits, Logged, logged, together
from dashboard.gain.parts import LineParts, line_parts
from dashboard.gain.split import Split, split_of
from dashboard.gain.tally import FIELDS, MONITORED, TWIN
from dashboard.history import tables
from dashboard.history.gain_lead import leads_ms
from dashboard.history.gained import GainBook, Gained
from dashboard.history.numbers import accounts_of
from dashboard.history.reader import Reader
from dashboard.history.twins import Both, TwinPlants
from dashboard.kpi.account import Account
from dashboard.kpi.basis import Basis

FRESH_S = 1.0
"""An answer is as good for whoever asks the same within this time."""
KEPT = 16
"""So many answers are kept for that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """What monitoring gained in a window."""

    lines: list[LineParts]
    """Good parts of each line."""
    split: Split
    """Time of all machines, by phase."""
    machines: list[tuple[Both, Split]]
    """The same of each machine."""
    accounts: dict[str, tuple[Account, Account]]
    """What the KPIs of each machine are made of, in the monitored plant and in the twin, by name."""
    logs: tuple[Logged, Logged]
    """What a log kept by hand would have, of the monitored plant and of the twin."""
    pairs: list[Pair]
    """Stops that took a person, each beside the same one of the other plant."""
    holes: list[Hole]
    """Time without an office."""


class GainReader:
    """Puts the gain together.

    Args:
        reader: The history.
        basis: By what numbers are worked out.
    """

    def __init__(self, reader: Reader, basis: Basis) -> None:
        self._reader = reader
        self._basis = basis
        self._book = GainBook(reader, basis)
        self._asking = threading.Lock()
        self._kept: OrderedDict[tuple[str, int, int, Habits], tuple[float, Gain]] = OrderedDict()

    def gain(self, plants: TwinPlants, from_ms: int, to_ms: int, habits: Habits) -> Gain:
        """What monitoring gained in [from_ms, to_ms); all who ask within a second get the same answer."""
        key = plants.run.run, from_ms, to_ms, habits
        with self._asking:
            kept = self._kept.get(key)
            if kept is not None and monotonic() - kept[0] < FRESH_S:
                return kept[1]
            found = self._gain(plants, from_ms, to_ms, habits)
            self._kept[key] = monotonic(), found
            self._kept.move_to_end(key)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return found

    def _gain(self, plants: TwinPlants, from_ms: int, to_ms: int, habits: Habits) -> Gain:
        found = self._book.gained(plants.machines, from_ms, to_ms)
        accounts = self._accounts(plants.machines, from_ms, to_ms)
        split = _together(found)
        pairs = [pair for one in found for pair in one.pairs]
        return Gain(
            lines=self._lines(plants, accounts, from_ms, to_ms),
            split=split,
            machines=[(one.both, split_of(one.sums, one.common_ms)) for one in found],
            accounts=accounts,
            logs=(
                together(logged(one.stretches[MONITORED], habits) for one in found),
                together(logged(one.stretches[TWIN], habits) for one in found),
            ),
            pairs=pairs,
            holes=self._holes(plants, from_ms, to_ms, pairs),
        )

    def _lines(
        self,
        plants: TwinPlants,
        accounts: Mapping[str, tuple[Account, Account]],
        from_ms: int,
        to_ms: int,
    ) -> list[LineParts]:
        by_name = {one.name: one for one in plants.machines}
        lines = [line_parts(one, accounts) for one in _outlets(plants.machines, accounts)]
        leads = leads_ms(self._reader, lines, by_name, (from_ms, to_ms))
        return [replace(one, lead_ms=lead) for one, lead in zip(lines, leads, strict=True)]

    def outlets(self, machines: Sequence[Both], from_ms: int, to_ms: int) -> list[Outlets]:
        """By which machines each line's good parts are counted."""
        return _outlets(machines, self._accounts(machines, from_ms, to_ms))

    def _accounts(
        self, machines: Sequence[Both], from_ms: int, to_ms: int
    ) -> dict[str, tuple[Account, Account]]:
        monitored, twin = (
            accounts_of(self._reader, self._basis, rows, from_ms, to_ms)
            for rows in (
                [one.monitored for one in machines],
                [one.twin for one in machines],
            )
        )
        return {one.name: both for one, both in zip(machines, zip(monitored, twin, strict=True), strict=True)}

    def _holes(self, plants: TwinPlants, from_ms: int, to_ms: int, pairs: Sequence[Pair]) -> list[Hole]:
        """Time without an office in a window, and what it cost."""
        t = tables.unattended.c
        rows = self._reader.rows(
            select(t.from_ms, t.to_ms)
            .where(t.run == plants.run.run, t.from_ms < to_ms)
            .where(t.to_ms.is_(None) | (t.to_ms > from_ms))
            .order_by(t.from_ms)
        )
        stretches = []
        for row in rows:
            begin, end = max(row.from_ms, from_ms), to_ms if row.to_ms is None else min(row.to_ms, to_ms)
            stretches.append(
                Without(
                    from_ms=begin,
                    to_ms=end,
                    over=row.to_ms is not None,
                    missed=self._missed(plants.run.run, row.from_ms, end if row.to_ms is None else row.to_ms),
                    gained_ms=_together(self._book.gained(plants.machines, begin, end)).gained_ms,
                )
            )
        return holes_of(stretches, [pair.monitored for pair in pairs if pair.monitored is not None])

    def _missed(self, run: str, from_ms: int, to_ms: int) -> int:
        """Calls about what began without an office, which were sent to nobody."""
        t = tables.calls.c
        within = (t.run == run) & t.missed & (t.since_ms >= from_ms) & (t.since_ms <= to_ms)
        return int(self._reader.rows(select(func.count()).select_from(tables.calls).where(within))[0][0])


def _outlets(machines: Sequence[Both], accounts: Mapping[str, tuple[Account, Account]]) -> list[Outlets]:
    places = [
        Place(
            name=one.name,
            line=one.line,
            after=one.after,
            makes_parts=one.monitored.birth is not None and one.monitored.birth.ideal_cycle_s is not None,
            counts=all(account.counts_parts for account in accounts[one.name]),
        )
        for one in machines
    ]
    return outlets_of(places)


def _together(found: Sequence[Gained]) -> Split:
    """The time of some machines as one."""
    sums = sum((one.sums for one in found), start=np.zeros((2, len(FIELDS)), np.int64))
    return split_of(sums, sum(one.common_ms for one in found))


def by_line(machines: Sequence[Both]) -> Mapping[str, list[str]]:
    """The names of the machines of each line."""
    lines: dict[str, list[str]] = {}
    for one in machines:
        lines.setdefault(one.line, []).append(one.name)
    return lines
