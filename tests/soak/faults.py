"""Which faults come and go in a soak: by seed alone, in plant time, of machines, sensors and links alike."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from protocol.messages import PlantCommand
from simulator.commanding.faults import without
from simulator.faults.catalogue import CATALOGUE
from simulator.specs.machine import MachineSpec

MINUTE_MS = 60_000
EVERY_MS = 30 * MINUTE_MS
"""Plant time between two orders, in the mean."""
CLEARED = 0.2
"""Share of the orders that end what a machine has."""
EVERYTHING = 200
"""One order in so many ends all faults of all machines."""
SHORTEST, LONGEST = 0.25, 1.5
"""Of the time that a fault usually lasts."""
OF_LINK = frozenset(name for name, one in CATALOGUE.items() if one.about == "link")
TAKES_AWAY = frozenset({"silent-drop", "malformed", "clock-skew"})
"""Faults that take readings away, or move them in time: what is missing beside them is none of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked of the plant."""

    after_ms: int
    """Plant time after the beginning of the soak."""
    command: PlantCommand
    """What is asked."""


def orders(seed: int, machines: Mapping[str, MachineSpec]) -> Iterator[Order]:
    """The orders of a soak, without end.

    Args:
        seed: The same seed asks the same.
        machines: The machines by name.
    """
    choose = random.Random(seed)  # noqa: S311 - fixed faults, no secret
    names = sorted(machines)
    after_ms = 0
    for number in count(1):
        after_ms += round(choose.expovariate(1 / EVERY_MS))
        machine = choose.choice(names)
        about = f"soak-{seed}-{number}"
        if number % EVERYTHING == 0:
            command = PlantCommand(id=about, what="clear")
        elif choose.random() < CLEARED:
            command = PlantCommand(id=about, what="clear", machine=machine)
        else:
            command = _fault(choose, about, machines[machine])
        yield Order(after_ms=after_ms, command=command)


def _fault(choose: random.Random, about: str, spec: MachineSpec) -> PlantCommand:
    impossible = without(spec)
    names: Sequence[str] = [name for name in CATALOGUE if name not in impossible]
    fault = CATALOGUE[choose.choice(names)]
    signal = choose.choice([one.name for one in spec.sensors]) if fault.about == "sensor" else ""
    return PlantCommand(
        id=about,
        what="fault",
        machine=spec.name,
        fault=fault.name,
        severity=round(choose.random(), 2),
        duration_s=round(fault.duration_s * choose.uniform(SHORTEST, LONGEST), 3),
        signal=signal,
    )
