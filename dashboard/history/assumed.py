"""The segments of a run: what was assumed of the plant from when to when."""

from typing import Any

import msgspec
from sqlalchemy import select

from dashboard.conclusions import AssumedSegment, Assumption, Value
from dashboard.history import tables
from dashboard.history.reader import Reader

_S = tables.segments.c
_VALUES = msgspec.json.Decoder(dict[str, Value])


def segments_of(reader: Reader, run: str) -> list[AssumedSegment]:
    """The segments of a run, in order; none where the plant has said nothing."""
    return [
        AssumedSegment(from_ms=row.from_ms, label=row.label, values=_VALUES.decode(row.values))
        for row in _rows(reader, run)
    ]


def assumptions_of(reader: Reader, run: str) -> dict[str, Assumption]:
    """What is assumed at the end of a run, each with its bounds, source and grade."""
    rows = _rows(reader, run)
    if not rows:
        return {}
    values = _VALUES.decode(rows[-1].values)
    about = msgspec.json.decode(rows[-1].about, type=dict[str, Assumption])
    return {key: msgspec.structs.replace(one, value=values[key]) for key, one in about.items()}


def _rows(reader: Reader, run: str) -> list[Any]:
    return list(reader.rows(select(tables.segments).where(_S.run == run).order_by(_S.from_ms)))
