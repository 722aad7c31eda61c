"""An operator's question to the running plant: the command goes out, and its result comes back."""

import queue
from time import monotonic

from protocol.address import Address
from protocol.messages import MessageError, PlantCommand, PlantResult, decode, encode
from protocol.session import Session
from protocol.topics import plant_topic
from simulator.histories.chronicle import ROOT

PATIENCE_S = 5.0
"""For how many real seconds an answer is waited for."""


class AskError(ValueError):
    """Raised when a command gets no answer; says what is missing."""


def ask_plant(command: PlantCommand, broker: Address, *, patience_s: float = PATIENCE_S) -> PlantResult:
    """Send a command, and wait for what comes of it.

    Raises:
        AskError: There is no broker, or nobody answers.
    """
    session = Session(name="operator", address=broker, filters=[(plant_topic(ROOT, "result"), 1)])
    session.start()
    end_s = monotonic() + patience_s
    try:
        while True:
            try:
                received = session.inbox.get(timeout=max(0.0, end_s - monotonic()))
            except queue.Empty:
                raise AskError(_why_not(session, broker, patience_s)) from None
            if not received.topic:
                # Only now is the result listened for; sent again, it is answered and not done again.
                session.publish(plant_topic(ROOT, "command"), encode(command))
            elif (result := _result_in(received.payload)) is not None and result.id == command.id:
                return result
    finally:
        session.stop()


def _result_in(payload: bytes) -> PlantResult | None:
    try:
        return decode(payload, PlantResult, reader="this command")
    except MessageError:
        return None  # for somebody else, or nothing


def _why_not(session: Session, broker: Address, patience_s: float) -> str:
    if not session.connected.is_set():
        return f"no broker at {broker} lets {broker.user or 'nobody in particular'} in"
    return f"no answer within {patience_s:g} s: is a simulator running at {broker}?"
