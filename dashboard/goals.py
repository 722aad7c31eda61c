"""How much of its planned time a machine should run, in one TOML file: for the site, a line or a machine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dashboard.settings import fields_of, places_of, text_of
from protocol.sentences import RefusalError

DEFAULT_FILE = Path(__file__).with_suffix(".toml")
"""The goals of the demo."""
_KEY = "utilization"
_NARROWER = ("line", "machine")


class GoalsError(RefusalError):
    """Raised when the goals cannot be understood; says which key, which value and what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goals:
    """The goal of every machine."""

    site: float = 0.55
    """Share of planned time in which a machine should run, where nothing else is said; 0 to 1."""
    lines: Mapping[str, float] = field(default_factory=dict)
    """What holds instead in a line, by the line's name or path."""
    machines: Mapping[str, float] = field(default_factory=dict)
    """What holds instead for a machine, by its name."""

    @classmethod
    def of(cls, text: str, source: str = "goals.toml") -> "Goals":
        r"""The goals in the text of a TOML file.

        >>> goals = Goals.of('utilization = 0.6\n[machine."saw-1"]\nutilization = 0.4')
        >>> goals.goal("cutting", "saw-1"), goals.goal("cutting", "saw-2")
        (0.4, 0.6)

        Raises:
            GoalsError: Names the file, the key, the value and what is allowed.
        """
        given = fields_of(text, source, GoalsError)
        for key in given:
            if key not in (_KEY, *_NARROWER):
                allowed = ", ".join((_KEY, *_NARROWER))
                raise GoalsError(f"{source}: unknown key {key!r}: allowed are {allowed}")
        return cls(
            site=_share(given[_KEY], source) if _KEY in given else cls().site,
            lines=_sections(given, "line", source),
            machines=_sections(given, "machine", source),
        )

    @classmethod
    def read(cls, file: Path = DEFAULT_FILE) -> "Goals":
        """The goals in a TOML file.

        Raises:
            GoalsError: Names the file, the key, the value and what is allowed.
        """
        return cls.of(text_of(file, GoalsError), file.name)

    def goal(self, path: str, machine: str) -> float:
        """The goal of a machine: its own, else its line's, else the site's.

        Args:
            path: Location of the machine, `north/machining`; of its levels the innermost comes first.
            machine: Name of the machine.
        """
        if machine in self.machines:
            return self.machines[machine]
        return next((self.lines[name] for name in reversed(places_of(path)) if name in self.lines), self.site)


def _sections(given: Mapping[str, Any], kind: str, source: str) -> dict[str, float]:
    sections = given.get(kind, {})
    if not isinstance(sections, dict) or not all(
        isinstance(one, dict) and set(one) == {_KEY} for one in sections.values()
    ):
        raise GoalsError(f'{source}: key {kind!r}: allowed is [{kind}."name"] with {_KEY} alone in it')
    return {name: _share(one[_KEY], f'{source}: {kind} "{name}"') for name, one in sections.items()}


def _share(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        raise GoalsError(
            f"{where}: key {_KEY!r}: {value!r} is none of its values: "
            "allowed is a share of planned time above 0 up to 1"
        )
    return float(value)
