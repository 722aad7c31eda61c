"""The fields of a command: what each may hold, and the sentence for what it may not."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from simulator.specs.settings import ALLOWED_NAME, MAX_FILE_BYTES, NAME

MAX_SEED = 2**53
MAX_SHOWN = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a command."""

    allowed: str
    """What it may hold, in words."""
    right: Callable[[object], bool]
    """Whether a value is that."""
    needed: bool = True
    """Whether the command is nothing without it."""

    def optional(self) -> "Field":
        """The same, where it may be left out."""
        return replace(self, needed=False)

    def wrong(self, key: str, value: object) -> str:
        """What is wrong with a value under a key; empty when nothing is."""
        if value is None or value == "":
            return f"key {key!r} is missing: allowed is {self.allowed}" if self.needed else ""
        if self.right(value):
            return ""
        return f"key {key!r}: {str(value)[:MAX_SHOWN]!r} is not allowed: {self.allowed}"


def number(least: float, most: float) -> Field:
    """A number from `least` to `most`."""
    return Field(
        allowed=f"a number from {least:g} to {most:g}",
        right=lambda value: is_number(value) and least <= value <= most,  # type: ignore[operator]
    )


def whole(least: int, most: int) -> Field:
    """A whole number from `least` to `most`."""
    return Field(
        allowed=f"a whole number from {least} to {most}",
        right=lambda value: is_number(value) and isinstance(value, int) and least <= value <= most,
    )


def one_of(*words: str) -> Field:
    """One of these words."""
    return Field(allowed=", ".join(words), right=lambda value: value in words)


SWITCH = Field(allowed="true or false", right=lambda value: isinstance(value, bool))
SEED = whole(0, MAX_SEED)
MACHINE = Field(
    allowed=f"the name of a machine, {ALLOWED_NAME}",
    right=lambda value: isinstance(value, str) and NAME.fullmatch(value) is not None,
)
SIGNAL = Field(
    allowed="the name of a signal, such as power_kw",
    right=lambda value: isinstance(value, str) and value.isidentifier() and len(value) <= MAX_SHOWN,
)
TEXT = Field(
    allowed=f"TOML text of 1 to {MAX_FILE_BYTES} bytes, as in a machine's file",
    right=lambda value: isinstance(value, str) and len(value.encode(errors="replace")) <= MAX_FILE_BYTES,
)


def is_number(value: object) -> bool:
    """Whether a value is a number, which true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)
