"""The rota: who tends a machine, who of them is there, and when somebody next passes on a round."""

from collections.abc import Callable

from simulator.behaviour.job import Hand
from simulator.behaviour.machine import Machine
from simulator.specs.people import People

ROUNDS_LOOKED_AHEAD = 10_000
"""So many rounds on which nobody is on duty are tried before it is said that nobody comes."""


class Rota:
    """The people of the plant, by the machines that they tend.

    Args:
        people: The persons and the rules.
        epoch_ms: From here on rounds are counted, ms since 1970.
        locations: Where each machine stands, by its name.
    """

    def __init__(self, people: People, *, epoch_ms: int, locations: Callable[[str], tuple[str, ...]]) -> None:
        self.rules = people
        """The rules as they are now."""
        self.hands = [Hand(person) for person in people.persons]
        """All of them, in the order of the file."""
        self._epoch_ms = epoch_ms
        self._locations = locations
        self._tenders: dict[Machine, list[Hand]] = {}

    def who(self, machine: Machine) -> list[Hand]:
        """Those who tend a machine."""
        hands = self._tenders.get(machine)
        if hands is None:
            where = self._locations(machine.name)
            hands = [hand for hand in self.hands if hand.person.tends_machine(machine.name, where)]
            self._tenders[machine] = hands
        return hands

    def on_shift(self, machine: Machine) -> list[Hand]:
        """Those of them who are there."""
        return [hand for hand in self.who(machine) if self.rules.is_on_shift(hand.person.name)]

    def leave(self, machine: Machine) -> None:
        """A machine is taken away."""
        self._tenders.pop(machine, None)

    def round_ms(self, machine: Machine, from_ms: int) -> int | None:
        """The next round on which somebody sees a machine; None for none."""
        every_ms = self.rules.rounds_ms
        if not every_ms:
            return None
        hands = self.on_shift(machine)
        number = -((self._epoch_ms - from_ms) // every_ms)
        for _ in range(ROUNDS_LOOKED_AHEAD):
            at_ms = self._epoch_ms + number * every_ms
            nexts = [hand.duty.next_ms(at_ms) for hand in hands]
            known = [one for one in nexts if one is not None]
            if not known:
                return None
            if min(known) == at_ms:
                return at_ms
            number = -((self._epoch_ms - min(known)) // every_ms)
        return None

    def on_duty_ms(self, machine: Machine, from_ms: int) -> int | None:
        """The first moment at which somebody who tends a machine is on duty; None for none."""
        nexts = [hand.duty.next_ms(from_ms) for hand in self.on_shift(machine)]
        return min((one for one in nexts if one is not None), default=None)
