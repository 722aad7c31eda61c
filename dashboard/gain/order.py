"""In which order lines and machines stand, and how a line is written: as on the floor page."""

import re
from typing import Any

_NUMBER = re.compile(r"([0-9]+)")


def place_of_line(line: str) -> tuple[bool, str, str]:
    """What lines are sorted by: their names; machines outside every line come last."""
    return line == "", line.casefold(), line


def place_of_machine(line: str, name: str) -> tuple[Any, ...]:
    """What machines are sorted by: line, then name, the numbers in it by their size.

    >>> sorted(["mill-10", "mill-2", "lathe-1"], key=lambda name: place_of_machine("machining", name))
    ['lathe-1', 'mill-2', 'mill-10']
    """
    # Text and numbers take turns in what is split, so that text is compared with text alone.
    parts = [int(one) if odd % 2 else one.casefold() for odd, one in enumerate(_NUMBER.split(name))]
    return *place_of_line(line), *parts, name


def written(line: str) -> str:
    """A line as a name: with a capital, wherever it stands.

    >>> written("machining"), written("")
    ('Machining', 'outside every line')
    """
    return line[:1].upper() + line[1:] if line else "outside every line"
