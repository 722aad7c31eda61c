"""The roster: what stands in the plant by the word of its input log alone, without living any of it.

What comes from outside is judged against it and entered into it, moment by moment: so it is known
before the plant has lived so far, and after a crash it is the same.
"""

from collections.abc import Mapping
from copy import copy

from simulator.faults.spells import Spells
from simulator.specs.assumptions import Assumptions, Value, parse_assumptions
from simulator.specs.segments import Segment, first_segment, next_segment


class Roster:
    """What stands in the plant at one moment.

    Args:
        machines: The machines at the epoch: the text of each one's file by its name.
        persons: Names of the people.
        assumptions: What is assumed at the epoch; None for what is where no file says otherwise.
        epoch_ms: When the run began, ms since 1970.
    """

    def __init__(
        self,
        machines: Mapping[str, str],
        *,
        persons: tuple[str, ...] = (),
        assumptions: Assumptions | None = None,
        epoch_ms: int = 0,
    ) -> None:
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
        self.persons = persons
        """Names of the people of the run."""
        self.assumptions = parse_assumptions("") if assumptions is None else assumptions
        """What is assumed."""
        self.segments: list[Segment] = [first_segment(self.assumptions, epoch_ms)]
        """The segments of the run so far."""

    def copy(self) -> "Roster":
        """The same, to go on with apart from this one."""
        other = copy(self)
        other.machines, other.filed = dict(self.machines), dict(self.filed)
        other.held, other.segments = set(self.held), list(self.segments)
        other.spells = self.spells.copy()
        return other

    def put_up(self, name: str, text: str) -> None:
        """A machine comes, or is another one from now on."""
        if self.machines.get(name) != text:
            self.held.discard(name)
        self.machines[name] = text

    def take_away(self, name: str) -> None:
        """A machine goes, if it is there."""
        self.held.discard(name)
        self.machines.pop(name, None)

    def assume(self, values: Mapping[str, Value], at_ms: int) -> None:
        """Other things are assumed from the millisecond after a moment on."""
        assumed = self.assumptions.changed(values)
        if assumed.values == self.assumptions.values:
            return
        self.assumptions = assumed
        from_ms = at_ms + 1
        if self.segments[-1].at_ms == from_ms:
            # Asked for twice while plant time stood still: nothing was lived by the first.
            before = self.segments[-2]
            self.segments[-1] = next_segment(before, assumed, from_ms)
        else:
            self.segments.append(next_segment(self.segments[-1], assumed, from_ms))

    def file(self, name: str, text: str) -> None:
        """The folder holds a machine's file."""
        self.filed[name] = text
        self.put_up(name, text)

    def unfile(self, name: str) -> None:
        """The folder holds a machine's file no longer."""
        self.filed.pop(name, None)
        self.take_away(name)
