"""Machines as they were left: read back from the history when ingest starts, or a machine returns."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np

from dashboard.condition.followed import Part
from dashboard.history.store import Store
from dashboard.ingest.machine import MachineRecord
from dashboard.ingest.minutes import MINUTE_MS, Minute
from dashboard.intervals import Intervals, Splice, Timeline
from dashboard.parts import Counts, Tally
from dashboard.states.lasting import Pending
from dashboard.states.learning import Learned
from dashboard.states.rules import StateRules
from protocol.messages import Birth
from protocol.readings import Batch, decode_batch
from protocol.states import State

MINUTES_MS = 26 * 3_600_000
"""Minutes of signals are read back for so long."""
_BIRTH = msgspec.json.Decoder(Birth)
_LEARNED = msgspec.json.Decoder(Learned)


def recall(
    store: Store, run: str, *, memory_ms: int, rules: StateRules, mine: Callable[[str], bool]
) -> dict[str, MachineRecord]:
    """The machines of a run that are there, or were not long ago, by name.

    Args:
        store: The history.
        run: The run.
        memory_ms: How far back from its newest evidence a machine's time is read, in milliseconds.
        rules: How readings become states from now on.
        mine: Whether the machines at a location are wanted.
    """
    rows = store.machines(run, memory_ms=memory_ms)
    return {row.machine: _record(store, row, memory_ms, rules) for row in rows if mine(row.path)}


def recall_one(
    store: Store, run: str, name: str, *, memory_ms: int, rules: StateRules
) -> MachineRecord | None:
    """One machine of a run, retired or not; None when the run never had it."""
    row = store.machine(run, name)
    return None if row is None else _record(store, row, memory_ms, rules)


def remember_from(store: Store, record: MachineRecord, from_ms: int) -> None:
    """Read a machine's time back from an earlier moment on, if that is no longer in memory."""
    known_from_ms = record.remembered_from_ms
    if known_from_ms is None or known_from_ms <= from_ms:
        return
    # What is in memory may be newer than the history; what has left it is not.
    begun_ms = max(known_from_ms, record.timeline.from_ms)
    known = record.timeline.window(begun_ms, max(record.timeline.known_until_ms, begun_ms))
    rows = store.intervals_from(record.run, record.name, from_ms)
    record.timeline = Timeline.of(intervals_of(rows, known_from_ms))
    record.timeline.splice(Splice(known.from_ms, known.end_ms, known))
    record.remembered_from_ms = from_ms


def follow_on(store: Store, record: MachineRecord, names: Sequence[str]) -> None:
    """Read back the minutes of signals that are followed from now on; the history has to have all of them."""
    from_ms = max(record.remembered_from_ms or 0, (record.last_at_ms or 0) - MINUTES_MS)
    rows = store.newest_minutes(record.run, record.name, from_ms, names)
    parts: dict[str, list[Part]] = {}
    for row in rows:
        parts.setdefault(row.signal, []).append(Part(row.minute_ms, row.sum, row.count))
    record.followed.add(parts, whole=True)


def kept_batches(store: Store, record: MachineRecord, to_ms: int | None = None) -> list[tuple[int, Batch]]:
    """The messages of a machine that are kept, up to a moment or all of them, each with its moment."""
    until_ms = (record.last_at_ms or 0) if to_ms is None else to_ms
    # Nothing begins before 1970, so nothing from there has to be looked for.
    kept = store.messages(record.run, record.name, 0, until_ms, widest_ms=0)
    return [(at_ms, decode_batch(payload)) for at_ms, payload in kept]


def intervals_of(rows: Any, until_ms: int) -> Intervals:
    """The intervals in rows of the history, the last one up to a moment."""
    pieces = [(row.start_ms, State(row.state), row.cause) for row in rows if row.start_ms < until_ms]
    return Intervals.of(pieces, until_ms) if pieces else Intervals.empty(until_ms)


def _record(store: Store, row: Any, memory_ms: int, rules: StateRules) -> MachineRecord:
    record = MachineRecord(
        run=row.run,
        name=row.machine,
        path=row.path,
        since_ms=row.since_ms,
        rule=rules.rule(row.path, row.machine),
        least_ms=row.least_ms or 0,
        retired_ms=row.retired_ms,
        birth=_BIRTH.decode(row.birth) if row.birth else None,
        learned=_LEARNED.decode(row.learned) if row.learned else None,
        last_at_ms=row.last_at_ms,
        changed=False,
    )
    begun_ms = row.known_until_ms - memory_ms
    known = intervals_of(store.intervals_from(row.run, row.machine, begun_ms), row.known_until_ms)
    record.timeline = Timeline.of(known)
    record.remembered_from_ms = begun_ms
    record.tell_from_ms = begun_ms
    entries = np.array(
        [
            (entry.at_ms, entry.parts, entry.rejects)
            for entry in store.counts_from(row.run, row.machine, begun_ms)
        ],
        dtype=np.int64,
    ).reshape(-1, 3)
    record.tally = Tally.of(Counts(entries[:, 0], entries[:, 1], entries[:, 2]))
    if row.last_at_ms is not None:
        for minute in store.newest_minutes(row.run, row.machine, row.last_at_ms - 2 * MINUTE_MS):
            record.newest.setdefault(minute.signal, []).append(
                Minute(
                    minute_ms=minute.minute_ms,
                    count=minute.count,
                    sum=minute.sum,
                    min=minute.min,
                    max=minute.max,
                    last=minute.last,
                    last_at_ms=minute.last_at_ms,
                )
            )
    record.committed_until_ms = row.known_until_ms
    record.go_on(_pending(record.timeline, row))
    if record.knowledge.how == "learned":
        _learn_on(store, record)
    return record


def _pending(timeline: Timeline, row: Any) -> Pending | None:
    """What the last readings told that had not lasted yet."""
    if row.pending_ms is None:
        return None
    state, cause, _ = timeline.state_at(row.pending_ms - 1)
    return Pending(since_ms=row.pending_ms, state=State(row.pending_state), before=(state, cause))


def _learn_on(store: Store, record: MachineRecord) -> None:
    """Take up again what was being learned."""
    learned = record.learned
    if learned is None:
        record.learners[1] = record.learner(1, kept_batches(store, record))
        return
    for row in store.learnings(record.run, record.name):
        if row.version > learned.version:
            record.learners[row.version] = record.learner(
                row.version, kept_batches(store, record), row.since_ms
            )
    # A late batch may have come just before the end, and not been learned from any more.
    window = kept_batches(store, record, max(one.to_ms for one in learned.versions))
    for one in learned.versions:
        found = record.learner(one.version, window, one.since_ms).learned()
        if found != replace(one, earlier=None) and one.is_backed_by(window):
            record.learners[one.version] = record.learner(
                one.version, kept_batches(store, record), one.since_ms
            )
