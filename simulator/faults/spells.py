"""Spells: which fault a machine has from when to when, as the input log of the run says.

Nothing else is kept: the same log gives the same spells, however often and however fast it is lived.
"""

from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace

from simulator.faults.catalogue import LONGEST_S, About, Fault, fault

LONGEST_MS = round(LONGEST_S * 1_000)


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
        # By machine and by what is at fault, and of each machine under None all of them. Tuples, so that
        # whoever has asked for them sees no change, and sees that there was one.
        self._spells: dict[str, dict[About | None, tuple[Spell, ...]]] = {}

    def __iter__(self) -> Iterator[Spell]:
        return (one for machine in self._spells for one in self.of(machine))

    def machines(self) -> Iterable[str]:
        """The machines that have had any."""
        return self._spells.keys()

    def copy(self) -> "Spells":
        """The same, to go on with apart from these."""
        other = Spells()
        other._spells = {machine: dict(spells) for machine, spells in self._spells.items()}
        return other

    def of(self, machine: str, about: About | None = None) -> tuple[Spell, ...]:
        """The spells of a machine, all or those of the machine itself, its sensors or its link."""
        return self._spells.get(machine, {}).get(about, ())

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
            for one in self._begun_in(machine, at_ms - LONGEST_MS, at_ms + 1)
            if at_ms < one.until_ms and fault in {"", one.fault} and signal in {"", one.signal}
        ]

    def during(self, machine: str, from_ms: int, to_ms: int) -> list[Spell]:
        """The spells of a machine that touch a span, those that end where it begins among them."""
        return [
            one for one in self._begun_in(machine, from_ms - LONGEST_MS, to_ms) if one.until_ms >= from_ms
        ]

    def begin(self, spell: Spell) -> None:
        """Let a fault begin; none begins before one that is there."""
        known = self._spells.setdefault(spell.machine, {})
        for about in (None, spell.entry.about):
            known[about] = (*known.get(about, ()), spell)

    def end(self, machine: str, at_ms: int, fault: str = "", signal: str = "") -> None:
        """End spells of a machine that are on: one fault, that of one signal, or all."""
        over = self.on(machine, at_ms, fault, signal)
        if over:
            self._spells[machine] = {
                about: tuple(replace(one, until_ms=at_ms) if one in over else one for one in spells)
                for about, spells in self._spells[machine].items()
            }

    def _begun_in(self, machine: str, from_ms: int, to_ms: int) -> tuple[Spell, ...]:
        """Those that begin from a moment up to another; all that was ever is not looked at."""
        spells = self.of(machine)
        return spells[
            bisect_left(spells, from_ms, key=_begins_ms) : bisect_left(spells, to_ms, key=_begins_ms)
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

    def machines(self) -> Iterable[str]:
        """The machines that have had any of whatever sort."""
        return self._all.machines()

    def __iter__(self) -> Iterator[Spell]:
        return (one for machine in self._all.machines() for one in self.of(machine))

    def of(self, machine: str, about: About | None = None) -> tuple[Spell, ...]:
        """The spells of a machine itself; none about anything else."""
        return self._all.of(machine, "machine") if about in {None, "machine"} else ()


def _begins_ms(spell: Spell) -> int:
    return spell.from_ms
