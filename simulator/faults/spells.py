"""Spells: which fault a machine has from when to when, as the input log of the run says.

Nothing else is kept: the same log gives the same spells, however often and however fast it is lived.
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass, replace

from simulator.faults.catalogue import About, Fault, fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """One fault of one machine while it is on: in (`from_ms`, `until_ms`]."""

    machine: str
    """Name of the machine."""
    fault: str
    """Name of the fault."""
    severity: float
    """From 0 to 1."""
    signal: str = ""
    """The signal that is wrong; empty for a fault of the machine or of its link."""
    from_ms: int
    """Plant time at which it begins, ms since 1970."""
    until_ms: int
    """Plant time at which it ends by itself or was cleared."""
    planned_ms: int
    """Plant time at which it would end by itself."""

    @property
    def entry(self) -> Fault:
        """Its entry in the catalogue."""
        return fault(self.fault)

    @property
    def amount(self) -> float:
        """What its severity means in numbers."""
        return self.entry.amount(self.severity)

    @property
    def severity_in_words(self) -> str:
        """The same for people."""
        return self.entry.words(self.severity)

    @property
    def length_ms(self) -> int:
        """How long it was meant to last, in milliseconds."""
        return self.planned_ms - self.from_ms


class Spells:
    """All spells of a run, in the order in which they began."""

    def __init__(self) -> None:
        self._spells: dict[str, list[Spell]] = {}

    def __iter__(self) -> Iterator[Spell]:
        return (one for spells in self._spells.values() for one in spells)

    def of(self, machine: str, about: About | None = None) -> list[Spell]:
        """The spells of a machine, all or those of the machine itself, its sensors or its link."""
        spells = self._spells.get(machine, [])
        return spells if about is None else [one for one in spells if one.entry.about == about]

    def on(self, machine: str, at_ms: int, fault: str = "", signal: str = "") -> list[Spell]:
        """The spells of a machine that go on after a moment.

        Args:
            machine: Name of the machine.
            at_ms: The moment, ms since 1970.
            fault: Only this fault; empty for any.
            signal: Only of this signal; empty for any.
        """
        return [
            one
            for one in self.of(machine)
            if one.from_ms <= at_ms < one.until_ms and fault in {"", one.fault} and signal in {"", one.signal}
        ]

    def during(self, machine: str, from_ms: int, to_ms: int) -> list[Spell]:
        """The spells of a machine that touch a span, those that end where it begins among them."""
        return [one for one in self.of(machine) if one.from_ms < to_ms and one.until_ms >= from_ms]

    def begin(self, spell: Spell) -> None:
        """Let a fault begin."""
        self._spells.setdefault(spell.machine, []).append(spell)

    def end(self, machine: str, at_ms: int, fault: str = "", signal: str = "") -> None:
        """End spells of a machine that are on: one fault, that of one signal, or all."""
        over = self.on(machine, at_ms, fault, signal)
        if over:
            self._spells[machine] = [
                replace(one, until_ms=at_ms) if one in over else one for one in self._spells[machine]
            ]

    def end_all_but(self, machines: Container[str], at_ms: int) -> None:
        """End the spells of machines that are not there any more."""
        for machine in self._spells:
            if machine not in machines:
                self.end(machine, at_ms)


class SpellsOfMachines(Spells):
    """Of some spells those of the machines themselves, as they are at any time: no sensor's, and no link's.

    Args:
        spells: All of them.
    """

    def __init__(self, spells: Spells) -> None:
        super().__init__()
        self._all = spells

    def __iter__(self) -> Iterator[Spell]:
        return (one for one in self._all if one.entry.about == "machine")

    def of(self, machine: str, about: About | None = None) -> list[Spell]:
        """The spells of a machine itself; none about anything else."""
        return self._all.of(machine, "machine") if about in {None, "machine"} else []
