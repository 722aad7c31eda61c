"""The twin of a plant: lived from the same run, with people who hear no call, and whom no link ever fails.

Seed, epoch, machines, orders and the faults of machines are the same in both; what only concerns how a
plant is watched, its calls, its sensors' faults and its links', is not heard of here. Its machines say
no more than what their states and parts are known by.

Nobody waits for what it says: while the plant lives through its past, it is told in longer spans, which
cost the office a tenth of the messages.
"""

import logging
from collections.abc import Mapping, Sequence

from protocol.twin import TWIN_ROOT, twin_run
from simulator.faults.spells import Spell, SpellsOfMachines
from simulator.histories.chronicle import Chronicle
from simulator.histories.run import Input, Run
from simulator.plant import Plant
from simulator.specs.kind import Kind
from simulator.specs.machine import MachineSpec
from simulator.specs.people import People, rules_of

logger = logging.getLogger(__name__)

SPAN_MS = 600_000
"""Spans in which it is told while the plant lives through its past."""


class Twin(Chronicle):
    """The same run in the plant in which nobody hears a call."""

    root = TWIN_ROOT

    def span_to_ms(self, plants_ms: int) -> int:
        """The end of its next span, when the plant's ends at a moment; its cursor when it is not due yet."""
        until_ms = min([plants_ms, *(one.at_ms for one in self._orders_ahead())])
        past = plants_ms < self.run.catch_up_to_ms and until_ms == plants_ms
        return self.cursor_ms if past and until_ms // SPAN_MS == self.cursor_ms // SPAN_MS else until_ms

    def _orders_ahead(self) -> list[Input]:
        """What is still to take effect; a call is nothing to it, and cuts no span."""
        return [one for one in self.run.inputs[self._applied :] if one.what != "call"]

    def _people_of(self, run: Run) -> People | None:
        people = super()._people_of(run)
        return None if people is None else people.of_twin()

    def _plant_of(self, run: Run) -> Plant:
        return Plant(
            run.head.seed,
            run.epoch_ms,
            twin_run(run.id),
            people=self._people,
            spells=SpellsOfMachines(self._roster.spells),
            brief=True,
        )

    def _away(self) -> list[Spell]:
        return []


def twin_of(run: Run, kinds: Mapping[str, Kind], bench: Sequence[MachineSpec]) -> Twin | None:
    """The twin of a run; None where its people make no rounds: nobody would ever come to a machine of it.

    Raises:
        SpecError: The run holds a machine that these kinds do not allow, or people that are not.
    """
    people, _ = rules_of(run.head.settings.people, run.head.settings.assumptions)
    if people is not None and not people.rounds_ms:
        logger.warning("the plant has no twin: rounds_s is 0, and who hears no call would never come")
        return None
    return Twin(run, kinds, bench)
