"""What the next commit has to write, gathered until then."""

from collections.abc import Callable, Collection, Iterable

from dashboard.history.store import MinuteRow, Row, Store, Writes
from dashboard.ingest.machine import MachineRecord
from dashboard.ingest.outbox import Outbox
from dashboard.ingest.patience import Patience
from dashboard.ingest.refused import RefusedMessages
from dashboard.ingest.rows import interval_rows, learning_rows, machine_row
from dashboard.ingest.share import Share
from dashboard.ingest.stamps import Stamps
from dashboard.ingest.taken import Taken
from protocol.readings import Batch


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
        self._gathered: dict[tuple[str, str], dict[tuple[int, str], Batch]] = {}
        """The batches of `writes.readings`, by run and machine, then by moment and digest."""
        self.settle: Callable[[], None] | None = None
        """Works out what came late, before a commit is gathered."""
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

    def keep(self, record: MachineRecord, row: Row, batch: Batch) -> None:
        """Keep a message of a machine as evidence: its row, and the batch that it holds."""
        self.writes.readings.append(row)
        self._gathered.setdefault((record.run, record.name), {})[row["from_ms"], row["digest"]] = batch

    def replace_minutes(
        self, record: MachineRecord, rows: Iterable[MinuteRow], told: Collection[int]
    ) -> None:
        """Let minutes of a machine take the place of what is kept of them and of what was to be added.

        Args:
            record: The machine.
            rows: Its minutes, worked out of all that is known by now.
            told: When each begins, ms since 1970.
        """
        mine = record.run, record.name
        self.writes.rollup_additions = [
            row for row in self.writes.rollup_additions if row[3] not in told or row[:2] != mine
        ]
        self.writes.rollups.extend(rows)

    def gathers(self, record: MachineRecord, at_ms: int, digest: str) -> bool:
        """Whether a message of a machine waits for the commit."""
        return (at_ms, digest) in self._gathered.get((record.run, record.name), {})

    def gathered_of(self, record: MachineRecord) -> list[tuple[int, Batch]]:
        """The messages of a machine that wait for the commit, each with its moment."""
        gathered = self._gathered.get((record.run, record.name), {})
        return [(at_ms, batch) for (at_ms, _), batch in gathered.items()]

    def commit(self) -> None:
        """Write everything gathered, in one transaction; a history that takes nothing is waited for.

        Raises:
            GivenUpError: The office was told to stop meanwhile.
        """
        if self.settle is not None:
            self.settle()
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
            self._gathered.clear()

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
