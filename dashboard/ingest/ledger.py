"""What the next commit has to write, gathered until then."""

from collections.abc import Callable, Iterable

from dashboard.history.store import Store, Writes
from dashboard.ingest.machine import MachineRecord
from dashboard.ingest.outbox import Outbox
from dashboard.ingest.patience import Patience
from dashboard.ingest.refused import RefusedMessages
from dashboard.ingest.rows import interval_rows, learning_rows, machine_row
from dashboard.ingest.share import Share
from dashboard.ingest.stamps import Stamps
from dashboard.ingest.taken import Taken


class Ledger:
    """Gathers rows, and the machines whose rows have to be made anew.

    Args:
        store: The history.
        refused: Messages that could not be used.
        share: Which of the machines are this worker's.
    """

    def __init__(self, store: Store, refused: RefusedMessages, share: Share | None = None) -> None:
        self.store = store
        self.patience = Patience(store.url)
        """What waits for a history that takes nothing."""
        self.writes = Writes()
        """Rows for the next commit."""
        self.machines: dict[str, dict[str, MachineRecord]] = {}
        """Machines in memory, by run and name: the commit looks through them for what has changed."""
        self.look_back: Callable[[MachineRecord], None] | None = None
        """Looks, before a machine is written, whether what came late asks for calls."""
        self.refused = refused
        """Messages that could not be used."""
        self.taken = Taken(store, alone=share is None or share.alone)
        """How much has been taken in."""
        self.outbox: Outbox | None = None
        """What is to be posted; None where nobody is called."""
        self.stamps: Stamps | None = None
        """When commits are done; None where nobody asks."""

    def gathered_of(self, record: MachineRecord) -> set[tuple[int, str]]:
        """The messages of a machine that wait for the commit: the moment and the digest of each."""
        return {
            (row["from_ms"], row["digest"])
            for row in self.writes.readings
            if row["machine"] == record.name and row["run"] == record.run
        }

    def commit(self) -> None:
        """Write everything gathered, in one transaction; a history that takes nothing is waited for.

        Raises:
            GivenUpError: The office was told to stop meanwhile.
        """
        self.gather(record for records in self.machines.values() for record in records.values())
        self.writes.refusals.extend(self.refused.take_rows())
        if self.outbox is not None:
            noted, ended = self.outbox.take_rows()
            self.writes.deliveries.extend(noted)
            self.writes.delivered.extend(ended)
        if self.writes:
            # By itself, that something was heard is not worth a commit.
            self.writes.taken.extend(self.taken.take_rows())
            self._write()
            self.writes = Writes()

    def _write(self) -> None:
        stamps = self.stamps
        if stamps is None:
            self.patience.insist(lambda: self.store.write(self.writes))
            return
        self.writes.commits.extend(stamps.take_rows())
        begun_ms = stamps.wall_ms()
        self.patience.insist(lambda: self.store.write(self.writes))
        # A tick may come when what it closes has been committed already.
        if self.writes.readings or stamps.has_tick:
            stamps.commit(begun_ms)

    def gather(self, records: Iterable[MachineRecord]) -> None:
        """Make the rows of machines that have changed."""
        for record in records:
            if self.look_back is not None and record.unjudged_from_ms is not None:
                self.look_back(record)
            self._note_rewrite(record)
            if record.learnings_changed:
                self.writes.learnings.extend(learning_rows(record))
                record.learnings_changed = False
            if record.rewrite_from_ms is not None:
                cut, intervals = interval_rows(record, record.rewrite_from_ms)
                self.writes.interval_cuts.append(cut)
                self.writes.intervals.extend(intervals)
                record.rewrite_from_ms = None
            if record.changed:
                self.writes.machines.append(machine_row(record))
                record.changed = False

    def _note_rewrite(self, record: MachineRecord) -> None:
        """Note from where on the history is about to say something else than it did.

        The newest of its time is told to nobody as settled: every message changes a little of it.
        """
        # A part counts in the window that ends with it, so the change begins just before.
        counted_ms = None if record.counted_from_ms is None else record.counted_from_ms - 1
        changed = [one for one in (record.rewrite_from_ms, counted_ms) if one is not None]
        until_ms, record.counted_from_ms = record.committed_until_ms, None
        record.committed_until_ms = record.timeline.known_until_ms
        if until_ms is not None and changed and min(changed) < until_ms - record.doubted.unsure_ms:
            self.writes.rewrites.append({"run": record.run, "machine": record.name, "from_ms": min(changed)})
