"""What each message changes: births make machines, readings make intervals, ticks move the time on.

Knows the history, which it asks for kept messages when a batch comes late, and no MQTT.
"""

import logging

from dashboard.calendar.places import Calendar
from dashboard.calls.rules import CallRules
from dashboard.history.called import Called
from dashboard.history.store import Store, Writes
from dashboard.ingest.assumed import Assumed
from dashboard.ingest.intake import Intake
from dashboard.ingest.ledger import Ledger
from dashboard.ingest.leftovers import Leftovers
from dashboard.ingest.machine import MachineRecord, end_of
from dashboard.ingest.outbox import Outbox
from dashboard.ingest.plant_time import PlantTime
from dashboard.ingest.recall import recall, recall_one
from dashboard.ingest.refused import RefusedMessages
from dashboard.ingest.switchboard import Switchboard
from dashboard.states.rules import StateRules
from protocol.edge import decode_edge_batch
from protocol.messages import (
    Birth,
    Clock,
    MessageError,
    PlantResult,
    Response,
    decode,
    decode_online,
    encode,
)
from protocol.moments import to_ms, to_text
from protocol.readings import decode_batch
from protocol.topics import GatewayTopic, MachineTopic, parse_gateway_topic, parse_machine_topic, plant_topic
from protocol.twin import TWIN_ROOT, is_twin, twin_run

logger = logging.getLogger(__name__)

MEASURING = "office"
"""Name under which the measuring side answers the plant's ticks."""
PROVING = "proof"
"""Name under which the side that keeps the truth answers them."""
OFFICES = (MEASURING, PROVING)
"""Both."""
MAX_AHEAD_MS = 10 * 60_000
"""Readings further ahead of the plant clock than this are refused."""
AHEAD_MS = 2 * 60_000
"""A clock that is further ahead than this is said to be: the plant's own may be a tick behind."""
MAX_MACHINES = 20_000
"""Machines of one run; more are refused."""
REBORN_MS = 120_000
"""A machine that comes back this soon has only moved: it keeps its time."""
MEMORY_MS = 26 * 3_600_000
"""How far back a machine's time is held in memory; what is older is read from the history."""


class Office:
    """Takes in messages and gathers what the next commit has to write.

    Args:
        root: First level of every topic, `shopfloor`.
        store: The history.
        rules: How readings become states, from the next message on.
        calls: When a person is called for.
        calendar: When production is planned; without it, nobody is called.
        ledger: Where rows gather; None for one of its own.
        intake: Where readings are taken in; None for one of its own.
    """

    def __init__(
        self,
        *,
        root: str,
        store: Store,
        rules: StateRules | None = None,
        calls: CallRules | None = None,
        calendar: Calendar | None = None,
        ledger: Ledger | None = None,
        intake: Intake | None = None,
    ) -> None:
        self.root = root
        self.rules = StateRules() if rules is None else rules
        self.store = store
        self._of_twin = root == TWIN_ROOT
        self.time = PlantTime(without=twin_run("") if self._of_twin else "")
        self.ledger = ledger or Ledger(store, RefusedMessages())
        self.refused = self.ledger.refused
        self.intake = intake or Intake(self.ledger)
        self.assumed = Assumed(self.ledger)
        """What the plant says is assumed of it."""
        self.calls: Switchboard | None = None
        """Calls for people; None where nobody is to be called."""
        if calendar is not None:
            calls = calls or CallRules()
            self.ledger.outbox = Outbox(store, calls.webhook, self._past_ms)
            self.calls = Switchboard(
                self.ledger,
                Called(store.engine),
                rules=calls,
                calendar=calendar,
                memory_ms=MEMORY_MS,
            )
        self.parted: dict[str, dict[str, MachineRecord]] = {}
        """Machines retired not long ago, by run and name: their time still counts for line and plant."""
        left = {topic: birth for topic, birth in store.clearings().items() if topic.startswith(f"{root}/")}
        self._leftovers = Leftovers(left)
        self.retired: list[str] = self._leftovers.machines()
        """Names whose tiles are to be taken down."""
        self._births: dict[str, tuple[MachineTopic, Birth]] = {}
        self._committed: dict[tuple[str, str], int] = {}
        self._levels: dict[str, set[str]] = {}
        """Every location that a machine of a run has been at, and perhaps is no longer, by run."""
        self._online: dict[str, bool | None] = {}
        """What each gateway, or its will, last said of its link."""
        self._lost: set[str] = set()
        """Machines that, or whose gateway, last said that they are offline."""

    @classmethod
    def beside(cls, office: "Office", *, root: str) -> "Office":
        """An office for another root that writes with the commits of one; it calls for nobody."""
        return cls(
            root=root, store=office.store, rules=office.rules, ledger=office.ledger, intake=office.intake
        )

    @property
    def writes(self) -> Writes:
        """Rows for the next commit, to which the proof adds its own."""
        return self.ledger.writes

    def _past_ms(self, run: str) -> int:
        """Up to here the plant of a run lived through its past: nobody need be told of that any more."""
        return self.time.past_ms if run == self.time.run else 0

    def now_ms(self, wall_ms: int) -> int:
        """Plant time at a wall time."""
        return self.time.now_ms(wall_ms)

    def shown(self) -> dict[str, MachineRecord]:
        """The machines of the run that is on, by name."""
        return self.of_run(self.time.run)

    def of_run(self, run: str) -> dict[str, MachineRecord]:
        """The machines of a run, read from the history the first time."""
        if run not in self.parted:
            known = recall(self.store, run, memory_ms=MEMORY_MS, rules=self.rules)
            self.ledger.machines[run] = {name: one for name, one in known.items() if one.retired_ms is None}
            self.parted[run] = {name: one for name, one in known.items() if one.retired_ms is not None}
            self._levels[run] = {level for one in known.values() for level in one.path.split("/")}
            for one in known.values():
                self.intake.watch(one)
        return self.ledger.machines[run]

    def machine(self, name: str) -> MachineRecord | None:
        """One machine of the run that is on, there or retired; None when the run never had it."""
        known = self.shown().get(name) or self.parted.get(self.time.run, {}).get(name)
        return known or self._recalled(self.time.run, name)

    def forget_machine(self, record: MachineRecord) -> None:
        """Take a machine out of its run with all that is known of it, and its retained messages."""
        self.commit()
        run, name = record.run, record.name
        if self.calls is not None:
            self.calls.drop(record)
        self.of_run(run).pop(name, None)
        self.parted[run].pop(name, None)
        self.intake.drop(record)
        self.writes.forgotten.append({"run": run, "machine": name})
        self.writes.rewrites.append({"run": run, "machine": name, "from_ms": record.since_ms})
        self.retired.append(name)
        _, birth = self._births.pop(name, (None, record.birth))
        left = self._leftovers.leave(self.root, record.path, name, encode(birth) if birth else None)
        # Written with the forgetting: whoever is killed before the broker has heard of it goes on here.
        self.writes.clearings.extend({"topic": topic, "birth": known} for topic, known in left.items())

    def take_cleared(self) -> list[str]:
        """Topics whose retained messages are to be taken away and have not been taken before."""
        return self._leftovers.take_cleared()

    def counted(self) -> list[MachineRecord]:
        """The machines whose time counts for line and plant: those shown, and those that have parted."""
        return [*self.shown().values(), *self.parted.get(self.time.run, {}).values()]

    def connected(self) -> None:
        """Forget which births are retained: the broker is about to say it again."""
        self._births.clear()
        self._leftovers.connected()

    def receive(
        self, topic: str, payload: bytes, *, wall_ms: int, retained: bool, again: bool = False
    ) -> None:
        """Take in one message; a bad one is counted and kept with the reason, and changes nothing else.

        Args:
            topic: Where it was said.
            payload: What was said.
            wall_ms: When it came, ms since 1970.
            retained: Whether the broker had kept it from before.
            again: Whether the broker has sent it before.
        """
        try:
            if topic == plant_topic(self.root, "clock"):
                self._clock(decode(payload, Clock), wall_ms=wall_ms, retained=retained)
            elif topic == plant_topic(self.root, "result"):
                self._result(decode(payload, PlantResult), payload, wall_ms=wall_ms)
            elif topic == plant_topic(self.root, "response"):
                # A retained one would be said again at every connection.
                if self.calls is not None and not retained:
                    self.calls.respond(decode(payload, Response))
            elif topic == plant_topic(self.root, "assumptions"):
                if payload:
                    self.assumed.hear(payload)
            elif (gateway := parse_gateway_topic(topic)) is not None:
                self._from_gateway(gateway, topic, payload, wall_ms=wall_ms, again=again)
            else:
                said = parse_machine_topic(topic)
                if not self._leftovers.has(said, payload, retained=retained, again=again):
                    self.writes.cleared.extend({"topic": name} for name in self._leftovers.take_ended())
                    self._from_machine(said, payload, wall_ms=wall_ms)
        except MessageError as error:
            self.refused.add(topic, payload, str(error), wall_ms=wall_ms, retained=retained)

    def tick(self, run: str, at_ms: int, office: str) -> None:
        """Note that everything of a run up to `at_ms` has been taken in."""
        self.time.tick(run, at_ms)
        known = self.committed_ms(run, office)
        if known is not None and at_ms <= known:
            return
        if office == MEASURING:
            self._judge(run, at_ms, known)
        self._committed[run, office] = at_ms
        self.writes.watermarks.append({"run": run, "office": office, "committed_ms": at_ms})
        if self.time.clock is not None and self.time.run == run and office == MEASURING:
            self._run_row(at_ms)

    def _judge(self, run: str, at_ms: int, known_ms: int | None) -> None:
        """Call for people as of a moment, all that came before having been taken in."""
        if self.calls is None or run != self.time.run:
            return
        if known_ms is None:
            clock = self.time.clock
            known_ms = at_ms if clock is None else min(to_ms(clock.epoch), at_ms)
        self.calls.judge(run, self.shown().values(), after_ms=known_ms, until_ms=at_ms)

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
        self.ledger.commit()

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
            self.tick("", wall_ms, MEASURING)
            begun_ms = min(record.since_ms for record in records)
            self.writes.runs.append(
                {"run": "", "epoch_ms": begun_ms, "now_ms": wall_ms, "begun_wall_ms": begun_ms, "seed": None}
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
        if self.calls is not None:
            self.calls.forget(now_ms - MEMORY_MS)
        for records in self.ledger.machines.values():
            for record in records.values():
                record.forget(now_ms - MEMORY_MS)
        for run in [run for run in self.parted if run != self.time.run]:
            del self.ledger.machines[run], self.parted[run], self._levels[run]
        parted = self.parted.get(self.time.run, {})
        for name in [name for name, one in parted.items() if (one.retired_ms or 0) < now_ms - MEMORY_MS]:
            del parted[name]

    def _clock(self, clock: Clock, *, wall_ms: int, retained: bool) -> None:
        begins = self.time.hear(clock, wall_ms=wall_ms, retained=retained)
        if self.calls is not None:
            known_ms = self.committed_ms(clock.run, MEASURING) or to_ms(clock.epoch)
            self.calls.attend(clock.run, attended=clock.attended, at_ms=to_ms(clock.at), known_ms=known_ms)
            if begins:
                self.calls.end_other_runs(clock.run)
        if begins:
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
                    "seed": None if clock.seed is None else str(clock.seed),
                }
            )

    def _result(self, result: PlantResult, payload: bytes, *, wall_ms: int) -> None:
        # A command is answered to who asked.
        if not result.ok and not result.id:
            self.refused.add(result.what, payload, result.message, wall_ms=wall_ms)

    def _from_machine(self, topic: MachineTopic, payload: bytes, *, wall_ms: int) -> None:
        if topic.kind == "birth":
            if payload:
                birth = decode(payload, Birth)
                self._check_path(topic, self._run_of(birth.run))
                self._births[topic.machine] = (topic, birth)
                self._born(topic, birth)
            elif not self._leftovers.was_own_word(topic):
                self._births.pop(topic.machine, None)
                self._retire(topic, wall_ms=wall_ms)
        elif topic.kind == "online":
            self._hear_of_link(topic, decode_online(payload))
        else:
            self._readings(topic, payload, wall_ms=wall_ms)

    def _from_gateway(
        self, gateway: GatewayTopic, topic: str, payload: bytes, *, wall_ms: int, again: bool
    ) -> None:
        """What a gateway says of itself, or each of its machines as if that had said it itself."""
        if topic == gateway.online:
            self._online[gateway.name] = decode_online(payload)
            for record in self.shown().values():
                if record.gateway == gateway.name:
                    record.online = self._link_of(record)
            return
        for name, batch in decode_edge_batch(payload).items():
            try:
                if isinstance(batch, MessageError):
                    raise batch
                said = gateway.machine(name, "readings")
                if not self._leftovers.has(said, batch, retained=False, again=again):
                    self.writes.cleared.extend({"topic": name} for name in self._leftovers.take_ended())
                    self._readings(said, batch, wall_ms=wall_ms)
                    self._hear_of_link(said, None)
            except MessageError as error:
                wrong = payload if isinstance(batch, MessageError) else batch
                self.refused.add(topic, wrong, f"machine {name[:64]!r}: {error}", wall_ms=wall_ms)

    def _hear_of_link(self, topic: MachineTopic, online: bool | None) -> None:  # noqa: FBT001 - what was said
        """A machine says whether it is online; of one behind a gateway, that says that it has lost it."""
        record = self.shown().get(topic.machine)
        if record is None:
            return
        if online is False:
            self._lost.add(topic.machine)
        else:
            self._lost.discard(topic.machine)
        if record.gateway:
            record.online = self._link_of(record)
        elif online is not None:
            record.online = online

    def _link_of(self, record: MachineRecord) -> bool | None:
        """Whether a machine behind a gateway is online."""
        return False if record.name in self._lost else self._online.get(record.gateway)

    def _check_path(self, topic: MachineTopic, run: str) -> None:
        """Refuse a machine at a second path, or one named like a location."""
        records = self.of_run(run)
        mine = records.get(topic.machine)
        if mine is not None and mine.path != topic.path:
            raise MessageError(
                f"machine {topic.machine!r} is already at {mine.path or 'the root'!r}: "
                f"a second one at {topic.path or 'the root'!r} is refused, names are unique in {self.root!r}"
            )
        if mine is None and self._is_twofold(topic, run):
            raise MessageError(
                f"{str(topic)!r}: a machine and a location cannot have the same name in {self.root!r}"
            )

    def _is_twofold(self, topic: MachineTopic, run: str) -> bool:
        """Whether one of its levels is a machine, or it is named like a location."""
        records, name = self.of_run(run), topic.machine
        # To go through all machines for each that comes would take a minute for ten thousand.
        stands = name in self._levels[run] and any(
            name in record.path.split("/") for record in records.values()
        )
        return stands or any(level in records for level in topic.location)

    def _run_of(self, said: str) -> str:
        """The run that a message belongs to: the one that it names, else the one that is on.

        Raises:
            MessageError: It is another plant's: twins stand under one root, and all others under theirs.
        """
        run = said or self.time.run
        if is_twin(run) != self._of_twin:
            allowed = "one of a twin" if self._of_twin else "none of a twin"
            raise MessageError(f"key 'run': {run!r}: allowed under {self.root}/ is {allowed}")
        return run

    def _born(self, topic: MachineTopic, birth: Birth) -> None:
        run = self._run_of(birth.run)
        records = self.of_run(run)
        since_ms = to_ms(birth.at)
        record = records.get(topic.machine)
        if record is None:
            records[topic.machine] = record = self._new(run, topic, since_ms)
        if record.birth != birth:
            record.adopt(birth)
        if birth.gateway:
            record.online = self._link_of(record)

    def _new(self, run: str, topic: MachineTopic, since_ms: int) -> MachineRecord:
        if len(self.of_run(run)) >= MAX_MACHINES:
            raise MessageError(f"machine {topic.machine!r} is one too many: allowed are {MAX_MACHINES:,}")
        self.parted[run].pop(topic.machine, None)
        self._levels[run].update(topic.location)
        known = self._recalled(run, topic.machine)
        rule = self.rules.rule(topic.path, topic.machine)
        if known is None:
            return MachineRecord(run=run, name=topic.machine, path=topic.path, since_ms=since_ms, rule=rule)
        if known.retired_ms is not None and since_ms > known.retired_ms + REBORN_MS:
            # It was gone for a while, and is not charged for that.
            known.since_ms = since_ms
        known.path, known.retired_ms, known.changed = topic.path, None, True
        known.obey(rule)
        return known

    def _recalled(self, run: str, name: str) -> MachineRecord | None:
        return recall_one(self.store, run, name, memory_ms=MEMORY_MS, rules=self.rules)

    def _retire(self, topic: MachineTopic, *, wall_ms: int) -> None:
        record = self.shown().pop(topic.machine, None)
        self.retired.append(topic.machine)
        if record is not None:
            # What a plant takes away has said all it had to say, and when that was heard is no plant time.
            last_ms = record.keeper.last_at_ms if record.simulated else None
            record.retired_ms = self.now_ms(wall_ms) if last_ms is None else last_ms
            record.changed = True
            self.parted[record.run][record.name] = record
            if self.calls is not None:
                self.calls.part(record)
            self.ledger.gather([record])

    def _readings(self, topic: MachineTopic, payload: bytes, *, wall_ms: int) -> None:
        batch = decode_batch(payload)
        now_ms = self.now_ms(wall_ms)
        at_ms = batch.at_ms if batch.at_ms is not None else now_ms
        run = self._run_of(batch.run)
        until_ms = end_of(at_ms, batch)
        self._check_path(topic, run)
        record = self.of_run(run).get(topic.machine)
        if record is not None and run == self.time.run:
            record.ahead_ms = until_ms - now_ms if until_ms - now_ms >= AHEAD_MS else 0
        if run == self.time.run and until_ms > now_ms + MAX_AHEAD_MS:
            raise MessageError(
                f"key 'at': {to_text(until_ms)} is ahead of the plant clock, which shows "
                f"{to_text(now_ms)}: allowed are {MAX_AHEAD_MS // 60_000} minutes"
            )
        if record is None:
            record = self.of_run(run)[topic.machine] = self._new(run, topic, at_ms)
        self.intake.take(record, batch, payload, at_ms=at_ms, wall_ms=wall_ms)
