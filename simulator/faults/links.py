"""Faults of a link: what becomes of each message between the machine and the broker, and when.

While its link is at fault a machine speaks in packets of ten seconds of plant time, and each packet's fate
is a function of plant time alone. So a span that is sent again meets the same fate again, however the time
is cut: what was dropped stays dropped, and what is late comes late.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from simulator.faults.catalogue import SKEW
from simulator.faults.spells import Spell
from simulator.streams import Stream

PACKET_MS = 10_000
"""Length of a packet; of a machine that speaks more seldom, its sampling period."""
MINUTE_MS = 60_000
AWAY = "disconnect"
"""The fault under which a machine has no connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message that leaves, or ought to."""

    from_ms: int
    """It tells of (`from_ms`, `to_ms`]."""
    to_ms: int
    """End of what it tells of."""
    due_ms: int
    """Plant time at which it leaves: never before its end."""
    order: int = 0
    """Which goes first of several that are due at one moment."""
    copy: int = 0
    """0 for the message, more for its repeats."""
    copies: int = 0
    """How many repeats there are."""
    lost: bool = False
    """Whether it vanishes."""
    garbled: bool = False
    """Whether it is cut off in the middle."""
    ahead_ms: int = 0
    """By how much its stamps are ahead."""


class LinkFaults:
    """The fate of one machine's messages.

    Args:
        spells: The faults of its link.
        seed: Seed of the run.
        period_ms: The machine's sampling period.
    """

    def __init__(self, spells: Sequence[Spell], *, seed: int, period_ms: int = 1_000) -> None:
        self._spells = tuple(spells)
        self._seed = seed
        self._packet_ms = max(PACKET_MS, period_ms)
        self._held_ms = 2 * self._packet_ms + sum(_hold_ms(one, self._packet_ms) for one in self._spells)

    def needs_from_ms(self, from_ms: int) -> int:
        """How far back lies what may still leave after a moment."""
        begun_ms = from_ms - self._held_ms
        for one in sorted(self._spells, key=lambda one: -one.until_ms):
            if one.fault == AWAY and one.from_ms < from_ms and one.until_ms >= begun_ms:
                begun_ms = min(begun_ms, one.from_ms - self._held_ms)
        late_ms = (one.from_ms for one in self._spells if one.until_ms >= begun_ms)
        return min(from_ms, max(begun_ms, min(late_ms, default=from_ms)))

    def touch(self, from_ms: int, to_ms: int) -> bool:
        """Whether what leaves in (`from_ms`, `to_ms`] can be anything but what was said in it."""
        return self.needs_from_ms(from_ms) < from_ms or any(
            one.from_ms < to_ms and _over_ms(one, self._packet_ms) > from_ms for one in self._spells
        )

    def due(self, from_ms: int, to_ms: int) -> list[Delivery]:
        """What leaves, or is lost, in (`from_ms`, `to_ms`], in order."""
        begun_ms = self.needs_from_ms(from_ms)
        if self.touch(from_ms, to_ms):
            begun_ms = begun_ms // self._packet_ms * self._packet_ms
        edges = {
            edge
            for one in self._spells
            for edge in (one.from_ms, one.until_ms, _over_ms(one, self._packet_ms))
        }
        cuts = [begun_ms, *sorted(edge for edge in edges if begun_ms < edge < to_ms), to_ms]
        found: list[Delivery] = []
        for begin_ms, end_ms in pairwise(cuts):
            on = [one for one in self._spells if one.from_ms <= begin_ms < one.until_ms]
            if not on and not any(
                one.until_ms <= begin_ms < _over_ms(one, self._packet_ms) for one in self._spells
            ):
                first_ms = max(begin_ms, from_ms)
                if first_ms < end_ms:
                    found.append(Delivery(from_ms=first_ms, to_ms=end_ms, due_ms=end_ms))
            elif not any(one.fault == AWAY and one.until_ms >= to_ms for one in on):
                found += self._packets(begin_ms, end_ms, on, from_ms=from_ms, to_ms=to_ms)
        return sorted(found, key=lambda one: (one.due_ms, one.order, one.from_ms, one.copy))

    def _packets(
        self, begin_ms: int, end_ms: int, on: list[Spell], *, from_ms: int, to_ms: int
    ) -> list[Delivery]:
        """Those of a stretch under the same faults that are due in (`from_ms`, `to_ms`]."""
        found = []
        edges_ms = [one.until_ms for one in on] or [
            _over_ms(one, self._packet_ms)
            for one in self._spells
            if one.until_ms <= begin_ms < _over_ms(one, self._packet_ms)
        ]
        while begin_ms < end_ms:
            slot = begin_ms // self._packet_ms
            packet_end_ms = min((slot + 1) * self._packet_ms, *edges_ms)
            # An edge of another fault ends the stretch; the end of what is asked for does not.
            packet_end_ms = min(packet_end_ms, end_ms) if end_ms < to_ms else packet_end_ms
            fates = self._fates(begin_ms, packet_end_ms, slot, on)
            found += [one for one in fates if from_ms < one.due_ms <= to_ms]
            begin_ms = packet_end_ms
        return found

    def _fates(self, begin_ms: int, end_ms: int, slot: int, on: list[Spell]) -> list[Delivery]:
        # A millisecond after its end, so that it is never part of what was told up to an edge.
        due_ms, order, copies, ahead_ms = end_ms + 1, 0, 0, 0
        lost = garbled = False
        for one in on:
            if one.fault == "silent-drop":
                lost = self._falls(one, slot)
            elif one.fault == "malformed":
                garbled = self._falls(one, slot)
            elif one.fault == SKEW:
                ahead_ms = round(one.amount * MINUTE_MS)
            elif one.fault == "duplicate":
                copies = round(one.amount)
            elif one.fault == "delay":
                due_ms += round(one.amount * MINUTE_MS)
            elif one.fault == "out-of-order":
                size = round(one.amount)
                group_ms = (slot // size + 1) * size * self._packet_ms
                due_ms, order = max(due_ms, min(group_ms, one.until_ms) + 1), -begin_ms
        due_ms = self._connected_ms(begin_ms, due_ms)
        return [
            Delivery(
                from_ms=begin_ms,
                to_ms=end_ms,
                # The next packet goes between a message and its repeat, as after a broken connection.
                due_ms=self._connected_ms(begin_ms, due_ms + copy * self._packet_ms),
                order=order,
                copy=copy,
                copies=copies,
                lost=lost,
                garbled=garbled,
                ahead_ms=ahead_ms,
            )
            for copy in range(copies + 1)
        ]

    def _connected_ms(self, begin_ms: int, due_ms: int) -> int:
        """When a message leaves that is due at a moment, from which on the machine may be away."""
        for one in self._spells:
            if one.fault == AWAY and begin_ms < one.until_ms and one.from_ms < due_ms <= one.until_ms:
                due_ms = one.until_ms + 1
        return due_ms

    def _falls(self, spell: Spell, slot: int) -> bool:
        draw = Stream(self._seed, spell.machine, f"fault.{spell.fault}").uniforms(slot, 1)[0]
        return bool(draw < spell.amount)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Faults of a link that follow each other so closely that one has a say in what another held up."""

    spells: tuple[Spell, ...]
    """They, in the order in which they began."""
    over_ms: int
    """After this moment nothing leaves that they have a say in."""


def troubles(spells: Sequence[Spell], *, period_ms: int = 1_000) -> list[Trouble]:
    """The faults of a machine's link by the stretches of time in which they have a say.

    Args:
        spells: The faults, in the order in which they began.
        period_ms: The machine's sampling period.
    """
    packet_ms = max(PACKET_MS, period_ms)
    found: list[Trouble] = []
    together: list[Spell] = []
    spoken_ms = held_ms = 0
    for one in spells:
        if together and one.from_ms > spoken_ms + held_ms:
            found.append(Trouble(tuple(together), spoken_ms + held_ms))
            together, spoken_ms, held_ms = [], 0, 0
        together.append(one)
        spoken_ms = max(spoken_ms, _over_ms(one, packet_ms) + 2 * packet_ms)
        held_ms += _hold_ms(one, packet_ms)
    return [*found, Trouble(tuple(together), spoken_ms + held_ms)] if together else found


def _hold_ms(spell: Spell, packet_ms: int) -> int:
    """By how much a fault can hold up a message that is not away."""
    if spell.fault in {"delay", SKEW}:
        return round(spell.amount * MINUTE_MS)
    if spell.fault in {"duplicate", "out-of-order"}:
        return round(spell.amount) * packet_ms
    return 0


def _over_ms(spell: Spell, packet_ms: int) -> int:
    """Until when a machine speaks in packets: at least one whole packet longer than the fault lasts.

    Where a silence ends, or what a clock that was ahead has told is contradicted, messages have to
    begin alike at every speed, or what the office makes of them would not be.
    """
    ahead_ms = round(spell.amount * MINUTE_MS) if spell.fault == SKEW else 0
    return ((spell.until_ms + ahead_ms) // packet_ms + 2) * packet_ms
