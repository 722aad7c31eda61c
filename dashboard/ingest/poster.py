"""Posts events to the receiver, in order, from a thread of its own: ingest never waits for it."""

import logging
import threading
from collections import deque
from collections.abc import Iterable
from time import time

from dashboard.conclusions import Posting
from dashboard.ingest.outbox import Delivery
from dashboard.ingest.receiver import PostError, Receiver, RefusedError

logger = logging.getLogger(__name__)

MOST_WAITING = 1_000
"""Events that wait for a receiver that is away; of more, the oldest are given up."""
BACK_OFF_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
"""How long to wait after the first, second … failure in a row."""


class Poster:
    """Posts what it is given.

    Args:
        receiver: Who gets it.
        most_waiting: So many wait at most.
        back_off_s: How long to wait after the first, second … failure in a row, in seconds.
    """

    def __init__(
        self,
        receiver: Receiver,
        *,
        most_waiting: int = MOST_WAITING,
        back_off_s: tuple[float, ...] = BACK_OFF_S,
    ) -> None:
        self._receiver = receiver
        self._most_waiting = most_waiting
        self._back_off_s = back_off_s
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._waiting: deque[Delivery] = deque()
        self._over: list[int] = []
        """Numbers of what need not be posted any more."""
        self._delivered = self._refused = self._given_up = self._failures = 0
        self._in_a_row = 0
        self._failing = ""
        self._failing_since_ms: int | None = None
        self._said_given_up = self._said_refused = False
        self._thread = threading.Thread(target=self._run, name="webhook", daemon=True)

    def start(self) -> None:
        """Begin to post."""
        logger.info("calls are posted to %s", self._receiver.name)
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """Stop after the post that is on its way; what waits is in the history."""
        self._stopping.set()
        with self._changed:
            self._changed.notify_all()
        self._thread.join(timeout_s)

    def put(self, deliveries: Iterable[Delivery]) -> None:
        """Post some more events, in order; returns at once."""
        with self._changed:
            self._waiting.extend(deliveries)
            while len(self._waiting) > self._most_waiting:
                self._over.append(self._waiting.popleft().number)
                self._given_up += 1
                if not self._said_given_up:
                    self._said_given_up = True
                    logger.error(
                        "webhook: more than %d events wait for %s: the oldest are given up",
                        self._most_waiting,
                        self._receiver.name,
                    )
            self._changed.notify_all()

    def take_over(self) -> list[int]:
        """Numbers of the events that need not be posted any more and have not been taken before."""
        with self._changed:
            over, self._over = self._over, []
            return over

    @property
    def posting(self) -> Posting:
        """How it goes."""
        with self._changed:
            return Posting(
                receiver=self._receiver.name,
                delivered=self._delivered,
                waiting=len(self._waiting),
                refused=self._refused,
                given_up=self._given_up,
                failures=self._failures,
                failing=self._failing,
                failing_since_wall_ms=self._failing_since_ms,
            )

    def _run(self) -> None:
        while not self._stopping.is_set():
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._stopping.is_set())
                if self._stopping.is_set():
                    return
                first = self._waiting[0]
            try:
                self._receiver.post(first.body)
            except RefusedError as error:
                self._refuse(first, error)
            except PostError as error:
                self._fail(error)
                self._stopping.wait(self._back_off_s[min(self._in_a_row, len(self._back_off_s)) - 1])
            else:
                self._deliver(first)

    def _deliver(self, one: Delivery) -> None:
        with self._changed:
            self._delivered += 1
            self._said_refused = False
            self._end(one)

    def _refuse(self, one: Delivery, error: RefusedError) -> None:
        """The receiver is there, and does not want this one."""
        with self._changed:
            self._refused += 1
            if not self._said_refused:
                self._said_refused = True
                logger.error("webhook: %s refuses %s: %s", self._receiver.name, one.id, error)
            self._end(one)

    def _end(self, one: Delivery) -> None:
        # Meanwhile it may have been given up as the oldest of too many.
        if self._waiting and self._waiting[0] is one:
            self._waiting.popleft()
            self._over.append(one.number)
        if self._failing:
            logger.info("webhook: %s answers again; %d wait", self._receiver.name, len(self._waiting))
        self._failing, self._failing_since_ms, self._in_a_row = "", None, 0
        self._said_given_up = False

    def _fail(self, error: PostError) -> None:
        with self._changed:
            self._failures += 1
            self._in_a_row += 1
            if not self._failing:
                self._failing_since_ms = int(time() * 1_000)
                logger.warning(
                    "webhook: nothing can be delivered to %s: %s; trying again", self._receiver.name, error
                )
            self._failing = str(error)
