"""The faults that somebody asked for, as the truth told of them. No number is worked out from them."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from dashboard.history import tables
from dashboard.history.reader import Reader

_F = tables.truth_faults.c


def faults_between(
    reader: Reader, run: str, machines: Collection[str], from_ms: int, to_ms: int
) -> list[Any]:
    """The faults of some machines that touch [from_ms, to_ms), as they began.

    One that was cleared in the moment in which it began is none.
    """
    rows = reader.rows(
        select(tables.truth_faults)
        .where(_F.run == run, _F.from_ms < to_ms, _F.until_ms > from_ms, _F.until_ms > _F.from_ms)
        .order_by(_F.from_ms, _F.machine, _F.fault, _F.signal)
    )
    wanted = set(machines)
    return [row for row in rows if row.machine in wanted]
