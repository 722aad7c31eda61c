"""The fields of a table of a tour's file, taken one by one; what is left in the end was no field."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from protocol.sentences import RefusalError

LARGEST_SEED = 2**53 - 1
"""What a browser can send as a whole number."""
_Default = TypeVar("_Default", str, None)


class TourError(RefusalError):
    """Raised when a tour cannot be understood; says which step, key and value, and what is allowed."""


class Fields:
    """One table of the file."""

    def __init__(self, given: Mapping[str, Any], where: str) -> None:
        self._given = given
        self._where = where
        self._taken: set[str] = set()

    def named(self, name: str) -> "Fields":
        """The same table, once it is known by what it is called in a sentence."""
        self._where = f"{self._where.partition(': number ')[0]}: {name}"
        return self

    def refused(self, key: str, value: object, allowed: str) -> TourError:
        """What is raised for a key."""
        said = "is missing" if value is None else f"{value!r} is none of its values"
        return TourError(f"{self._where}: key {key!r}: {said}: allowed is {allowed}")

    def done(self) -> None:
        """Refuse what nobody has taken."""
        for key in self._given:
            if key not in self._taken:
                allowed = ", ".join(sorted(self._taken))
                raise TourError(f"{self._where}: unknown key {key!r}: allowed are {allowed}")

    def raw(self, key: str) -> Any:
        """What stands there, whatever it is; None where nothing does."""
        self._taken.add(key)
        return self._given.get(key)

    def line(self, key: str, most: int, default: _Default | type[str] = str) -> Any:
        """One line of text of at most so many characters; without a default it has to be there."""
        value = self.raw(key)
        if value is None and default is not str:
            return default
        if not isinstance(value, str) or not 1 <= len(value) <= most or not value.isprintable():
            raise self.refused(key, value, f"one line of 1 to {most} characters")
        return value

    def lines(self, key: str, most: int, longest: int) -> tuple[str, ...]:
        """Some lines of text."""
        value = self.raw(key)
        good = isinstance(value, list) and 1 <= len(value) <= most
        if not good or not all(isinstance(one, str) and 1 <= len(one) <= longest for one in value):
            raise self.refused(
                key, value, f"a list of 1 to {most} sentences, each of 1 to {longest} characters"
            )
        return tuple(value)

    def text(self, key: str, pattern: re.Pattern[str], allowed: str) -> str:
        """Text that fits a pattern."""
        value = self.raw(key)
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise self.refused(key, value, allowed)
        return value

    def one_of(self, key: str, words: Sequence[str], default: str) -> str:
        """One of some words."""
        value = self.raw(key)
        if value is None:
            return default
        if value not in words:
            raise self.refused(key, value, f"one of {', '.join(words)}")
        return str(value)

    def number(self, key: str, least: float, most: float, default: float | None = None) -> float:
        """A number of real seconds."""
        value = self.raw(key)
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise self.refused(key, value, f"a number of seconds from {least:g} to {most:g}")
        return value

    def whole(self, key: str) -> int:
        """A seed."""
        value = self.raw(key)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST_SEED:
            raise self.refused(key, value, f"a whole number from 0 to {LARGEST_SEED}")
        return value

    def table(self, key: str) -> "Fields | None":
        """A table within this one, if there is one."""
        value = self.raw(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.refused(key, value, "a table")
        return Fields(value, f"{self._where}: {key}")

    def tables(self, key: str, most: int, least: int = 1) -> list["Fields"]:
        """A list of tables."""
        value = self.raw(key)
        if value is None and not least:
            return []
        if (
            not isinstance(value, list)
            or not least <= len(value) <= most
            or not all(isinstance(one, dict) for one in value)
        ):
            raise self.refused(key, value, f"{least} to {most} tables, [[{key}]]")
        return [Fields(one, f"{self._where}: number {place} of {key}") for place, one in enumerate(value, 1)]

    def table_of_tables(self, key: str) -> dict[str, "Fields"]:
        """Tables by their names."""
        value = self.raw(key)
        if value is None:
            return {}
        if not isinstance(value, dict) or not all(isinstance(one, dict) for one in value.values()):
            raise self.refused(key, value, f"tables by name, {key}.NAME")
        return {name: Fields(one, self._where) for name, one in value.items()}
