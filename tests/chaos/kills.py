"""Kills at random moments, the same for the same seed, of a plant that lives as fast as it can."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.chaos.plant import MINUTE_MS, PARTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.chaos.plant import Plant

AGAIN = 0.2
"""Share of the kills that come while the plant has not yet recovered from the one before."""
LONGEST_ON_S = 1.5
LONGEST_OFF_S = 1.0
MOST_MINUTES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """One kill as it is planned."""

    part: str
    """What is killed."""
    after_minutes: int
    """Plant minutes that the history goes on first; 0 while it has not recovered yet."""
    after_s: float
    """Real seconds more."""
    off_s: float
    """Real seconds until the part is started again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    """One kill as it came."""

    kill: Kill
    """What was planned."""
    at_ms: int
    """Plant time in the history when it came, in ms after the epoch."""
    back_s: float | None
    """Real seconds from the kill until the history went on; None when the next kill came first."""


def planned(seed: int, each: int, parts: Sequence[str] = PARTS) -> list[Kill]:
    """So many kills of each part, shuffled."""
    choose = random.Random(seed)  # noqa: S311 - fixed moments, no secret
    victims = [part for part in parts for _ in range(each)]
    choose.shuffle(victims)
    return [
        Kill(
            part=part,
            after_minutes=0 if choose.random() < AGAIN else choose.randint(1, MOST_MINUTES),
            after_s=round(choose.uniform(0, LONGEST_ON_S), 3),
            off_s=round(choose.uniform(0, LONGEST_OFF_S), 3),
        )
        for part in victims
    ]


def carried_out(plant: Plant, kills: list[Kill]) -> Iterator[Killed]:
    """Kill one part after the other, each started again; what came of it."""
    for kill, following in zip(kills, [*kills[1:], None], strict=True):
        if kill.after_minutes:
            plant.reach(plant.committed_ms() + kill.after_minutes * MINUTE_MS)
        time.sleep(kill.after_s)
        at_ms, since_s = plant.committed_ms(), time.monotonic()
        plant.kill(kill.part)
        time.sleep(kill.off_s)
        plant.start(kill.part)
        back_s = None
        if following is None or following.after_minutes:
            # What was on its way when it was killed may still come; this has not.
            plant.reach(plant.committed_ms() + 2 * MINUTE_MS)
            back_s = time.monotonic() - since_s
        yield Killed(kill=kill, at_ms=at_ms, back_s=back_s)
