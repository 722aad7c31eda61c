"""The messages of a machine as they came, and the way of each: sent, received, committed, told to pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from dashboard.history import tables
from dashboard.history.reader import Reader
from dashboard.history.store import unpack
from protocol.readings import MAX_SPAN_MS

_R = tables.readings.c
_C = tables.commits.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One message of a machine."""

    at_ms: int
    """The plant time from which its offsets count, ms since 1970."""
    to_ms: int
    """The plant time of the last that it says."""
    received_ms: int
    """Wall time at which ingest took it in, ms since 1970."""
    payload: bytes
    """What was said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """When a message was where, in wall time, ms since 1970; None where nobody noted it."""

    sent_ms: int | None
    """When the plant began to send what its tick closed."""
    committed_ms: int | None
    """When the history had it."""
    told_ms: int | None
    """When pages had been told."""


def newest(reader: Reader, run: str, machine: str, limit: int) -> list[Heard]:
    """The newest messages of a machine, the newest first."""
    mine = (_R.run == run) & (_R.machine == machine)
    return _heard(reader, select(*_NAMED).where(mine).order_by(_R.from_ms.desc(), _R.digest).limit(limit))


def speaking_at(reader: Reader, run: str, machine: str, at_ms: int, limit: int) -> list[Heard]:
    """The messages that say something of a moment or, where none does, the last one before it.

    Newest first; each says something of the time from its beginning to its last reading.
    """
    begun = (_R.run == run) & (_R.machine == machine) & (_R.from_ms <= at_ms)
    newest_first = select(*_NAMED).order_by(_R.from_ms.desc(), _R.digest)
    # None tells of more, so that no older one has to be looked at.
    recent = _R.from_ms >= at_ms - MAX_SPAN_MS
    found = _heard(reader, newest_first.where(begun, recent, _R.to_ms >= at_ms).limit(limit))
    return found or _heard(reader, newest_first.where(begun).limit(1))


def way_of(reader: Reader, received_ms: int) -> Way:
    """The way of a message that was received at a moment: by the first commit that began after it."""
    after = (
        select(tables.commits).where(_C.begun_wall_ms >= received_ms).order_by(_C.begun_wall_ms, _C.number)
    )
    first = next(iter(reader.rows(after.limit(1))), None)
    if first is None:
        return Way(sent_ms=None, committed_ms=None, told_ms=None)
    # What came before its tick may have been committed before it, too.
    ticks = after.where(_C.sent_wall_ms.is_not(None)).limit(1)
    sent = next((row.sent_wall_ms for row in reader.rows(ticks)), None)
    return Way(
        # A plant that was not there yet has sent nothing: it is a device of one's own, or came again.
        sent_ms=sent if sent is not None and sent <= received_ms else None,
        committed_ms=first.done_wall_ms,
        told_ms=first.told_wall_ms,
    )


_NAMED = (_R.at_ms, _R.to_ms, _R.wall_ms, _R.payload)


def _heard(reader: Reader, question: Select[Any]) -> list[Heard]:
    rows: Sequence[Any] = reader.rows(question)
    return [
        Heard(at_ms=row.at_ms, to_ms=row.to_ms, received_ms=row.wall_ms, payload=unpack(row.payload))
        for row in rows
    ]
