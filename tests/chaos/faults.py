"""Faults of every kind and of every part, planned from a seed: the same seed plans the same faults."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tests.chaos.plant import DATABASE

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

Kind = Literal["killed", "restarted", "stopped", "cut off", "slowed", "filled", "stepped"]
"""What happens: `kill -9`; asked to end; SIGSTOP; its wire pulled out; little let through its wire; its disk
full; its wall clock set to another moment."""
KINDS: tuple[Kind, ...] = ("killed", "restarted", "stopped", "cut off", "slowed", "filled", "stepped")
ON_DISK = ("broker", "simulator", DATABASE)
"""The parts that keep something on a disk."""
CLASH: dict[Kind, int] = {"killed": 0, "restarted": 0, "stopped": 0, "cut off": 1, "slowed": 1}
"""Of these no two of one sort befall one part at once: who is dead cannot be stopped."""
TOLD: tuple[Kind, ...] = ("killed", "stopped", "cut off", "filled", "slowed", "stepped")
"""Kinds that may last for longer than the doctor's patience."""
ALONE = 0.5
"""Share of the short faults that come alone; the others share their time with one or two more."""
MOST_TOGETHER = 3
LONGEST_ON_S, LONGEST_OFF_S, LATEST_S = 1.0, 2.5, 1.5
MOST_MINUTES = 6
SLOW_KBIT_S = (64, 1_024)
UNSEEN = (("slowed", "web"),)
"""Through a slow wire a page hears everything late, and cannot tell that from a clock that is wrong."""
TOLD_FOR_S: dict[tuple[Kind, str], float] = {("filled", "broker"): 12.0}
"""Mosquitto writes its memory every ten seconds."""
QUIET_S = 8.0
"""A stepped clock may not be taken for a broken link, not once the doctor's patience is over either; a plant
that is slow is seen to be so over five seconds."""
STEPS_S = (120, 3_600, 86_400, 40 * 86_400, 3 * 365 * 86_400)
"""Minutes, an hour, a day, weeks and years, forward or back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault as it is planned."""

    kind: Kind
    """What happens."""
    part: str
    """To whom."""
    begins_s: float
    """Real seconds from the beginning of its episode."""
    lasts_s: float
    """Real seconds; at least these where it lasts until the page has said it."""
    told: bool = False
    """Whether it lasts until the page has said it."""
    much: int = 0
    """Of a step the seconds, of a slow wire the kbit/s; 0 of others."""

    @property
    def ends_s(self) -> float:
        """Real seconds from the beginning of its episode."""
        return self.begins_s + self.lasts_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """Faults that share their time."""

    after_minutes: int
    """Plant minutes that the history goes on first."""
    after_s: float
    """Real seconds more."""
    faults: tuple[Fault, ...]
    """One that the page is to tell of comes alone."""


def befalls(kind: Kind, part: str, *, served: bool) -> bool:
    """Whether a kind of fault makes sense for a part."""
    if kind == "filled":
        return part in ON_DISK
    if part == DATABASE and not served:
        return False  # a file: what happens to it happens to who writes it
    # Asked to end, the simulator ends its run, by design: the next start opens another.
    return (kind, part) != ("restarted", "simulator")


def cells(parts: Sequence[str], kinds: Sequence[Kind] = KINDS, *, served: bool) -> list[tuple[Kind, str]]:
    """All pairs of a kind and a part that make sense."""
    return [(kind, part) for kind in kinds for part in parts if befalls(kind, part, served=served)]


def planned(
    seed: int,
    each: int,
    parts: Sequence[str],
    *,
    kinds: Sequence[Kind] = KINDS,
    told: Collection[str] = (),
    served: bool = False,
) -> list[Episode]:
    """So many faults of each kind and part, shuffled, some of them at once.

    Args:
        seed: Of every choice.
        each: Faults of each kind and part.
        parts: The parts.
        kinds: The kinds.
        told: Parts of whose faults the first of each kind lasts until the page has said it.
        served: Whether the history is kept by a server.
    """
    choose = random.Random(seed)  # noqa: S311 - fixed faults, no secret
    pairs = cells(parts, kinds, served=served)
    lasting = [pair for pair in pairs if pair[0] in TOLD and pair[1] in told and pair not in UNSEEN]
    short = [pair for pair in pairs for _ in range(each - (pair in lasting))]
    choose.shuffle(short)
    groups: list[list[Fault]] = [[_fault(choose, *pair, told=True)] for pair in lasting]
    while short:
        wanted = 1 if choose.random() < ALONE else choose.randint(2, MOST_TOGETHER)
        group: list[Fault] = []
        while short and len(group) < wanted:
            fault = _fault(choose, *short[-1])
            if any(_clash(fault, one) for one in group):
                break
            short.pop()
            group.append(fault)
        groups.append(group)
    choose.shuffle(groups)
    return [
        Episode(
            after_minutes=choose.randint(1, MOST_MINUTES),
            after_s=round(choose.uniform(0, LONGEST_ON_S), 3),
            faults=tuple(group),
        )
        for group in groups
    ]


def _fault(choose: random.Random, kind: Kind, part: str, *, told: bool = False) -> Fault:
    much = 0
    if kind == "stepped":
        much = choose.choice(STEPS_S) * choose.choice((1, -1))
    elif kind == "slowed":
        much = SLOW_KBIT_S[0] if told else choose.randint(*SLOW_KBIT_S)
    lasts_s = TOLD_FOR_S.get((kind, part), QUIET_S if kind in {"stepped", "slowed"} else 0.0)
    return Fault(
        kind=kind,
        part=part,
        begins_s=0.0 if told else round(choose.uniform(0, LATEST_S), 3),
        lasts_s=lasts_s if told else round(choose.uniform(0, LONGEST_OFF_S), 3),
        told=told,
        much=much,
    )


def _clash(one: Fault, other: Fault) -> bool:
    if one.part != other.part:
        return False
    return one.kind == other.kind or CLASH.get(one.kind, -1) == CLASH.get(other.kind, -2)
