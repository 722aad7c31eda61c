"""Readings that came late: their machine's time is worked out again, once for all that a commit takes in."""

import logging
from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy.exc import SQLAlchemyError

from dashboard.ingest.ledger import Ledger
from dashboard.ingest.machine import MachineRecord, end_of
from dashboard.ingest.minutes import MINUTE_MS, minutes_of_batches
from dashboard.ingest.recall import remember_from
from dashboard.ingest.rows import minute_rows
from dashboard.intervals import Splice
from protocol.readings import Batch, decode_batch

logger = logging.getLogger(__name__)

WIDEST_MARGIN_MS = 24 * 3_600_000
"""How far around a late batch its neighbours are looked for at most."""
_neighbour = lru_cache(512)(decode_batch)
"""The batch in a payload: the neighbours of a late batch are mostly those of the next one, too."""

Late = tuple[int, Batch]
"""A batch that came late, and the moment that it counts from, ms since 1970."""


class LateReadings:
    """Gathers the batches that came late, and works out at once what those near each other change.

    What a machine did does not depend on the order in which it was heard, so it may wait for the commit:
    a link that comes back tells of an hour in sixty messages, and each would have the same hour read.

    Args:
        ledger: Where rows gather, and what is kept can be read; it settles before each commit.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.repeats = 0
        """Batches that were cut another way or numbered anew, but told nothing that was not known."""
        self._ledger = ledger
        self._wall_ms = 0
        """When the newest came."""
        self._waiting: dict[tuple[str, str], tuple[MachineRecord, list[Late]]] = {}
        ledger.settle = self.settle

    def add(self, record: MachineRecord, batch: Batch, *, at_ms: int, wall_ms: int) -> None:
        """Note a batch that came late and is no repeat.

        Args:
            record: The machine that sent it.
            batch: What it says.
            at_ms: Moment the batch counts from, plant time.
            wall_ms: When it came, ms since 1970.
        """
        self._wall_ms = wall_ms
        _, lates = self._waiting.setdefault((record.run, record.name), (record, []))
        lates.append((at_ms, batch))

    def settle(self) -> None:
        """Work out again the surroundings of all that came late since the last time.

        Call it before a machine's time is read, and before what is known of a machine changes.
        """
        while self._waiting:
            key = next(iter(self._waiting))
            record, lates = self._waiting[key]
            for group in _groups(lates, record.keeper.margin_ms):
                self._settle(record, group)
            del self._waiting[key]

    def forget(self) -> None:
        """Hold no neighbours of batches that came late: whoever needs them again reads them again."""
        _neighbour.cache_clear()

    def _settle(self, record: MachineRecord, lates: Sequence[Late]) -> None:
        try:
            splice, near = self._derived(record, lates)
        except (SQLAlchemyError, OSError):
            # The history is in trouble, not the messages: nothing is committed, and they come again.
            raise
        except Exception as error:
            # Messages that ended the process would come again at once, and end it again.
            logger.exception("what came late of %s was not foreseen", record.name)
            reason = f"not foreseen: {type(error).__name__}: {error}"
            where = f"{record.path}/{record.name}"
            self._ledger.refused.add(where, b"", reason, wall_ms=self._wall_ms)
            return
        if not record.splice(splice):
            self.repeats += len(lates)
        spans = [(at_ms // MINUTE_MS, end_of(at_ms, batch) // MINUTE_MS) for at_ms, batch in lates]
        told = {minute * MINUTE_MS for first, last in spans for minute in range(first, last + 1)}
        minutes = {
            name: [one for one in several if one.minute_ms in told]
            for name, several in minutes_of_batches(near, min(told), max(told) + MINUTE_MS).items()
        }
        self._ledger.replace_minutes(record, minute_rows(record, minutes), told)
        record.follow(minutes, whole=True)

    def _derived(self, record: MachineRecord, lates: Sequence[Late]) -> tuple[Splice, list[Late]]:
        """What some batches near each other change, and all that is known from around them."""
        store, gathered = self._ledger.store, self._ledger.gathered_of(record)
        if record.widest_ms is None:
            spans = (end_of(at_ms, batch) - at_ms for at_ms, batch in gathered)
            record.widest_ms = max(store.widest_message_ms(record.run, record.name), *spans)
        begun_ms = min(at_ms for at_ms, _ in lates)
        ended_ms = max(end_of(at_ms, batch) for at_ms, batch in lates)
        margin_ms = record.keeper.margin_ms
        while True:
            from_ms, to_ms = begun_ms - margin_ms, ended_ms + margin_ms
            kept = store.messages(record.run, record.name, from_ms, to_ms, widest_ms=record.widest_ms)
            near = [(at_ms, _neighbour(payload)) for at_ms, payload in kept]
            near += [one for one in gathered if one[0] <= to_ms and end_of(*one) >= from_ms]
            remember_from(store, record, from_ms)
            splice = record.keeper.rederive(near, lates, record.timeline.state_at, margin_ms)
            if splice.settled or margin_ms > WIDEST_MARGIN_MS:
                return splice, near
            margin_ms *= 4


def _groups(lates: Sequence[Late], margin_ms: int) -> list[list[Late]]:
    """Late batches in the order of their time, those together whose surroundings overlap."""
    groups: list[list[Late]] = []
    reached_ms = 0
    for at_ms, batch in sorted(lates, key=lambda one: one[0]):
        if not groups or at_ms - margin_ms > reached_ms + margin_ms:
            groups.append([])
            reached_ms = at_ms
        groups[-1].append((at_ms, batch))
        reached_ms = max(reached_ms, end_of(at_ms, batch))
    return groups
