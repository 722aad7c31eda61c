"""What is wrong with a sensor, as a file says it: steps, drift, and what comes by chance."""

from dataclasses import dataclass

from simulator.specs.settings import Section

DAY_MS = 86_400_000
MOST_A_DAY = 10_000.0
"""More than that is no imperfection but a broken sensor."""
LONGEST_S = 3600.0
"""What lasts longer is a fault, to be begun and cleared by a command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spells:
    """Something that comes by chance and lasts."""

    per_day: float
    """How often it comes on average, in a day of plant time; more than 0."""
    length_ms: int
    """How long it lasts, in milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spikes:
    """Single values that are far off, by chance upwards or downwards."""

    per_day: float
    """How often one comes on average, in a day of plant time; more than 0."""
    size: float
    """How far off it is, in the signal's unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaws:
    """What is wrong with one sensor."""

    quantisation: float = 0.0
    """It shows whole multiples of this, in its unit; 0 when it knows no steps."""
    drift_per_day: float = 0.0
    """By how much it runs away in a day, in its unit, from when the machine was put up."""
    stuck: Spells | None = None
    """When it goes on to show what it showed."""
    spike: Spikes | None = None
    """When single values are far off."""
    dropout: Spells | None = None
    """When it shows nothing."""


NONE = Flaws()
"""A sensor without fault."""


def flaws_of(table: Section, *, whole_machine: Flaws = NONE) -> Flaws:
    """What the table of a signal says is wrong with it.

    Args:
        table: The table, `[signals.NAME]`.
        whole_machine: What holds where it says nothing.

    Raises:
        SpecError: A value is not allowed.
    """
    return Flaws(
        quantisation=table.number("quantisation", least=0, most=1e9, default=0),
        drift_per_day=table.number("drift_per_day", least=-1e6, most=1e6, default=0),
        stuck=_spells(table, "stuck") if "stuck" in table else whole_machine.stuck,
        spike=_spikes(table.section("spike")) if "spike" in table else None,
        dropout=_spells(table, "dropout") if "dropout" in table else whole_machine.dropout,
    )


def machine_flaws_of(table: Section) -> Flaws:
    """What `[imperfections]` says of every sensor of a machine."""
    flaws = Flaws(
        stuck=_spells(table, "stuck") if "stuck" in table else None,
        dropout=_spells(table, "dropout") if "dropout" in table else None,
    )
    # Steps, drifts and spikes have a unit, so that they belong to a signal.
    for key in ("quantisation", "drift_per_day", "spike"):
        if key in table:
            raise table.refusal(
                key, "only in [signals.NAME], in the unit of that signal; here stuck and dropout"
            )
    table.section("stuck")
    table.section("dropout")
    table.close()
    return flaws


def _spells(table: Section, key: str) -> Spells | None:
    part = table.section(key)
    per_day = _per_day(part)
    length_s = part.number("length_s", above=0, most=LONGEST_S)
    part.close()
    return Spells(per_day=per_day, length_ms=max(1, round(length_s * 1000))) if per_day else None


def _spikes(part: Section) -> Spikes | None:
    per_day = _per_day(part)
    size = part.number("size", above=0, most=1e9)
    part.close()
    return Spikes(per_day=per_day, size=size) if per_day else None


def _per_day(part: Section) -> float:
    """How often; 0 takes away what a kind says."""
    per_day = part.number("per_day", least=0, most=MOST_A_DAY)
    if 0 < per_day < 1e-6:  # noqa: PLR2004 - as the message says
        raise part.refusal("per_day", "0, or from 0.000001 on")
    return per_day
