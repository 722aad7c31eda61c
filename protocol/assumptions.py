"""The message of what is assumed of the plant, and was in each segment of its run."""

from typing import Annotated

import msgspec

from protocol.messages import MAX_ASSUMPTIONS, Message, Moment, Text, Value, Values

Words = Annotated[str, msgspec.Meta(max_length=1_024, pattern=r"^[^\x00]*\Z")]
"""A sentence or two."""


class Assumption(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is assumed of the plant, and where it comes from."""

    value: Value
    """What is assumed now: on or off, a number, or the names of persons, `all` for everybody."""
    unit: Text = ""
    """Unit of a number; empty where it has none."""
    least: float | None = None
    """The least number that is allowed; None where it is none."""
    most: float | None = None
    """The greatest."""
    words: Words = ""
    """What it says, for whoever changes it."""
    source: Words = ""
    """Where it comes from; empty for nowhere."""
    grade: Text = "assumption"
    """How good the source is, from A to D, or `assumption`."""


class Segment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A span of a run in which the assumptions are the same; it ends where the next begins."""

    at: Moment
    """When it begins."""
    label: Words
    """What is assumed otherwise than in the one before: `rounds every 10 min, calls off`."""
    values: Values
    """All that is assumed in it, by name."""


class Assumptions(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is assumed of the plant, retained on `<root>/_plant/assumptions`."""

    run: Text
    """The run."""
    persons: tuple[Text, ...] = ()
    """The persons who may be on shift."""
    assumptions: Annotated[dict[Text, Assumption], msgspec.Meta(max_length=MAX_ASSUMPTIONS)]
    """Each by its name, as it is now."""
    segments: tuple[Segment, ...]
    """The segments of the run so far, the first at its epoch."""
