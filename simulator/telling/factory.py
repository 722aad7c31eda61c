"""The factory at work: one loop that lets plant time go by, tells it all, and keeps step with the office."""

import logging
from collections.abc import Callable
from time import monotonic

from protocol.messages import Call, Moment, OfficeNotice, PlantCommand, PlantResult, Tick, Watermark
from protocol.moments import from_ms, to_ms, to_text
from protocol.topics import MachineTopic
from simulator.commanding.commands import BadCommand
from simulator.histories.run import Run
from simulator.telling.boards import Boards
from simulator.telling.clocks import Clocks, clocks_of
from simulator.telling.connections import Connections
from simulator.telling.dispatch import Dispatch, Span, sent
from simulator.telling.folder import News
from simulator.telling.pace import whole_tick_ms
from simulator.telling.parts import Parts
from simulator.telling.plant_topics import News as Heard
from simulator.telling.plant_topics import Unheard

logger = logging.getLogger(__name__)

CLOCK_EVERY_S = 0.1
"""The clock is told with each tick, but no more often than this."""
CLOCK_AT_LEAST_S = 1.0
GOODBYE_S = 1.5
"""The broker has this long to hear that the machines are offline."""
FORGET_EVERY_MS = 600_000
UNHEARD_EVERY_S = 10.0
"""Between two words about what of the office's was not understood."""
IDLE_S = 0.25
"""The loop turns at least this often."""


class Factory:
    """The loop.

    Args:
        parts: What it is put together from.
        patience_s: Real seconds without an office after which the plant goes on without; None for never.
        backlog_ms: How much plant time the readings are kept for an office that is away.
        beat: Called now and then while the factory is well.
    """

    def __init__(
        self, parts: Parts, *, patience_s: float | None, backlog_ms: int, beat: Callable[[], None]
    ) -> None:
        self.lost_machine_ms = 0
        """Machine time whose readings were dropped before an office came for them, in ms."""
        self._backlog_ms = backlog_ms
        self._dropped_until_ms = parts.run.epoch_ms
        self._run = parts.run
        self._chronicle = parts.chronicle
        self._folder = parts.folder
        self._pace = parts.pace
        self._lockstep = parts.lockstep
        self._topics = parts.topics
        self._twin = parts.twin
        self._voices = [parts.voice, *([] if parts.twin is None else [parts.twin])]
        self._desk = parts.desk
        self._calls = parts.calls
        self._patience_s = patience_s
        self._beat = beat
        self._attended = parts.run.attended
        self._committed_ms = parts.run.epoch_ms
        self._kept_from_ms = parts.run.epoch_ms
        self._clock_said_s = 0.0
        self._unheard_again_s = 0.0
        self._forgotten_ms = parts.run.epoch_ms
        self._dispatch: Dispatch | None = None
        self._boards = Boards(parts.run, parts.chronicle, parts.topics)

    @property
    def next_run(self) -> Run | None:
        """The run that has taken the place of this one, which then is at its end."""
        return self._desk.next_run

    def start(self, news: list[News], ghosts: list[tuple[Connections, MachineTopic]]) -> None:
        """Bring up the machines, and let what the folder says at the start take effect.

        Args:
            news: How the folder differs from the run.
            ghosts: Machines of an earlier run that are not in this one, and over what they spoke.
        """
        # Whoever hears a machine go has heard by then that its run is over: nothing took it out of that.
        self._topics.flush(self._clocks())
        for connections, ghost in ghosts:
            connections.retire(ghost)
        # First as it was, then what is new: so a machine that went is taken out of the retained topics.
        self._chronicle.go_to(self._run.position_ms)
        self._introduce()
        self._cut_off()
        self._fit_folder()
        self._boards.say()
        for one in news:
            self._hear_folder(one)

    def work(self, stopping: Callable[[], bool]) -> None:
        """Turn until told to stop, or until another run has taken the place of this one."""
        while self.next_run is None and not stopping():
            self.turn()

    def stop(self) -> None:
        """Say goodbye for every machine, and end the run."""
        heard = [voice.connections.stop(GOODBYE_S) for voice in self._voices]
        if not all(heard):
            logger.info("the broker did not hear that the machines are offline; their wills say it")
        self._topics.flush(self._clocks(stops=True))
        self._topics.stop()
        self._run.finish()

    def turn(self) -> None:
        """Hear what is new, and send the next span if it is due."""
        for news in self._topics.listen(self._idle_s()):
            self._hear(news)
        if self.next_run is not None:
            return
        if self._folder.due_s() <= 0:
            for found in self._folder.look():
                self._hear_folder(found)
        self._boards.turn()
        now_s = monotonic()
        connected = self._topics.connected
        self._mind_the_office(now_s, connected=connected)
        if connected and self._ready:
            self._beat()
            self._keep_step(now_s)
        if not self._lockstep.following:
            self._dispatch = None
        if not self._attended:
            self._live_on(connected=connected)
        if now_s - self._clock_said_s >= CLOCK_AT_LEAST_S:
            self._say_clock()

    def _mind_the_office(self, now_s: float, *, connected: bool) -> None:
        """Notice that nobody answers, and go on without after a while."""
        if self._lockstep.following and not connected:
            self._lockstep.lose(now_s)
        if self._lockstep.check(now_s):
            logger.info("no answer to the tick at %s: asking again", to_text(self._chronicle.cursor_ms))
        missed_s = self._lockstep.missed_s(now_s)
        if self._run.reliving:
            return  # going unattended would be an input, and those are written
        if self._attended and self._patience_s is not None and missed_s >= self._patience_s:
            self._go_unattended(missed_s, now_s)

    def _keep_step(self, now_s: float) -> None:
        """Ask the office what it has, or send what it does not have."""
        if self._lockstep.should_ask(now_s):
            self._say_tick(self._run.epoch_ms, self._run.epoch_ms)
            self._lockstep.asked(now_s)
        committed_ms = self._lockstep.take_up()
        if committed_ms is not None:
            self._take_up(committed_ms)
        elif self._lockstep.following:
            self._follow()

    def _idle_s(self) -> float:
        """How long there is nothing to do but to listen."""
        wait_s = min(IDLE_S, self._folder.due_s())
        if not self._attended:
            return min(wait_s, self._pace.wait_s(self._run.position_ms, attended=False))
        if self._dispatch is not None:
            return 0.0
        if self._lockstep.following and self._next_ms() > self._chronicle.cursor_ms:
            behind = self._chronicle.cursor_ms < self._run.position_ms
            return 0.0 if behind else min(wait_s, self._pace.wait_s(self._run.position_ms))
        return wait_s if self._ready else min(wait_s, 0.01)

    def _hear(self, news: Heard) -> None:
        now_s = monotonic()
        if isinstance(news, PlantCommand | BadCommand):
            self._obey(news)
        elif isinstance(news, OfficeNotice):
            self._lockstep.hear_notice(news, now_s)
        elif isinstance(news, Call):
            self._hear_call(news)
        elif isinstance(news, Watermark):
            self._lockstep.hear_watermark(news, now_s)
            if self._lockstep.following:
                # One that comes late, from before the plant went back, tells of what is still to be told.
                told_ms = min(voice.chronicle.cursor_ms for voice in self._voices)
                self._forget(min(self._lockstep.committed_ms, told_ms))
                lost = self._calls.lost(news)
                if lost > 0:
                    logger.warning("%d calls did not come: asking the office again", lost)
                    self._lockstep.lose(now_s)
        elif isinstance(news, Unheard):
            self._say_unheard(news, now_s)
        else:
            self._lockstep.lose(now_s)
            self._say_clock()
            self._boards.say()

    def _say_unheard(self, news: Unheard, now_s: float) -> None:
        """Have pages say now and then that the office is not understood: it may be of a later version."""
        if now_s < self._unheard_again_s:
            return
        self._unheard_again_s = now_s + UNHEARD_EVERY_S
        logger.warning("ignored a message on %s: %s", news.topic, news.wrong)
        self._topics.say_result(
            PlantResult(at=from_ms(self._run.position_ms), ok=False, what=news.topic, message=news.wrong)
        )

    def _hear_call(self, call: Call) -> None:
        if self._calls.hear(call, self._run.texts()):
            logger.info("call for %s since %s: %s", call.machine, to_text(to_ms(call.since)), call.cause)
            # One that takes effect just where the plant stands would hold it there for ever.
            if self._chronicle.take_in():
                self._introduce()

    def _obey(self, command: PlantCommand | BadCommand) -> None:
        result = self._desk.answer(command)
        if self._chronicle.take_in():
            self._introduce()
            self._fit_folder()
        self._cut_off()
        self._boards.obey(result.what)
        self._topics.say_result(result)
        self._say_clock()

    def _fit_folder(self) -> None:
        """Tell the folder which machines stand beside its own, by an order."""
        grounds = self._chronicle.grounds_of_log()
        self._folder.others = [
            one for one in grounds.standing() if grounds.roster.filed.get(one.name) != one.text
        ]

    def _hear_folder(self, news: News) -> None:
        known = self._run.texts()
        if news.wrong:
            logger.warning("refused %s", news.wrong)
        else:
            if news.spec is None:
                self._run.note("retired", machine=news.name)
            else:
                self._run.note("added", machine=news.name, text=news.spec.text)
            done = "gone" if news.spec is None else "changed" if news.name in known else "new"
            logger.info("%s is %s since plant time %s", news.name, done, to_text(self._run.position_ms))
            if self._chronicle.take_in():
                self._introduce()
            self._fit_folder()
        self._topics.say_result(
            PlantResult(
                at=from_ms(self._run.position_ms), ok=not news.wrong, what=news.file, message=news.wrong
            )
        )

    def _introduce(self) -> None:
        """Bring the connections in line with the machines at the cursor."""
        for voice in self._voices:
            voice.introduce()

    @property
    def _ready(self) -> bool:
        """Whether the broker knows every machine that is to be there, and none that is not."""
        return all(voice.connections.ready for voice in self._voices)

    def _cut_off(self) -> None:
        """Have those machines without a connection whose link has lost it."""
        for voice in self._voices:
            voice.connections.cut_off(voice.chronicle.away())

    def _take_up(self, committed_ms: int) -> None:
        if not self._attended:
            self._run.note("attended")
            self._attended = True
            if self._committed_ms <= committed_ms < self._kept_from_ms:
                # Lived again for the truth, which is never dropped, and without a word of readings.
                # An office that goes again before it has all of that has not lost it twice.
                known_ms = max(committed_ms, self._dropped_until_ms)
                self._dropped_until_ms = self._kept_from_ms
                if self._dropped_until_ms > known_ms:
                    self._say_lost(self._dropped_until_ms - known_ms)
            logger.info("the office is back at plant time %s", to_text(self._run.position_ms))
        if committed_ms < self._committed_ms:
            # Another history, for which the run is lived again and told from its beginning.
            self._dropped_until_ms = self._run.epoch_ms
        self._committed_ms = committed_ms
        self._dispatch = None
        self._calls.begin_count()
        self._go_to(min(committed_ms, self._run.position_ms))
        self._lockstep.begin_at(self._chronicle.cursor_ms)
        self._say_clock()

    def _next_ms(self) -> int:
        """Where the next span ends, as far as the office lets it; the cursor when it may not go on."""
        cursor_ms = self._chronicle.cursor_ms
        if cursor_ms < self._run.position_ms:
            next_ms = min(whole_tick_ms(cursor_ms, self._pace.longest_ms), self._run.position_ms)
        else:
            next_ms = self._pace.next_tick_ms(cursor_ms)
        if cursor_ms < self._dropped_until_ms:
            next_ms = min(next_ms, self._dropped_until_ms)
        next_ms = self._chronicle.clip(next_ms)
        # A span that the office does not allow yet is waited for whole: how the computer was busy
        # may not show in where spans are cut.
        return next_ms if next_ms <= self._lockstep.limit_ms else cursor_ms

    def _follow(self) -> None:
        """Send the next span if it is due, and its tick once the broker has all of it."""
        dispatch = self._dispatch
        if dispatch is None or dispatch.failed:
            dispatch = self._dispatch = self._dispatched()
        if dispatch is None or not dispatch.wait(IDLE_S):
            return
        self._dispatch = None
        self._say_tick(dispatch.until_ms, dispatch.twin_until_ms, dispatch.begun)
        self._lockstep.sent(dispatch.until_ms, monotonic())
        self._pass(dispatch.until_ms, dispatch.twin_until_ms)

    def _dispatched(self) -> Dispatch | None:
        cursor_ms = self._chronicle.cursor_ms
        next_ms = self._next_ms()
        if next_ms <= cursor_ms:
            return None
        late = cursor_ms < self._run.position_ms
        if not late:
            if self._pace.wait_s(cursor_ms) > 0:
                return None
            self._reach(next_ms)
        span = None if self._twin is None else Span(self._twin, self._twin.chronicle.span_to_ms(next_ms))
        return sent(
            self._voices[0], next_ms, twin=span, topics=self._topics, calls=self._calls, late=late,
            dropped=cursor_ms < self._dropped_until_ms,
        )  # fmt: skip

    def _live_on(self, *, connected: bool) -> None:
        """Let time go by without an office: whoever listens hears the machines, and nobody is waited for."""
        position_ms = self._run.position_ms
        if self._lockstep.following or self._pace.wait_s(position_ms, attended=False) > 0:
            return
        next_ms = self._chronicle.clip(self._pace.next_tick_ms(position_ms, attended=False))
        self._reach(next_ms)
        if connected and self._ready and not self._pace.as_fast_as_it_goes(position_ms):
            for voice in self._voices:
                voice.mutter(next_ms)
        self._kept_from_ms = max(self._kept_from_ms, next_ms - self._backlog_ms)
        if self._kept_from_ms > self._committed_ms:
            self._forget(self._kept_from_ms)
        self._pass(next_ms)

    def _reach(self, position_ms: int) -> None:
        """Go on to a position; where all is lived again, plant time stands still."""
        reliving = self._run.reliving
        self._run.reach(position_ms)
        if reliving and not self._run.reliving:
            self._desk.rest()

    def _pass(self, cursor_ms: int, twin_ms: int | None = None) -> None:
        self._go_to(cursor_ms, twin_ms)
        self._pace.reached(self._run.position_ms)
        if monotonic() - self._clock_said_s >= CLOCK_EVERY_S:
            self._say_clock()

    def _go_to(self, cursor_ms: int, twin_ms: int | None = None) -> None:
        """Move the cursor, and have those machines connected that are there by then and not cut off."""
        if self._chronicle.go_to(cursor_ms, beside_ms=twin_ms):
            self._introduce()
        self._cut_off()
        self._boards.pass_by(self._chronicle.roster)

    def _go_unattended(self, missed_s: float, now_s: float) -> None:
        self._lockstep.lose(now_s)
        self._run.note("unattended")
        self._attended = False
        logger.warning("no office for %.0f s: the plant goes on unattended", missed_s)
        self._go_to(self._run.position_ms)
        self._pace.resume(self._run.position_ms)
        self._say_clock()

    def _forget(self, before_ms: int) -> None:
        if before_ms - self._forgotten_ms >= FORGET_EVERY_MS:
            self._forgotten_ms = before_ms
            self._chronicle.forget(before_ms)

    def _say_lost(self, lost_ms: int) -> None:
        machines = self._voices[0].machines
        self.lost_machine_ms += lost_ms * machines
        logger.warning(
            "the office was away for too long: readings are kept for %g h, so the oldest %.1f h of %d "
            "machines were dropped, and stay unknown",
            self._backlog_ms / 3_600_000, lost_ms / 3_600_000, machines,
        )  # fmt: skip

    def _say_tick(self, at_ms: int, twin_ms: int | None, sent: Moment | None = None) -> None:
        twin = None if twin_ms is None or self._twin is None else from_ms(twin_ms)
        self._topics.say_tick(Tick(run=self._run.id, at=from_ms(at_ms), twin=twin, sent=sent))

    def _say_clock(self) -> None:
        self._clock_said_s = monotonic()
        self._topics.say_clock(self._clocks())

    def _clocks(self, *, stops: bool = False) -> Clocks:
        return clocks_of(
            self._run, self._pace, attended=self._attended, has_twin=self._twin is not None, stops=stops,
            lost_ms=self.lost_machine_ms, kept_for_ms=self._backlog_ms,
        )  # fmt: skip
