"""What the broker answers to each role, and what it has kept of plant and office, asked by signing in."""

from __future__ import annotations

import queue
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from dashboard.chain.known import BrokerKnown, Known, PlantKnown
from dashboard.conclusions import Board, ConclusionError, Refusals, Work, decode
from protocol.address import Address, AddressError, address_of
from protocol.messages import Clock, MessageError
from protocol.messages import decode as decode_message
from protocol.moments import to_ms
from protocol.session import Received, Session
from protocol.topics import office_topic, plant_topic

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PARTS = {"office": "office", "machines": "machines"}
"""Roles whose credential is tried, beside the page's own."""
ROOT = "shopfloor"
SIGN_IN_S = 2.0
"""How long the broker may take to answer who signs in."""
LISTEN_S = 1.5
"""How long plant and office are listened to: both speak every second."""
VERSION = "$SYS/broker/version"


class Heard:
    """What came from the broker, the newest of each topic."""

    def __init__(self) -> None:
        self._newest: dict[str, Received] = {}
        self._wall_ms: dict[str, int] = {}

    def take(self, received: Received) -> None:
        """Keep a message."""
        self._newest[received.topic] = received
        self._wall_ms[received.topic] = int(time.time() * 1_000)

    def payload(self, topic: str) -> bytes:
        """The newest of a topic; empty where nothing came."""
        return self._newest[topic].payload if topic in self._newest else b""

    def age_s(self, topic: str, said_wall_ms: int, now_ms: int) -> float:
        """How old the newest of a topic is: what the broker had kept is as old as it says itself."""
        kept = self._newest[topic].retained
        return max(0, now_ms - (said_wall_ms if kept else self._wall_ms[topic])) / 1_000


def ask_broker(url: str, credentials: Path | None) -> Known:
    """Sign in as each role, listen for a moment, and say what is known then.

    Args:
        url: The broker.
        credentials: Folder with the password of each role; None to sign in as the URL says.

    Raises:
        AddressError: The URL or the viewer's password cannot be used.
    """
    address = address_of(url, role="viewer", credentials=credentials)
    heard, session = Heard(), _session(address, "viewer")
    connected = _signed_in(session)
    refusals = {} if not connected or credentials is None else _refusals(url, credentials)
    if connected:
        _listen(session, heard)
        # Asked for last, and alone: some brokers end a connection that asks for it.
        session.stop()
        heard_version = _version(address)
    else:
        session.stop()
        heard_version = ""
    now_ms = int(time.time() * 1_000)
    broker = BrokerKnown(
        address=str(address),
        user=address.user or "",
        connected=connected,
        refusal=session.refusal,
        version=heard_version,
    )
    return _known(broker, heard, refusals, now_ms)


def _session(address: Address, name: str, topics: tuple[str, ...] | None = None) -> Session:
    listened = topics or (
        office_topic(ROOT, "plant"),
        office_topic(ROOT, "work"),
        office_topic(ROOT, "refused"),
        plant_topic(ROOT, "clock"),
    )
    return Session(
        name=f"doctor-{name}",
        address=address,
        filters=[(topic, 0) for topic in listened],
        inbox=queue.Queue(10_000),
        quiet=True,
    )


def _signed_in(session: Session) -> bool:
    session.start()
    until_s = time.monotonic() + SIGN_IN_S
    while time.monotonic() < until_s and not session.refusal:
        if session.connected.wait(0.05):
            return True
    return False


def _refusals(url: str, credentials: Path) -> dict[str, str]:
    """Why the broker refuses the other parts' credentials; without those that it takes."""
    found = {}
    for role in PARTS:
        try:
            address = address_of(url, role=role, credentials=credentials)
        except AddressError as error:
            found[role] = str(error)
            continue
        # It subscribes to nothing that is kept, and has an id of its own: nobody notices it.
        session = _session(address, role, (f"{ROOT}/_doctor",))
        _signed_in(session)
        session.stop()
        if session.refusal:
            found[role] = session.refusal
    return found


def _listen(session: Session, heard: Heard) -> None:
    until_s = time.monotonic() + LISTEN_S
    while (left_s := until_s - time.monotonic()) > 0:
        with suppress(queue.Empty):
            received = session.inbox.get(timeout=left_s)
            if received.topic:
                heard.take(received)


def _version(address: Address) -> str:
    session, heard = _session(address, "version", (VERSION,)), Heard()
    if _signed_in(session):
        until_s = time.monotonic() + 0.5
        while time.monotonic() < until_s and not heard.payload(VERSION):
            with suppress(queue.Empty):
                heard.take(session.inbox.get(timeout=0.1))
    session.stop()
    return heard.payload(VERSION).decode("utf-8", "replace")[:60]


def _known(broker: BrokerKnown, heard: Heard, refusals: Mapping[str, str], now_ms: int) -> Known:
    plant, board, work, newest = None, None, None, None
    board_age_s = work_age_s = None
    topics = {name: office_topic(ROOT, name) for name in ("plant", "work", "refused")}
    clock_topic = plant_topic(ROOT, "clock")
    with suppress(ConclusionError):
        if payload := heard.payload(topics["plant"]):
            board = decode(payload, Board)
            board_age_s = heard.age_s(topics["plant"], board.wall_ms, now_ms)
    with suppress(ConclusionError):
        if payload := heard.payload(topics["work"]):
            work = decode(payload, Work)
            if work.process is not None:
                work_age_s = heard.age_s(topics["work"], work.process.wall_ms, now_ms)
    with suppress(ConclusionError):
        if payload := heard.payload(topics["refused"]):
            newest = next(iter(decode(payload, Refusals).newest), None)
    with suppress(MessageError):
        if payload := heard.payload(clock_topic):
            clock = decode_message(payload, Clock)
            age_s = heard.age_s(clock_topic, to_ms(clock.wall), now_ms)
            # Whether it goes on cannot be told in a moment; the page tells.
            plant = PlantKnown(clock=clock, age_s=age_s, moved_s=0.0)
    return Known(
        wall_ms=now_ms,
        broker=broker,
        plant=plant,
        board=board,
        board_age_s=board_age_s,
        work=work,
        work_age_s=work_age_s,
        refusal=newest,
        offices=dict(refusals),
    )
