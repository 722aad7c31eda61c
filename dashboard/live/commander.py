"""What a person at the page asks for, carried to the office or the plant as the operator, and the answer.

Connects when something is asked for the first time, never at import.
"""

import logging
import os
import queue
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from dashboard import commands
from dashboard.commands import Command, CommandError
from protocol.address import Address
from protocol.messages import MessageError, PlantCommand, PlantResult, decode, encode
from protocol.session import Received, Session
from protocol.topics import plant_topic

logger = logging.getLogger(__name__)

PATIENCE_S = 5.0
"""How long an answer is waited for, connecting included."""
LOOK_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a command."""

    ok: bool
    """Whether it was done."""
    message: str
    """What was done, or why not."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """What else the plant told, by key, as it travels in JSON: a machine's text, kinds, machines."""


class NobodyAnswersError(Exception):
    """Raised when no answer came in time; says whose is missing."""


class Commander:
    """Asks, one question at a time or many.

    Args:
        address: The broker, as operator.
        root: First level of the topics.
        patience_s: How long an answer is waited for, in seconds.
    """

    def __init__(self, *, address: Address, root: str, patience_s: float = PATIENCE_S) -> None:
        self._address = address
        self._root = root
        self._patience_s = patience_s
        self._session = Session(
            name="operator",
            address=address,
            filters=[(commands.result_topic(root), 1), (plant_topic(root, "result"), 1)],
        )
        self._starting = threading.Lock()
        self._pid: int | None = None
        self._stopping = threading.Event()
        self._waiting: dict[str, queue.SimpleQueue[Answer]] = {}

    def ask_office(self, command: Command) -> Answer:
        """Ask something of the office.

        Raises:
            NobodyAnswersError: No answer came in time; it may still be done.
        """
        topic = commands.command_topic(self._root)
        return self._ask(topic, commands.encode(command), command.id, "the office")

    def ask_plant(self, command: PlantCommand) -> Answer:
        """Ask something of the plant.

        Raises:
            NobodyAnswersError: No answer came in time; it may still be done.
        """
        return self._ask(plant_topic(self._root, "command"), encode(command), command.id, "the plant")

    def stop(self) -> None:
        """Disconnect."""
        self._stopping.set()
        if self._pid == os.getpid():
            self._session.stop()

    def _ask(self, topic: str, payload: bytes, command: str, who: str) -> Answer:
        self._start()
        if not self._session.connected.wait(self._patience_s):
            raise NobodyAnswersError(f"no connection to the broker at {self._address}")
        answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self._waiting[command] = answers
        try:
            self._session.publish(topic, payload)
            return answers.get(timeout=self._patience_s)
        except queue.Empty:
            raise NobodyAnswersError(f"{who} does not answer") from None
        finally:
            self._waiting.pop(command, None)

    def _start(self) -> None:
        with self._starting:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                self._session.start()
                threading.Thread(target=self._listen, name="operator", daemon=True).start()

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                received = self._session.inbox.get(timeout=LOOK_S)
            except queue.Empty:
                continue
            if received.topic:
                self._take(received)

    def _take(self, received: Received) -> None:
        try:
            if received.topic == commands.result_topic(self._root):
                told = commands.decode_result(received.payload)
                command, answer = told.id, Answer(ok=told.ok, message=told.message)
            else:
                result = decode(received.payload, PlantResult)
                command = result.id
                answer = Answer(ok=result.ok, message=result.message, more=_more(result))
        except (CommandError, MessageError) as error:
            logger.warning("ignored an answer on %s: %s", received.topic, error)
            return
        waiting = self._waiting.get(command)
        if waiting is not None:
            waiting.put(answer)


def _more(result: PlantResult) -> dict[str, Any]:
    told = {"text": result.text, "kinds": result.kinds, "machines": result.machines}
    return {key: msgspec.to_builtins(value) for key, value in told.items() if value}


def new_id() -> str:
    """An id that no other command has."""
    return secrets.token_hex(8)
