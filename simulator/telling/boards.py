"""What the plant has up for everybody to read, retained: what is assumed of it, and what is broken in it."""

from simulator.commanding.roster import Roster
from simulator.histories.chronicle import Chronicle
from simulator.histories.run import Run
from simulator.telling.assumed import NoticeBoard
from simulator.telling.broken import FaultBoard
from simulator.telling.plant_topics import PlantTopics


class Boards:
    """Both boards of a run.

    Args:
        run: The run; its log may grow.
        chronicle: The run, lived.
        topics: Where they are told.
    """

    def __init__(self, run: Run, chronicle: Chronicle, topics: PlantTopics) -> None:
        self._assumed = NoticeBoard(run, topics.say_assumptions)
        self._broken = FaultBoard(run, chronicle, topics.say_faults)

    def say(self) -> None:
        """Tell both as they are."""
        self._assumed.say()
        self._broken.say()

    def pass_by(self, roster: Roster) -> None:
        """Tell what has begun in a run that is lived again."""
        self._assumed.mind(roster)

    def obey(self, what: str) -> None:
        """Tell what an order has changed."""
        if what == "assume":
            self._assumed.say()

    def turn(self) -> None:
        """Tell what is broken, if that is not what was told last."""
        self._broken.mind()
