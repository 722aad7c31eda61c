"""When a call would be right, and when the machine is well: what every rule is reduced to."""

from dataclasses import dataclass
from typing import NamedTuple


class Ready(NamedTuple):
    """A stretch of moments at which a call would be right, [`from_ms`, `to_ms`], both included.

    Whether it is right at a moment follows from what was before that moment alone.
    """

    from_ms: int
    """The first of them, ms since 1970."""
    to_ms: int
    """The last."""
    since_ms: int
    """When began what is wrong."""
    cause: str = ""
    """Why, in words; `""` where the machine's own cause at the moment says it."""


class Clear(NamedTuple):
    """A stretch in which the machine is well, [`from_ms`, `to_ms`)."""

    from_ms: int
    """When it begins, ms since 1970."""
    to_ms: int
    """When it ends."""
    known_ms: int
    """From when on it can be said that it is well, and did not only flicker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What one rule finds in a window, each in order."""

    ready: list[Ready]
    """When a call would be right."""
    clear: list[Clear]
    """When the machine is well."""
