"""The machines of each run, as births, links and orders make, hide and end them.

Knows the history, which it asks for machines that were known before, and no MQTT.
"""

from time import sleep

from msgspec.structs import replace

from dashboard.ingest.elsewhere import Elsewhere
from dashboard.ingest.intake import Intake
from dashboard.ingest.ledger import Ledger
from dashboard.ingest.leftovers import Leftovers
from dashboard.ingest.machine import MachineRecord
from dashboard.ingest.plant_time import PlantTime
from dashboard.ingest.recall import recall, recall_one
from dashboard.ingest.share import Share
from dashboard.ingest.switchboard import Switchboard
from dashboard.states.rules import StateRules
from protocol.messages import Birth, MessageError, encode
from protocol.moments import to_ms
from protocol.topics import SPARKPLUG, MachineTopic
from protocol.twin import TWIN_ROOT, is_twin

MAX_MACHINES = 20_000
"""Machines of one run; more are refused."""
MAX_UNBORN = 100
"""Machines of one run that have told no birth; more are refused, whoever makes up their names."""
REBORN_MS = 120_000
"""A machine that comes back this soon has only moved: it keeps its time."""
HAND_OVER_S = 0.05
"""How long to wait before it is looked again whether another worker has written that a machine left it."""
HAND_OVER_TRIES = 60
"""So often it is looked; one that is away has nothing more to write."""
MEMORY_MS = 26 * 3_600_000
"""How far back a machine's time is held in memory; what is older is read from the history."""


def is_of_sparkplug(record: MachineRecord) -> bool:
    """Whether a machine's births are retained by nobody, and have to be asked for."""
    return record.gateway.startswith(f"{SPARKPLUG}/")


class Fleet:
    """Keeps the machines of one root.

    Args:
        root: First level of every topic, `shopfloor`.
        ledger: Where rows gather.
        intake: Where readings are taken in.
        rules: How readings become states.
        time: The plant's clock.
        calls: Calls for people; None where nobody is to be called.
        share: Which of the machines are this worker's.
    """

    def __init__(
        self,
        *,
        root: str,
        ledger: Ledger,
        intake: Intake,
        rules: StateRules,
        time: PlantTime,
        calls: Switchboard | None,
        share: Share,
    ) -> None:
        self._root = root
        self._share = share
        self.elsewhere = Elsewhere()
        """The machines of other workers."""
        self._of_twin = root == TWIN_ROOT
        self._ledger = ledger
        self._intake = intake
        self._rules = rules
        self._time = time
        self._calls = calls
        self._parted: dict[str, dict[str, MachineRecord]] = {}
        """Machines retired not long ago, by run and name: their time still counts for line and plant."""
        left = {
            topic: birth
            for topic, birth in ledger.store.clearings().items()
            if topic.startswith(f"{root}/") and share.has_topic(topic)
        }
        self.leftovers = Leftovers(left)
        """What forgotten machines left at the broker."""
        self._retired: list[str] = self.leftovers.machines()
        """Names whose tiles are to be taken down."""
        self._births: dict[str, tuple[MachineTopic, Birth]] = {}
        self._levels: dict[str, set[str]] = {}
        """Every location that a machine of a run has been at, and perhaps is no longer, by run."""
        self._online: dict[str, bool | None] = {}
        """What each gateway, or its will, last said of its link."""
        self._lost: set[str] = set()
        """Machines that, or whose gateway, last said that they are offline."""

    def shown(self) -> dict[str, MachineRecord]:
        """The machines of the run that is on, by name."""
        return self.of_run(self._time.run)

    def of_run(self, run: str) -> dict[str, MachineRecord]:
        """The machines of a run, read from the history the first time."""
        if run not in self._parted:
            known = recall(
                self._ledger.store, run, memory_ms=MEMORY_MS, rules=self._rules, mine=self._share.has
            )
            self._ledger.machines[run] = {name: one for name, one in known.items() if one.retired_ms is None}
            self._parted[run] = {name: one for name, one in known.items() if one.retired_ms is not None}
            self._levels[run] = {level for one in known.values() for level in one.path.split("/")}
            for one in known.values():
                self._intake.watch(one)
                self._follow(one)
        return self._ledger.machines[run]

    def machine(self, name: str) -> MachineRecord | None:
        """One machine of the run that is on, there or retired; None when the run never had it."""
        known = self.shown().get(name) or self._parted.get(self._time.run, {}).get(name)
        return known or self._recalled(self._time.run, name)

    def is_mine(self, run: str, name: str) -> bool:
        """Whether a machine is this worker's; what no worker knows is the first one's."""
        if self._share.alone or name in self.of_run(run) or name in self._parted[run]:
            return True
        if run == self._time.run and self.elsewhere.path(name) is not None:
            return False
        row = self._ledger.store.machine(run, name)
        return self._share.leads if row is None else self._share.has(row.path)

    def forget(self, record: MachineRecord) -> None:
        """Take a machine out of its run with all that is known of it, and its retained messages."""
        self._ledger.commit()
        run, name = record.run, record.name
        if self._calls is not None:
            self._calls.drop(record)
        self.of_run(run).pop(name, None)
        self._parted[run].pop(name, None)
        self._intake.drop(record)
        self._ledger.writes.forgotten.append({"run": run, "machine": name})
        self._ledger.writes.rewrites.append({"run": run, "machine": name, "from_ms": record.since_ms})
        self._retired.append(name)
        _, birth = self._births.pop(name, (None, record.birth))
        left = self.leftovers.leave(self._root, record.path, name, encode(birth) if birth else None)
        # Written with the forgetting: whoever is killed before the broker has heard of it goes on here.
        self._ledger.writes.clearings.extend(
            {"topic": topic, "birth": known} for topic, known in left.items()
        )

    def counted(self) -> list[MachineRecord]:
        """The machines whose time counts for line and plant: those shown, and those that have parted."""
        return [*self.shown().values(), *self._parted.get(self._time.run, {}).values()]

    def take_retired(self) -> list[str]:
        """Names whose tiles are to be taken down and have not been taken before."""
        names = [
            name for name in self._retired if name not in self.shown() and self.elsewhere.path(name) is None
        ]
        self._retired = []
        return names

    def retire_unborn(self, *, wall_ms: int) -> None:
        """Retire simulated machines of the run whose birth is no longer retained.

        They were removed while nobody listened. Call it once every retained birth has come.
        """
        gone = [
            record
            for record in self.shown().values()
            if record.simulated and record.name not in self._births and not is_of_sparkplug(record)
        ]
        for record in gone:
            levels = tuple(record.path.split("/")) if record.path else ()
            self._retire(
                MachineTopic(root=self._root, location=levels, machine=record.name, kind="birth"),
                wall_ms=wall_ms,
            )

    def hear_of_link(self, topic: MachineTopic, online: bool | None) -> None:  # noqa: FBT001 - what was said
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

    def has(self, run: str, name: str) -> bool:
        """Whether a run has, or had, a machine of a name; a run that is not in memory stays there."""
        if name in self._ledger.machines.get(run, {}):
            return True
        return self._ledger.store.machine(run, name) is not None

    def check_path(self, topic: MachineTopic, run: str) -> None:
        """Refuse a machine at a second path, or one named like a location."""
        records = self.of_run(run)
        mine = records.get(topic.machine)
        path = self.elsewhere.path(topic.machine) if mine is None else mine.path
        if path is not None and path != topic.path:
            raise self._already(topic, path)
        if mine is None and self._is_twofold(topic, run):
            raise MessageError(
                f"{str(topic)!r}: a machine and a location cannot have the same name in {self._root!r}"
            )

    def _already(self, topic: MachineTopic, path: str) -> MessageError:
        return MessageError(
            f"machine {topic.machine!r} is already at {path or 'the root'!r}: "
            f"a second one at {topic.path or 'the root'!r} is refused, names are unique in {self._root!r}"
        )

    def _is_twofold(self, topic: MachineTopic, run: str) -> bool:
        """Whether one of its levels is a machine, or it is named like a location."""
        records, name = self.of_run(run), topic.machine
        # To go through all machines for each that comes would take a minute for ten thousand.
        stands = name in self._levels[run] and any(
            name in record.path.split("/") for record in records.values()
        )
        here = stands or any(level in records for level in topic.location)
        return here or self.elsewhere.is_twofold(name, topic.location)

    def run_of(self, said: str) -> str:
        """The run that a message belongs to: the one that it names, else the one that is on.

        Raises:
            MessageError: It is another plant's: twins stand under one root, and all others under theirs.
        """
        run = said or self._time.run
        if is_twin(run) != self._of_twin:
            allowed = "one of a twin" if self._of_twin else "none of a twin"
            raise MessageError(f"key 'run': {run!r}: allowed under {self._root}/ is {allowed}")
        return run

    def hear_birth(self, topic: MachineTopic, birth: Birth | None, *, wall_ms: int) -> None:
        """A machine says what it is; or, with None, its birth is retained no longer: it has gone."""
        if birth is not None:
            self.check_path(topic, self.run_of(birth.run))
            self._births[topic.machine] = (topic, birth)
            self._born(topic, birth)
        elif not self.leftovers.was_own_word(topic):
            self._births.pop(topic.machine, None)
            self._retire(topic, wall_ms=wall_ms)

    def hear_of_device(self, topic: MachineTopic, birth: Birth, *, wall_ms: int) -> None:
        """An edge node says what a machine is, and that it has it: again with each of its births."""
        known = self.of_run(self.run_of(birth.run)).get(topic.machine)
        if known is not None and known.birth is not None and not birth.run:
            # A real one exists since it was first heard, however often it is born.
            birth = replace(birth, at=known.birth.at)
        self.hear_birth(topic, birth, wall_ms=wall_ms)
        self.hear_of_link(topic, None)

    def begin(self) -> None:
        """Another run is on: only its machines are shown."""
        # Tiles of machines that this run does not have would otherwise stay for ever.
        told = self._ledger.store.names_told()
        self._retired.extend(sorted({name for name, path in told if self._share.has(path)}))
        # Births may be older than the clock: those without a run live on the time axis that is on.
        for topic, birth in self._births.values():
            self._born(topic, birth)

    def hear_of_gateway(self, name: str, *, online: bool | None) -> None:
        """A gateway, or its will, says whether it is online: so are its machines."""
        self._online[name] = online
        for record in self.shown().values():
            if record.gateway == name:
                record.online = self._link_of(record)

    def connected(self) -> None:
        """Forget which births are retained: the broker is about to say it again."""
        self._births.clear()
        self.elsewhere.clear()
        self.leftovers.connected()

    def trim(self, since_ms: int) -> None:
        """Hold no more of the past in memory than since a moment, and no run but the one that is on."""
        for records in self._ledger.machines.values():
            for record in records.values():
                record.forget(since_ms)
        for run in [run for run in self._parted if run != self._time.run]:
            del self._ledger.machines[run], self._parted[run], self._levels[run]
        parted = self._parted.get(self._time.run, {})
        for name in [name for name, one in parted.items() if (one.retired_ms or 0) < since_ms]:
            del parted[name]

    def _born(self, topic: MachineTopic, birth: Birth) -> None:
        run = self.run_of(birth.run)
        records = self.of_run(run)
        since_ms = to_ms(birth.at)
        record = records.get(topic.machine)
        if record is None:
            record = self.put_up(run, topic, since_ms)
        if record.birth != birth:
            # What came before this birth is read by the one before.
            self._intake.settle()
            record.adopt(birth)
        self._follow(record)
        if birth.gateway:
            record.online = self._link_of(record)

    def _follow(self, record: MachineRecord) -> None:
        """Look for trends in its signals, where people are called for at all."""
        if self._calls is not None and record.retired_ms is None:
            self._calls.follow(record)

    def put_up(self, run: str, topic: MachineTopic, since_ms: int, *, unborn: bool = False) -> MachineRecord:
        """The record of a machine that a run has not had, or not at this time: it begins at a moment.

        Args:
            run: The run.
            topic: Where it stands.
            since_ms: The moment.
            unborn: Whether it is a device of one's own, which tells no birth.

        Raises:
            MessageError: There are as many as a run may have.
        """
        if len(self.of_run(run)) >= MAX_MACHINES:
            raise MessageError(f"machine {topic.machine!r} is one too many: allowed are {MAX_MACHINES:,}")
        if unborn and sum(one.birth is None for one in self.of_run(run).values()) >= MAX_UNBORN:
            raise MessageError(
                f"machine {topic.machine!r} is one too many: allowed are {MAX_UNBORN} that tell no birth, "
                "of which the page Machines forgets any"
            )
        self._parted[run].pop(topic.machine, None)
        self._levels[run].update(topic.location)
        rule = self._rules.rule(topic.path, topic.machine)
        known = self._handed_over(run, topic)
        if known is None:
            known = MachineRecord(run=run, name=topic.machine, path=topic.path, since_ms=since_ms, rule=rule)
            self.of_run(run)[topic.machine] = known
            return known
        if known.retired_ms is not None and since_ms > known.retired_ms + REBORN_MS:
            # It was gone for a while, and is not charged for that.
            known.since_ms = since_ms
        known.path, known.retired_ms, known.changed = topic.path, None, True
        known.obey(rule)
        self.of_run(run)[topic.machine] = known
        return known

    def _recalled(self, run: str, name: str) -> MachineRecord | None:
        return recall_one(self._ledger.store, run, name, memory_ms=MEMORY_MS, rules=self._rules)

    def _handed_over(self, run: str, topic: MachineTopic) -> MachineRecord | None:
        """One machine of a run as another worker has left it, if another had it until now.

        A machine that a plant moves to another line is taken away there before it is born here, and both
        workers hear that in this order; but the other may still have to write it.

        Raises:
            MessageError: Another worker has it, and nobody has taken it away.
        """
        for _ in range(HAND_OVER_TRIES):
            row = None if self._share.alone else self._ledger.store.machine(run, topic.machine)
            if row is None or row.retired_ms is not None or self._share.has(row.path):
                break
            if topic.kind != "birth":
                raise self._already(topic, row.path)
            sleep(HAND_OVER_S)
        return self._recalled(run, topic.machine)

    def _retire(self, topic: MachineTopic, *, wall_ms: int) -> None:
        # It is written now for the last time.
        self._intake.settle()
        record = self.shown().pop(topic.machine, None)
        self._retired.append(topic.machine)
        if record is not None:
            # What a plant takes away has said all it had to say, and when that was heard is no plant time.
            last_ms = record.keeper.last_at_ms if record.simulated else None
            record.retired_ms = self._time.now_ms(wall_ms) if last_ms is None else last_ms
            record.changed = True
            self._parted[record.run][record.name] = record
            if self._calls is not None:
                self._calls.part(record)
            self._ledger.gather([record])
