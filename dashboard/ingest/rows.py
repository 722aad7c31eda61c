"""What ingest knows, as rows of the history."""

import msgspec

from dashboard.history.store import MinuteRow, Row, pack
from dashboard.ingest.machine import MachineRecord
from dashboard.ingest.minutes import Minute
from dashboard.parts import Counts

_ENCODER = msgspec.json.Encoder()


def machine_row(record: MachineRecord) -> Row:
    """The machine itself."""
    pending = record.keeper.pending
    return {
        **_key(record),
        "path": record.path,
        "since_ms": record.since_ms,
        "retired_ms": record.retired_ms,
        "known_until_ms": record.timeline.known_until_ms,
        "last_at_ms": record.last_at_ms,
        "birth": _ENCODER.encode(record.birth) if record.birth else None,
        "learned": _ENCODER.encode(record.learned) if record.learned else None,
        "least_ms": record.least_ms,
        "pending_ms": pending.since_ms if pending else None,
        "pending_state": str(pending.state) if pending else None,
    }


def interval_rows(record: MachineRecord, from_ms: int) -> tuple[Row, list[Row]]:
    """Its intervals from the one that holds `from_ms` on: from where old rows go, and the new ones."""
    key = _key(record)
    _, _, since_ms = record.timeline.state_at(from_ms)
    until_ms = record.timeline.known_until_ms
    rows = [
        {**key, "start_ms": start_ms, "state": str(state), "cause": cause}
        for start_ms, _, state, cause in record.timeline.window(since_ms, max(until_ms, since_ms))
    ]
    return {**key, "from_ms": since_ms}, rows


def learning_rows(record: MachineRecord) -> list[Row]:
    """Every version of what was learned of it, and those that are being learned anew."""
    key = _key(record)
    versions = record.learned.versions if record.learned is not None else []
    rows: list[Row] = [
        {
            **key,
            "version": one.version,
            "since_ms": one.since_ms,
            "from_ms": one.from_ms,
            "to_ms": one.to_ms,
            "signal": one.signal,
            "above": one.threshold.above if one.threshold else None,
            "below": one.threshold.below if one.threshold else None,
            "period_ms": one.period_ms,
            "readings": one.readings,
        }
        for one in versions
    ]
    nothing: Row = dict.fromkeys(("from_ms", "to_ms", "above", "below", "period_ms", "readings"))
    known = {one.version for one in versions}
    rows += [
        {**key, **nothing, "version": version, "since_ms": learner.since_ms, "signal": ""}
        for version, learner in record.learners.items()
        if version not in known and learner.since_ms is not None
    ]
    return rows


def count_rows(record: MachineRecord, counts: Counts) -> list[Row]:
    """Entries of its counters."""
    columns = (counts.at_ms.tolist(), counts.parts.tolist(), counts.rejects.tolist())
    return [
        {**_key(record), "at_ms": at_ms, "parts": parts, "rejects": rejects}
        for at_ms, parts, rejects in zip(*columns, strict=True)
    ]


def minute_rows(record: MachineRecord, minutes: dict[str, list[Minute]]) -> list[MinuteRow]:
    """Minutes of its signals, each in the order of the table's columns: there are many."""
    run, machine = record.run, record.name
    return [
        (run, machine, name, one.minute_ms, one.count, one.sum, one.min, one.max, one.last, one.last_at_ms)
        for name, several in minutes.items()
        for one in several
    ]


def reading_row(
    record: MachineRecord, payload: bytes, *, at_ms: int, until_ms: int, digest: str, wall_ms: int
) -> Row:
    """One message of it, as it came."""
    return {
        **_key(record),
        "from_ms": at_ms,
        "digest": digest,
        "to_ms": until_ms,
        "at_ms": at_ms,
        "wall_ms": wall_ms,
        "payload": pack(payload),
    }


def _key(record: MachineRecord) -> Row:
    return {"run": record.run, "machine": record.name}
