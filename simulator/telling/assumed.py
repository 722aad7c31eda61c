"""What is assumed of the plant, and was in each segment of its run, as it is told."""

from collections.abc import Callable

from protocol.assumptions import Assumption, Assumptions, Segment
from protocol.moments import from_ms
from simulator.commanding.roster import Roster
from simulator.histories.run import Run


class NoticeBoard:
    """Where what is assumed of a run is put up.

    Args:
        run: The run; its log may grow.
        say: Tells it.
    """

    def __init__(self, run: Run, say: Callable[[Assumptions], None]) -> None:
        self._run = run
        self._say = say
        self._told = 0

    def say(self) -> None:
        """Tell it as it is by the word of the run's log."""
        told = assumed(self._run.id, self._run.roster(), until_ms=self._run.position_ms)
        self._told = len(told.segments)
        self._say(told)

    def mind(self, roster: Roster) -> None:
        """Tell it if a segment has begun that was not told, as in a run that is lived again."""
        if len(roster.segments) > self._told:
            self.say()


def assumed(run: str, roster: Roster, *, until_ms: int) -> Assumptions:
    """The message of a run.

    Args:
        run: The run.
        roster: What stands in its plant, by the word of its log; of a run that is lived again, also of what
            is to come.
        until_ms: Plant time that it has reached, ms since 1970: what begins later is not told yet.
    """
    segments = [one for one in roster.segments if one.at_ms <= until_ms + 1]
    values = segments[-1].values
    return Assumptions(
        run=run,
        persons=roster.persons,
        assumptions={
            key: Assumption(
                value=values[key],
                unit=one.unit,
                least=one.least,
                most=one.most,
                words=one.words,
                source=one.source,
                grade=one.grade,
            )
            for key, one in roster.assumptions.by_key.items()
        },
        segments=tuple(
            Segment(at=from_ms(one.at_ms), label=one.label, values=dict(one.values)) for one in segments
        ),
    )
