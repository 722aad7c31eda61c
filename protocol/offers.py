"""What a plant tells whoever wants to put up a machine: the kinds it knows, and the machines it has."""

from typing import Literal

import msgspec


class Setting(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A number of a kind that a machine's own file may set."""

    key: str
    """As it stands in the file, dotted where it is below a table: `stops.jam.every_h`."""
    title: str
    """What it is, in words."""
    unit: str = ""
    """Its unit, as it is printed."""
    value: float
    """What it is where a machine's file does not say it."""


class Shown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A signal that a machine of a kind sends."""

    title: str
    """What it measures, in words."""
    unit: str
    """Its unit, as it is printed."""
    retrofit: bool = False
    """Whether a retrofit kit measures it, too."""


class KindOffer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One sort of machine, as far as a form asks for it."""

    title: str
    """In words, `CNC mill`."""
    makes_parts: bool = False
    """Whether it makes parts, so that it can stand in a line after another."""
    settings: tuple[Setting, ...] = ()
    """What is most often set."""
    signals: dict[str, Shown] = {}
    """What it measures, by name."""


class Standing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A machine of the plant, beyond what it says of itself."""

    by: Literal["file", "file and command", "command", "bench"] = "file"
    """Whose word it stands by: its file's, a command's that changed what the file says, a command's alone, or
    the calibration bench's.
    """
    paused: bool = False
    """Whether a command holds it."""
