"""What is wrong with the chain, in sentences: the most upstream cause first, and one for each cause.

What stands behind a broken link is not blamed: without a broker nobody is heard, and that is one sentence.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from dashboard.chain import remedies
from dashboard.chain.known import BrokerKnown, Known, PlantKnown
from dashboard.chain.remedies import Remedy
from dashboard.conclusions import Keeping
from protocol.contract import LATER
from protocol.messages import Clock
from protocol.moments import to_ms

LINKS = ("broker", "simulator", "ingest", "history", "web", "browser")
"""In the order in which a reading passes them; the browser knows of itself alone."""
SILENT_S = 5.0
"""Office and plant speak every second: who has said nothing for so long is not there."""
STANDS_S = 10.0
"""Plant time that has not gone on for so long stands."""
BEHIND_S = 120.0
"""Real seconds by which the history may be behind what is shown."""
MISSED_MS = 10 * 60_000
"""An office that is further behind the plant works through what it has missed."""
HOUR_MS = 3_600_000
REJECTED_S = 60.0
"""For how long a rejected message is spoken of."""
LITTLE_BYTES = 64_000_000
"""So much room is little: it may be full within the hour."""
MUCH_WAITS = 20_000
"""So many messages that wait are a fifth of what the office has room for."""
_WRITING: tuple[tuple[tuple[str, ...], Remedy, str], ...] = (
    (("full", "no space", "quota"), remedies.FULL, "the disk is full"),
    (("readonly", "read-only", "permission denied"), remedies.READ_ONLY, "it is read-only"),
    (
        ("connection", "server", "could not translate", "terminating"),
        remedies.SERVER_GONE,
        "its database server does not answer",
    ),
)
"""Why a history takes nothing, by pieces of what databases say."""

Weight = Literal["broken", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One thing that is wrong."""

    link: str
    """The link that is to be mended, one of `LINKS`."""
    weight: Weight
    """`broken`: what is shown is no longer true or complete; `warning`: it is, and somebody should look."""
    what: str
    """What is wrong."""
    since_wall_ms: int | None
    """Since when, ms since 1970; None where that is not known."""
    remedy: Remedy
    """What to do first."""


def sentences(known: Known) -> list[Sentence]:
    """All that is wrong, the foremost first: what is broken from upstream on, then what to look at."""
    found = list(_wrong(known))
    return sorted(found, key=lambda one: (one.weight != "broken", LINKS.index(one.link)))


def _wrong(known: Known) -> Iterator[Sentence]:
    broker = _of_broker(known.broker)
    if broker is not None:
        yield broker
        return
    failing = _keeping(known)
    if failing is not None and failing.failing:
        # The office waits for its history, and the plant for the office: neither is to blame.
        yield _of_writing(failing)
    elif (office := _of_office(known)) is not None:
        yield office
    if known.unreadable:
        what = f"The page cannot read the history: {known.unreadable}."
        later = "of a later version" in known.unreadable
        yield _broken("history", what, remedies.LATER if later else remedies.UNREADABLE)
    if (plant := _of_plant(known)) is not None:
        yield plant
    yield from _warnings(known)


def _of_broker(broker: BrokerKnown) -> Sentence | None:
    if broker.connected and broker.mute_since_wall_ms is None:
        return None
    if broker.connected:
        what = f"The broker at {broker.address} does not answer: it hangs, or is cut off."
        return _broken("broker", what, remedies.BROKER_MUTE, broker.mute_since_wall_ms)
    if broker.refusal:
        who = f"user {broker.user}" if broker.user else "nobody without a password"
        what = f"The broker at {broker.address} refuses the page's credential ({who}): {broker.refusal}."
        return _broken("broker", what, remedies.CREDENTIAL, broker.away_since_wall_ms)
    what = f"No connection to the broker at {broker.address}: it has stopped, or cannot be reached."
    return _broken("broker", what, remedies.BROKER_GONE, broker.away_since_wall_ms)


def _of_office(known: Known) -> Sentence | None:
    # It may say how it is while it has nothing to say of the plant.
    ages = [age for age in (known.board_age_s, known.work_age_s) if age is not None]
    if known.offices.get("office"):
        what = f"The broker refuses the office's credential (user office): {known.offices['office']}."
        since_ms = None if not ages else known.wall_ms - round(min(ages) * 1_000)
        return _broken("ingest", what, remedies.CREDENTIAL, since_ms)
    if not ages:
        what = "The office (ingest) has not been heard yet: it is starting, or does not run."
        return _broken("ingest", what, remedies.OFFICE_GONE)
    if min(ages) > SILENT_S:
        what = (
            "Nothing new from the office (ingest): it has stopped, hangs, or is refused by the broker. "
            "Nobody hears the machines and nobody is called."
        )
        return _broken("ingest", what, remedies.OFFICE_GONE, known.wall_ms - round(min(ages) * 1_000))
    behind_s = behind(known)
    if behind_s > BEHIND_S:
        what = "The history is minutes behind what is shown: the office does not keep up."
        return _broken("ingest", what, remedies.OFFICE_BEHIND)
    return None


def behind(known: Known) -> float:
    """Real seconds by which the history is behind what is shown."""
    board = known.board
    # A plant whose clock stands still has no rate at which it could be caught up with.
    if board is None or not known.lag_ms or not board.achieved:
        return 0.0
    return known.lag_ms / 1_000 / board.achieved


def _of_plant(known: Known) -> Sentence | None:
    plant, board = known.plant, known.board
    if plant is None:
        if board is not None and board.run and board.speed and board.achieved == 0.0:
            return _broken("simulator", "The plant's clock stands still.", remedies.PLANT_HANGS)
        return None
    said_ms = known.wall_ms - round(plant.age_s * 1_000)
    if known.offices.get("machines"):
        what = f"The broker refuses the simulator's credential (user machines): {known.offices['machines']}."
        return _broken("simulator", what, remedies.CREDENTIAL, said_ms)
    if plant.age_s > SILENT_S:
        if _ended(plant):
            what = "The simulator has been stopped: plant time stands still."
        else:
            what = (
                "Nothing new from the simulator: it has stopped, hangs, or is refused by the broker. "
                "Plant time stands still."
            )
        return _broken("simulator", what, remedies.PLANT_GONE, said_ms)
    # While nothing is written it waits for that, and before its patience ends, for the office.
    waits = plant.clock.attended and _is_waited_for(known)
    if plant.clock.speed != 0.0 and plant.moved_s > STANDS_S and not waits:
        what = "The simulator hangs: plant time stands still, though nobody has paused it."
        return _broken("simulator", what, remedies.PLANT_HANGS, known.wall_ms - round(plant.moved_s * 1_000))
    return None


def _ended(plant: PlantKnown) -> bool:
    """Whether its last word was that time goes on no more."""
    return plant.clock.speed == 0.0


def _is_waited_for(known: Known) -> bool:
    """Whether the plant has reason to wait for the office."""
    keeping, plant = _keeping(known), known.plant
    if keeping is not None and keeping.failing:
        return True
    if known.board_age_s is None or known.board_age_s > SILENT_S or known.board is None or plant is None:
        return True
    return to_ms(plant.clock.at) > known.board.now_ms


def _keeping(known: Known) -> Keeping | None:
    """How the history takes what is written, as far as the office has just said."""
    if known.work is None or known.work.process is None:
        return None
    if known.work_age_s is None or known.work_age_s > SILENT_S:
        return None
    return known.work.process.keeping


def _of_writing(keeping: Keeping) -> Sentence:
    said = keeping.failing.lower()
    remedy, what = next(
        ((remedy, what) for words, remedy, what in _WRITING if any(word in said for word in words)),
        (remedies.UNWRITABLE, keeping.failing),
    )
    whole = (
        f"The history cannot be written: {what}. "
        "The office keeps its connection and acknowledges nothing, so that nothing is lost."
    )
    return _broken("history", whole, remedy, keeping.failing_since_wall_ms)


def _warnings(known: Known) -> Iterator[Sentence]:
    board, refusal, work = known.board, known.refusal, known.work
    if board is not None and board.ahead_s:
        ahead = ", ".join(sorted(board.ahead_s)[:3])
        more = f" and {len(board.ahead_s) - 3} more" if len(board.ahead_s) > 3 else ""  # noqa: PLR2004 - as named
        what = f"The clock of {ahead}{more} is more than two minutes ahead of the plant's."
        yield _warning("ingest", what, remedies.CLOCK_AHEAD)
    # While a new run lives through its past, what was on its way for another is rejected.
    settled = board is None or board.catching_up_to_ms is None
    if settled and refusal is not None and 0 <= known.wall_ms - refusal.wall_ms < REJECTED_S * 1_000:
        what = f"A message on {refusal.topic} was rejected: {refusal.reason}."
        remedy = remedies.LATER if LATER in refusal.reason else remedies.REJECTED
        yield _warning("ingest", what.replace("..", "."), remedy, refusal.wall_ms)
    plant = known.plant
    if plant is not None and board is not None and plant.clock.run == board.run:
        missed_ms = to_ms(plant.clock.at) - board.now_ms
        if plant.clock.attended and missed_ms > MISSED_MS:
            what = "The office works through what it has missed: what is shown is not of now."
            yield _warning("ingest", what, remedies.OFFICE_BEHIND)
    if plant is not None and plant.clock.lost_ms:
        yield _warning("simulator", _of_dropped(plant.clock), remedies.DROPPED)
    process = None if work is None else work.process
    if process is None:
        return
    if process.waiting > MUCH_WAITS:
        yield _warning(
            "ingest", "Many messages wait for the office: it does not keep up.", remedies.OFFICE_BEHIND
        )
    free = process.keeping.free_bytes
    if free is not None and free < LITTLE_BYTES and not process.keeping.failing:
        yield _warning("history", "The disk of the history is almost full.", remedies.LITTLE_ROOM)


def _of_dropped(clock: Clock) -> str:
    return (
        "The office was away for longer than readings are kept "
        f"({clock.kept_for_ms / HOUR_MS:g} h): {clock.lost_ms / HOUR_MS:.1f} h of machine time were dropped, "
        "the oldest first, and stay unknown."
    )


def _broken(link: str, what: str, remedy: Remedy, since_wall_ms: int | None = None) -> Sentence:
    return Sentence(link=link, weight="broken", what=what, since_wall_ms=since_wall_ms, remedy=remedy)


def _warning(link: str, what: str, remedy: Remedy, since_wall_ms: int | None = None) -> Sentence:
    return Sentence(link=link, weight="warning", what=what, since_wall_ms=since_wall_ms, remedy=remedy)


def lasting(found: Iterable[Sentence], before: Iterable[Sentence], wall_ms: int) -> list[Sentence]:
    """The same sentences, of which those that were said before are so since they were said first.

    Args:
        found: What is wrong.
        before: What was wrong.
        wall_ms: Now: what is new, and does not say since when, is so from now on.
    """
    since = {(one.link, one.what): one.since_wall_ms for one in before}
    return [
        replace(one, since_wall_ms=since.get((one.link, one.what), one.since_wall_ms) or wall_ms)
        for one in found
    ]
