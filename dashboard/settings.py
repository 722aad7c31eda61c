"""A settings file of the office: its text and its TOML, or one sentence that says why there is none."""

from pathlib import Path
from typing import Any

from protocol.tables import table_of


def text_of(file: Path, refusal: type[ValueError]) -> str:
    """The text of a settings file.

    Args:
        file: The file.
        refusal: What is raised when it cannot be read.

    Raises:
        ValueError: A `refusal` that names the file.
    """
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise refusal(f"{file}: cannot be read: {error}: allowed is a TOML file") from error


def fields_of(text: str, source: str, refusal: type[ValueError]) -> dict[str, Any]:
    """What stands in the text of a settings file.

    Args:
        text: The TOML text.
        source: Name of the file.
        refusal: What is raised when it is no TOML.

    Raises:
        ValueError: A `refusal` that names the file and the place in it.
    """
    try:
        return table_of(text)
    except ValueError as error:
        raise refusal(f"{source}: not TOML: {error}") from error


LARGEST = 1e15
"""No factor and no offset is larger: beyond, a float has no places left."""
MAX_DEVICES = 1_000
"""Of one file: devices are described by people."""


def devices_of(text: str, source: str, refusal: type[ValueError]) -> list[dict[str, Any]]:
    """The `[[device]]` tables of a settings file that holds nothing else.

    Args:
        text: The TOML text.
        source: Name of the file.
        refusal: What is raised when it is none.

    Raises:
        ValueError: A `refusal` that names the file, the key, the value and what is allowed.
    """
    given = fields_of(text, source, refusal)
    tables = given.pop("device", [])
    if given:
        key, value = next(iter(given.items()))
        raise refused(refusal, source, key, value, "only [[device]] tables")
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        raise refused(refusal, source, "device", tables, "tables, each under [[device]]")
    if len(tables) > MAX_DEVICES:
        raise refused(refusal, source, "device", len(tables), f"up to {MAX_DEVICES} tables")
    return tables


def refused(refusal: type[ValueError], where: str, key: str, value: object, allowed: str) -> ValueError:
    """A `refusal` that names the place, the key, the beginning of its value and what is allowed."""
    return refusal(f"{where}: key {key!r}: {str(value)[:60]!r} is not allowed: {allowed}")


def places_of(path: str) -> list[str]:
    """The names by which settings speak of a location and what it lies in, the outermost first.

    >>> places_of("north/machining")
    ['north', 'north', 'machining', 'north/machining']
    """
    levels = path.split("/")
    return [name for depth, level in enumerate(levels, start=1) for name in (level, "/".join(levels[:depth]))]
