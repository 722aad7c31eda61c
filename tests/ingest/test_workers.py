"""Two workers of one office: each takes in its own lines, and together they say what one says alone."""

import queue
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs

from dashboard.calendar.places import Calendar
from dashboard.commands import Forget, GiveReason, encode
from dashboard.conclusions import Board
from dashboard.history.store import Store, Writes
from dashboard.ingest.desk import Desk
from dashboard.ingest.office import Office
from dashboard.ingest.part import STALE_S, Colleagues, Part
from dashboard.ingest.part import decode as decode_part
from dashboard.ingest.part import encode as encode_part
from dashboard.ingest.process import Ingest
from dashboard.ingest.retention import Retention
from dashboard.ingest.share import MEASURING, PROVING, Share
from dashboard.ingest.teller import Teller
from dashboard.ingest.telling import board_of, shift_account, shift_shown
from dashboard.ingest.working import Working
from dashboard.kpi.basis import Basis
from protocol.address import Address
from protocol.messages import Call, MessageError, Response, Tick
from protocol.messages import encode as encode_message
from protocol.moments import from_ms
from protocol.session import Received, Session
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, RUN, births, clock, minutes

COUNT = 20
NOW_MS = EPOCH_MS + COUNT * MINUTE
BASIS = Basis(calendar=Calendar.read())
ROW = {
    "run": RUN, "since_ms": EPOCH_MS, "known_until_ms": EPOCH_MS, "last_at_ms": None, "birth": None,
    "learned": None, "least_ms": None, "pending_ms": None, "pending_state": None,
}  # fmt: skip
FIRST, SECOND = Share.of("1/2"), Share.of("2/2")
NOWHERE = Address(host="127.0.0.1", port=9)


def ingest_of(folder: Path, share: Share) -> Ingest:
    """A worker that has seen twenty minutes of a mill and a press, as far as they are its own.

    Each keeps a file of its own here: what they write does not touch, and PostgreSQL is tried elsewhere.
    """
    store = Store(f"sqlite:///{folder}/{share.number}-{share.count}.db")
    office = Office(root="shopfloor", store=store, calendar=BASIS.calendar, share=share)
    inbox: queue.Queue[Received] = queue.Queue()
    sessions = [Session(name=name, address=NOWHERE, inbox=inbox) for name in (MEASURING, PROVING)]
    made = Ingest(
        root="shopfloor",
        office=office,
        basis=BASIS,
        sessions=(sessions[0], sessions[1] if share.proves else None),
        inbox=inbox,
        heartbeat=None,
        retention=Retention(readings_ms=86_400_000, rollups_ms=86_400_000, hours_ms=86_400_000),
    )
    tick = encode_message(Tick(run=RUN, at=from_ms(NOW_MS)))
    for topic, payload in [clock(NOW_MS), *births(), *minutes(COUNT), ("shopfloor/_plant/tick", tick)]:
        # On a line of the second worker.
        hear(made, topic.replace("/pressing/", "/moulding/"), payload)
    made._commit()
    return made


def hear(ingest: Ingest, topic: str, payload: bytes, *, retained: bool = False) -> None:
    ingest._take(
        Received(
            topic=topic, payload=payload, retained=retained, qos=1, mid=1, connection=1,
            session=MEASURING, wall_s=0.0,
        )
    )  # fmt: skip


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Ingest]:
    made = ingest_of(tmp_path, Share())
    yield made
    made._office.store.close()


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Ingest, Ingest]]:
    made = ingest_of(tmp_path, FIRST), ingest_of(tmp_path, SECOND)
    yield made
    for one in made:
        one._office.store.close()


def part_of(ingest: Ingest) -> Part:
    """What a worker tells the first one."""
    office = ingest._office
    shift = shift_shown(BASIS.calendar.site, NOW_MS)
    accounts = [
        (one, shift_account(one, BASIS, shift.from_ms, min(NOW_MS, shift.to_ms)))
        for one in office.fleet.counted()
    ]
    session = Session(name="teller", address=NOWHERE)
    working = Working(office, [session], queue.Queue(), None)
    teller = Teller(
        root="shopfloor", office=office, basis=BASIS, goals=None, session=session, working=working
    )
    return decode_part(encode_part(teller._part(accounts, shift.from_ms, NOW_MS)))


def board(ingest: Ingest, *parts: Part) -> Board:
    """What pages are told of the plant."""
    office, shift = ingest._office, shift_shown(BASIS.calendar.site, NOW_MS)
    accounts = [
        (one, shift_account(one, BASIS, shift.from_ms, min(NOW_MS, shift.to_ms)))
        for one in office.fleet.counted()
    ]
    return board_of(
        accounts, BASIS, office.time, now_ms=NOW_MS, wall_ms=NOW_MS, refused=0, repeats=0, parts=parts
    )


def test_each_machine_is_taken_in_by_one_worker_and_known_to_the_other(two: tuple[Ingest, Ingest]) -> None:
    first, second = (one._office.fleet for one in two)

    assert {*first.shown(), *second.shown()} == {"mill-1", "press-1"}
    assert set(first.shown()).isdisjoint(second.shown())
    for fleet, other in ((first, second), (second, first)):
        for name, record in other.shown().items():
            assert fleet.elsewhere.path(name) == record.path
            assert not fleet.is_mine(RUN, name)
            assert other.is_mine(RUN, name)


def test_the_plants_numbers_are_those_of_one_worker(alone: Ingest, two: tuple[Ingest, Ingest]) -> None:
    first, second = two
    part = part_of(second)

    assert board(first, part) == board(alone)
    assert board(first) != board(alone)
    assert set(part.lines) == set(board(alone).lines) - set(board(first).lines)


def test_how_far_the_plant_is_worked_out_is_how_far_the_last_worker_is(two: tuple[Ingest, Ingest]) -> None:
    first, second = two
    behind = structs.replace(part_of(second), now_ms=NOW_MS - MINUTE)

    assert board(first, behind).now_ms == NOW_MS - MINUTE


def test_a_worker_answers_ticks_by_a_name_of_its_own_and_the_first_alone_keeps_the_run(
    alone: Ingest, two: tuple[Ingest, Ingest]
) -> None:
    for ingest, name in zip((alone, *two), ("office", "office-1-of-2", "office-2-of-2"), strict=True):
        assert ingest._office.store.committed(RUN, name) == NOW_MS
    assert two[1]._office.store.committed(RUN, "office") is None
    with two[1]._office.store.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT run FROM runs").all() == []


def test_a_second_machine_of_a_name_is_refused_although_another_worker_has_the_first(
    two: tuple[Ingest, Ingest],
) -> None:
    first, second = two
    (mine,), (others,) = first._office.fleet.shown(), second._office.fleet.shown()
    assert FIRST.has("packing")

    hear(first, f"shopfloor/packing/{others}/readings", b'{"power_kw": 1}')
    hear(second, f"shopfloor/packing/{others}/readings", b'{"power_kw": 1}')

    assert set(first._office.fleet.shown()) == {mine}
    assert "is already at" in first._office.refused.newest().newest[0].reason
    assert second._office.refused.total == 0


def test_a_machine_that_the_history_has_on_another_workers_line_is_refused_until_it_has_left_it(
    two: tuple[Ingest, Ingest],
) -> None:
    first, _ = two
    office = first._office
    row = {**ROW, "machine": "saw-1", "path": "moulding", "retired_ms": None}
    office.store.write(Writes(machines=[row]))

    hear(first, "shopfloor/packing/saw-1/readings", b'{"power_kw": 1}')
    refused = office.refused.newest().newest[0].reason
    office.store.write(Writes(machines=[{**row, "retired_ms": NOW_MS - MINUTE}]))
    hear(first, "shopfloor/packing/saw-1/readings", b'{"power_kw": 2}')

    assert refused.startswith("machine 'saw-1' is already at 'moulding'")
    assert office.fleet.shown()["saw-1"].path == "packing"


def test_an_order_is_done_by_the_worker_whose_machine_it_is_about_and_a_wrong_one_is_refused_once(
    two: tuple[Ingest, Ingest],
) -> None:
    desks = [Desk(one._office) for one in two]
    for number, one in enumerate(two):
        (name,) = one._office.fleet.shown()
        asked = GiveReason(id=f"reason-{number}", run=RUN, machine=name, at=from_ms(NOW_MS), reason="x")
        for desk in desks:
            desk.take(encode(asked), wall_ms=0)
        assert [len(desk.take_results()) for desk in desks] == [number == 0, number == 1]

    for desk in desks:
        desk.take(encode(Forget(id="nobody", machine="nobody")), wall_ms=0)
    answers = [desk.take_results() for desk in desks]

    assert [one.message for one in answers[0]] == ["there is no machine 'nobody' in run 'a1b2c3d4'"]
    assert answers[1] == []


def test_what_is_said_of_a_call_of_another_worker_is_neither_refused_nor_cleared(
    two: tuple[Ingest, Ingest],
) -> None:
    first, second = two
    (others,) = second._office.fleet.shown()
    response = Response(call="0" * 12, run=RUN, machine=others, what="acknowledged", at=from_ms(NOW_MS))
    kept = Call(
        id="0" * 12,
        run=RUN,
        machine=others,
        rule="stopped",
        cause="",
        since=from_ms(EPOCH_MS),
        raised=from_ms(EPOCH_MS),
    )

    for ingest in two:
        assert ingest._office.calls is not None
        ingest._office.calls.take_words()
        hear(ingest, "shopfloor/_plant/response", encode_message(response))
        hear(ingest, f"shopfloor/_call/{others}/{'0' * 12}", encode_message(kept), retained=True)

    assert first._office.refused.total == 0
    assert "there is no call" in second._office.refused.newest().newest[0].reason
    assert [one._office.calls.take_words() for one in two if one._office.calls is not None] == [
        [], [(others, "0" * 12, b"")],
    ]  # fmt: skip


def test_who_has_told_nothing_for_a_while_is_not_there(two: tuple[Ingest, Ingest]) -> None:
    clock_s = [0.0]
    colleagues = Colleagues(["office-2-of-2"], lambda: clock_s[0])
    payload = encode_part(part_of(two[1]))

    colleagues.hear("office-2-of-2", payload, retained=True)
    kept = colleagues.are_there
    colleagues.hear("office-2-of-2", payload, retained=False)
    clock_s[0] = STALE_S
    lately = colleagues.are_there
    clock_s[0] = STALE_S + 0.1

    assert (kept, lately, colleagues.are_there) == (False, True, False)
    assert len(colleagues.parts(RUN)) == 1
    assert colleagues.parts("another") == []
    with pytest.raises(MessageError, match="not a worker's part"):
        colleagues.hear("office-2-of-2", b"{}", retained=False)
