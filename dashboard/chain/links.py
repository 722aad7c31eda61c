"""Each link of the chain with its lamp, its sentence and what is measured of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from dashboard.chain.known import BrokerKnown, Known, PageKnown, PlantKnown
from dashboard.chain.sentences import SILENT_S, Sentence
from protocol.moments import to_ms

INBOX_MESSAGES = 100_000
"""So many messages may wait for the office; of more, the newest are dropped."""

Lamp = Literal["well", "warning", "broken", "unknown", "absent"]
Unit = Literal["", "s", "ms", "bytes", "/s", "x"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One thing that is measured of a link."""

    key: str
    """What programs know it by."""
    words: str
    """What it is."""
    value: float | str | None
    """What it is just now; None where that cannot be told."""
    unit: Unit = ""
    """Unit of a number: `s`, `ms`, `bytes`, `/s` (a real second), `x` (plant seconds in one), or a count."""
    of: float | None = None
    """What it is a part of: the most that it may be, in the same unit; None where there is no such thing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link."""

    link: str
    """Its name, as in `sentences.LINKS`."""
    lamp: Lamp
    """How it is; `unknown` where a link before it is broken, `absent` where there is none."""
    sentence: Sentence | None
    """What is wrong with it; None where nothing is."""
    measures: tuple[Measure, ...]
    """What is measured of it."""


def links(known: Known, found: Sequence[Sentence]) -> list[Link]:
    """Every link that can be seen from here; a browser adds itself.

    Args:
        known: What is known.
        found: What is wrong, the foremost first.
    """
    measured = {
        "broker": tuple(_of_broker(known.broker)),
        "simulator": tuple(_of_plant(known, known.plant)) if known.plant is not None else (),
        "ingest": tuple(_of_office(known)),
        "history": tuple(_of_history(known)),
        "web": tuple(_of_page(known.page)) if known.page is not None else (),
    }
    return [
        Link(
            link=link,
            lamp=_lamp(link, known, found),
            sentence=next((one for one in found if one.link == link), None),
            measures=measures,
        )
        for link, measures in measured.items()
    ]


def _lamp(link: str, known: Known, found: Sequence[Sentence]) -> Lamp:
    weights = [one.weight for one in found if one.link == link]
    if weights:
        return "broken" if "broken" in weights else "warning"
    broken = {one.link for one in found if one.weight == "broken"}
    if link == "web":
        return "well" if known.page is not None else "unknown"
    if "broker" in broken and link != "broker":
        return "unknown"
    if link == "history" and "ingest" in broken:
        return "unknown"
    if link == "simulator" and known.plant is None:
        # Of a plant whose clock is not heard the office may tell.
        board = known.board
        if board is None or known.board_age_s is None or known.board_age_s > SILENT_S:
            return "unknown"
        return "well" if board.run else "absent"
    return "well"


def reachable(found: Sequence[Sentence]) -> bool:
    """Whether every link holds."""
    return all(one.weight != "broken" for one in found)


def _of_broker(broker: BrokerKnown) -> Iterator[Measure]:
    yield Measure(key="address", words="address", value=broker.address)
    yield Measure(key="connection", words="connection", value=_connection(broker))
    yield Measure(key="version", words="what it calls itself", value=broker.version or None)
    yield Measure(key="clients", words="connections it has", value=broker.clients)
    yield Measure(key="dropped", words="messages dropped for slow clients", value=broker.dropped)


def _connection(broker: BrokerKnown) -> str:
    if broker.connected:
        return f"as {broker.user}" if broker.user else "without a user"
    return f"refused: {broker.refusal}" if broker.refusal else "none"


def _of_plant(known: Known, plant: PlantKnown) -> Iterator[Measure]:
    clock = plant.clock
    yield Measure(key="age_s", words="age of its last word", value=round(plant.age_s, 1), unit="s")
    yield Measure(key="speed", words="speed asked for", value=clock.speed, unit="x")
    yield Measure(key="achieved", words="speed achieved", value=clock.achieved, unit="x")
    if known.board is not None and known.board.run == clock.run:
        kept_s = max(0.0, (to_ms(clock.at) - known.board.now_ms) / 1_000)
        yield Measure(
            key="kept_s",
            words="plant time sent again if the office asks",
            value=kept_s,
            unit="s",
            of=clock.kept_for_ms / 1_000,
        )
    yield Measure(
        key="lost_s", words="machine time whose readings were dropped", value=clock.lost_ms / 1_000, unit="s"
    )


def _of_office(known: Known) -> Iterator[Measure]:
    board, work = known.board, known.work
    ages = [age for age in (known.board_age_s, known.work_age_s) if age is not None]
    yield Measure(
        key="age_s", words="age of its last word", value=round(min(ages), 1) if ages else None, unit="s"
    )
    if work is not None:
        yield Measure(key="messages_per_s", words="messages taken in", value=work.messages_per_s, unit="/s")
        yield Measure(key="readings_per_s", words="readings taken in", value=work.readings_per_s, unit="/s")
    if board is not None:
        yield Measure(key="gaps", words="messages missing by their numbers", value=board.gaps)
        yield Measure(key="repeats", words="messages that came twice", value=board.repeats)
    if work is not None and work.process is not None:
        yield Measure(key="late", words="messages that came late", value=work.process.late)
    if board is not None:
        yield Measure(key="rejected", words="messages rejected", value=board.refused)
        ahead = max(board.ahead_s.values(), default=0.0)
        yield Measure(key="clock_ahead_s", words="furthest clock ahead", value=round(ahead, 1), unit="s")
    if work is not None and work.process is not None:
        process = work.process
        yield Measure(
            key="waiting", words="messages that wait", value=process.waiting, of=float(INBOX_MESSAGES)
        )
        yield Measure(key="dropped", words="messages dropped, to come again", value=process.dropped)
        yield Measure(key="memory_bytes", words="memory", value=process.memory_bytes, unit="bytes")


def _of_history(known: Known) -> Iterator[Measure]:
    keeping = (
        known.work.process.keeping if known.work is not None and known.work.process is not None else None
    )
    if keeping is not None:
        age_s = None
        if keeping.committed_wall_ms is not None:
            age_s = round(max(0, known.wall_ms - keeping.committed_wall_ms) / 1_000, 1)
        yield Measure(key="age_s", words="age of the last commit", value=age_s, unit="s")
        yield Measure(key="commit_ms", words="time it took", value=keeping.took_ms, unit="ms")
    lag_s = None if known.lag_ms is None else known.lag_ms / 1_000
    yield Measure(key="lag_s", words="plant time shown and not yet kept", value=lag_s, unit="s")
    if keeping is not None:
        yield Measure(key="size_bytes", words="size on the disk", value=keeping.size_bytes, unit="bytes")
        yield Measure(key="free_bytes", words="free on the disk", value=keeping.free_bytes, unit="bytes")


def _of_page(page: PageKnown) -> Iterator[Measure]:
    yield Measure(key="streams", words="pages that follow live", value=page.streams)
    yield Measure(key="turned_away", words="streams refused, which poll instead", value=page.turned_away)
    yield Measure(key="resyncs", words="viewers too slow, which began anew", value=page.resyncs)
    yield Measure(key="dropped", words="messages dropped", value=page.dropped)
    yield Measure(key="failures", words="messages not foreseen", value=page.failures)
    yield Measure(key="memory_bytes", words="memory", value=page.memory_bytes, unit="bytes")
