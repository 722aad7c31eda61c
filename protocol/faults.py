"""The message of what can be broken on demand in the plant, and what was, in the run that is on.

The plant says it to whoever looks at a page. The office that works out states and numbers may not read it.
"""

from typing import Annotated, Literal

import msgspec

from protocol.messages import MAX_SIGNALS, Message, Moment, Text

Words = Annotated[str, msgspec.Meta(max_length=1_024, pattern=r"^[^\x00]*\Z")]
"""A sentence or two."""
MAX_SPELLS = 100
"""So many faults of a run are told, the newest."""
MAX_ENTRIES = 64


class FaultEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One fault that can be asked for."""

    fault: Text
    """What a command calls it, `tool-breakage`."""
    title: Text
    """The same for people."""
    about: Literal["machine", "sensor", "link"]
    """What is at fault; one of a sensor needs a signal."""
    severity: Words
    """What severity 0 to 1 means."""
    duration_s: float
    """How long it lasts when nobody says so, in plant seconds."""
    expected: Words
    """What is to be seen of it."""


class Breakable(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What of the catalogue one machine can have."""

    signals: Annotated[tuple[Text, ...], msgspec.Meta(max_length=MAX_SIGNALS)] = ()
    """Its sensors."""
    without: Annotated[dict[Text, Words], msgspec.Meta(max_length=MAX_ENTRIES)] = {}
    """The faults that it cannot have, each with the reason."""
    reason: Words = ""
    """Why it can have none at all; empty when it can."""


class FaultSpell(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One fault that was asked for."""

    machine: Text
    """The machine."""
    fault: Text
    """Which one, as in the catalogue."""
    signal: Text = ""
    """The signal that is wrong; empty when it is no fault of a sensor."""
    severity: float
    """From 0 (hardly) to 1 (as bad as it gets)."""
    words: Words
    """What that severity means."""
    begun: Moment
    """When it began, plant time."""
    until: Moment
    """When it ends by itself, or was cleared."""


class Faults(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What can be broken, and what was, retained on `<root>/_plant/faults`."""

    run: Text
    """The run."""
    catalogue: Annotated[tuple[FaultEntry, ...], msgspec.Meta(max_length=MAX_ENTRIES)]
    """Every fault that there is: those of machines first, then of sensors, then of links."""
    machines: dict[Text, Breakable]
    """By name what each machine of the simulated plant can have."""
    spells: Annotated[tuple[FaultSpell, ...], msgspec.Meta(max_length=MAX_SPELLS)] = ()
    """The newest faults of the run, in the order in which they began."""
