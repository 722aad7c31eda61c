"""How a signal tells that a component wears: it rises with the wear, or grows at the end of the life."""

from dataclasses import dataclass
from typing import Literal

from simulator.specs.settings import Section, SpecError

ZONES = {
    "1-rigid": (2.3, 4.5, 7.1),
    "1-flexible": (3.5, 7.1, 11.0),
    "2-rigid": (1.4, 2.8, 4.5),
    "2-flexible": (2.3, 4.5, 7.1),
}
"""ISO 10816-3:2009 values [VIBCODE]: boundaries A/B, B/C and C/D in mm/s RMS, by group and foundation.

Group 1 is above 300 kW or 315 mm of shaft height, group 2 from 15 kW or 160 mm on.
"""
BOUNDARIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Worn:
    """The running level rises, or falls, with the wear of a component.

    level * (1 + gain * wear(share of its life used))
    """

    component: str
    """Name of the component."""
    gain: float
    """By which share the level is higher at the end of its life."""
    shape: Literal["linear", "end"]
    """Evenly, or slowly at first and sharply at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """The running level is flat at first, and grows exponentially at the end of a component's life.

    v(t) = v0 * exp((t - t0) / tau), with t0 where it begins and tau so that v(end of life) = `to`
    """

    component: str
    """Name of the component."""
    begins: float
    """Share of the life after which it grows, from 0 to less than 1."""
    to: float
    """The level at the end of the life, in the signal's unit."""


def worn_of(table: Section) -> Worn:
    """What `worn = { component = "tool", gain = 0.18, shape = "end" }` says.

    Raises:
        SpecError: A key is missing or has a value that is not allowed.
    """
    component = table.text("component")
    gain = table.number("gain", least=-0.9, most=10)
    shape = table.text("shape", default="linear")
    table.close()
    if shape == "linear":
        return Worn(component=component, gain=gain, shape="linear")
    if shape == "end":
        return Worn(component=component, gain=gain, shape="end")
    raise table.refusal("shape", "linear (evenly over the life) or end (sharply at its end)")


def growth_of(table: Section, *, level: float, zones: tuple[float, ...] | None) -> Growth:
    """What `growth = { component = "bearing", begins = 0.9, to = 4.5 }` says.

    Args:
        table: The table.
        level: The running level, from which it grows.
        zones: Boundaries of severity; it grows to the last of them unless `to` says otherwise.

    Raises:
        SpecError: A key is missing or has a value that is not allowed.
    """
    component = table.text("component")
    begins = table.number("begins", least=0, most=0.999)
    if "to" not in table and zones is None:
        raise table.missing("to", "the level at the end of the life, or zones in the signal")
    to = table.number("to", above=0, most=1e9, default=zones[-1] if zones else None)
    table.close()
    if not 0 < level < to:
        key = "to" if "to" in table else "component"
        raise table.refusal(
            key, f"a growth from a running level above 0 to more than it; that is {level:g} to {to:g}"
        )
    return Growth(component=component, begins=begins, to=to)


def zones_of(table: Section) -> tuple[float, ...] | None:
    """The boundaries A/B, B/C and C/D of severity that a signal names, in mm/s; None when it names none.

    Raises:
        SpecError: It is neither a group that is known nor three rising numbers.
    """
    allowed = f"one of {', '.join(ZONES)} (ISO 10816-3:2009), or three rising numbers A/B, B/C, C/D"
    if "zones" not in table:
        return None
    try:
        name = table.text("zones")
    except SpecError:
        rows = table.rows("zones", allowed=allowed)
        numbers = [row for row in rows if isinstance(row, int | float) and not isinstance(row, bool)]
        rising = len(numbers) == len(rows) == BOUNDARIES and 0 < numbers[0] < numbers[1] < numbers[2] < 1e9  # noqa: PLR2004
        if not rising:
            raise table.refusal("zones", allowed) from None
        return tuple(float(number) for number in numbers)
    if name not in ZONES:
        raise table.refusal("zones", allowed)
    return ZONES[name]
