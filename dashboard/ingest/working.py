"""How much this worker does, and how its process and its history are."""

import queue
from time import monotonic

from dashboard.conclusions import Posting, Process, Work
from dashboard.ingest.office import Office
from dashboard.ingest.part import Part, all_postings, all_processes
from dashboard.ingest.poster import Poster
from dashboard.ingest.stamps import wall_ms
from dashboard.ingest.telling import work_of
from dashboard.memory import resident_bytes
from protocol.session import Received, Session


class Working:
    """Looks at what a worker does.

    Args:
        office: The plant's office.
        sessions: Its connections.
        inbox: Where they put what they receive.
        poster: Posts the events of calls; None where they are posted to nobody.
    """

    def __init__(
        self,
        office: Office,
        sessions: list[Session],
        inbox: "queue.Queue[Received]",
        poster: Poster | None,
    ) -> None:
        self._office = office
        self._sessions = sessions
        self._inbox = inbox
        self._poster = poster

    def process(self) -> Process:
        """How the process is."""
        return Process(
            wall_ms=wall_ms(),
            waiting=self._inbox.qsize(),
            dropped=sum(one.dropped for one in self._sessions),
            late=self._office.intake.late,
            memory_bytes=resident_bytes(),
            keeping=self._office.ledger.patience.keeping,
        )

    def posting(self) -> Posting | None:
        """How the webhook goes; None without one."""
        return None if self._poster is None else self._poster.posting

    def work(self, parts: list[Part]) -> Work:
        """What is done, by this worker and by those whose parts are given."""
        run, taken = self._office.time.run, self._office.ledger.taken
        posting = all_postings(self.posting(), parts)
        return work_of(taken, run, monotonic(), posting, all_processes(self.process(), parts))
