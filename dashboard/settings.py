"""A settings file of the office: its text and its TOML, or one sentence that says why there is none."""

import tomllib
from pathlib import Path
from typing import Any


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
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise refusal(f"{source}: not TOML: {error}") from error


def places_of(path: str) -> list[str]:
    """The names by which settings speak of a location and what it lies in, the outermost first.

    >>> places_of("north/machining")
    ['north', 'north', 'machining', 'north/machining']
    """
    levels = path.split("/")
    return [name for depth, level in enumerate(levels, start=1) for name in (level, "/".join(levels[:depth]))]
