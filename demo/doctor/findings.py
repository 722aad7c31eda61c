"""All that is found, whoever could still answer: each link, and what is wrong with the chain."""

from __future__ import annotations

import socket
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from dashboard.chain import remedies
from dashboard.chain.known import BrokerKnown, Known
from dashboard.chain.links import Link, links
from dashboard.chain.remedies import Remedy
from dashboard.chain.sentences import LINKS, LITTLE_BYTES, Sentence, sentences
from dashboard.history.room import room_of
from demo.doctor.broker import ask_broker
from demo.doctor.page import ask_page
from demo.doctor.places import compose_services, demo_runs, missing_services, refusal_in
from demo.plug import Plug
from protocol.address import AddressError, address_of

if TYPE_CHECKING:
    from pathlib import Path

KNOCK_S = 1.0
START = Remedy("make demo (or docker compose up -d)", "docker compose up -d (or make demo)")
_LOGS = {"ingest": "office", "simulator": "machines"}
"""Of the parts that may be refused, their role."""
_FULL_BYTES = 1_000_000
"""With less than this nothing can be written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Where to ask."""

    page: str
    """Address of the page."""
    broker: str
    """URL of the broker."""
    credentials: Path | None
    """Folder with the password of each role; None to sign in as the URL says."""
    state: Path
    """Folder of the demo."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What was found."""

    place: Literal["demo", "docker"]
    """Where it runs, and how it is mended."""
    links: list[Link]
    """Each link, in the order of a reading; empty where nothing runs."""
    sentences: list[Sentence]
    """What is wrong, the foremost first."""

    @property
    def well(self) -> bool:
        """Whether nothing is broken."""
        return all(one.weight != "broken" for one in self.sentences)


def find(asked: Asked) -> Findings:
    """Ask everybody who may answer."""
    page, knocked = ask_page(asked.page, asked.credentials), _knock(asked.broker)
    in_demo = demo_runs(asked.state)
    # To ask Compose takes a second, and a demo that runs is what is meant.
    running = None if in_demo else compose_services()
    place: Literal["demo", "docker"] = "docker" if running else "demo"
    if page is None and not knocked and not in_demo and running is None:
        what = f"Nothing runs: neither a demo in {asked.state} nor Compose, and no broker answers."
        return Findings(place="demo", links=[], sentences=[_broken("broker", what, START)])
    seen = _seen(asked, knocked=knocked, signs_in=place == "demo")
    found = [] if seen is None else sentences(seen)
    mine = _by_files(asked, found) if place == "demo" else _by_services(running or set())
    chosen = _one_for_a_link(mine, [] if page is None else page[1], found)
    if page is None:
        gone = f"The page at {asked.page} does not answer."
        chosen.append(_broken("web", gone, remedies.PAGE_GONE))
    chosen.sort(key=lambda one: (one.weight != "broken", LINKS.index(one.link)))
    shown = page[0] if page is not None else [] if seen is None else links(seen, chosen)
    return Findings(place=place, links=[_lit(one, chosen) for one in shown], sentences=chosen)


def _knock(url: str) -> bool:
    """Whether anybody listens where the broker should."""
    try:
        address = address_of(url, role="viewer", credentials=None)
        socket.create_connection((address.host, address.port), timeout=KNOCK_S).close()
    except (OSError, AddressError):
        return False
    return True


def _seen(asked: Asked, *, knocked: bool, signs_in: bool) -> Known | None:
    """What is known of the chain without the page; None where nobody may sign in."""
    if not signs_in:
        return None
    address = address_of(asked.broker, role="viewer", credentials=None)
    if not knocked:
        broker = BrokerKnown(address=str(address), user="viewer", connected=False)
        return Known(wall_ms=0, broker=broker)
    try:
        return ask_broker(asked.broker, asked.credentials)
    except AddressError as error:
        broker = BrokerKnown(address=str(address), user="viewer", connected=False, refusal=str(error))
        return Known(wall_ms=0, broker=broker)


def _by_files(asked: Asked, found: list[Sentence]) -> list[Sentence]:
    """What the demo's folder says: an office unplugged, a log that tells of a refusal, a full disk."""
    mine: list[Sentence] = []
    for one in found:
        if one.link == "ingest" and one.weight == "broken" and Plug.of(asked.state).pulled:
            push = Remedy("python -m demo plug push", one.remedy.docker)
            mine.append(replace(one, what="The office (ingest) is unplugged: nobody is called.", remedy=push))
        elif one.link in _LOGS and one.weight == "broken":
            why = refusal_in(asked.state / "log" / f"{one.link}.log")
            if why:
                what = f"The broker refuses the credential of {one.link} (user {_LOGS[one.link]}): {why}."
                mine.append(replace(one, what=what, remedy=remedies.CREDENTIAL))
    free = room_of(f"sqlite:///{(asked.state / 'history.db').as_posix()}").free_bytes
    if free is not None and free < LITTLE_BYTES:
        full = free < _FULL_BYTES
        what = "The disk of the history is full." if full else "The disk of the history is almost full."
        remedy = remedies.FULL if full else remedies.LITTLE_ROOM
        weight: Literal["broken", "warning"] = "broken" if full else "warning"
        mine.append(Sentence(link="history", weight=weight, what=what, since_wall_ms=None, remedy=remedy))
    return mine


def _by_services(running: set[str]) -> list[Sentence]:
    return [
        _broken(
            name,
            f"The service {name} of Compose does not run.",
            Remedy(START.demo, f"docker compose up -d {name}; docker compose logs {name} says why it ended."),
        )
        for name in missing_services(running)
    ]


def _one_for_a_link(
    mine: list[Sentence], of_page: list[Sentence], of_broker: list[Sentence]
) -> list[Sentence]:
    """What is wrong by all who were asked, once for each link.

    What the page says of the history is more than a look at the disk; of a part that cannot speak the files
    and the broker say more than the page.
    """
    chosen: dict[tuple[str, str], Sentence] = {}
    blind = any(one.link == "broker" for one in of_broker)
    for one in [*[own for own in mine if own.link != "history"], *of_page, *of_broker, *mine]:
        known = chosen.setdefault((one.link, one.weight), one)
        if known.since_wall_ms is None and one.since_wall_ms is not None:
            chosen[one.link, one.weight] = replace(known, since_wall_ms=one.since_wall_ms)
    for one in of_broker:
        if "credential" in one.what:
            chosen[one.link, one.weight] = one
    broken = {link for link, weight in chosen if weight == "broken"}
    return [
        one
        for (link, weight), one in chosen.items()
        if (weight == "broken" or link not in broken) and (not blind or link not in {"simulator", "ingest"})
    ]


def _lit(link: Link, found: list[Sentence]) -> Link:
    """A link with the lamp of what is wrong with it."""
    mine = [one for one in found if one.link == link.link]
    if not mine:
        return link
    return replace(link, sentence=mine[0], lamp="broken" if mine[0].weight == "broken" else "warning")


def _broken(link: str, what: str, remedy: Remedy) -> Sentence:
    return Sentence(link=link, weight="broken", what=what, since_wall_ms=None, remedy=remedy)
