"""The scores of faults on demand, from the history: measured numbers, the truth, the twin, and the calls.

Only what is said of a fault comes from here; no number of any other page does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.conclusions import Numbers
from dashboard.faultlab.score import (
    About,
    Called,
    Error,
    Heard,
    Lost,
    called,
    error,
    lost_to_machine,
    lost_to_measuring,
)
from dashboard.history.called import calls_between
from dashboard.history.numbers import numbers_of
from dashboard.history.reader import Reader
from dashboard.history.rows import MachineRow, RunRow
from dashboard.history.truths import TruthBook
from dashboard.kpi.basis import Basis
from protocol.faults import FaultSpell
from protocol.moments import to_ms
from protocol.twin import twin_run

NORMAL_MS = 8 * 3_600_000
"""The normal pace of a machine is that of so much time before its fault."""
CALLS_AFTER_MS = 3_600_000
"""A call that speaks of a fault's time is raised at most so much later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What came of one fault."""

    called: Called
    """Whether somebody was called."""
    lost: Lost
    """What it cost."""
    error: Error
    """How far it led the measured utilization astray."""


class ScoreBook:
    """Scores the faults of a run.

    Args:
        reader: The history.
        basis: Calendar and choices.
        truths: What is known of the truth already.
        run: The run.
    """

    def __init__(self, reader: Reader, basis: Basis, truths: TruthBook, run: RunRow) -> None:
        self._reader = reader
        self._basis = basis
        self._truths = truths
        self._run = run
        self._machines = {one.name: one for one in reader.machines(run.run, retired=True)}
        twin = reader.run(twin_run(run.run)) if run.run else None
        self._twin = twin
        self._twins = {one.name: one for one in reader.machines(twin.run, retired=True)} if twin else {}

    def scores(self, spells: Sequence[FaultSpell], about: Mapping[str, About]) -> list[Score | None]:
        """The score of each fault; None for one of a machine that is not in the history.

        Args:
            spells: The faults.
            about: What is at fault, by the name of a fault.
        """
        names = [(self._run.run, one.machine) for one in spells]
        twins = [(self._twin.run, one.machine) for one in spells] if self._twin else []
        told = self._reader.told_until([*names, *twins])
        calls = self._calls(spells)
        return [self._score(one, about.get(one.fault, "machine"), told, calls) for one in spells]

    def _calls(self, spells: Sequence[FaultSpell]) -> list[Any]:
        """The calls of their time and machines, asked for once: all earlier ones are gone through."""
        if not spells:
            return []
        machines = {one.machine for one in spells}
        begun_ms = min(to_ms(one.begun) for one in spells)
        ended_ms = max(self._heard_until_ms(to_ms(one.until)) for one in spells)
        return [row for row, _ in calls_between(self._reader, self._run.run, machines, begun_ms, ended_ms)]

    def _heard_until_ms(self, until_ms: int) -> int:
        """Up to when a call may have been raised that speaks of a fault."""
        return min(until_ms + CALLS_AFTER_MS, self._run.now_ms + 1)

    def _score(
        self, spell: FaultSpell, about: About, told: Mapping[tuple[str, str], int], calls: Sequence[Any]
    ) -> Score | None:
        machine = self._machines.get(spell.machine)
        if machine is None:
            return None
        begun_ms, until_ms = to_ms(spell.begun), to_ms(spell.until)
        true_ms = _told(told, machine)
        to = min(until_ms, self._run.now_ms, true_ms)
        during = self._truths.numbers(machine, begun_ms, to, true_ms)
        measured = None if during is None else numbers_of(self._reader, self._basis, [machine], begun_ms, to)
        return Score(
            called=self._called(machine, spell, about, true_ms, calls),
            lost=self._lost(machine, about, (begun_ms, to), during, told),
            error=error(measured, during),
        )

    def _lost(
        self,
        machine: MachineRow,
        about: About,
        window: tuple[int, int],
        during: Numbers | None,
        told: Mapping[tuple[str, str], int],
    ) -> Lost:
        begun_ms, to = window
        if about == "machine":
            first_ms = max(self._run.epoch_ms, begun_ms - NORMAL_MS)
            before = self._truths.numbers(machine, first_ms, begun_ms, _told(told, machine))
            return lost_to_machine(before, during)
        twin = self._twins.get(machine.name)
        if twin is None:
            return lost_to_measuring(during, None)
        # Both up to the same moment, however far each is told.
        to = min(to, _told(told, twin))
        ours, theirs = (self._truths.numbers(one, begun_ms, to, _told(told, one)) for one in (machine, twin))
        return lost_to_measuring(ours, theirs)

    def _called(
        self, machine: MachineRow, spell: FaultSpell, about: About, true_ms: int, calls: Sequence[Any]
    ) -> Called:
        begun_ms, until_ms = to_ms(spell.begun), to_ms(spell.until)
        ended_ms = self._heard_until_ms(until_ms)
        heard = [
            Heard(
                raised_ms=row.raised_ms,
                since_ms=row.since_ms,
                rule=row.rule,
                ran=self._truths.ran(machine, row.raised_ms, true_ms),
            )
            for row in calls
            if row.machine == machine.name
            and not row.missed
            and row.raised_ms < ended_ms
            and (row.closed_ms is None or row.closed_ms >= begun_ms)
        ]
        return called(heard, about, begun_ms, until_ms, self._run.now_ms)


def _told(told: Mapping[tuple[str, str], int], machine: MachineRow) -> int:
    return told.get((machine.run, machine.name), 0)
