"""The calendar of the whole plant: which schedule holds at which place."""

import hashlib
from collections.abc import Mapping
from datetime import time
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from dashboard.calendar.file import CalendarError, Lists, contents
from dashboard.calendar.rules import Rules
from dashboard.calendar.schedule import Schedule
from dashboard.settings import places_of, text_of

DEFAULT_FILE = Path(__file__).parent.with_suffix(".toml")
"""The calendar of the demo: three shifts round the clock, no breaks."""

__all__ = ["DEFAULT_FILE", "Calendar", "CalendarError"]


class Calendar:
    """When production is planned, everywhere in the plant.

    Args:
        zone: Time zone of the plant.
        day_starts: Local time at which a production day begins.
        site: What holds where nothing else is said.
        lines: What holds instead in a line, by the line's name or path.
        machines: What holds instead for a machine, by its name.
        digest: SHA-256 of the file's text, in hexadecimal.
    """

    def __init__(
        self,
        *,
        zone: ZoneInfo,
        day_starts: time,
        site: Lists,
        lines: Mapping[str, Lists],
        machines: Mapping[str, Lists],
        digest: str,
    ) -> None:
        self.zone = zone.key
        """Time zone of the plant, an IANA name."""
        self.day_starts = day_starts
        """Local time at which a production day begins."""
        self.digest = digest
        """SHA-256 of the file's text, in hexadecimal."""
        self._site, self._lines, self._machines = site, lines, machines
        # Places where the same holds share what is worked out.
        self._made = lru_cache(None)(lambda rules: Schedule(zone, day_starts, rules))
        self._found = lru_cache(10_000)(self._find)
        self.site: Schedule = self._made(Rules(**site))
        """What holds where nothing else is said."""

    @classmethod
    def of(cls, text: str, source: str = "calendar.toml") -> "Calendar":
        """The calendar in the text of a TOML file.

        Raises:
            CalendarError: Names the file, the key, the value and what is allowed.
        """
        found = contents(text, source)
        return cls(
            zone=found.zone,
            day_starts=found.day_starts,
            site=found.site,
            lines=found.lines,
            machines=found.machines,
            digest=hashlib.sha256(text.encode()).hexdigest(),
        )

    @classmethod
    def read(cls, file: Path = DEFAULT_FILE) -> "Calendar":
        """The calendar in a TOML file.

        Raises:
            CalendarError: Names the file, the key, the value and what is allowed.
        """
        return cls.of(text_of(file, CalendarError), file.name)

    def schedule(self, path: str, machine: str) -> Schedule:
        """What holds for a machine: of each list its own, else its line's, else the site's.

        Args:
            path: Location of the machine, `north/machining`; of its levels the innermost comes first.
            machine: Name of the machine.
        """
        if not self._lines and not self._machines:
            return self.site
        return self._found(path, machine)

    def _find(self, path: str, machine: str) -> Schedule:
        lists = self._site
        for name in places_of(path):
            lists = lists | self._lines.get(name, Lists())
        return self._made(Rules(**(lists | self._machines.get(machine, Lists()))))
