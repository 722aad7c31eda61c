"""Numbers as they travel to pages: rows of integers, told whole once and then by what is added to them.

A second of the plant changes nearly every number of every machine, and most of them by the same amount:
what is added is short, and packs to a fraction of what the numbers would take.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.conclusions import Numbers

NUMBERS = Numbers.__struct_fields__
"""The order in which the fields of `Numbers` travel."""
_SHARES = frozenset(
    name
    for name in NUMBERS
    if name.startswith(("utilization", "uptime"))
    or name in {"coverage", "performance", "quality", "oee", "nee", "teep"}
)
SCALES = tuple(100_000 if name in _SHARES else 10 if name == "target_parts" else 1 for name in NUMBERS)
"""A field times its scale is told as a whole number: shares to a thousandth of a percent, times to the ms."""

Row = Sequence[float | None]
"""Numbers in the order of `NUMBERS`."""
_Whole = list[int | None]


class ToldRows:
    """The rows of one subject by name, as pages have them."""

    def __init__(self) -> None:
        self._told: dict[str, _Whole | None] = {}

    def tell(self, now: Mapping[str, Row | None]) -> dict[str, Any]:
        """What makes the rows told last into these.

        Returns:
            `rows` holds those that are told whole, None for one that is no more; `plus` what is to be
            added to others, field by field, `[value]` where there is nothing to add to. Neither is there
            when nothing changed.
        """
        rows: dict[str, Any] = {}
        plus: dict[str, Any] = {}
        for name in [name for name in self._told if name not in now]:
            rows[name] = None
            del self._told[name]
        for name, row in now.items():
            whole, before = _whole(row), self._told.get(name)
            if whole == before and name in self._told:
                continue
            if whole is None or before is None:
                rows[name] = whole
            else:
                plus[name] = _added(before, whole)
            self._told[name] = whole
        return {key: told for key, told in (("rows", rows), ("plus", plus)) if told}

    def whole(self) -> dict[str, Any]:
        """All rows as they were told last."""
        return {"rows": dict(self._told)} if self._told else {}


def _whole(row: Row | None) -> _Whole | None:
    if row is None:
        return None
    return [None if value is None else round(value * scale) for value, scale in zip(row, SCALES, strict=True)]


def _added(before: _Whole, now: _Whole) -> list[Any]:
    """What is to be added to a row, without the zeros at its end."""
    added: list[Any] = [
        new - old if old is not None and new is not None else 0 if old is new else [new]
        for old, new in zip(before, now, strict=True)
    ]
    while added and added[-1] == 0:
        added.pop()
    return added
