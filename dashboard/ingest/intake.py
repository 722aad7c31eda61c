"""Readings taken in: in order they extend a machine's time, late they have it worked out again."""

import hashlib
import logging

from dashboard.ingest.late import LateReadings
from dashboard.ingest.ledger import Ledger
from dashboard.ingest.machine import MachineRecord, end_of
from dashboard.ingest.recall import kept_batches
from dashboard.ingest.rows import count_rows, minute_rows, reading_row
from dashboard.parts import Counts
from protocol.readings import Batch

logger = logging.getLogger(__name__)


class Intake:
    """Takes in batches, each with its machine and its moment.

    Args:
        ledger: Where rows gather, and what is kept can be read.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._again = 0
        """Messages that came once more as they were."""
        self.copies = 0
        """Messages whose second copy came right behind the first, since one came without."""
        self.late = 0
        """Messages that came after later ones of their machine."""
        self._ledger = ledger
        self._late = LateReadings(ledger)
        self._learning: dict[tuple[str, str], MachineRecord] = {}
        """Machines that have sent something since they were last looked at."""
        self._lacking: dict[tuple[str, str], MachineRecord] = {}
        """Simulated machines that miss messages by their numbers."""

    @property
    def repeats(self) -> int:
        """Messages that came again and changed nothing."""
        return self._again + self._late.repeats

    def settle(self) -> None:
        """Work out what came late, before the time of machines is read or what is known of them changes."""
        self._late.settle()

    def forget(self) -> None:
        """Hold nothing that is only there to be quicker."""
        self._late.forget()

    def take(self, record: MachineRecord, batch: Batch, payload: bytes, *, at_ms: int, wall_ms: int) -> None:
        """Take in one batch; its payload is kept as evidence.

        Args:
            record: The machine that sent it.
            batch: What it says.
            payload: How it said it.
            at_ms: Moment the batch counts from, plant time.
            wall_ms: When it came, ms since 1970.
        """
        until_ms = end_of(at_ms, batch)
        digest = hashlib.blake2b(payload, digest_size=8).hexdigest()
        if digest == record.last_digest and record.has_seen(at_ms, batch):
            self._again += 1
            self.copies += not record.copied
            record.copied = True
            return
        if record.last_digest and not record.copied:
            # Of a broker that sends everything twice none comes once: some did of a link at fault.
            self.copies = 0
        record.last_digest, record.copied = digest, False
        splice = None if record.has_seen(at_ms, batch) else record.keeper.apply(batch, at_ms)
        if splice is None:
            if self._is_kept(record, at_ms, digest):
                self._again += 1
                return
            self.late += 1
            self._late.add(record, batch, at_ms=at_ms, wall_ms=wall_ms)
            if record.birth is None:
                record.since_ms = min(record.since_ms, at_ms)
        self._ledger.taken.batch(record.run, batch)
        record.numbering.hear(batch.seq, late=splice is None)
        if batch.run and record.numbering.lost:
            self._lacking[record.run, record.name] = record
        writes = self._ledger.writes
        row = reading_row(record, payload, at_ms=at_ms, until_ms=until_ms, digest=digest, wall_ms=wall_ms)
        self._ledger.keep(record, row, batch)
        fresh = record.tally.add(Counts.of(batch, at_ms))
        record.counted_anew(fresh)
        writes.counts.extend(count_rows(record, fresh))
        if splice is not None:
            record.splice(splice)
            writes.rollup_additions.extend(minute_rows(record, record.roll(at_ms, batch)))
        record.seen(at_ms, batch)
        for learner in record.learners.values():
            learner.add(batch, at_ms)
        self._learn_again(record, batch, at_ms)
        self.watch(record)

    def take_lost(self) -> bool:
        """Whether simulated machines miss messages that nobody has asked for; they now count as asked for."""
        lost = [record for record in self._lacking.values() if record.numbering.lost]
        self._lacking.clear()
        for record in lost:
            record.numbering.asked()
        return bool(lost)

    def watch(self, record: MachineRecord) -> None:
        """Look at a machine's learning in the next round, if it is learning."""
        if record.learners:
            self._learning[record.run, record.name] = record

    def drop(self, record: MachineRecord) -> None:
        """Look at a machine's learning no longer."""
        self._learning.pop((record.run, record.name), None)

    def learn(self) -> None:
        """See whether machines that are being learned have shown enough by now."""
        for record in self._learning.values():
            learners = [record.learners[version] for version in sorted(record.learners)]
            found = [learned for learner in learners if (learned := learner.learned()) is not None]
            if found:
                self._ledger.commit()
                kept = kept_batches(self._ledger.store, record)
            for learned in found:
                if record.conclude(learned, kept):
                    logger.info("%s: learned from %d readings: %s", record.name, learned.readings, learned)
        self._learning.clear()

    def _learn_again(self, record: MachineRecord, batch: Batch, at_ms: int) -> None:
        """A late batch may belong to what was learned from: then it is learned as if it had come in time."""
        versions = record.learned.versions if record.learned is not None else []
        touched = [
            one for one in versions if one.version not in record.learners and one.is_touched_by(batch, at_ms)
        ]
        if touched and record.knowledge.how == "learned":
            self._ledger.commit()
            kept = kept_batches(self._ledger.store, record)
            for one in touched:
                if one.is_backed_by(kept):
                    record.learners[one.version] = record.learner(one.version, kept, one.since_ms)

    def _is_kept(self, record: MachineRecord, at_ms: int, digest: str) -> bool:
        """Whether a late message is a repeat of one that is kept, or will be with the next commit."""
        gathers = self._ledger.gathers(record, at_ms, digest)
        return gathers or self._ledger.store.has_message(record.run, record.name, at_ms, digest)
