"""What the live channel knows of the chain behind it: who was heard when, and what is wrong."""

from time import monotonic, time

from dashboard.chain.known import BrokerKnown, Known, PageKnown, PlantKnown
from dashboard.chain.sentences import Sentence, lasting, sentences
from dashboard.conclusions import Work
from dashboard.live.about_broker import AboutBroker
from dashboard.live.absence import Absence, Away
from dashboard.live.picture import Picture
from protocol.messages import Clock
from protocol.moments import to_ms
from protocol.session import Session
from protocol.topics import office_topic

QUIET_S = 3.0
"""When nobody has been heard for so long, the broker is asked whether it is still there."""
KNOCK_S = 1.0
"""At most so often."""
MUTE_S = 2.0
"""A broker that has not answered for so long hangs, or is cut off."""


class Watch:
    """Remembers when whom was heard.

    Args:
        session: The connection of the page process.
        root: First level of every topic.
    """

    def __init__(self, session: Session, root: str) -> None:
        self.work: Work | None = None
        """How much the office does; None before it has been heard."""
        self.found: list[Sentence] = []
        """What was wrong when it was looked last."""
        self._session = session
        self._knock_topic = office_topic(root, "knock")
        self._work_s = 0.0
        self._clock: Clock | None = None
        self._clock_s = 0.0
        self._moved_s = 0.0
        self._knock_s = 0.0
        self._about = AboutBroker(session.address)
        self._absence = Absence()

    def hear_work(self, work: Work | None, *, retained: bool) -> None:
        """Take in the office's word on itself; what a broker had kept is as old as it says."""
        self.work = work
        if work is not None and work.process is not None:
            # Of a word that has just come it is no matter what the office's clock shows.
            age_s = max(0.0, time() - work.process.wall_ms / 1_000) if retained else 0.0
            self._work_s = monotonic() - age_s

    def hear_clock(self, clock: Clock, *, retained: bool) -> None:
        """Take in the plant's clock; what a broker had kept is as old as it says."""
        now_s, before = monotonic(), self._clock
        self._clock_s = now_s - (max(0.0, time() - to_ms(clock.wall) / 1_000) if retained else 0.0)
        # A clock that is set to go on stands only from then on.
        turned = before is None or before.run != clock.run or before.speed == 0.0
        if before is None or turned or clock.at != before.at:
            self._moved_s = now_s
        self._clock = clock
        self._absence.hear(clock, now_s)

    def start(self) -> None:
        """Begin to hear what the broker says of itself."""
        self._about.start()

    def stop(self) -> None:
        """Hear that no longer."""
        self._about.stop()

    def known(self, picture: Picture, board_age_s: float | None, page: PageKnown | None = None) -> Known:
        """All that is known now.

        Args:
            picture: What pages show.
            board_age_s: Seconds since the office's newest word on the plant.
            page: How this process is.
        """
        session, now_s, wall_ms = self._session, monotonic(), int(time() * 1_000)
        connected = session.connected.is_set()
        owed_s = session.owed_s
        clock = self._clock
        work_heard = self.work is not None and self.work.process is not None
        return Known(
            wall_ms=wall_ms,
            broker=BrokerKnown(
                address=str(session.address),
                user=session.address.user or "",
                connected=connected,
                refusal=session.refusal,
                away_since_wall_ms=None if connected else round(session.away_since_wall_s * 1_000),
                mute_since_wall_ms=wall_ms - round(owed_s * 1_000) if owed_s > MUTE_S else None,
                version=self._about.version,
                clients=self._about.clients,
                dropped=self._about.dropped,
            ),
            plant=None
            if clock is None
            else PlantKnown(clock=clock, age_s=now_s - self._clock_s, moved_s=now_s - self._moved_s),
            board=picture.board,
            board_age_s=board_age_s,
            work=self.work,
            work_age_s=now_s - self._work_s if work_heard else None,
            refusal=picture.refusals.newest[0] if picture.refusals and picture.refusals.newest else None,
            page=page,
        )

    def look(self, picture: Picture, board_age_s: float | None) -> list[Sentence]:
        """What is wrong now, the foremost first."""
        self._about.look()
        known = self.known(picture, board_age_s)
        ages = [known.board_age_s, known.work_age_s, known.plant.age_s if known.plant is not None else None]
        now_s = monotonic()
        heard = [age for age in ages if age is not None]
        if now_s >= self._knock_s and heard and min(heard) > QUIET_S:
            self._knock_s = now_s + KNOCK_S
            self._session.knock(self._knock_topic)
        self.found = lasting(sentences(known), self.found, known.wall_ms)
        return self.found

    def away(self, picture: Picture, board_age_s: float | None) -> Away | None:
        """Whether the plant lives on without its office; None while it does not."""
        return self._absence.now(picture.board, board_age_s, monotonic())
