"""A study in the background: pair after pair at the lowest priority, and what they say so far, retained.

It begins anew whenever the plant that is shown works by other assumptions, and rests when all are lived.
"""

import logging
import queue
import signal
import sys
from pathlib import Path
from time import monotonic
from typing import NoReturn

from dashboard.conclusions import ConclusionError
from dashboard.study import decode as decode_study
from dashboard.study import encode
from demo.priority import step_aside
from demo.study.studying import Studying
from protocol.address import Address
from protocol.assumptions import Assumptions
from protocol.messages import Clock, MessageError, decode
from protocol.session import Received, Session
from protocol.topics import office_topic, plant_topic

logger = logging.getLogger(__name__)

ROLE = "office"
"""The study says what the office would, under the office's own topics."""
SAID_EVERY_S = 2.0
"""Between two words on what the pairs say so far, in real seconds."""
LISTEN_S = 3.0
"""How long it waits for what is retained once it is connected, in real seconds."""
REST_S = 2.0
"""How long it rests at a time, in real seconds."""


class Publisher:
    """Lives pairs, hears the plant's assumptions, and says what the pairs say.

    Args:
        studying: The pairs.
        address: Broker and user.
        root: Root of every topic, `shopfloor`.
        heartbeat: File that is touched while all is well; None for none.
    """

    def __init__(self, studying: Studying, address: Address, *, root: str, heartbeat: Path | None) -> None:
        self._studying = studying
        self._heartbeat = heartbeat
        self._assumptions = plant_topic(root, "assumptions")
        self._clock = plant_topic(root, "clock")
        self._topic = office_topic(root, "study")
        self._session = Session(
            name="study",
            address=address,
            filters=[(self._clock, 0), (self._assumptions, 0), (self._topic, 0)],
        )
        self._waits = False
        """Whether the plant lives through its past, which needs the whole computer and has a page waiting."""
        self._said_s = -SAID_EVERY_S
        self._said = b""

    def work(self) -> None:
        """Work until a signal to stop comes."""
        step_aside()
        for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), _stop)
        self._session.start()
        try:
            # Until it is connected it hears neither whom to wait for nor what is assumed.
            while not self._session.connected.wait(REST_S):
                self._beat()
            self._listen(LISTEN_S, until_heard=True)
            while True:
                self._beat()
                rests = self._waits or self._studying.is_done
                self._listen(REST_S if rests else 0)
                if not rests:
                    self._studying.go_on()
                self._say()
        finally:
            self._session.stop()

    def _listen(self, wait_s: float, *, until_heard: bool = False) -> None:
        """Hear what has come, and wait for more of it for a while."""
        end_s = monotonic() + wait_s
        heard = False
        while not (heard and until_heard):
            try:
                received = self._session.inbox.get(timeout=max(0.0, end_s - monotonic()) or 0.001)
            except queue.Empty:
                if monotonic() >= end_s:
                    return
                continue
            heard = self._hear(received)

    def _hear(self, received: Received) -> bool:
        """Take in a message; says whether it was what the plant assumes."""
        try:
            if received.topic == self._assumptions and received.payload:
                said = decode(received.payload, Assumptions)
                self._studying.hear({key: one.value for key, one in said.assumptions.items()})
                return True
            if received.topic == self._clock and received.payload:
                self._waits = decode(received.payload, Clock).catching_up_to is not None
            elif received.topic == self._topic and received.payload and received.retained:
                self._studying.recall(decode_study(received.payload))
        except (MessageError, ConclusionError, ValueError) as error:
            logger.warning("ignored a message on %s: %s", received.topic, error)
        return False

    def _say(self) -> None:
        """Say what the pairs say, if it is news and the last word is not too new."""
        studying = self._studying
        now_s = monotonic()
        if not studying.is_news or not (studying.is_done or now_s - self._said_s >= SAID_EVERY_S):
            return
        payload = encode(studying.study())
        if payload != self._said:
            self._said, self._said_s = payload, now_s
            self._session.publish(self._topic, payload, retain=True)

    def _beat(self) -> None:
        if self._heartbeat is not None:
            self._heartbeat.touch()


def _stop(_number: int, _frame: object) -> NoReturn:
    # A pair under way is worth nothing to anybody.
    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    sys.exit(0)
