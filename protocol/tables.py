"""The table in a TOML text, as any of our programs may take it."""

import tomllib
from collections.abc import Iterator
from typing import Any

MOST_BITS = 4_096
"""TOML has whole numbers of 64; what key takes which is for others to say, but Python reads some (`0xff…`)
that are too long for it to say."""


def table_of(text: str) -> dict[str, Any]:
    """The table in a TOML text.

    >>> table_of("mills = 3")
    {'mills': 3}

    Raises:
        ValueError: It is not TOML; says where and why.
    """
    try:
        table = tomllib.loads(text)
        for key, value in _whole_numbers("", table):
            if value.bit_length() > MOST_BITS:
                raise ValueError(
                    f"key {key!r}: a whole number of {value.bit_length()} bits is not allowed: 64 are"
                )
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return table


def _whole_numbers(key: str, value: Any) -> Iterator[tuple[str, int]]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _whole_numbers(f"{key}.{name}" if key else name, one)
    elif isinstance(value, list):
        for one in value:
            yield from _whole_numbers(key, one)
    elif isinstance(value, int):
        yield key, value
