"""The twin of a plant: lived from the same run, with people who hear no call, and whom no link ever fails.

Seed, epoch, machines, orders and the faults of machines are the same in both; what only concerns how a
plant is watched, its calls, its sensors' faults and its links', is not heard of here. Its machines say
no more than what their states and parts are known by.
"""

import logging
from collections.abc import Mapping, Sequence

from protocol.twin import TWIN_ROOT, twin_run
from simulator.faults.spells import Spell, SpellsOfMachines
from simulator.histories.chronicle import Chronicle
from simulator.histories.run import Run
from simulator.plant import Plant
from simulator.specs.kind import Kind
from simulator.specs.machine import MachineSpec
from simulator.specs.people import People, rules_of

logger = logging.getLogger(__name__)


class Twin(Chronicle):
    """The same run in the plant in which nobody hears a call."""

    root = TWIN_ROOT

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
