"""A TOML table read key by key; what is wrong with it is said with file, key, value and what is allowed."""

import os
import re
import stat
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from protocol.sentences import RefusalError
from protocol.tables import table_of

MAX_FILE_BYTES = 65_536
MAX_SHOWN = 60
NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")
"""What a machine, a line or a kind may be called."""
ALLOWED_NAME = "1 to 40 of a-z, 0-9 and -, with a letter or digit at both ends"
"""The same in words."""


class SpecError(RefusalError):
    """Raised when the file of a kind or a machine cannot be used; names file, key, value and what is allowed.

    mill-7.toml: key 'cycle_s': -3 is not allowed: more than 0, up to 86400
    """


class Section:
    """One table of a TOML file. Keys that nobody asked for are refused by `close`."""

    def __init__(self, values: Mapping[str, Any], *, source: str, path: str = "") -> None:
        self._values = values
        self._asked: set[str] = set()
        self.source = source
        self.path = path

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def number(
        self,
        key: str,
        *,
        above: float | None = None,
        least: float | None = None,
        most: float,
        default: float | None = None,
    ) -> float:
        """A number more than `above`, or not less than `least`, and not more than `most`."""
        bottom = f"more than {above:g}" if above is not None else f"from {least:g}"
        allowed = f"{bottom}, up to {_plain(most)}"
        value = self._value(key, default, allowed)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refusal(key, f"a number, {allowed}")
        # Written so that nan is refused too.
        if not ((above is None or value > above) and (least is None or value >= least) and value <= most):
            raise self.refusal(key, allowed)
        return float(value)

    def whole(self, key: str, *, least: int, most: int, default: int | None = None) -> int:
        """A whole number from `least` to `most`."""
        allowed = f"a whole number from {least} to {most}"
        value = self._value(key, default, allowed)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self.refusal(key, allowed)
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self._value(key, default, "true or false")
        if not isinstance(value, bool):
            raise self.refusal(key, "true or false")
        return value

    def text(self, key: str, *, most: int = 64, default: str | None = None) -> str:
        """Printable text of 1 to `most` characters."""
        allowed = f"printable text of 1 to {most} characters"
        value = self._value(key, default, allowed)
        if value == default and key not in self._values:
            return str(value)
        if not isinstance(value, str) or not 1 <= len(value) <= most or not value.isprintable():
            raise self.refusal(key, allowed)
        return value

    def anything(self, key: str) -> Any:
        """Whatever stands under a key, for whoever checks it."""
        return self._value(key, None, "a value")

    def rows(self, key: str, *, default: list[Any] | None = None, allowed: str) -> list[Any]:
        """A list, its entries unchecked."""
        value = self._value(key, default, allowed)
        if not isinstance(value, list):
            raise self.refusal(key, allowed)
        return value

    def section(self, key: str) -> "Section":
        """The table under a key, empty if there is none."""
        value = self._value(key, {}, "a table")
        if not isinstance(value, dict):
            raise self.refusal(key, "a table")
        return Section(value, source=self.source, path=f"{self._full(key)}.")

    def sections(self) -> dict[str, "Section"]:
        """All keys of this table, each a table itself."""
        return {key: self.section(key) for key in self._values}

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def close(self) -> None:
        """Refuse the keys that nobody asked for.

        Raises:
            SpecError: There is one; with the nearest that is known, or all of them.
        """
        for key in self._values:
            if key not in self._asked:
                near = get_close_matches(key, self._asked, n=1)
                known = (
                    f"did you mean {near[0]!r}?" if near else f"allowed are {', '.join(sorted(self._asked))}"
                )
                raise SpecError(f"{self.source}: key {self._full(key)!r} is not known: {known}")

    def refusal(self, key: str, allowed: str) -> SpecError:
        """The error for the value under a key."""
        shown = _shown(self._values.get(key))
        return SpecError(f"{self.source}: key {self._full(key)!r}: {shown} is not allowed: {allowed}")

    def named(self, allowed: str) -> SpecError:
        """The error for the name of this table."""
        shown = self.path.rstrip(".").rpartition(".")[2]
        return SpecError(f"{self.source}: key {self.path[:-1]!r}: {_shown(shown)} is not allowed: {allowed}")

    def missing(self, key: str, allowed: str) -> SpecError:
        """The error for a key without a value."""
        return SpecError(f"{self.source}: key {self._full(key)!r} is missing: {allowed}")

    def _full(self, key: str) -> str:
        return f"{self.path}{key}"

    def _value(self, key: str, default: Any, allowed: str) -> Any:
        self._asked.add(key)
        if key in self._values:
            return self._values[key]
        if default is None:
            raise self.missing(key, allowed)
        return default


def file_stem(name: str) -> str:
    """The name of the machine or kind that a file of this name describes.

    >>> file_stem("mill-7.toml")
    'mill-7'

    Raises:
        SpecError: The file's name is not allowed.
    """
    stem = name.removesuffix(".toml")
    if stem == name or not NAME.fullmatch(stem):
        raise SpecError(f"{printable(name)}: file name {stem!r} is not allowed: {ALLOWED_NAME}, then .toml")
    return stem


def parse_toml(text: str, source: str) -> dict[str, Any]:
    """The table in a TOML text.

    Raises:
        SpecError: It is not TOML; with the line.
    """
    try:
        return table_of(text)
    except ValueError as error:
        raise SpecError(f"{source}: not TOML: {error}") from error


def read_text(file: Path) -> str:
    """The text of a file.

    Raises:
        SpecError: It cannot be read, is no file, is larger than 64 KiB, or is not UTF-8.
    """
    name = printable(file.name)
    try:
        # Whoever opens a pipe waits until somebody writes into it, unless told otherwise.
        with os.fdopen(os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as opened:
            status = os.fstat(opened.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise SpecError(f"{name}: cannot be read: no regular file: allowed is a TOML file")
            content = opened.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise SpecError(f"{name}: cannot be read: {error.strerror}") from error
    if len(content) > MAX_FILE_BYTES:
        size = max(status.st_size, len(content))
        raise SpecError(f"{name}: {size} bytes are too many: allowed are {MAX_FILE_BYTES}")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SpecError(f"{name}: not TOML: byte {error.start} is not UTF-8") from error


def printable(name: str) -> str:
    """The name of a file as it can be said: what is no character, or no printable one, is replaced."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in name)


def _plain(value: float) -> str:
    return f"{value:.12g}"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    shown = repr(value)
    return shown if len(shown) <= MAX_SHOWN else f"{shown[:MAX_SHOWN]}…"
