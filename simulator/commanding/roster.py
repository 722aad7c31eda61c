"""The roster: what stands in the plant by the word of its input log alone, without living any of it.

What comes from outside is judged against it and entered into it, moment by moment: so it is known
before the plant has lived so far, and after a crash it is the same.
"""

from collections.abc import Mapping

from simulator.faults.spells import Spells


class Roster:
    """What stands in the plant at one moment.

    Args:
        machines: The machines at the epoch: the text of each one's file by its name.
    """

    def __init__(self, machines: Mapping[str, str]) -> None:
        self.machines = dict(machines)
        """The machines, but for the bench: the text of each one by its name."""
        self.filed = dict(machines)
        """What the machines' folder said last: the text of each file by the machine's name."""
        self.bench = False
        """Whether the calibration bench stands."""
        self.spells = Spells()
        """The faults that were asked for."""
        self.held: set[str] = set()
        """The machines that an order holds."""

    def put_up(self, name: str, text: str) -> None:
        """A machine comes, or is another one from now on."""
        if self.machines.get(name) != text:
            self.held.discard(name)
        self.machines[name] = text

    def take_away(self, name: str) -> None:
        """A machine goes, if it is there."""
        self.held.discard(name)
        self.machines.pop(name, None)

    def file(self, name: str, text: str) -> None:
        """The folder holds a machine's file."""
        self.filed[name] = text
        self.put_up(name, text)

    def unfile(self, name: str) -> None:
        """The folder holds a machine's file no longer."""
        self.filed.pop(name, None)
        self.take_away(name)
