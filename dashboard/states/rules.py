"""The settings by which readings become states, in one TOML file: for the site, a line or a machine."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dashboard.settings import fields_of, places_of, text_of
from protocol.sentences import RefusalError

DEFAULT_FILE = Path(__file__).parent.with_suffix(".toml")
"""The settings of the demo."""
THIRD = 1 / 3
"""The share of the valley that is taken where nothing else is said."""
MOST_HYSTERESIS = 0.9
LONGEST_LEAST_S = 3_600
"""A state that has to last longer than an hour is no matter of readings."""
_KEYS = ("hysteresis", "least_s")
_NARROWER = ("line", "machine")


class StatesError(RefusalError):
    """Raised when the settings cannot be understood; says which key, which value and what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRule:
    """How readings of one machine become states."""

    hysteresis: float = THIRD
    """Distance of the two levels that are learned, as a share of the valley between running and stopped."""
    least_ms: int = 0
    """How long a state must last that readings alone tell, in milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRules:
    """The rule of every machine."""

    site: StateRule = field(default_factory=StateRule)
    """What holds where nothing else is said."""
    lines: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What holds instead in a line, by the line's name or path."""
    machines: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What holds instead for a machine, by its name."""

    @classmethod
    def of(cls, text: str, source: str = "states.toml") -> "StateRules":
        r"""The settings in the text of a TOML file.

        >>> rules = StateRules.of('least_s = 5\n[machine."saw-1"]\nleast_s = 20')
        >>> [rules.rule("cutting", name).least_ms for name in ("saw-1", "saw-2")]
        [20000, 5000]

        Raises:
            StatesError: Names the file, the key, the value and what is allowed.
        """
        given = fields_of(text, source, StatesError)
        site = {key: value for key, value in given.items() if key not in _NARROWER}
        return cls(
            site=replace(StateRule(), **_values(site, source, (*_KEYS, *_NARROWER))),
            lines=_sections(given, "line", source),
            machines=_sections(given, "machine", source),
        )

    @classmethod
    def read(cls, file: Path = DEFAULT_FILE) -> "StateRules":
        """The settings in a TOML file.

        Raises:
            StatesError: Names the file, the key, the value and what is allowed.
        """
        return cls.of(text_of(file, StatesError), file.name)

    def rule(self, path: str, machine: str) -> StateRule:
        """What holds for a machine: its own setting, else its line's, else the site's.

        Args:
            path: Location of the machine, `north/machining`; of its levels the innermost comes first.
            machine: Name of the machine.
        """
        found: dict[str, Any] = {}
        for name in places_of(path):
            found.update(self.lines.get(name, {}))
        found.update(self.machines.get(machine, {}))
        return replace(self.site, **found) if found else self.site


def _sections(given: Mapping[str, Any], kind: str, source: str) -> dict[str, dict[str, Any]]:
    sections = given.get(kind, {})
    if not isinstance(sections, dict) or not all(isinstance(one, dict) for one in sections.values()):
        raise StatesError(
            f'{source}: key {kind!r}: allowed is [{kind}."name"] with settings of its own: {", ".join(_KEYS)}'
        )
    return {name: _values(one, f'{source}: {kind} "{name}"', _KEYS) for name, one in sections.items()}


def _values(given: Mapping[str, Any], where: str, allowed: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in given.items():
        if key == "hysteresis":
            found["hysteresis"] = _number(value, where, key, MOST_HYSTERESIS, "a share of the valley")
        elif key == "least_s":
            found["least_ms"] = round(_number(value, where, key, LONGEST_LEAST_S, "seconds") * 1_000)
        else:
            raise StatesError(f"{where}: unknown key {key!r}: allowed are {', '.join(allowed)}")
    return found


def _number(value: object, where: str, key: str, most: float, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise StatesError(
            f"{where}: key {key!r}: {value!r} is none of its values: allowed is {what} from 0 to {most:,}"
        )
    return float(value)
