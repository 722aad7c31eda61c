"""The ingest process: two connections, one worker, a commit a tick, and acknowledgements after it."""

import logging
import queue
import threading
from pathlib import Path
from time import monotonic

from sqlalchemy.exc import SQLAlchemyError

from dashboard.commands import command_topic, result_topic
from dashboard.commands import encode as encode_result
from dashboard.goals import Goals
from dashboard.ingest.answers import Answers
from dashboard.ingest.desk import Desk
from dashboard.ingest.office import Office
from dashboard.ingest.pace import Pace, Telling
from dashboard.ingest.patience import GivenUpError
from dashboard.ingest.poster import Poster
from dashboard.ingest.presence import Presence
from dashboard.ingest.proof import Proof
from dashboard.ingest.retention import EVERY_MS, Retention
from dashboard.ingest.roll_call import RollCall
from dashboard.ingest.share import MEASURING, PROVING
from dashboard.ingest.side import Side
from dashboard.ingest.stamps import Stamps
from dashboard.ingest.stamps import wall_ms as _wall_ms
from dashboard.ingest.teller import Teller
from dashboard.ingest.topic_map import Device, TopicMap
from dashboard.ingest.turnstile import Turnstile
from dashboard.ingest.twin import TwinOffice
from dashboard.ingest.working import Working
from dashboard.kpi.basis import Basis
from dashboard.memory import give_back
from protocol.messages import MessageError, Tick, decode
from protocol.moments import to_ms
from protocol.session import Received, Session
from protocol.topics import call_topic, every_topic, office_topic, plant_topic, truth_topic
from protocol.twin import TWIN_ROOT, twin_run

logger = logging.getLogger(__name__)

PARTNER_S = 0.003
"""How long the first of two ticks waits for the other, so that one commit serves both."""
IDLE_S = 0.015
"""How long the inbox must be empty before what came without a tick is committed."""
LOOK_S = 0.25
"""How often is looked after what no message says."""
WAITING_S = 1.0
"""How often pages are told that the history takes nothing."""
CLOCK_S = 1.0
"""How long after the first connection the plant's retained clock is waited for."""
MANY_COPIES = 20
"""So many different messages that came twice show a broker's habit, not a device's."""
CALL_LEVELS = 2
"""Levels of a call's topic below `_call`: its machine and its id."""


class Ingest:
    """Everything that runs in the ingest process.

    Args:
        root: First level of every topic.
        office: Works out what messages mean.
        basis: By what numbers are worked out.
        sessions: The measuring connection and, for the worker that keeps the truth, the one that may read it.
        inbox: Where both put what they receive.
        poster: Posts the events of calls; None where they are posted to nobody.
        heartbeat: File touched while the process is well; None for none.
        retention: For how long what was heard is kept.
        devices: Those that speak otherwise; None for none.
        goals: How much of their planned time machines should run; None for what holds by itself.
        side: Where machines are heard that speak another protocol; None for none.
        turnstile: How much of each device is heard; None for all of it.
    """

    def __init__(
        self,
        *,
        root: str,
        office: Office,
        basis: Basis,
        sessions: tuple[Session, Session | None],
        inbox: "queue.Queue[Received]",
        heartbeat: Path | None,
        retention: Retention,
        poster: Poster | None = None,
        devices: TopicMap | None = None,
        goals: Goals | None = None,
        side: Side | None = None,
        turnstile: Turnstile | None = None,
    ) -> None:
        self._root = root
        self._turnstile = turnstile
        self._office = office
        self._twin = TwinOffice(office)
        self._roll_call = RollCall(office)
        self._proof = Proof(office.store)
        self._desk = Desk(office)
        self._basis = basis
        self._measuring, self._proving = sessions
        self._answers = Answers(root=root, office=office, twin=self._twin, sessions=sessions)
        self._inbox = inbox
        self._side = side
        self._poster = poster
        self._retention = retention
        self._devices = TopicMap() if devices is None else devices
        office.heard.patterns = [one.filter for one in self._devices.devices]
        self._unacknowledged: list[Received] = []
        self._early: list[Received] | None = []
        """What came before the plant's clock, in order; None once it is known whether there is one."""
        self._settles_at: float | None = None
        self._clock_topic = plant_topic(root, "clock")
        self._tick_topic = plant_topic(root, "tick")
        self._command_topic = command_topic(root)
        self._truth_prefix = truth_topic(root, "")
        self._call_prefix = f"{root}/_call/"
        # Where no access list keeps them away: our own words, the truth, and what is for the plant.
        self._not_mine = (
            office_topic(root, ""),
            self._truth_prefix,
            *(plant_topic(root, name) for name in ("office", "watermark", "command")),
        )
        self._common = (plant_topic(root, ""), plant_topic(TWIN_ROOT, ""), self._call_prefix)
        """Where what is said is heard by every worker, and counted by the first."""
        self._part_prefix = office_topic(root, "share", "")
        connections = (*sessions, None if side is None else side.session)
        working = Working(office, [one for one in connections if one is not None], inbox, poster)
        self._teller = Teller(
            root=root, office=office, basis=basis, goals=goals, session=self._measuring, working=working
        )
        self._pace = Pace()
        self._presence = Presence(root=root, session=self._measuring, heartbeat=heartbeat, share=office.share)
        self._wide = True
        self._calls_said = False
        """Whether the calls that are open have been said on this connection."""
        self._asked_again, self._forgot_ms, self._waited_s = ("", 0), 0, 0.0
        self._stamps = office.ledger.stamps = Stamps(_wall_ms)
        self._patience = office.ledger.patience
        self._patience.waiting = self._wait_for_the_history

    def run(self, stopping: threading.Event) -> None:
        """Work until told to stop; what was received by then is committed."""
        self._patience.stopping = stopping
        threading.Thread(target=self._mind_the_history, args=(stopping,), daemon=True).start()
        try:
            self._work(stopping)
        except GivenUpError as error:
            # The broker and the plant have all of it, and say it again.
            logger.warning("stopped while the history takes nothing: %s", error)

    def _work(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            try:
                received = self._inbox.get(timeout=self._patience_s())
            except queue.Empty:
                self._commit()
                whole = True
            else:
                self._take(received)
                # A tick ends what the plant says of a moment: behind it nothing more of that comes.
                whole = self._answers.are_whole
                if whole:
                    self._commit()
            if self._early is not None:
                self._settle_when_due()
            else:
                self._tell_when_due(whole=whole)
        self._settle()
        if self._poster is not None:
            # What is on its way may still arrive, and need not be posted again then.
            self._poster.stop(timeout_s=1.0)
        self._commit()

    def _settle_when_due(self) -> None:
        """Without a clock soon after the connection stands, there is no plant."""
        known = self._office.time.clock is not None
        if known or (self._settles_at is not None and monotonic() >= self._settles_at):
            self._settle()

    def _settle(self) -> None:
        """Take what came before it was known which run is on: it would have begun a run without a plant."""
        early, self._early = self._early or [], None
        # Ticks among those came before the births that are retained, which come behind the clock.
        with self._roll_call.put_off(), self._twin.roll_call.put_off():
            for received in early:
                self._take(received)

    def _patience_s(self) -> float:
        """How long to wait for another message before what is here is committed."""
        if self._side is not None and self._side.is_waiting:
            return IDLE_S
        if self._answers:
            return PARTNER_S
        if self._unacknowledged:
            return IDLE_S
        return min(LOOK_S, self._pace.rests_s(monotonic()) or LOOK_S)

    def _take(self, received: Received) -> None:
        if not received.topic:
            self._connected(received)
            return
        if self._is_anothers(received):
            return
        # A broker that kept messages for us sends them before it is asked for the retained clock.
        waits = self._early is not None and self._office.time.clock is None
        is_clock = received.topic == self._clock_topic or self._twin.is_clock(received.topic)
        if waits and self._early is not None and not is_clock:
            self._early.append(received)
            return
        wall_ms = _wall_ms()
        if self._office.share.leads or not received.topic.startswith(self._common):
            self._office.ledger.taken.message(self._office.time.run)
        try:
            if self._side is None or not self._is_beside(self._side, received, wall_ms):
                self._hear(received, wall_ms)
        except (SQLAlchemyError, OSError, GivenUpError):
            # The history is in trouble, not the message: it stays unacknowledged and comes again.
            raise
        except Exception as error:
            # A message that ended the process would come again at once, and end it again.
            logger.exception("a message on %s was not foreseen", received.topic[:120])
            reason = f"not foreseen: {type(error).__name__}: {error}"
            self._office.refused.add(received.topic, received.payload, reason, wall_ms=wall_ms)
        if received.qos:
            self._unacknowledged.append(received)

    def _is_anothers(self, received: Received) -> bool:
        """Whether another worker takes a message in: then it is left unread."""
        topic, share = received.topic, self._office.share
        if share.alone or share.has_topic(topic) or self._devices.device(topic) is not None:
            return False
        office = self._twin.office if self._twin.has(topic) else self._office
        office.fleet.elsewhere.hear(topic, received.payload)
        if received.qos:
            self._unacknowledged.append(received)
        return True

    def _hear(self, received: Received, wall_ms: int) -> None:
        if received.topic == self._tick_topic:
            self._tick(received, wall_ms)
        elif received.session == PROVING:
            self._truth(received, wall_ms)
        elif received.topic.startswith((self._part_prefix, self._call_prefix, self._command_topic)):
            self._office_word(received, wall_ms)
        elif self._twin.has(received.topic):
            self._twin.receive(received, wall_ms)
        elif (device := self._devices.device(received.topic)) is not None:
            self._from_device(device, received, wall_ms)
        elif received.session == self._measuring.name and self._is_of_plant(received.topic):
            if received.topic == self._clock_topic:
                self._roll_call.hear_clock(retained=received.retained)
            self._office.receive(
                received.topic,
                received.payload,
                wall_ms=wall_ms,
                retained=received.retained,
                again=received.again,
            )

    def _office_word(self, received: Received, wall_ms: int) -> None:
        """What the office said itself, or is asked."""
        if received.topic.startswith(self._part_prefix):
            name = received.topic.removeprefix(self._part_prefix)
            self._teller.colleagues.hear(name, received.payload, retained=received.retained)
        elif received.topic.startswith(self._call_prefix):
            self._kept_call(received)
        # A retained one would be asked again for ever.
        elif received.topic == self._command_topic and not received.retained:
            self._desk.take(received.payload, wall_ms=wall_ms)

    def _is_beside(self, side: Side, received: Received, wall_ms: int) -> bool:
        """Whether a message is for those who hear machines of another protocol, or has to wait for them."""
        if received.session == side.session.name:
            side.hear(received, wall_ms)
            self._release_ticks(wall_ms)
            return True
        is_tick = received.topic == self._tick_topic and received.session == self._measuring.name
        return is_tick and side.holds(received)

    def _release_ticks(self, wall_ms: int) -> None:
        """Take ticks that waited for what machines said elsewhere before them."""
        if self._side is not None:
            for received in self._side.take_ticks():
                self._tick(received, wall_ms)

    def _is_of_plant(self, topic: str) -> bool:
        # A broker that remembers us goes on to send what a topic map that is no more had asked for.
        return topic.startswith(f"{self._root}/") and not topic.startswith(self._not_mine)

    def _from_device(self, device: Device, received: Received, wall_ms: int) -> None:
        # What the broker has kept tells of a moment that is over, and not of which.
        if received.retained or not received.payload:
            return
        topic, payload = received.topic, received.payload
        try:
            meant = self._devices.meaning(device, topic, payload)
        except MessageError as error:
            if self._office.share.leads:
                self._office.refused.add(topic, payload, str(error), wall_ms=wall_ms)
            return
        if self._office.share.has(meant.topic.path):
            self._office.receive_meaning(
                meant, topic=topic, payload=payload, wall_ms=wall_ms, again=received.again
            )

    def _kept_call(self, received: Received) -> None:
        """A call that the broker keeps may have been closed without the broker hearing of it."""
        calls, names = self._office.calls, received.topic.removeprefix(self._call_prefix).split("/")
        run = self._office.time.run
        if calls is None or not received.retained or not received.payload or len(names) != CALL_LEVELS:
            return
        if self._office.fleet.is_mine(run, names[0]):
            calls.hear_kept(run, *names)

    def _connected(self, received: Received) -> None:
        # What was on its way to a connection that broke may be lost: a new boot asks for it again.
        if self._side is not None and received.session == self._side.session.name:
            self._side.connected()
            return
        if received.session == self._measuring.name:
            self._settles_at = self._settles_at or monotonic() + CLOCK_S
            self._office.fleet.connected()
            self._roll_call.begin()
            self._twin.connected()
            self._teller.forget()
            self._calls_said = False
        # Whoever is told that there is an office speaks to it: before it has subscribed, nobody would hear.
        if self._measuring.connected.is_set():
            self._presence.begin(monotonic())

    def _tick(self, received: Received, wall_ms: int) -> None:
        try:
            tick = decode(received.payload, Tick)
        except MessageError as error:
            self._office.refused.add(received.topic, received.payload, str(error), wall_ms=wall_ms)
            return
        clock = self._office.time.clock
        if clock is None:
            # Of a run that is not known to be on nobody is called for: not answered, it is said again.
            return
        at_ms = to_ms(tick.at)
        office = PROVING if received.session == PROVING else MEASURING
        self._stamps.hear_tick(None if tick.sent is None else to_ms(tick.sent))
        lost = office == MEASURING and self._office.intake.take_lost()
        # What did not come when it was asked for is lost: it is asked for once, however often it is sent.
        if lost and (tick.run != self._asked_again[0] or at_ms > self._asked_again[1]):
            self._asked_again = tick.run, at_ms
            logger.warning("messages up to %s are missing: asking for them again", tick.at)
            self._presence.begin(monotonic())
            return
        if at_ms == to_ms(clock.epoch):
            # Whoever asks from the beginning may have missed calls that are over by now, too.
            self._calls_said = False
        self._office.tick(tick.run, at_ms, office)
        self._twin.tick(tick, office, wall_ms)
        self._answers.add(office, tick)
        if office == MEASURING:
            self._roll_call.tick(wall_ms)
            self._forget(tick, at_ms)

    def _truth(self, received: Received, wall_ms: int) -> None:
        machine = received.topic.removeprefix(self._truth_prefix).removeprefix(self._twin.truth_prefix)
        try:
            self._proof.hear(machine, received.payload, self._office.writes)
        except MessageError as error:
            self._office.refused.add(received.topic, received.payload, str(error), wall_ms=wall_ms)

    def _commit(self) -> None:
        outbox, poster = self._office.ledger.outbox, self._poster
        if outbox is not None and poster is not None:
            outbox.end(poster.take_over())
        self._office.commit()
        if outbox is not None and poster is not None:
            poster.put(outbox.take_committed())
        self._call()
        self._answers.send()
        for topic in self._office.fleet.leftovers.take_cleared():
            self._measuring.publish(topic, b"", retain=True)
        for result in self._desk.take_results():
            self._measuring.publish(result_topic(self._root), encode_result(result))
        for received in self._unacknowledged:
            session = self._proving if received.session == PROVING else self._measuring
            if session is not None:
                session.acknowledge(received)
        self._unacknowledged.clear()

    def _call(self) -> None:
        """Say the calls that have just been committed, before the tick that they belong to is answered."""
        calls = self._office.calls
        if calls is None:
            return
        # Before it is known which run is on, it is not known which calls are open.
        if not self._calls_said and self._early is None and self._measuring.connected.is_set():
            self._calls_said = True
            calls.say_again(self._office.time.run, self._office.told_now_ms(_wall_ms()))
        for machine, call, payload in calls.take_words():
            self._pace.ask()
            self._measuring.publish(call_topic(self._root, machine, call), payload, retain=True)

    def _forget(self, tick: Tick, at_ms: int) -> None:
        if at_ms - self._forgot_ms >= EVERY_MS:
            self._forgot_ms = at_ms
            self._retention.forget(self._office, tick.run, at_ms)
            if tick.twin_at is not None:
                self._retention.forget(self._twin.office, twin_run(tick.run), at_ms)
            self._office.intake.forget()
            give_back()

    def _tell_when_due(self, *, whole: bool) -> None:
        wall = monotonic()
        if self._side is not None:
            self._side.turn(_wall_ms())
            self._release_ticks(_wall_ms())
        self._presence.look(wall)
        if self._teller.has_unknown:
            self._pace.ask()
        telling = self._pace.due(wall, whole=whole, turned=lambda: self._teller.has_turned)
        if telling is Telling.NOTHING:
            return
        if telling is Telling.TURNED:
            self._commit()
            self._teller.tell_turned(_wall_ms())
            self._pace.told_turned(wall, monotonic())
            return
        self._office.intake.learn()
        self._mind_copies()
        if self._turnstile is not None:
            self._turnstile.look(self._office.fleet.shown(), self._office.refused, _wall_ms())
        others = [one.begun_ms for one in self._teller.colleagues.parts(self._office.time.run)]
        begun_ms = min((one for one in others if one is not None), default=None)
        self._office.mark_wall_time(_wall_ms(), begun_ms)
        self._commit()
        self._teller.tell(_wall_ms())
        self._pace.told(wall, monotonic(), self._office.time.clock)

    def _mind_the_history(self, stopping: threading.Event) -> None:
        """See to it that somebody speaks while the history neither takes nor refuses what it is given."""
        while not stopping.wait(WAITING_S):
            self._patience.look()

    def _wait_for_the_history(self) -> None:
        """Say what is wrong: while the history takes nothing, nothing else is said."""
        if monotonic() - self._waited_s >= WAITING_S:
            self._waited_s = monotonic()
            with self._office.ledger.taken.from_memory():
                self._teller.tell_work()

    def _mind_copies(self) -> None:
        """Do without the filter for unknown topics where a broker sends a message once for each filter."""
        if self._wide and self._office.intake.copies >= MANY_COPIES:
            self._wide = False
            self._measuring.give_up(every_topic(self._root))
            logger.info("the broker sends every message twice: unknown topics are no longer looked for")
