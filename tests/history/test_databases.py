"""SQLite and PostgreSQL keep the same history, and give the same numbers to the digit."""

import threading
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from msgspec import structs
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import IntegrityError

from dashboard.calendar.places import Calendar
from dashboard.calls.rules import CallRules
from dashboard.commands import Forget, GiveReason, Relearn, encode
from dashboard.conclusions import Numbers
from dashboard.history import tables
from dashboard.history.migrations.versions import step_0001
from dashboard.history.numbers import numbers_of
from dashboard.history.reader import Reader, Source
from dashboard.history.store import Store, Writes
from dashboard.history.version import HistoryError
from dashboard.ingest.desk import Desk
from dashboard.ingest.office import Office
from dashboard.ingest.proof import Proof
from dashboard.ingest.share import MEASURING, PROVING
from dashboard.ingest.stamps import Stamps
from dashboard.kpi.basis import Basis
from protocol.messages import Clock, Response, Truth, TruthChange, TruthFault, decode
from protocol.messages import encode as encode_message
from protocol.moments import from_ms, to_text
from protocol.states import State
from tests.history.conftest import NewHistory
from tests.history.running import RunningPostgresql
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, RUN, births, clock, give, minutes
from tests.ingest.test_assumed import BEGUN, CHANGED
from tests.ingest.test_assumed import said as assumed

COUNT = 150
UNTIL_MS = EPOCH_MS + COUNT * MINUTE
BASIS = Basis(calendar=Calendar.read())
SOURCES: tuple[Source, ...] = ("measured", "truth")

CALLS = CallRules.of('[webhook]\nurl = "http://127.0.0.1:9/calls"')


def lived(url: str) -> Office:
    """An office that has seen everything: order and disorder, a truth, bad messages and commands."""
    office = Office(root="shopfloor", store=Store(url), calls=CALLS, calendar=BASIS.calendar)
    office.ledger.stamps = stamps = Stamps(lambda: UNTIL_MS)
    give(office, [clock(UNTIL_MS), *births()], wall_ms=UNTIL_MS)
    told = minutes(12)
    give(office, told[:10] + told[14:])
    office.commit()
    stamps.tell()
    give(office, told[10:14] + told[:4])
    proof = Proof(office.store)
    for minute in range(12):
        proof.receive("mill-1", truth(minute), office.writes)
    for name in ("my-press", "its-twin"):
        give(office, [(f"shopfloor/{name}/readings", reading(minute)) for minute in range(COUNT)])
    give(office, [assumed(BEGUN, CHANGED)])
    office.intake.learn()
    office.commit()
    desk = Desk(office)
    stopped = next(start for start, _, state, _ in timeline(office) if state is State.IDLE)
    for command in (
        GiveReason(id="1", run=RUN, machine="mill-1", at=from_ms(stopped), reason="keine Fräser", note="é"),
        Relearn(id="2", machine="my-press", since=from_ms(EPOCH_MS + 60 * MINUTE)),
        Forget(id="3", machine="its-twin"),
        Forget(id="3", machine="its-twin"),
    ):
        desk.take(encode(command), wall_ms=UNTIL_MS)
        office.commit()
    office.intake.learn()
    give(office, [("shopfloor/my-press/readings", b"\x00hello\xff"), (births()[1][0], b"")], wall_ms=UNTIL_MS)
    office.tick(RUN, UNTIL_MS, MEASURING)
    office.tick(RUN, UNTIL_MS, PROVING)
    office.commit()
    give(office, [heard(office), (clock(UNTIL_MS)[0], away())], wall_ms=UNTIL_MS)
    office.commit()
    office.store.forget(readings_before_ms=0, rollups_before_ms=EPOCH_MS + 90 * MINUTE, run=RUN)
    assert [one.ok for one in desk.take_results()] == [True] * 4
    return office


def heard(office: Office) -> tuple[str, bytes]:
    """Somebody answers the call for the mill, which has gone silent."""
    assert office.calls is not None
    call = next(one for one in office.calls.book(RUN).open() if one.machine == "mill-1")
    at = from_ms(UNTIL_MS)
    response = Response(call=call.id, run=RUN, machine=call.machine, what="acknowledged", at=at, by="Zoë")
    return "shopfloor/_plant/response", encode_message(response)


def away() -> bytes:
    """The plant's clock, once it goes on without an office."""
    return encode_message(structs.replace(decode(clock(UNTIL_MS)[1], Clock), attended=False))


def timeline(office: Office) -> Any:
    return office.fleet.shown()["mill-1"].timeline.window(EPOCH_MS, EPOCH_MS + 12 * MINUTE)


def reading(minute: int) -> bytes:
    power_kw = 8.1 if minute // 10 % 2 == 0 else 1.3
    at = to_text(EPOCH_MS + minute * MINUTE)
    return f'{{"at": "{at}", "power_kw": {power_kw}, "parts": {minute}}}'.encode()


def truth(minute: int) -> Truth:
    at_ms = EPOCH_MS + minute * MINUTE
    change = TruthChange(offset_ms=31_000, state=State.RUNNING, phase="cycle", parts=minute + 1)
    return Truth(
        run=RUN,
        at=from_ms(at_ms),
        until=from_ms(at_ms + MINUTE),
        state=State.IDLE,
        phase="waiting",
        parts=minute,
        changes=(change,),
        faults=(TruthFault(fault="jam", severity=0.8, begun=from_ms(EPOCH_MS), until=from_ms(at_ms)),),
    )


def rows_of(url: str) -> dict[str, list[Any]]:
    """Every row of every table, in the order of their keys."""
    store = Store(url)
    with store.engine.connect() as connection:
        rows = {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in tables.metadata.sorted_tables
        }
    store.close()
    return rows


def numbers_in(url: str) -> list[Numbers]:
    """The numbers of each machine and of all, in several windows, measured and true."""
    reader = Reader(url)
    machines = reader.machines(RUN, retired=True)
    windows = [(0, COUNT), (1, 7), (3, 4), (11, 130)]
    found = [
        numbers_of(
            reader,
            BASIS,
            group,
            EPOCH_MS + begin * MINUTE + 17,
            EPOCH_MS + end * MINUTE - 13,
            source=source,
        )
        for group in [*([one] for one in machines), machines]
        for begin, end in windows
        for source in SOURCES
    ]
    reader.close()
    return found


@pytest.mark.database
def test_both_databases_hold_the_same_rows_and_give_the_same_numbers(
    postgresql: RunningPostgresql, tmp_path: Path
) -> None:
    urls = [f"sqlite:///{tmp_path}/history.db", postgresql.database()]

    for url in urls:
        lived(url).store.close()
    embedded, served = (rows_of(url) for url in urls)

    assert embedded.keys() == served.keys()
    for name, rows in embedded.items():
        assert served[name] == rows, name
    assert all(embedded.values()), [name for name, rows in embedded.items() if not rows]
    assert numbers_in(urls[0]) == numbers_in(urls[1])


def test_an_office_goes_on_from_what_either_database_has_kept(history: str, new_history: NewHistory) -> None:
    told = minutes(30)
    first = Office(root="shopfloor", store=Store(history))
    give(first, [clock(UNTIL_MS), *births(), *told[:31]])
    first.commit()
    first.store.close()
    second = Office(root="shopfloor", store=Store(history))
    give(second, [clock(UNTIL_MS), *births(), *told[20:]])
    second.commit()
    second.store.close()
    other = new_history()
    whole = Office(root="shopfloor", store=Store(other))
    give(whole, [clock(UNTIL_MS), *births(), *told])
    whole.commit()
    whole.store.close()

    for name in ("intervals", "counts", "rollups", "readings"):
        without_wall = [[row[:6] for row in rows[name]] for rows in (rows_of(history), rows_of(other))]
        assert without_wall[0] == without_wall[1], name


def test_a_commit_is_all_or_nothing_in_either_database(history: str) -> None:
    store = Store(history)
    good = {"run": RUN, "office": MEASURING, "committed_ms": 1}
    bad = {"run": RUN, "machine": None, "start_ms": 1, "state": "idle", "cause": ""}

    with pytest.raises(IntegrityError, match=r"(?i)null"):
        store.write(Writes(watermarks=[good], intervals=[bad]))

    assert store.committed(RUN, MEASURING) is None
    store.close()


def test_pages_read_whole_commits_while_ingest_writes(history: str) -> None:
    store = Store(history)
    reader = Reader(history)
    machine = {"run": RUN, "machine": "mill-1", "path": "", "since_ms": 0, "retired_ms": None}
    machine |= dict.fromkeys(("last_at_ms", "birth", "learned", "least_ms", "pending_ms", "pending_state"))
    ended = threading.Event()
    torn: list[int] = []

    def read() -> None:
        while not ended.is_set():
            # Both halves of a commit are one interval, so any other number was read in between.
            lengths = {len(reader.intervals(RUN, "mill-1", 0, 10_000))}
            torn.extend(lengths - {1, 50})

    readers = [threading.Thread(target=read) for _ in range(2)]
    for thread in readers:
        thread.start()
    for turn in range(60):
        count = 50 if turn % 2 else 1
        states = [State.RUNNING, State.IDLE]
        store.write(
            Writes(
                machines=[{**machine, "known_until_ms": 10_000}],
                interval_cuts=[{"run": RUN, "machine": "mill-1", "from_ms": 0}],
                intervals=[
                    {"run": RUN, "machine": "mill-1", "start_ms": k, "state": states[k % 2], "cause": ""}
                    for k in range(count)
                ],
            )
        )
    ended.set()
    for thread in readers:
        thread.join()
    reader.close()
    store.close()

    assert torn == []


@pytest.mark.database
def test_the_migrated_tables_of_postgresql_are_those_that_the_program_knows(
    postgresql: RunningPostgresql,
) -> None:
    store = Store(postgresql.database())
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, tables.metadata) == []
    store.close()


def test_either_database_is_migrated_from_version_1_with_its_rows(history: str) -> None:
    engine = create_engine(history)
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        step_0001.upgrade()
        # Version 1 was released before there were migrations, and says so in a table of its own alone.
        connection.execute(
            text("INSERT INTO runs (run, epoch_ms, now_ms, begun_wall_ms) VALUES (:run, 1, 2, 3)"),
            {"run": RUN},
        )
    engine.dispose()
    reader = Reader(history)
    with pytest.raises(HistoryError, match="brings an older one to it"):
        reader.runs()

    Store(history).close()

    assert [(one.run, one.epoch_ms, one.now_ms, one.seed) for one in reader.runs()] == [(RUN, 1, 2, None)]
    assert reader.rewrites_since(0) == []
    reader.close()


@pytest.mark.database
def test_a_foreign_database_is_refused_and_its_password_is_not_told(postgresql: RunningPostgresql) -> None:
    url = postgresql.database()
    store = Store(url)
    with store.engine.begin() as connection:
        for table in (*tables.metadata.tables, "alembic_version"):
            connection.execute(text(f"DROP TABLE {table}"))
        connection.execute(text("CREATE TABLE accounts (id INTEGER)"))
    store.close()

    with pytest.raises(HistoryError, match=r"holds tables of another program \(accounts\)") as refused:
        Store(url.replace("postgres@", "postgres:secret@"))

    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.database
def test_a_server_that_is_not_there_is_named_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="cannot be opened") as refused:
        Store(f"postgresql://me:secret@/history?host={tmp_path}")

    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_database_whose_driver_is_missing_is_refused_with_what_to_install() -> None:
    with pytest.raises(HistoryError, match=r"needs the package .*, which is not installed: pip install"):
        Store("postgresql+pg8000://me@127.0.0.1/history")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "the history at '…' has no address: "),
        ("me:secret@127.0.0.1/history", "the history at '…' has no address: "),
        ("postgresql://me:secret@127.0.0.1:xx/history", "the history at 'postgresql://…' has no address: "),
        (
            "mysql://me:secret@127.0.0.1/history",
            "the history at mysql://me:***@127.0.0.1/history is of a kind",
        ),
        ("postgresql+odd://me:secret@127.0.0.1/history", "the history at postgresql+odd://me:***@127.0.0.1"),
    ],
)
def test_an_address_that_is_none_of_a_history_is_refused_in_one_sentence_without_its_password(
    url: str, said: str
) -> None:
    for opened in (Store, Reader):
        with pytest.raises(HistoryError) as refused:
            opened(url)

        assert str(refused.value).startswith(said)
        assert "allowed is sqlite:///file or postgresql://user:password@host:port/name" in str(refused.value)
        assert "secret" not in str(refused.value)
        assert "\n" not in str(refused.value)


def test_a_character_that_a_database_cannot_keep_is_refused_before_it_gets_there(history: str) -> None:
    office = Office(root="shopfloor", store=Store(history))
    give(office, [clock(UNTIL_MS), *births()])
    topic, payload = births()[0]
    give(
        office,
        [
            (topic, payload.replace(RUN.encode(), b"a\\u0000b")),
            (topic, payload.replace(RUN.encode(), b"a\\ud800b")),
            ("shopfloor/my-press/readings", b'{"power_kw": 1, "cause": "a\\u0000b"}'),
            ("shopfloor/my-press/readings", b'{"power\\u0000_kw": 1}'),
            ("shopfloor/my-press/readings", b"a\x00b"),
        ],
    )

    office.commit()

    assert office.refused.total == 5
    assert set(office.fleet.shown()) == {"mill-1", "press-1"}
    office.store.close()
