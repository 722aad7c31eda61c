"""What each message changes: births make machines, readings make intervals, ticks move the time on.

Knows the history, which it asks for kept messages when a batch comes late, and no MQTT.
"""

import hashlib
import logging

import msgspec

from dashboard.history.store import Row, Store, Writes, pack
from dashboard.ingest.machine import MachineRecord, end_of
from dashboard.ingest.minutes import MINUTE_MS, Minute, minutes_of_batches
from dashboard.ingest.plant_time import PlantTime
from dashboard.ingest.recall import recall, recall_one, remember_from
from dashboard.ingest.refused import RefusedMessages
from dashboard.parts import Counts
from dashboard.states.learning import Learner
from protocol.messages import Birth, Clock, MessageError, PlantResult, decode
from protocol.moments import to_ms, to_text
from protocol.readings import Batch, decode_batch
from protocol.topics import MachineTopic, parse_machine_topic, plant_topic

logger = logging.getLogger(__name__)

MEASURING = "office"
"""Name under which the measuring side answers the plant's ticks."""
PROVING = "proof"
"""Name under which the side that keeps the truth answers them."""
MAX_AHEAD_MS = 10 * 60_000
"""Readings further ahead of the plant clock than this are refused."""
MAX_MACHINES = 20_000
"""Machines of one run; more are refused."""
REBORN_MS = 120_000
"""A machine that comes back this soon has only moved: it keeps its time."""
MEMORY_MS = 26 * 3_600_000
"""How far back a machine's time is held in memory; what is older is read from the history."""
WIDEST_MARGIN_MS = 24 * 3_600_000
"""How far around a late batch its neighbours are looked for at most."""
_BIRTH = msgspec.json.Encoder()


class Office:
    """Takes in messages and gathers what the next commit has to write.

    Args:
        root: First level of every topic, `shopfloor`.
        store: The history.
    """

    def __init__(self, *, root: str, store: Store) -> None:
        self.root = root
        self.store = store
        self.time = PlantTime()
        self.refused = RefusedMessages()
        self.repeats = 0
        self.writes = Writes()
        self.machines: dict[str, dict[str, MachineRecord]] = {}
        """Machines in memory, by run and name."""
        self.parted: dict[str, dict[str, MachineRecord]] = {}
        """Machines retired not long ago, by run and name: their time still counts for line and plant."""
        self.retired: list[str] = []
        """Names whose tiles are to be taken down."""
        self.lost = False
        """Whether numbers in a simulated machine's messages show that some are missing."""
        self._births: dict[str, tuple[MachineTopic, Birth]] = {}
        self._learning: dict[tuple[str, str], MachineRecord] = {}
        """Machines that have sent something since they were last looked at."""
        self._committed: dict[tuple[str, str], int] = {}

    def now_ms(self, wall_ms: int) -> int:
        """Plant time at a wall time."""
        return self.time.now_ms(wall_ms)

    def shown(self) -> dict[str, MachineRecord]:
        """The machines of the run that is on, by name."""
        return self.of_run(self.time.run)

    def of_run(self, run: str) -> dict[str, MachineRecord]:
        """The machines of a run, read from the history the first time."""
        if run not in self.machines:
            known = recall(self.store, run, memory_ms=MEMORY_MS)
            self.machines[run] = {name: one for name, one in known.items() if one.retired_ms is None}
            self.parted[run] = {name: one for name, one in known.items() if one.retired_ms is not None}
        return self.machines[run]

    def counted(self) -> list[MachineRecord]:
        """The machines whose time counts for line and plant: those shown, and those that have parted."""
        return [*self.shown().values(), *self.parted.get(self.time.run, {}).values()]

    def connected(self) -> None:
        """Forget which births are retained: the broker is about to say it again."""
        self._births.clear()

    def receive(self, topic: str, payload: bytes, *, wall_ms: int, retained: bool) -> None:
        """Take in one message; a bad one is counted and kept with the reason, and changes nothing else."""
        try:
            if topic == plant_topic(self.root, "clock"):
                self._clock(decode(payload, Clock), wall_ms=wall_ms, retained=retained)
            elif topic == plant_topic(self.root, "result"):
                self._result(decode(payload, PlantResult), payload, wall_ms=wall_ms)
            else:
                self._from_machine(parse_machine_topic(topic), payload, wall_ms=wall_ms)
        except MessageError as error:
            self.refused.add(topic, payload, str(error), wall_ms=wall_ms, retained=retained)

    def tick(self, run: str, at_ms: int, office: str) -> None:
        """Note that everything of a run up to `at_ms` has been taken in."""
        known = self.committed_ms(run, office)
        if known is not None and at_ms <= known:
            return
        self._committed[run, office] = at_ms
        self.writes.watermarks.append({"run": run, "office": office, "committed_ms": at_ms})
        if self.time.clock is not None and self.time.run == run and office == MEASURING:
            self._run_row(at_ms)

    def committed_ms(self, run: str, office: str) -> int | None:
        """Plant time up to which an office has a run in the history, or will with the next commit."""
        if (run, office) not in self._committed:
            known = self.store.committed(run, office)
            if known is None:
                return None
            self._committed[run, office] = known
        return self._committed[run, office]

    def commit(self) -> None:
        """Write everything gathered, in one transaction."""
        for records in self.machines.values():
            for record in records.values():
                if record.rewrite_from_ms is not None:
                    self._rewrite(record, record.rewrite_from_ms)
                if record.changed:
                    self.writes.machines.append(_machine_row(record))
                    record.changed = False
        self.writes.refusals.extend(self.refused.take_rows())
        if self.writes:
            self.store.write(self.writes)
            self.writes = Writes()

    def told_now_ms(self, wall_ms: int) -> int:
        """Plant time that pages show: up to here everything is worked out."""
        clock = self.time.clock
        if clock is None:
            return wall_ms
        return max(self.committed_ms(clock.run, MEASURING) or 0, to_ms(clock.epoch))

    def mark_wall_time(self, wall_ms: int) -> None:
        """Without a plant, real machines live on wall time: note how far that has come."""
        records = self.shown().values()
        if self.time.clock is None and records:
            begun_ms = min(record.since_ms for record in records)
            self.writes.runs.append(
                {"run": "", "epoch_ms": begun_ms, "now_ms": wall_ms, "begun_wall_ms": begun_ms}
            )

    def take_retired(self) -> list[str]:
        """Names whose tiles are to be taken down and have not been taken before."""
        names = [name for name in self.retired if name not in self.shown()]
        self.retired = []
        return names

    def retire_unborn(self, *, wall_ms: int) -> None:
        """Retire simulated machines of the run whose birth is no longer retained.

        They were removed while nobody listened. Call it once every retained birth has come.
        """
        gone = [
            record for record in self.shown().values() if record.simulated and record.name not in self._births
        ]
        for record in gone:
            levels = tuple(record.path.split("/")) if record.path else ()
            self._retire(
                MachineTopic(root=self.root, location=levels, machine=record.name, kind="birth"),
                wall_ms=wall_ms,
            )

    def forget(self, now_ms: int) -> None:
        """Hold no more of the past in memory than pages and late batches usually ask for."""
        self.commit()
        for records in self.machines.values():
            for record in records.values():
                record.forget(now_ms - MEMORY_MS)
        for run in [run for run in self.machines if run != self.time.run]:
            del self.machines[run], self.parted[run]
        parted = self.parted.get(self.time.run, {})
        for name in [name for name, one in parted.items() if (one.retired_ms or 0) < now_ms - MEMORY_MS]:
            del parted[name]

    def _clock(self, clock: Clock, *, wall_ms: int, retained: bool) -> None:
        if self.time.hear(clock, wall_ms=wall_ms, retained=retained):
            logger.info("run %s, since %s", clock.run, to_text(to_ms(clock.epoch)))
            self._run_row(self.committed_ms(clock.run, MEASURING) or to_ms(clock.epoch))
            # Tiles of machines that this run does not have would otherwise stay for ever.
            self.retired.extend(self.store.names_told())
            # Births may be older than the clock: those without a run live on the time axis that is on.
            for topic, birth in self._births.values():
                self._born(topic, birth)

    def _run_row(self, now_ms: int) -> None:
        clock = self.time.clock
        if clock is not None:
            self.writes.runs.append(
                {
                    "run": clock.run,
                    "epoch_ms": to_ms(clock.epoch),
                    "now_ms": now_ms,
                    "begun_wall_ms": self.time.heard_wall_ms,
                }
            )

    def _result(self, result: PlantResult, payload: bytes, *, wall_ms: int) -> None:
        if not result.ok:
            self.refused.add(result.what, payload, result.message, wall_ms=wall_ms)

    def _from_machine(self, topic: MachineTopic, payload: bytes, *, wall_ms: int) -> None:
        if topic.kind == "birth":
            if payload:
                birth = decode(payload, Birth)
                self._check_path(topic, birth.run or self.time.run)
                self._births[topic.machine] = (topic, birth)
                self._born(topic, birth)
            else:
                self._births.pop(topic.machine, None)
                self._retire(topic, wall_ms=wall_ms)
        elif topic.kind == "online":
            self._online(topic, payload)
        else:
            self._readings(topic, payload, wall_ms=wall_ms)

    def _check_path(self, topic: MachineTopic, run: str) -> None:
        """Refuse a machine at a second path, or one named like a location."""
        records = self.of_run(run)
        mine = records.get(topic.machine)
        if mine is not None and mine.path != topic.path:
            raise MessageError(
                f"machine {topic.machine!r} is already at {mine.path or 'the root'!r}: "
                f"a second one at {topic.path or 'the root'!r} is refused, names are unique in {self.root!r}"
            )
        if mine is None:
            locations = {level for record in records.values() for level in record.path.split("/")}
            if topic.machine in locations or any(level in records for level in topic.location):
                raise MessageError(
                    f"{str(topic)!r}: a machine and a location cannot have the same name in {self.root!r}"
                )

    def _born(self, topic: MachineTopic, birth: Birth) -> None:
        run = birth.run or self.time.run
        records = self.of_run(run)
        since_ms = to_ms(birth.at)
        record = records.get(topic.machine)
        if record is None:
            records[topic.machine] = record = self._new(run, topic, since_ms)
        if record.birth != birth:
            record.adopt(birth)

    def _new(self, run: str, topic: MachineTopic, since_ms: int) -> MachineRecord:
        if len(self.of_run(run)) >= MAX_MACHINES:
            raise MessageError(f"machine {topic.machine!r} is one too many: allowed are {MAX_MACHINES:,}")
        self.parted[run].pop(topic.machine, None)
        known = recall_one(self.store, run, topic.machine, memory_ms=MEMORY_MS)
        if known is None:
            return MachineRecord(run=run, name=topic.machine, path=topic.path, since_ms=since_ms)
        if known.retired_ms is not None and since_ms > known.retired_ms + REBORN_MS:
            # It was gone for a while, and is not charged for that.
            known.since_ms = since_ms
        known.path, known.retired_ms, known.changed = topic.path, None, True
        return known

    def _retire(self, topic: MachineTopic, *, wall_ms: int) -> None:
        record = self.shown().pop(topic.machine, None)
        self.retired.append(topic.machine)
        if record is not None:
            if record.rewrite_from_ms is not None:
                self._rewrite(record, record.rewrite_from_ms)
            record.retired_ms = self.now_ms(wall_ms)
            self.parted[record.run][record.name] = record
            self.writes.machines.append(_machine_row(record))

    def _online(self, topic: MachineTopic, payload: bytes) -> None:
        if payload not in {b"true", b"false", b""}:
            raise MessageError(f"{payload[:40]!r} says nothing of being online: allowed are true and false")
        record = self.shown().get(topic.machine)
        if record is not None and payload:
            record.online = payload == b"true"

    def _readings(self, topic: MachineTopic, payload: bytes, *, wall_ms: int) -> None:
        batch = decode_batch(payload)
        now_ms = self.now_ms(wall_ms)
        at_ms = batch.at_ms if batch.at_ms is not None else now_ms
        run = batch.run or self.time.run
        until_ms = end_of(at_ms, batch)
        self._check_path(topic, run)
        if run == self.time.run and until_ms > now_ms + MAX_AHEAD_MS:
            raise MessageError(
                f"key 'at': {to_text(until_ms)} is ahead of the plant clock, which shows "
                f"{to_text(now_ms)}: allowed are {MAX_AHEAD_MS // 60_000} minutes"
            )
        record = self.of_run(run).get(topic.machine)
        if record is None:
            record = self.of_run(run)[topic.machine] = self._new(run, topic, at_ms)
        digest = hashlib.blake2b(payload, digest_size=8).hexdigest()
        missing = record.counted(batch.seq)
        self.lost = self.lost or (missing > 0 and bool(batch.run))
        splice = None if record.has_seen(at_ms, batch) else record.keeper.apply(batch, at_ms)
        if splice is None and self._came_late(record, batch, at_ms, until_ms, digest):
            return
        self.writes.readings.append(
            {
                "run": run,
                "machine": topic.machine,
                "from_ms": at_ms,
                "digest": digest,
                "to_ms": until_ms,
                "at_ms": at_ms,
                "wall_ms": wall_ms,
                "payload": pack(payload),
            }
        )
        self._counters(record, at_ms, batch)
        if splice is not None:
            record.splice(splice)
            self._minutes("rollup_additions", record, record.roll(at_ms, batch))
        record.seen(at_ms, batch)
        if record.learner is not None:
            record.learner.add(batch, at_ms)
            self._learning[record.run, record.name] = record
        elif record.learned is not None and record.learned.is_touched_by(batch, at_ms):
            # It belongs to what was learned from: as if it had come in time.
            self.commit()
            record.learner = Learner(record.learned.version, self._kept(record))
            self._learning[record.run, record.name] = record

    def _came_late(self, record: MachineRecord, batch: Batch, at_ms: int, until_ms: int, digest: str) -> bool:
        """Work the surroundings of a late batch out again; True when it was only a repeat."""
        # What has been gathered is part of the evidence, so it has to be in the history first.
        self.commit()
        if self.store.has_message(record.run, record.name, at_ms, digest):
            self.repeats += 1
            return True
        margin_ms = record.keeper.margin_ms
        while True:
            from_ms, to_ms = at_ms - margin_ms, until_ms + margin_ms
            kept = self.store.messages(record.run, record.name, from_ms, to_ms)
            neighbours = [(moment, decode_batch(payload)) for moment, payload in kept]
            remember_from(self.store, record, from_ms)
            splice = record.keeper.rederive(neighbours, (at_ms, batch), record.timeline.state_at, margin_ms)
            if splice.settled or margin_ms > WIDEST_MARGIN_MS:
                break
            margin_ms *= 4
        if not record.splice(splice):
            # Cut another way or numbered anew, but nothing that was not known.
            self.repeats += 1
        if record.birth is None:
            record.since_ms = min(record.since_ms, at_ms)
        first, last = at_ms // MINUTE_MS * MINUTE_MS, until_ms // MINUTE_MS * MINUTE_MS + MINUTE_MS
        everything = [*neighbours, (at_ms, batch)]
        self._minutes("rollups", record, minutes_of_batches(everything, first, last))
        return False

    def learn(self) -> None:
        """See whether machines that are being learned have shown enough by now."""
        for record in self._learning.values():
            learned = record.learner.learned() if record.learner is not None else None
            if learned is not None:
                self.commit()
                record.conclude(learned, self._kept(record))
                logger.info("%s: learned from %d readings: %s", record.name, learned.readings, learned)
        self._learning.clear()

    def _kept(self, record: MachineRecord) -> list[tuple[int, Batch]]:
        """All messages of a machine that are kept, each with its moment."""
        kept = self.store.messages(record.run, record.name, 0, record.last_at_ms or 0)
        return [(at_ms, decode_batch(payload)) for at_ms, payload in kept]

    def _counters(self, record: MachineRecord, at_ms: int, batch: Batch) -> None:
        new = record.tally.add(Counts.of(batch, at_ms))
        self.writes.counts.extend(
            {"run": record.run, "machine": record.name, "at_ms": moment, "parts": parts, "rejects": rejects}
            for moment, parts, rejects in zip(
                new.at_ms.tolist(), new.parts.tolist(), new.rejects.tolist(), strict=True
            )
        )

    def _minutes(self, kind: str, record: MachineRecord, minutes: dict[str, list[Minute]]) -> None:
        rows: list[Row] = getattr(self.writes, kind)
        rows.extend(
            {
                "run": record.run,
                "machine": record.name,
                "signal": name,
                "minute_ms": one.minute_ms,
                "count": one.count,
                "sum": one.sum,
                "min": one.min,
                "max": one.max,
                "last": one.last,
                "last_at_ms": one.last_at_ms,
            }
            for name, several in minutes.items()
            for one in several
        )

    def _rewrite(self, record: MachineRecord, from_ms: int) -> None:
        """Gather the interval rows of a machine from the one that holds `from_ms` on."""
        _, _, since_ms = record.timeline.state_at(from_ms)
        key = {"run": record.run, "machine": record.name}
        self.writes.interval_cuts.append({**key, "from_ms": since_ms})
        until_ms = record.timeline.known_until_ms
        if until_ms > since_ms:
            self.writes.intervals.extend(
                {**key, "start_ms": start_ms, "state": str(state), "cause": cause}
                for start_ms, _, state, cause in record.timeline.window(since_ms, until_ms)
            )
        record.rewrite_from_ms = None


def _machine_row(record: MachineRecord) -> Row:
    return {
        "run": record.run,
        "machine": record.name,
        "path": record.path,
        "since_ms": record.since_ms,
        "retired_ms": record.retired_ms,
        "known_until_ms": record.timeline.known_until_ms,
        "last_at_ms": record.last_at_ms,
        "birth": _BIRTH.encode(record.birth) if record.birth else None,
        "learned": _BIRTH.encode(record.learned) if record.learned else None,
    }
