"""The process around the office: it outlives what was not foreseen, and answers ticks after the commit."""

import queue
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy.exc import OperationalError

from dashboard.calendar.places import Calendar
from dashboard.history.reader import Reader
from dashboard.history.store import Store
from dashboard.ingest.office import Office
from dashboard.ingest.process import CLOCK_S, MANY_COPIES, Ingest
from dashboard.ingest.retention import Retention
from dashboard.ingest.share import MEASURING, PROVING
from dashboard.kpi.basis import Basis
from protocol.address import Address
from protocol.messages import Tick, encode
from protocol.moments import from_ms
from protocol.session import Received, Session
from protocol.topics import every_topic
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, RUN, births, clock, minutes, open_office

UNTIL_MS = EPOCH_MS + 5 * MINUTE
NOWHERE = Address(host="127.0.0.1", port=1)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    opened = open_office(tmp_path, UNTIL_MS)
    yield opened
    opened.store.close()


@pytest.fixture
def ingest(office: Office) -> Ingest:
    return make_ingest(office)


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real time stands still, until a test moves it."""
    now = monotonic()
    monkeypatch.setattr("dashboard.ingest.process.monotonic", lambda: now)


def make_ingest(office: Office) -> Ingest:
    inbox: queue.Queue[Received] = queue.Queue()
    measuring, proving = (
        Session(name=name, address=NOWHERE, inbox=inbox, filters=[(every_topic("shopfloor"), 0)])
        for name in (MEASURING, PROVING)
    )
    return Ingest(
        root="shopfloor",
        office=office,
        basis=Basis(calendar=Calendar.read()),
        sessions=(measuring, proving),
        inbox=inbox,
        heartbeat=None,
        retention=Retention(readings_ms=86_400_000, rollups_ms=86_400_000, hours_ms=86_400_000),
    )


def received(topic: str, payload: bytes, session: str = MEASURING, *, retained: bool = False) -> Received:
    return Received(
        topic=topic,
        payload=payload,
        retained=retained,
        qos=1,
        mid=1,
        connection=1,
        session=session,
        wall_s=0.0,
    )


def test_a_message_that_nobody_foresaw_is_kept_with_its_error_and_the_next_one_is_heard(
    office: Office, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    hear = office.receive

    def stumble(topic: str, payload: bytes, *, wall_ms: int, retained: bool, again: bool) -> None:
        if payload == b"stone":
            raise ZeroDivisionError("a stone")
        hear(topic, payload, wall_ms=wall_ms, retained=retained, again=again)

    monkeypatch.setattr(office, "receive", stumble)
    topic, payload = minutes(1)[0]

    ingest._take(received("shopfloor/guest-1/readings", b"stone"))
    ingest._take(received(topic, payload))

    assert office.refused.newest().newest[0].reason == "not foreseen: ZeroDivisionError: a stone"
    assert office.fleet.shown()["mill-1"].last_at_ms == EPOCH_MS + MINUTE


def test_a_tick_is_committed_for_each_office_that_heard_it(office: Office, ingest: Ingest) -> None:
    tick = encode(Tick(run=RUN, at=from_ms(EPOCH_MS + MINUTE)))
    for topic, payload in minutes(1):
        ingest._take(received(topic, payload))

    ingest._take(received("shopfloor/_plant/tick", tick))
    ingest._commit()

    assert office.store.committed(RUN, MEASURING) == EPOCH_MS + MINUTE
    assert office.store.committed(RUN, PROVING) is None


def test_a_tick_that_comes_before_the_clock_however_late_that_is_waits_to_be_said_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, ingest = opened(tmp_path)
    tick = encode(Tick(run=RUN, at=from_ms(EPOCH_MS + MINUTE)))
    later = monotonic() + CLOCK_S
    monkeypatch.setattr("dashboard.ingest.process.monotonic", lambda: later)

    ingest._take(received("shopfloor/_plant/tick", tick))
    ingest._settle_when_due()
    ingest._commit()
    before = office.store.committed(RUN, MEASURING)
    ingest._take(received(*clock(UNTIL_MS), retained=True))
    ingest._take(received("shopfloor/_plant/tick", tick))
    ingest._commit()

    assert before is None
    assert office.store.committed(RUN, MEASURING) == EPOCH_MS + MINUTE
    office.store.close()


def test_a_history_that_is_gone_or_hangs_keeps_nobody_from_telling_how_much_was_taken_in(
    office: Office, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def gone(run: str) -> object:
        asked.append(run)
        raise OperationalError("SELECT", {}, Exception("connection refused"))

    monkeypatch.setattr(office.store, "taken", gone)
    office.ledger.taken.message(RUN)

    ingest._wait_for_the_history()
    while_waiting = list(asked)

    assert while_waiting == []
    assert office.ledger.taken.total(RUN).messages > 0
    assert asked == [RUN]


def test_a_gap_in_the_numbers_holds_the_watermark_back_once(office: Office, ingest: Ingest) -> None:
    tick = encode(Tick(run=RUN, at=from_ms(EPOCH_MS + 3 * MINUTE)))
    messages = minutes(3)
    for topic, payload in [*messages[:2], *messages[4:]]:
        ingest._take(received(topic, payload))

    ingest._take(received("shopfloor/_plant/tick", tick))
    ingest._commit()
    held, gaps = office.store.committed(RUN, MEASURING), office.fleet.shown()["mill-1"].numbering.gaps
    for topic, payload in messages[2:]:
        ingest._take(received(topic, payload))
    ingest._take(received("shopfloor/_plant/tick", tick))
    ingest._commit()

    assert held is None
    assert office.store.committed(RUN, MEASURING) == EPOCH_MS + 3 * MINUTE
    assert gaps == 1
    assert office.fleet.shown()["mill-1"].numbering.gaps == 0


@pytest.mark.parametrize(
    "topic",
    [
        "shopfloor/_office/plant",
        "shopfloor/_office/machine/mill-1",
        "shopfloor/_truth/mill-1",
        "shopfloor/_plant/watermark",
        "shopfloor/_plant/office",
    ],
)
def test_what_is_for_others_is_left_alone_where_no_access_list_keeps_it_away(
    topic: str, office: Office, ingest: Ingest
) -> None:
    ingest._take(received(topic, b"{}"))

    assert office.refused.total == 0


@pytest.mark.parametrize(
    "topic", ["shopfloor/mill-1", "shopfloor/mill-1/telemetry", "shopfloor/a/b/c/d/e/readings"]
)
def test_an_unknown_topic_is_counted_with_what_is_allowed(topic: str, office: Office, ingest: Ingest) -> None:
    ingest._take(received(topic, b'{"power_kw": 3.2}'))

    assert office.refused.total == 1
    assert "allowed" in office.refused.newest().newest[0].reason


def test_a_second_copy_of_a_message_is_a_repeat(office: Office, ingest: Ingest) -> None:
    topic, payload = minutes(1)[0]

    ingest._take(received(topic, payload))
    ingest._take(received(topic, payload))

    assert office.intake.repeats == 1
    assert office.refused.total == 0


def test_a_broker_that_sends_everything_twice_is_no_longer_asked_for_unknown_topics(
    office: Office, ingest: Ingest
) -> None:
    once = minutes(12)
    for topic, payload in once[:18]:
        ingest._take(received(topic, payload))
        ingest._take(received(topic, payload))
    ingest._mind_copies()
    before = list(ingest._measuring._filters)
    for topic, payload in once[18:]:
        ingest._take(received(topic, payload))
        ingest._take(received(topic, payload))

    ingest._mind_copies()

    assert before == [("shopfloor/#", 0)]
    assert ingest._measuring._filters == []
    assert office.intake.repeats == len(once)


def test_a_link_that_sends_everything_twice_is_no_reason_to_look_for_unknown_topics_no_longer(
    office: Office, ingest: Ingest
) -> None:
    doubled = [topic for topic, _ in minutes(1)][:1]
    sent = minutes(20)
    for topic, payload in sent:
        for _ in range(2 if topic in doubled else 1):
            ingest._take(received(topic, payload))
        ingest._mind_copies()

    assert office.intake.repeats == sum(topic in doubled for topic, _ in sent) >= MANY_COPIES
    assert ingest._measuring._filters == [("shopfloor/#", 0)]


def opened(folder: Path) -> tuple[Office, Ingest]:
    """An office that has heard nothing yet, and the process around it, connected just now."""
    office = Office(root="shopfloor", store=Store(f"sqlite:///{folder}/history.db"))
    around = make_ingest(office)
    around._take(received("", b""))
    return office, around


@pytest.mark.usefixtures("still")
def test_what_a_broker_kept_and_sends_before_the_clock_belongs_to_the_run_that_is_on(tmp_path: Path) -> None:
    office, ingest = opened(tmp_path)

    ingest._take(received("shopfloor/my-press/readings", b'{"power_kw": 3.2}'))
    ingest._settle_when_due()
    ingest._take(received(*clock(UNTIL_MS)))
    ingest._settle_when_due()
    ingest._commit()

    assert list(office.fleet.shown()) == ["my-press"]
    assert office.fleet.shown()["my-press"].run == RUN
    assert [one.run for one in Reader(f"sqlite:///{tmp_path}/history.db").runs()] == [RUN]
    office.store.close()


def test_ticks_that_a_broker_kept_say_nothing_of_the_births_that_are_still_to_come(
    office: Office, ingest: Ingest
) -> None:
    kept = [encode(Tick(run=RUN, at=from_ms(EPOCH_MS + minute * MINUTE))) for minute in (3, 4)]
    there = births()

    ingest._take(received("", b""))
    for tick in kept:
        ingest._take(received("shopfloor/_plant/tick", tick))
    before = set(office.fleet.shown())
    for topic, payload in [clock(UNTIL_MS), *there]:
        ingest._take(received(topic, payload, retained=True))
    for tick in kept:
        ingest._take(received("shopfloor/_plant/tick", tick))

    assert before == set(office.fleet.shown()) == {topic.split("/")[-2] for topic, _ in there}


def test_ticks_that_waited_for_the_clock_say_nothing_of_births_that_come_behind_it(tmp_path: Path) -> None:
    before_it = open_office(tmp_path, UNTIL_MS)
    before_it.commit()
    before_it.store.close()
    office, ingest = opened(tmp_path)
    kept = [encode(Tick(run=RUN, at=from_ms(EPOCH_MS + minute * MINUTE))) for minute in (3, 4)]
    there = births()

    for tick in kept:
        ingest._take(received("shopfloor/_plant/tick", tick))
    ingest._take(received(*clock(UNTIL_MS), retained=True))
    ingest._settle_when_due()
    before = set(office.fleet.shown())
    for topic, payload in there:
        ingest._take(received(topic, payload, retained=True))
    for tick in kept:
        ingest._take(received("shopfloor/_plant/tick", tick))

    assert before == set(office.fleet.shown()) == {topic.split("/")[-2] for topic, _ in there}
    office.store.close()


def test_a_clock_that_was_not_kept_tells_nothing_of_what_is(office: Office, ingest: Ingest) -> None:
    ingest._take(received("", b""))
    ingest._take(received(*clock(UNTIL_MS)))
    before = set(office.fleet.shown())
    for minute in (3, 4, 5):
        tick = encode(Tick(run=RUN, at=from_ms(EPOCH_MS + minute * MINUTE)))
        ingest._take(received("shopfloor/_plant/tick", tick))

    assert before == set(office.fleet.shown()) != set()


def test_who_went_while_nobody_listened_is_gone_after_two_ticks(office: Office, ingest: Ingest) -> None:
    ticks = [encode(Tick(run=RUN, at=from_ms(EPOCH_MS + minute * MINUTE))) for minute in (3, 4)]
    there = births()
    gone = there[0][0].split("/")[-2]

    ingest._take(received("", b""))
    for topic, payload in [clock(UNTIL_MS), *there[1:]]:
        ingest._take(received(topic, payload, retained=True))
    for tick in ticks:
        ingest._take(received("shopfloor/_plant/tick", tick))

    assert gone not in office.fleet.shown()
    assert len(office.fleet.shown()) == len(there) - 1


@pytest.mark.usefixtures("still")
def test_without_a_plant_readings_are_taken_in_soon_after_the_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, ingest = opened(tmp_path)
    ingest._take(received("shopfloor/my-press/readings", b'{"power_kw": 3.2}'))
    ingest._settle_when_due()
    assert not office.fleet.shown()

    later = monotonic() + CLOCK_S
    monkeypatch.setattr("dashboard.ingest.process.monotonic", lambda: later)
    ingest._settle_when_due()

    assert office.fleet.shown()["my-press"].run == ""
    office.store.close()
