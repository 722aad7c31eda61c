"""The segments of a run: in each of them the assumptions are the same, and its label says which are new."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from simulator.specs.assumptions import ALL, Assumptions, Value

FIRST_LABEL = "as the run began"
"""Label of the segment that begins with the run."""
MINUTE_S, HOUR_S = 60, 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A span of a run, up to the next one."""

    at_ms: int
    """When it begins, ms since 1970."""
    label: str
    """What is assumed otherwise than in the one before: `rounds every 10 min, calls off`."""
    values: Mapping[str, Value]
    """All that is assumed in it."""


def first_segment(assumptions: Assumptions, at_ms: int) -> Segment:
    """The segment that a run begins with."""
    return Segment(at_ms=at_ms, label=FIRST_LABEL, values=assumptions.values)


def next_segment(before: Segment, assumptions: Assumptions, at_ms: int) -> Segment:
    """The segment that begins with other assumptions."""
    return Segment(at_ms=at_ms, label=label_of(before.values, assumptions.values), values=assumptions.values)


def label_of(before: Mapping[str, Value], values: Mapping[str, Value]) -> str:
    """What is assumed otherwise, in words.

    >>> label_of({"rounds_s": 1200.0, "calls": True}, {"rounds_s": 600.0, "calls": False})
    'rounds every 10 min, calls off'
    """
    return ", ".join(WORDS[key](value) for key, value in values.items() if before.get(key) != value) or (
        "as before"
    )


def span(value: Value) -> str:
    """A number of seconds in words.

    >>> span(600.0), span(45.0), span(14_400.0), span(90.0)
    ('10 min', '45 s', '4 h', '90 s')
    """
    seconds = float(value) if not isinstance(value, tuple) else 0.0
    if seconds >= HOUR_S and not seconds % HOUR_S:
        return f"{seconds / HOUR_S:g} h"
    if seconds >= MINUTE_S and not seconds % MINUTE_S:
        return f"{seconds / MINUTE_S:g} min"
    return f"{seconds:g} s"


def _percent(value: Value) -> str:
    return f"{100 * float(value):g} %" if not isinstance(value, tuple) else ""


def _switched(what: str) -> Callable[[Value], str]:
    return lambda value: f"{what} {'on' if value else 'off'}"


def _persons(value: Value) -> str:
    if value == ALL or not isinstance(value, tuple):
        return "everybody on shift"
    return f"on shift {' and '.join(value)}"


WORDS: Mapping[str, Callable[[Value], str]] = {
    "calls": _switched("calls"),
    "condition": _switched("condition monitoring"),
    "rounds_s": lambda value: f"rounds every {span(value)}",
    "reaction_s": lambda value: f"reaction at least {span(value)}",
    "reaction_mean_s": lambda value: f"reaction {span(value)} more on average",
    "walk_s": lambda value: f"walks of {span(value)}",
    "on_shift": _persons,
    "inspection_s": lambda value: f"inspections of {span(value)}",
    "planned_share": lambda value: f"planned repairs at {_percent(value)}",
    "planned_within_s": lambda value: f"planned work within {span(value)}",
    "worn_share": lambda value: f"worn from {_percent(value)}",
    "logged_from_s": lambda value: f"paper log from {span(value)}",
    "rounded_to_s": lambda value: f"paper log rounded to {span(value)}",
    "reason_share": lambda value: f"paper log with {_percent(value)} of the reasons",
}
"""How each assumption is said."""
