"""The sorts of stop of a kind: how often each comes, how long it lasts, and what shows before it comes."""

from dataclasses import dataclass
from typing import Literal, get_args

from simulator.phase import BETWEEN_CYCLES, STOP_PHASES, Phase
from simulator.specs.law import Law, length_law, life_law
from simulator.specs.settings import ALLOWED_NAME, NAME, Section

Runs = Literal["running", "time"]
CLOCKS = get_args(Runs)
TENDED = (Phase.SETUP, Phase.REPAIR)
"""For these stops a person has to come, unless the file says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One sort of stop: how often it comes, and how long it lasts."""

    name: str
    """As in the kind's file, `jam`."""
    phase: Phase
    """What the machine goes through meanwhile."""
    clock: Runs
    """Whether its life passes while the machine runs, or always but while it is itself being mended."""
    life: Law
    """From one to the next: milliseconds of its clock, or parts."""
    length: Law
    """How long it lasts, in milliseconds; before a person's skill."""
    causes: tuple[tuple[str, float], ...]
    """What the machine says of it, each with its weight."""
    person: bool
    """Whether a person has to come."""
    symptom: str
    """Name of the wearing that shows before it comes; empty for none."""

    @property
    def between(self) -> bool:
        """Whether it lets the cycle under way finish."""
        return self.phase in BETWEEN_CYCLES

    @property
    def shows(self) -> bool:
        """Whether it is a failure that shows beforehand; a tool is changed in its turn, and does not fail."""
        return bool(self.symptom) and self.phase is Phase.REPAIR

    @property
    def counted(self) -> bool:
        """Whether its life is a number of cycles, and not milliseconds."""
        return self.life.counted or self.life.name == "geometric"


def stop_of(name: str, table: Section, *, makes_parts: bool, cycle_s: float) -> Stop:
    """The sort of stop that a table describes.

    Raises:
        SpecError: A key is missing, unknown, or has a value that is not allowed.
    """
    phase = _phase(table)
    clock = _clock(table)
    if ("every_h" in table) == ("every_parts" in table):
        raise table.missing("every_h", "either this (hours) or every_parts, and not both")
    if "every_parts" in table:
        life = _parts(table, makes_parts=makes_parts)
    else:
        life = life_law(table, cycle_s=cycle_s)
    stop = Stop(
        name=name,
        phase=phase,
        clock=clock,
        life=life,
        length=length_law(table, cycle_s=cycle_s),
        causes=_causes(table),
        person=table.flag("person", default=phase in TENDED),
        symptom=_symptom(table),
    )
    table.close()
    if stop.counted and clock == "time":
        raise table.refusal("clock", "running, where a life is a number of cycles")
    return stop


def _phase(table: Section) -> Phase:
    word = table.text("phase")
    if word not in STOP_PHASES:
        raise table.refusal("phase", f"one of {', '.join(STOP_PHASES)}")
    return Phase(word)


def _clock(table: Section) -> Runs:
    word = table.text("clock", default="running")
    if word == "running":
        return "running"
    if word == "time":
        return "time"
    raise table.refusal("clock", f"one of {', '.join(CLOCKS)}")


def _symptom(table: Section) -> str:
    if "symptom" not in table:
        table.text("symptom", default="none")
        return ""
    symptom = table.text("symptom")
    if not NAME.fullmatch(symptom):
        raise table.refusal("symptom", ALLOWED_NAME)
    return symptom


def _parts(table: Section, *, makes_parts: bool) -> Law:
    allowed = "two whole numbers from 1 to 1000000, the fewest and the most parts"
    if not makes_parts:
        raise table.refusal("every_parts", "only every_h: this kind makes no parts")
    rows = table.rows("every_parts", allowed=allowed)
    whole = all(isinstance(row, int) and not isinstance(row, bool) for row in rows)
    if len(rows) != 2 or not whole or not 1 <= rows[0] <= rows[1] <= 1_000_000:  # noqa: PLR2004 - fewest, most
        raise table.refusal("every_parts", allowed)
    return Law(name="uniform", scale=rows[0], spread=rows[1])


def _causes(table: Section) -> tuple[tuple[str, float], ...]:
    part = table.section("causes")
    causes = tuple((cause, part.number(cause, above=0, most=1e6)) for cause in part)
    if not causes:
        raise table.missing("causes", 'at least one with its weight, as in causes = { "jam" = 1 }')
    for cause, _ in causes:
        if not 1 <= len(cause) <= 64 or not cause.isprintable():  # noqa: PLR2004 - as the message allows
            raise part.refusal(cause, "a cause of 1 to 64 printable characters")
    return causes
