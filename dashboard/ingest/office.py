"""What each message changes: births make machines, readings make intervals, ticks move the time on.

Knows no MQTT.
"""

import logging

from dashboard.calendar.places import Calendar
from dashboard.calls.rules import CallRules
from dashboard.history.called import Called
from dashboard.history.store import Store, Writes
from dashboard.ingest.assumed import Assumed
from dashboard.ingest.fleet import MEMORY_MS, Fleet
from dashboard.ingest.heard import HeardDevices
from dashboard.ingest.intake import Intake
from dashboard.ingest.ledger import Ledger
from dashboard.ingest.machine import end_of
from dashboard.ingest.outbox import Outbox
from dashboard.ingest.plant_time import PlantTime
from dashboard.ingest.refused import RefusedMessages
from dashboard.ingest.share import MEASURING, Share
from dashboard.ingest.switchboard import Switchboard
from dashboard.ingest.topic_map import Meant
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
)
from protocol.moments import to_ms, to_text
from protocol.readings import decode_batch
from protocol.topics import GatewayTopic, MachineTopic, parse_gateway_topic, parse_machine_topic, plant_topic
from protocol.twin import TWIN_ROOT, twin_run

logger = logging.getLogger(__name__)

MAX_AHEAD_MS = 10 * 60_000
"""Readings further ahead of the plant clock than this are refused."""
AHEAD_MS = 2 * 60_000
"""A clock that is further ahead than this is said to be: the plant's own may be a tick behind."""


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
        share: Which of the machines are its own, where several workers divide them.
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
        share: Share | None = None,
    ) -> None:
        self.root = root
        self.share = share or Share()
        """Which of the machines are its own."""
        self.rules = StateRules() if rules is None else rules
        self.store = store
        self._of_twin = root == TWIN_ROOT
        self.time = PlantTime(without=twin_run("") if self._of_twin else "")
        self.ledger = ledger or Ledger(store, RefusedMessages(), self.share)
        self.refused = self.ledger.refused
        self.heard = HeardDevices()
        """What devices of one's own have said lately."""
        self.intake = intake or Intake(self.ledger)
        self.assumed = Assumed(self.ledger)
        """What the plant says is assumed of it."""
        self.calls: Switchboard | None = None
        """Calls for people; None where nobody is to be called."""
        if calendar is not None:
            calls = calls or CallRules()
            self.ledger.outbox = Outbox(store, calls.webhook, self._past_ms, self.share)
            self.calls = Switchboard(
                self.ledger,
                Called(store.engine, self.share.has),
                rules=calls,
                calendar=calendar,
                memory_ms=MEMORY_MS,
                share=self.share,
            )
        self.fleet = Fleet(
            root=root,
            ledger=self.ledger,
            intake=self.intake,
            rules=self.rules,
            time=self.time,
            calls=self.calls,
            share=self.share,
        )
        """The machines."""
        self._committed: dict[tuple[str, str], int] = {}

    @classmethod
    def beside(cls, office: "Office", *, root: str) -> "Office":
        """An office for another root that writes with the commits of one; it calls for nobody."""
        return cls(
            root=root,
            store=office.store,
            rules=office.rules,
            ledger=office.ledger,
            intake=office.intake,
            share=office.share,
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
                    self._respond(decode(payload, Response))
            elif topic == plant_topic(self.root, "assumptions"):
                if payload and self.share.leads:
                    self.assumed.hear(payload)
            elif (gateway := parse_gateway_topic(topic)) is not None:
                self._from_gateway(gateway, topic, payload, wall_ms=wall_ms, again=again)
            else:
                said = parse_machine_topic(topic)
                if not self.fleet.leftovers.has(said, payload, retained=retained, again=again):
                    self.writes.cleared.extend({"topic": name} for name in self.fleet.leftovers.take_ended())
                    self._from_machine(said, payload, wall_ms=wall_ms)
        except MessageError as error:
            self.refused.add(topic, payload, str(error), wall_ms=wall_ms, retained=retained)

    def receive_meaning(self, meant: Meant, *, topic: str, payload: bytes, wall_ms: int, again: bool) -> None:
        """Take in what a device said in words of its own.

        Args:
            meant: What it means.
            topic: Where it was said.
            payload: What was said.
            wall_ms: When it came, ms since 1970.
            again: Whether the broker has sent it before.
        """
        try:
            if not self.fleet.leftovers.has(meant.topic, meant.payload, retained=False, again=again):
                self.writes.cleared.extend({"topic": name} for name in self.fleet.leftovers.take_ended())
                self._readings(meant.topic, meant.payload, wall_ms=wall_ms, said=(topic, payload))
        except MessageError as error:
            self.refused.add(topic, payload, str(error), wall_ms=wall_ms)

    def tick(self, run: str, at_ms: int, office: str) -> None:
        """Note that everything of a run up to `at_ms` has been taken in."""
        self.time.tick(run, at_ms)
        known = self.committed_ms(run, office)
        if known is not None and at_ms <= known:
            return
        if office == MEASURING:
            self.intake.settle()
            self._judge(run, at_ms, known)
        self._committed[run, office] = at_ms
        self.writes.watermarks.append({"run": run, "office": self.share.name(office), "committed_ms": at_ms})
        if self.time.clock is not None and self.time.run == run and office == MEASURING:
            self._run_row(at_ms)

    def _judge(self, run: str, at_ms: int, known_ms: int | None) -> None:
        """Call for people as of a moment, all that came before having been taken in."""
        if self.calls is None or run != self.time.run:
            return
        if known_ms is None:
            clock = self.time.clock
            known_ms = at_ms if clock is None else min(to_ms(clock.epoch), at_ms)
        self.calls.judge(run, self.fleet.shown().values(), after_ms=known_ms, until_ms=at_ms)

    def committed_ms(self, run: str, office: str) -> int | None:
        """Plant time up to which an office has a run in the history, or will with the next commit."""
        if (run, office) not in self._committed:
            known = self.store.committed(run, self.share.name(office))
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

    def mark_wall_time(self, wall_ms: int, others_since_ms: int | None = None) -> None:
        """Without a plant, real machines live on wall time: note how far that has come.

        Args:
            wall_ms: What time it is, ms since 1970.
            others_since_ms: When the first machine of other workers began; None where they have none.
        """
        begun = [record.since_ms for record in self.fleet.shown().values()]
        if others_since_ms is not None:
            begun.append(others_since_ms)
        if self.time.clock is None and begun:
            self.tick("", wall_ms, MEASURING)
            begun_ms = min(begun)
            if self.share.leads:
                row = {"epoch_ms": begun_ms, "now_ms": wall_ms, "begun_wall_ms": begun_ms, "seed": None}
                self.writes.runs.append({"run": "", **row})

    def forget(self, now_ms: int) -> None:
        """Hold no more of the past in memory than pages and late batches usually ask for."""
        self.commit()
        if self.calls is not None:
            self.calls.forget(now_ms - MEMORY_MS)
        self.fleet.trim(now_ms - MEMORY_MS)

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
            self.fleet.begin()

    def _run_row(self, now_ms: int) -> None:
        clock = self.time.clock
        if clock is not None and self.share.leads:
            self.writes.runs.append(
                {
                    "run": clock.run,
                    "epoch_ms": to_ms(clock.epoch),
                    "now_ms": now_ms,
                    "begun_wall_ms": self.time.heard_wall_ms,
                    "seed": None if clock.seed is None else str(clock.seed),
                }
            )

    def _respond(self, response: Response) -> None:
        if self.calls is not None and self.fleet.is_mine(response.run, response.machine):
            self.calls.respond(response)

    def _result(self, result: PlantResult, payload: bytes, *, wall_ms: int) -> None:
        # A command is answered to who asked.
        if not result.ok and not result.id and self.share.leads:
            self.refused.add(result.what, payload, result.message, wall_ms=wall_ms)

    def _from_machine(self, topic: MachineTopic, payload: bytes, *, wall_ms: int) -> None:
        if topic.kind == "birth":
            birth = decode(payload, Birth) if payload else None
            self.fleet.hear_birth(topic, birth, wall_ms=wall_ms)
        elif topic.kind == "online":
            self.fleet.hear_of_link(topic, decode_online(payload))
        else:
            self._readings(topic, payload, wall_ms=wall_ms)

    def _from_gateway(
        self, gateway: GatewayTopic, topic: str, payload: bytes, *, wall_ms: int, again: bool
    ) -> None:
        """What a gateway says of itself, or each of its machines as if that had said it itself."""
        if topic == gateway.online:
            self.fleet.hear_of_gateway(gateway.name, online=decode_online(payload))
            return
        for name, batch in decode_edge_batch(payload).items():
            try:
                if isinstance(batch, MessageError):
                    raise batch
                said = gateway.machine(name, "readings")
                if not self.fleet.leftovers.has(said, batch, retained=False, again=again):
                    self.writes.cleared.extend({"topic": name} for name in self.fleet.leftovers.take_ended())
                    self._readings(said, batch, wall_ms=wall_ms)
                    self.fleet.hear_of_link(said, None)
            except MessageError as error:
                wrong = payload if isinstance(batch, MessageError) else batch
                self.refused.add(topic, wrong, f"machine {name[:64]!r}: {error}", wall_ms=wall_ms)

    def _readings(
        self, topic: MachineTopic, payload: bytes, *, wall_ms: int, said: tuple[str, bytes] | None = None
    ) -> None:
        batch = decode_batch(payload)
        now_ms = self.now_ms(wall_ms)
        at_ms = batch.at_ms if batch.at_ms is not None else now_ms
        run = self.fleet.run_of(batch.run)
        # As a guest speaks, who may put any run into a message: none is opened for that.
        of_guest = not topic.location
        if of_guest and run not in {"", self.time.run} and not self.fleet.has(run, topic.machine):
            raise MessageError(f"key 'run': {run!r} is not the run that is on, and has no such machine")
        until_ms = end_of(at_ms, batch)
        self.fleet.check_path(topic, run)
        record = self.fleet.of_run(run).get(topic.machine)
        if record is not None and run == self.time.run:
            record.ahead_ms = until_ms - now_ms if until_ms - now_ms >= AHEAD_MS else 0
        if run == self.time.run and until_ms > now_ms + MAX_AHEAD_MS:
            raise MessageError(
                f"key 'at': {to_text(until_ms)} is ahead of the plant clock, which shows "
                f"{to_text(now_ms)}: allowed are {MAX_AHEAD_MS // 60_000} minutes"
            )
        if record is None:
            record = self.fleet.put_up(run, topic, at_ms, unborn=of_guest or not batch.run)
        record.check_signals(batch.signals)
        self.intake.take(record, batch, payload, at_ms=at_ms, wall_ms=wall_ms)
        if record.birth is None:
            own_topic, own_payload = said or (str(topic), payload)
            self.heard.take(
                own_topic, own_payload, batch, machine=record.name, at_ms=until_ms, wall_ms=wall_ms
            )
