"""What the plant is told after a commit: how far each side of this worker has come, in answer to a tick."""

from dashboard.ingest.office import Office
from dashboard.ingest.share import MEASURING, PROVING
from dashboard.ingest.twin import TwinOffice
from protocol.messages import Tick, Watermark, encode
from protocol.moments import from_ms, to_ms
from protocol.session import Session
from protocol.topics import plant_topic


class Answers:
    """The ticks that are to be answered once all that came before them is committed.

    Args:
        root: First level of every topic.
        office: The plant's office.
        twin: That of its twin.
        sessions: The measuring connection and the one that may read the truth, where there is one.
    """

    def __init__(
        self, *, root: str, office: Office, twin: TwinOffice, sessions: tuple[Session, Session | None]
    ) -> None:
        self._topic = plant_topic(root, "watermark")
        self._office = office
        self._twin = twin
        self._measuring, self._proving = sessions
        self._ticks: dict[str, Tick] = {}

    def add(self, role: str, tick: Tick) -> None:
        """A side has heard a tick."""
        self._ticks[role] = tick

    def __bool__(self) -> bool:
        return bool(self._ticks)

    @property
    def are_whole(self) -> bool:
        """Whether every side has heard one: behind it nothing more of its moment comes."""
        return len(self._ticks) == len(self._office.share.roles)

    def send(self) -> None:
        """Tell the plant what has just been committed."""
        calls, share = self._office.calls, self._office.share
        for role, tick in self._ticks.items():
            plants_ms = self._office.committed_ms(tick.run, role)
            committed_ms = self._twin.committed_ms(tick, role, plants_ms)
            watermark = Watermark(
                office=share.name(role),
                run=tick.run,
                at=tick.at,
                # They are said on the measuring connection, and only there does order hold.
                calls=calls.number(tick.run, to_ms(tick.at)) if calls and role == MEASURING else 0,
                committed=None if committed_ms is None else from_ms(committed_ms),
            )
            session = self._proving if role == PROVING else self._measuring
            if session is not None:
                session.publish(self._topic, encode(watermark))
        self._ticks.clear()
