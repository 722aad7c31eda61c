"""From calendar time to the time of good parts: each step takes away, and nothing is left over.

Times are whole microseconds, because an ideal cycle of 0.35 s times its parts is no whole number of
milliseconds. So the sum of all steps is the calendar time exactly, for a machine, a line and the plant.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from dashboard.kpi.account import Account
from dashboard.kpi.choices import Choices
from dashboard.kpi.pieces import USES, Use
from dashboard.losses.bookings import Bookings
from dashboard.losses.words import LEVELS, STEPS, STOPS

US = 1_000
"""Microseconds in a millisecond."""
_USES = [use.value for use in USES]
Charge = Literal["calendar", "planned", "excluded", "availability", "performance", "quality", "none"]
NOT_JUDGED = "not every machine counts its rejects: parts of those that do not are taken for good"
WRONG_CYCLE = "ideal cycle time wrong: the parts counted took less than their ideal time"


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
    unjudged: int = 0
    """Machines among those that count their parts, and not their rejects."""
    silent_parts: int = 0
    """Parts counted across unknown time; the time that they took is not known, so they are in no step."""

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
            unjudged=self.unjudged + other.unjudged,
            silent_parts=self.silent_parts + other.silent_parts,
        )

    def retold(self, stops: Bookings) -> "Totals":
        """The same time, where reasons say which loss it was that power alone could not tell."""
        uses = dict(self.use_ms)
        for (use, loss, _), ms, _ in stops:
            if loss != use and ms:
                uses[use] = uses.get(use, 0) - ms
                uses[loss] = uses.get(loss, 0) + ms
        return self.with_uses(uses)

    def with_uses(self, use_ms: Mapping[str, int]) -> "Totals":
        """The same with other times by use."""
        return replace(self, use_ms=use_ms)

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


def totals_of(account: Account) -> Totals:
    """The totals of one machine's account.

    Parts counted across unknown time are in no step, and nothing tells which of the rejects were among
    them: of the rejects, the same share is left out.
    """
    paced, judged = account.of_paced(), account.of_judged()
    ideal_us = paced["ideal_run_us"]
    rejects_us = judged["ideal_parts_us"] - judged["ideal_good_us"]
    if judged["silent_parts"]:
        rejects_us = rejects_us * judged["ideal_run_us"] // judged["ideal_parts_us"]
    return Totals(
        use_ms=dict(zip(_USES, account.use_ms.tolist(), strict=True)),
        rated_ms=paced[Use.RUNNING],
        ideal_us=ideal_us,
        rejects_us=rejects_us,
        cycles_us=frozenset({account.ideal_us or 0}),
        unjudged=int(bool(paced.calendar_ms) and not judged.calendar_ms),
        silent_parts=account["silent_parts"],
    )


def charges(choices: Choices) -> dict[str, Charge]:
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
        chosen["setup"] = "excluded"
    for use in ("starved", "blocked"):
        chosen[use] = choices.starved_blocked
    if choices.micro_stops == "performance":
        chosen["micro-stop"] = "performance"
    return {key: chosen[key] for key in STEPS}


def waterfall(totals: Totals, choices: Choices) -> list[Fall]:
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
        ("running", [
            key for charge in ("excluded", "availability", "performance")
            for key in stops if charged[key] == charge
        ]),
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
                    flag=_flag(key, taken[key], totals),
                )
            )
        rows.append(_level(level, left_us, cycle_us))
    return rows


def _flag(key: str, us: int, totals: Totals) -> str:
    if key == "speed" and us < 0:
        return WRONG_CYCLE
    return NOT_JUDGED if key == "rejects" and totals.unjudged else ""


def _level(key: str, us: int, cycle_us: int | None) -> Fall:
    return Fall(
        key=key, word=LEVELS[key], level=True, us=us, left_us=us, parts=_parts(us, cycle_us), charge="none"
    )


def _parts(us: int, cycle_us: int | None) -> float | None:
    return us / cycle_us if cycle_us else None
