"""The board of faults: what can be broken, and what was, as the plant tells it."""

from collections.abc import Callable
from typing import Any

from protocol.faults import MAX_SPELLS, Breakable, FaultEntry, Faults, FaultSpell
from protocol.moments import from_ms
from simulator.commanding.faults import without
from simulator.commanding.form import Grounds
from simulator.commanding.roster import Roster
from simulator.faults.catalogue import CATALOGUE
from simulator.histories.chronicle import Chronicle
from simulator.histories.run import Run

OF_BENCH = "it is of the calibration bench, whose KPIs are known beforehand"


class FaultBoard:
    """Where the faults of a run are put up.

    Args:
        run: The run; its log may grow.
        chronicle: The run, lived.
        say: Tells it.
    """

    def __init__(self, run: Run, chronicle: Chronicle, say: Callable[[Faults], None]) -> None:
        self._run = run
        self._chronicle = chronicle
        self._say = say
        self._inputs = -1
        self._told: Any = None

    def say(self) -> None:
        """Tell it, whether it is new or not."""
        self._told = None
        self._inputs = -1
        self.mind()

    def mind(self) -> None:
        """Tell it if it is not what was told last."""
        inputs = len(self._run.inputs)
        if inputs == self._inputs and not self._run.reliving:
            return
        self._inputs = inputs
        # The log of a run that is lived again speaks of what is to come.
        roster = self._chronicle.roster if self._run.reliving else self._run.roster()
        standing = (dict(roster.machines), roster.bench, tuple(roster.spells))
        if standing != self._told:
            self._told = standing
            self._say(broken(self._run.id, self._chronicle.grounds_of(roster)))


def broken(run: str, grounds: Grounds) -> Faults:
    """The message of a run.

    Args:
        run: The run.
        grounds: What stands in its plant, and which faults it had.
    """
    return Faults(
        run=run,
        catalogue=tuple(
            FaultEntry(
                fault=one.name,
                title=one.title,
                about=one.about,
                severity=one.severity,
                duration_s=one.duration_s,
                expected=one.expected,
            )
            for one in CATALOGUE.values()
        ),
        machines={
            **{name: _breakable(name, grounds) for name in sorted(grounds.roster.machines)},
            **{one.name: Breakable(reason=OF_BENCH) for one in grounds.bench if grounds.roster.bench},
        },
        spells=_spells(grounds.roster),
    )


def _breakable(name: str, grounds: Grounds) -> Breakable:
    spec = grounds.spec(name, grounds.roster.machines[name])
    return Breakable(signals=tuple(one.name for one in spec.sensors), without=without(spec))


def _spells(roster: Roster) -> tuple[FaultSpell, ...]:
    # One that was cleared in the moment in which it began is none.
    begun = [one for one in roster.spells if one.until_ms > one.from_ms]
    # Of one moment and machine they stay in the order in which they were asked for.
    begun.sort(key=lambda one: one.from_ms)
    return tuple(
        FaultSpell(
            machine=one.machine,
            fault=one.fault,
            signal=one.signal,
            severity=one.severity,
            words=one.severity_in_words,
            begun=from_ms(one.from_ms),
            until=from_ms(one.until_ms),
        )
        for one in begun[-MAX_SPELLS:]
    )
