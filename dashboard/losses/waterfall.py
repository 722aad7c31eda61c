"""From calendar time to the time of good parts: each step takes away, and nothing is left over.

Times are whole microseconds, because an ideal cycle of 0.35 s times its parts is no whole number of
milliseconds. So the sum of all steps is the calendar time exactly, for a machine, a line and the plant.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from dashboard.losses.words import LEVELS, STEPS, STOPS

US = 1_000
"""Microseconds in a millisecond."""
Charge = Literal["calendar", "planned", "availability", "performance", "quality", "none"]
WRONG_CYCLE = "ideal cycle time wrong: the parts counted took less than their ideal time"


class Charging(Protocol):
    """The choices on which standards disagree, as far as they move a step."""

    @property
    def breaks(self) -> str: ...
    @property
    def maintenance(self) -> str: ...
    @property
    def setup(self) -> str: ...
    @property
    def starved_blocked(self) -> str: ...
    @property
    def micro_stops(self) -> str: ...
    @property
    def unknown(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What a waterfall is made of, of one machine or of many added up."""

    use_ms: Mapping[str, int] = field(default_factory=dict)
    """Calendar time by use, in milliseconds; uses are the keys of `STEPS`, and `running`."""
    rated_ms: int = 0
    """Running time of machines that count their parts and know their ideal cycle, in milliseconds."""
    ideal_us: int = 0
    """Ideal time of the parts counted in it, in microseconds."""
    rejects_us: int = 0
    """Ideal time of those of them that were rejected, start-up included, in microseconds."""
    startup_us: int | None = None
    """Ideal time of those rejected while starting up, in microseconds; None when nobody told them apart."""
    cycles_us: frozenset[int] = frozenset()
    """The ideal cycles of the machines, in microseconds; 0 for one without."""

    def __add__(self, other: "Totals") -> "Totals":
        uses = dict(self.use_ms)
        for use, ms in other.use_ms.items():
            uses[use] = uses.get(use, 0) + ms
        known = [one for one in (self.startup_us, other.startup_us) if one is not None]
        return Totals(
            use_ms=uses,
            rated_ms=self.rated_ms + other.rated_ms,
            ideal_us=self.ideal_us + other.ideal_us,
            rejects_us=self.rejects_us + other.rejects_us,
            startup_us=sum(known) if known else None,
            cycles_us=self.cycles_us | other.cycles_us,
        )

    @property
    def cycle_us(self) -> int | None:
        """The ideal cycle that all machines have in common; None when one has none, or they differ."""
        return next(iter(self.cycles_us)) or None if len(self.cycles_us) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fall:
    """One row of a waterfall: a step that takes away, or a level that is left."""

    key: str
    """Key in `STEPS` or `LEVELS`."""
    word: str
    """How the page calls it."""
    level: bool
    """Whether it is what is left, not what is taken away."""
    us: int
    """Its time in microseconds; of a step it may be negative, which `flag` explains."""
    left_us: int
    """What is left after it, in microseconds."""
    parts: float | None
    """Its time in parts at the ideal cycle; None where there is none, or several."""
    charge: Charge
    """What it is charged to: a factor of OEE, or the time base."""
    flag: str = ""
    """What is wrong with it, in words."""


def charges(choices: Charging) -> dict[str, Charge]:
    """What each step is charged to, in the order in which the steps are taken."""
    out: Charge = "calendar"
    chosen: dict[str, Charge] = {
        "off": out,
        "holiday": out,
        "break": out if choices.breaks == "excluded" else "availability",
        "maintenance": out if choices.maintenance == "excluded" else "availability",
        "unknown": "planned" if choices.unknown == "excluded" else "availability",
        "uncounted": "none",
        "speed": "performance",
        "rejects": "quality",
        "startup": "quality",
    }
    for use in STOPS:
        chosen[use] = "availability"
    if choices.setup == "excluded":
        chosen["setup"] = out
    for use in ("starved", "blocked"):
        if choices.starved_blocked != "availability":
            chosen[use] = out if choices.starved_blocked == "excluded" else "performance"
    if choices.micro_stops == "performance":
        chosen["micro-stop"] = "performance"
    return {key: chosen[key] for key in STEPS}


def waterfall(totals: Totals, choices: Charging) -> list[Fall]:
    """The steps from calendar time to good parts, with the levels between them.

        calendar - planned stops = planned;  - unknown = observed;  - stops = running
        - running of machines that count nothing - reduced speed - rejects = good parts

        reduced speed = running - ideal cycle x parts        rejects = ideal cycle x rejects

    Reduced speed is what is left over and may be negative, when an ideal cycle is too long: it is
    shown as it is, and flagged.

    Returns:
        Rows whose steps, and the last level, add up to the first level to the microsecond.
    """
    charged = charges(choices)
    taken = {use: totals.use_ms.get(use, 0) * US for use in STEPS}
    running_ms = totals.use_ms.get("running", 0)
    startup_us = totals.startup_us or 0
    taken["uncounted"] = (running_ms - totals.rated_ms) * US
    taken["speed"] = totals.rated_ms * US - totals.ideal_us
    taken["rejects"] = totals.rejects_us - startup_us
    taken["startup"] = startup_us
    after_running = ("uncounted", "speed", "rejects", "startup")
    stops = [key for key in STEPS if key not in after_running]
    chain = [
        ("planned", [key for key in stops if charged[key] == "calendar"]),
        ("observed", [key for key in stops if charged[key] == "planned"]),
        ("running", [key for key in stops if charged[key] == "availability"]
         + [key for key in stops if charged[key] == "performance"]),
        ("good", [key for key in after_running if key != "startup" or totals.startup_us is not None]),
    ]  # fmt: skip
    cycle_us = totals.cycle_us
    left_us = sum(totals.use_ms.values()) * US
    rows = [_level("calendar", left_us, cycle_us)]
    for level, keys in chain:
        for key in keys:
            left_us -= taken[key]
            rows.append(
                Fall(
                    key=key,
                    word=STEPS[key].word,
                    level=False,
                    us=taken[key],
                    left_us=left_us,
                    parts=_parts(taken[key], cycle_us),
                    charge=charged[key],
                    flag=WRONG_CYCLE if key == "speed" and taken[key] < 0 else "",
                )
            )
        rows.append(_level(level, left_us, cycle_us))
    return rows


def _level(key: str, us: int, cycle_us: int | None) -> Fall:
    return Fall(
        key=key, word=LEVELS[key], level=True, us=us, left_us=us, parts=_parts(us, cycle_us), charge="none"
    )


def _parts(us: int, cycle_us: int | None) -> float | None:
    return us / cycle_us if cycle_us else None
