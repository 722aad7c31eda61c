"""The subscription of `_office/` that keeps the picture and hands out its changes, once a round.

Starts in the process that serves, never at import. The office's board closes a round: what came
before it goes out as one change. Nothing here computes a state or a number.
"""

import logging
import os
import queue
import threading
import time
from typing import Any

from dashboard import study
from dashboard.chain.known import Known, PageKnown
from dashboard.conclusions import (
    AssumedNow,
    Board,
    ConclusionError,
    HeardLately,
    Numbers,
    OpenCalls,
    Refusals,
    Tile,
    Work,
    decode,
)
from dashboard.faultlab.watch import Key, Seen
from dashboard.faultlab.watch import Watch as FaultWatch
from dashboard.live.absence import Away
from dashboard.live.filling import Filling
from dashboard.live.hub import Hub
from dashboard.live.past import Past
from dashboard.live.picture import Picture, numbers_in
from dashboard.live.watch import Watch
from dashboard.live.watched import shown_of
from dashboard.memory import resident_bytes
from dashboard.study import Study
from protocol.address import Address
from protocol.faults import Faults
from protocol.messages import Clock, MessageError
from protocol.messages import decode as decode_message
from protocol.session import Received, Session
from protocol.topics import office_topic, plant_topic

logger = logging.getLogger(__name__)

ROUND_S = 0.04
"""Rounds that follow each other faster than this go out together: the office paces itself."""
LOOK_S = 0.25
"""How often is looked after what nobody says: the connection, an office that is away."""
LATEST_S = 1.0
"""A change waits no longer than this for the board that closes its round."""
GHOST_S = 3.0
"""After a reconnection, a machine not heard of so long after the first board is gone."""
UNWATCHED_S = 60.0
MAX_HUBS = 256
NO_FAULTS = Faults(run="", catalogue=(), machines={})
"""Where no plant says what can be broken in it."""


class Channel:
    """Everything live, for all pages of this process.

    Args:
        address: The broker, as viewer.
        root: First level of the topics.
        past: What lay before this process listened.
        in_compose: Whether Compose runs all this: pages then say what to do there.
    """

    def __init__(self, *, address: Address, root: str, past: Past, in_compose: bool = False) -> None:
        self.stopping = threading.Event()
        """Set when the server stops: streams end."""
        self.failures = 0
        """Messages and looks around that ended in an unforeseen error."""
        self.turned_away = 0
        """Streams that were asked for when all were taken."""
        self.address = address
        self._session = Session(
            name="web",
            address=address,
            filters=[
                (office_topic(root, "+"), 0),
                (office_topic(root, "machine", "+"), 0),
                (plant_topic(root, "clock"), 0),
                (plant_topic(root, "faults"), 0),
            ],
        )
        self.watch = Watch(self._session, root)
        self._machine_topic = office_topic(root, "machine", "")
        self._plant_topic = office_topic(root, "plant")
        self._refused_topic = office_topic(root, "refused")
        self._heard_topic = office_topic(root, "heard")
        self._calls_topic = office_topic(root, "calls")
        self._work_topic = office_topic(root, "work")
        self._clock_topic = plant_topic(root, "clock")
        self._faults_topic = plant_topic(root, "faults")
        self._fault_watch = FaultWatch(lambda machine: shown_of(self._picture, machine))
        self._assumptions_topic = office_topic(root, "assumptions")
        self._study_topic = office_topic(root, "study")
        self.study: Study | None = None
        """What pairs of replicas say of the gain; None before anybody has said it."""
        self._lock = threading.RLock()
        self._picture = Picture(in_compose=in_compose)
        self._filling = Filling(past, self._lock)
        self._hubs: dict[str, Hub] = {}
        self._floor = Hub(self._whole, guard=self._lock)
        self._pid: int | None = None
        self._starting = threading.Lock()
        self._heard: float | None = None
        """When the newest board was made, on the monotonic clock."""
        self._closed = False
        self._dirty = False
        self._sent_s = 0.0
        self._unconfirmed: set[str] = set()
        self._ghosts_s: float | None = None
        self._unread: set[str] = set()
        self._streams = 0

    def start(self) -> None:
        """Begin to listen, once in each process; returns at once."""
        with self._starting:
            if self._pid == os.getpid():
                return
            self._pid = os.getpid()
            self._session.start()
            self.watch.start()
            threading.Thread(target=self._listen, name="live", daemon=True).start()

    def stop(self) -> None:
        """End all streams and the subscription."""
        self.stopping.set()
        if self._pid == os.getpid():
            self._session.stop()
            self.watch.stop()

    def hub(self, machine: str | None) -> Hub:
        """The hub of the floor, or of one machine for as long as its page is looked at."""
        if machine is None:
            return self._floor
        with self._lock:
            hub = self._hubs.get(machine)
            if hub is None:
                if len(self._hubs) >= MAX_HUBS:
                    return self._floor
                hub = self._hubs[machine] = Hub(lambda: self._whole(machine), guard=self._lock)
            return hub

    @property
    def signals(self) -> int:
        """How many signals all machines have together."""
        with self._lock:
            return sum(len(machine.signals) for machine in self._picture.machines.values())

    @property
    def streams(self) -> int:
        """How many pages follow live."""
        return self._streams

    def stream(self, opened: int) -> None:
        """Count a page that begins (1) or ends (-1) to follow live."""
        with self._lock:
            self._streams += opened

    @property
    def connected(self) -> bool:
        """Whether there is a connection to the broker."""
        return self._session.connected.is_set()

    @property
    def board(self) -> Board | None:
        """The newest of the plant; None before the office has been heard."""
        return self._picture.board

    @property
    def away(self) -> Away | None:
        """Whether the plant lives on without its office; None while it does not."""
        return self._picture.away

    @property
    def work(self) -> Work | None:
        """How much the office does; None before it has been heard."""
        return self.watch.work

    def known(self) -> Known:
        """What is known of the chain behind the pages."""
        page = PageKnown(
            streams=self._streams,
            turned_away=self.turned_away,
            resyncs=sum(hub.resyncs for hub in (self._floor, *tuple(self._hubs.values()))),
            dropped=self._session.dropped,
            failures=self.failures,
            memory_bytes=resident_bytes(),
        )
        return self.watch.known(self._picture, self.age_s(), page)

    @property
    def calls(self) -> OpenCalls | None:
        """The calls that are open; None before the office has been heard."""
        return self._picture.calls

    @property
    def faults(self) -> Faults | None:
        """What can be broken in the plant, and what was; None before the plant has been heard."""
        return self._picture.faults

    def seen(self, fault: Key) -> Seen:
        """How and when a fault first showed."""
        with self._lock:
            return self._fault_watch.seen(fault)

    def newest(self, machine: str, run: str) -> tuple[str, str, int, int] | None:
        """State, cause, since when and until when known of a machine; None when it is not in this run."""
        with self._lock:
            known = self._picture.machines.get(machine)
            if known is None or self._picture.run != run:
                return None
            values = known.values
        return values["state"], values["cause"], values["since_ms"], values["known_until_ms"]

    def machines(self) -> list[tuple[dict[str, Any], Numbers | None]]:
        """The newest values of every machine with its numbers of the running shift, by name."""
        with self._lock:
            newest = sorted((name, dict(machine.values)) for name, machine in self._picture.machines.items())
        return [(values, numbers_in(values.get("shift"))) for _, values in newest]

    def age_s(self) -> float | None:
        """Seconds since the office's newest word, None when it has never been heard."""
        return None if self._heard is None else max(0.0, time.monotonic() - self._heard)

    def _whole(self, machine: str | None = None) -> dict[str, Any]:
        with self._lock:
            return self._picture.whole(machine)

    def _listen(self) -> None:
        while not self.stopping.is_set():
            try:
                received = self._session.inbox.get(timeout=self._patience_s())
            except queue.Empty:
                received = None
            try:
                if received is not None:
                    self._take(received)
                self._look_after()
            except Exception:
                # The page lives by this thread: what one message did must not end it.
                self.failures += 1
                what = received.topic if received else "a pause"
                logger.exception("could not deal with %s (%d so far)", what, self.failures)

    def _take(self, received: Received) -> None:
        topic = received.topic
        if not topic:
            # What was retired while we were away has no message any more: see who is still there.
            self._unconfirmed, self._ghosts_s = set(self._picture.machines), None
            return
        try:
            if topic.startswith(self._machine_topic):
                self._take_machine(topic.removeprefix(self._machine_topic), received.payload)
            elif topic == self._plant_topic and received.payload:
                self._take_board(decode(received.payload, Board), retained=received.retained)
            elif topic == self._refused_topic and received.payload:
                with self._lock:
                    self._picture.refusals = decode(received.payload, Refusals)
                self._dirty = True
            elif topic == self._calls_topic and received.payload:
                self._take_calls(decode(received.payload, OpenCalls))
            elif topic == self._study_topic:
                self.study = study.decode(received.payload) if received.payload else None
            elif topic == self._assumptions_topic and received.payload:
                with self._lock:
                    self._picture.assumed = decode(received.payload, AssumedNow)
                self._dirty = True
            else:
                self._take_beside(topic, received.payload, retained=received.retained)
        except (ConclusionError, MessageError) as error:
            if topic not in self._unread:
                self._unread.add(topic)
                logger.warning("ignored a message on %s: %s", topic, error)

    def _take_beside(self, topic: str, payload: bytes, *, retained: bool) -> None:
        """Take in what is seldom said, or what no page is told as it is."""
        if topic == self._clock_topic:
            self.watch.hear_clock(decode_message(payload, Clock), retained=retained)
        elif topic == self._heard_topic and payload:
            with self._lock:
                self._picture.heard = decode(payload, HeardLately)
            self._dirty = True
        elif topic == self._work_topic:
            self.watch.hear_work(decode(payload, Work) if payload else None, retained=retained)
        elif topic == self._faults_topic:
            faults = decode_message(payload, Faults) if payload else NO_FAULTS
            with self._lock:
                self._picture.faults = faults
                self._fault_watch.hear(faults.run, faults.spells, time.monotonic(), live=not retained)
            # A fault shows at once, not with the next word of the office.
            self._dirty = self._closed = True

    def _take_machine(self, name: str, payload: bytes) -> None:
        self._unconfirmed.discard(name)
        with self._lock:
            if payload:
                tile = decode(payload, Tile)
                self._picture.take_tile(tile)
                self._closed = self._closed or tile.closes
            else:
                self._picture.retire(name)
        self._dirty = True

    def _take_calls(self, calls: OpenCalls) -> None:
        with self._lock:
            anew = self._picture.take_calls(calls)
        self._dirty = True
        if anew:
            self._begin_anew()

    def _take_board(self, board: Board, *, retained: bool) -> None:
        with self._lock:
            anew = self._picture.take_board(board)
        age_s = max(0.0, time.time() - board.wall_ms / 1_000) if retained else 0.0
        self._heard = time.monotonic() - age_s
        self._dirty = self._closed = True
        if self._unconfirmed and self._ghosts_s is None:
            self._ghosts_s = time.monotonic() + GHOST_S
        if anew:
            self._begin_anew()

    def _begin_anew(self) -> None:
        with self._lock:
            for hub in (self._floor, *self._hubs.values()):
                hub.restart()

    def _look_after(self) -> None:
        now_s = time.monotonic()
        broker = "" if self._session.connected.is_set() else f"no connection to the broker at {self.address}"
        age_s = self.age_s()
        around = {
            "broker": broker,
            "away": self.watch.away(self._picture, age_s),
            "wrong": self.watch.look(self._picture, age_s),
        }
        for name, news in around.items():
            if news != getattr(self._picture, name):
                with self._lock:
                    setattr(self._picture, name, news)
                self._dirty = self._closed = True
        if self._ghosts_s is not None and now_s >= self._ghosts_s:
            with self._lock:
                for name in self._unconfirmed:
                    self._picture.retire(name)
            self._dirty = bool(self._unconfirmed) or self._dirty
            self._unconfirmed, self._ghosts_s = set(), None
        if self._dirty and now_s >= self._due_s():
            self._filling.fill(self._picture, now_s)
            self._send()
            self._dirty, self._closed, self._sent_s = False, False, now_s

    def _due_s(self) -> float:
        """When what is dirty goes out, on the monotonic clock."""
        return self._sent_s + (ROUND_S if self._closed else LATEST_S)

    def _patience_s(self) -> float:
        """How long to wait for another message before something is due."""
        return min(LOOK_S, max(0.0, self._due_s() - time.monotonic())) if self._dirty else LOOK_S

    def _send(self) -> None:
        # Nobody may fetch the state between what changed in it and the number under which that is told.
        with self._lock:
            self._fault_watch.look(time.monotonic())
            change = self._picture.change()
            signals = self._picture.signal_changes()
            if change:
                self._publish(change, signals)

    def _publish(self, change: dict[str, Any], signals: dict[str, Any]) -> None:
        if "board" in change and (age_s := self.age_s() or 0.0) > LATEST_S:
            # A board that the broker had kept is news to a page, but not new.
            change["age_ms"] = round(age_s * 1_000)
        self._floor.publish(change)
        machines, gone = change.get("machines", {}), change.get("gone", [])
        plant = {key: value for key, value in change.items() if key not in ("machines", "gone")}
        for name, hub in list(self._hubs.items()):
            if time.monotonic() - hub.read_s > UNWATCHED_S:
                del self._hubs[name]
                hub.restart()
                continue
            own: dict[str, Any] = dict(plant)
            if name in machines:
                own["machines"] = {name: machines[name]}
            if name in gone:
                own["gone"] = [name]
            if signals.get(name):
                own["signals"] = signals[name]
            if own:
                hub.publish(own)
