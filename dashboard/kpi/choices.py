"""The choices on which standards disagree, each a named setting; the defaults are the recommended ones."""

import hashlib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

from dashboard.settings import fields_of, text_of
from protocol.sentences import RefusalError

DEFAULT_FILE = Path(__file__).parent.with_name("choices.toml")
"""The choices of the demo: the recommended ones."""
LONGEST_MS = 3_600_000
"""A stop longer than an hour is not small, whatever is asked for."""

Plan = Literal["excluded", "loss"]
Setup = Literal["loss", "excluded"]
Line = Literal["availability", "performance", "excluded"]
Micro = Literal["availability", "performance"]
Above = Literal["raw", "capped"]
Silence = Literal["excluded", "down"]
Nothing = Literal["undefined", "zero"]


class ChoicesError(RefusalError):
    """Raised when the choices cannot be understood; says which key, which value and what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """By which of several usual definitions the numbers are worked out."""

    breaks: Plan = "excluded"
    """Breaks are left out of planned time (Vorne), or are planned time that is lost (MachineMetrics)."""
    maintenance: Plan = "excluded"
    """The same for planned maintenance: ISO 22400 leaves it out (PBT), Point85 counts it as lost."""
    setup: Setup = "loss"
    """Setup is lost time (ISO 22400 OEE), or left out of what utilization is measured against."""
    starved_blocked: Line = "availability"
    """Starved and blocked time lowers utilization (ISO 22400), performance (Point85), or is left out."""
    micro_stops: Micro = "availability"
    """Micro-stops lower utilization, or performance (OEE Coach)."""
    micro_stop_ms: int = 60_000
    """A stop shorter than this is a micro-stop, in milliseconds. MachineMetrics' example is 60 s."""
    debounce_ms: int = 0
    """Idle or stopped time shorter than this, between running and running, is taken for running (Lincoln)."""
    performance_above_1: Above = "raw"
    """Performance above 100 % is shown as it is and flagged (ISO 22400), or capped at 100 %."""
    unknown: Silence = "excluded"
    """Time without data counts on neither side (Lincoln), or as down (PTC)."""
    no_planned_time: Nothing = "undefined"
    """Without planned time a KPI is undefined, or 0 as Lincoln prints it."""

    @property
    def margin_ms(self) -> int:
        """How far beyond a window its surroundings must be known, in milliseconds."""
        return self.micro_stop_ms + self.debounce_ms

    @property
    def digest(self) -> str:
        """The same for equal choices, in hexadecimal."""
        text = repr([(field.name, getattr(self, field.name)) for field in fields(self)])
        return hashlib.sha256(text.encode()).hexdigest()

    def named(self) -> dict[str, str | float]:
        """Every choice by name, as the file has them: durations in seconds."""
        return {
            _key(field.name): getattr(self, field.name)
            if field.name not in _DURATIONS
            else getattr(self, field.name) / 1_000
            for field in fields(self)
        }

    @classmethod
    def of(cls, text: str, source: str = "choices.toml") -> "Choices":
        """The choices in the text of a TOML file; those it leaves out are the recommended ones.

        Raises:
            ChoicesError: Names the file, the key, the value and what is allowed.
        """
        given = fields_of(text, source, ChoicesError)
        known = {_key(field.name): field.name for field in fields(cls)}
        chosen: dict[str, Any] = {}
        for key, value in given.items():
            if key not in known:
                raise ChoicesError(f"{source}: unknown key {key!r}: allowed are {', '.join(known)}")
            name = known[key]
            chosen[name] = (
                _milliseconds(key, value, source) if name in _DURATIONS else _word(key, name, value, source)
            )
        return cls(**chosen)

    @classmethod
    def read(cls, file: Path = DEFAULT_FILE) -> "Choices":
        """The choices in a TOML file.

        Raises:
            ChoicesError: Names the file, the key, the value and what is allowed.
        """
        return cls.of(text_of(file, ChoicesError), file.name)


_DURATIONS = ("micro_stop_ms", "debounce_ms")
_WORDS: dict[str, tuple[str, ...]] = {
    field.name: get_args(field.type) for field in fields(Choices) if field.name not in _DURATIONS
}


def _key(name: str) -> str:
    return name.removesuffix("_ms") + "_s" if name.endswith("_ms") else name


def _word(key: str, name: str, value: object, source: str) -> str:
    allowed = _WORDS[name]
    if not isinstance(value, str) or value not in allowed:
        raise ChoicesError(f"{source}: key {key!r}: {value!r} is unknown: allowed are {', '.join(allowed)}")
    return value


def _milliseconds(key: str, value: object, source: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LONGEST_MS / 1_000:
        raise ChoicesError(
            f"{source}: key {key!r}: {value!r} is no duration: "
            f"allowed are seconds from 0 to {LONGEST_MS // 1_000:,}"
        )
    return round(value * 1_000)
