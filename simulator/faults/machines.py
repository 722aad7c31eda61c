"""Faults of machines: how each hinders the machine, moment by moment.

A function of the spells alone, so that the same log has the same machine stand in the same millisecond.
"""

from collections.abc import Sequence

from simulator.behaviour.trouble import Trouble
from simulator.faults.spells import Spell
from simulator.phase import Phase

MINUTE_MS = 60_000
BREAKS_AFTER = 0.75
"""Share of its time after which a worn bearing breaks down."""

Stand = tuple[int, int, Phase, str]
"""From when to when a machine stands, ms since 1970, what it goes through, and what it says of it."""


def stands(spell: Spell) -> list[Stand]:
    """When a machine stands because of a fault, each in (begin, end]."""
    begin_ms, end_ms, share = spell.from_ms, spell.planned_ms, spell.amount
    if spell.fault == "jam":
        found = _now_and_then(spell, 2 * MINUTE_MS, share, Phase.MICRO_STOP, "jam")
    elif spell.fault == "starved":
        found = _now_and_then(spell, 5 * MINUTE_MS, share, Phase.STARVED, "starved")
    elif spell.fault == "overheating":
        found = _now_and_then(spell, 10 * MINUTE_MS, share, Phase.REPAIR, "too hot", last=True)
    elif spell.fault == "tool-breakage":
        found = [(begin_ms + round((1 - share) * (end_ms - begin_ms)), end_ms, Phase.REPAIR, "tool breakage")]
    elif spell.fault == "bearing-wear":
        found = [(breaks_ms(spell), end_ms, Phase.REPAIR, "bearing")]
    else:
        found = []
    return [(one, min(other, spell.until_ms), *more) for one, other, *more in found if one < spell.until_ms]  # type: ignore[misc]


def breaks_ms(spell: Spell) -> int:
    """When a worn bearing breaks down, ms since 1970."""
    return spell.from_ms + round(BREAKS_AFTER * spell.length_ms)


def edges_ms(spell: Spell) -> list[int]:
    """The moments after which a fault hinders its machine in another way."""
    edges = {spell.from_ms, spell.until_ms}
    return sorted(edges.union(*((begin_ms, end_ms) for begin_ms, end_ms, *_ in stands(spell))))


def trouble_at(spells: Sequence[Spell], at_ms: int) -> Trouble:
    """How faults hinder their machine just after a moment; of several that have it stand the first counts."""
    on = [one for one in spells if one.from_ms <= at_ms < one.until_ms]
    phase, cause, slow, scrap = None, "", 1.0, 0.0
    for one in on:
        if one.fault == "slow-cycle":
            slow = max(slow, one.amount)
        elif one.fault == "scrap-burst":
            scrap = max(scrap, one.amount)
        elif one.fault == "tool-breakage":
            # Until somebody notices, the broken tool goes on.
            scrap = 1.0
        standing = next((stand for stand in stands(one) if stand[0] <= at_ms < stand[1]), None)
        if standing is not None and phase is None:
            phase, cause = standing[2:]
    return Trouble(phase=phase, cause=cause, slow=slow, scrap=scrap)


def _now_and_then(
    spell: Spell, every_ms: int, share: float, phase: Phase, cause: str, *, last: bool = False
) -> list[Stand]:
    """Stands for a share of every so many milliseconds: the first of them, or the last."""
    length_ms = round(share * every_ms)
    if length_ms == every_ms:
        return [(spell.from_ms, spell.planned_ms, phase, cause)]
    offset_ms = every_ms - length_ms if last else 0
    begins_ms = range(spell.from_ms + offset_ms, spell.planned_ms, every_ms)
    return [(begin_ms, begin_ms + length_ms, phase, cause) for begin_ms in begins_ms]
