"""A history that takes nothing is waited for: nothing is acknowledged, nothing lost, nothing doubled."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, OperationalError

from dashboard.history.store import Store, UnsureError
from dashboard.ingest.ledger import Ledger
from dashboard.ingest.patience import GivenUpError, Patience
from dashboard.ingest.refused import RefusedMessages
from dashboard.ingest.taken import Amount


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path / 'history.db'}")


def fill(store: Store, *, full: bool) -> None:
    """Leave the database no more pages than it has (SQLite then says: disk full), or all it wants."""
    with store.engine.connect() as connection:
        pages = connection.scalar(text("PRAGMA page_count"))
    store.engine.dispose()

    def limit(raw: object, _record: object) -> None:
        raw.execute(f"PRAGMA max_page_count={pages if full else 2**30}")  # type: ignore[attr-defined]

    event.listen(store.engine, "connect", limit)


def waits(patience: Patience, tries: int, then: threading.Event) -> list[str]:
    """What is told of the history each time that it was tried in vain; after some tries it may take it."""
    told: list[str] = []

    def wait() -> None:
        told.append(patience.keeping.failing)
        if len(told) >= tries:
            then.set()

    patience.waiting = wait
    return told


def rows_of(number: int) -> list[dict[str, object]]:
    return [
        {"wall_ms": at, "topic": "t" * 100, "reason": "r" * 400, "head": "h" * 200, "retained": False}
        for at in range(number)
    ]


def test_a_commit_that_finds_the_disk_full_is_made_once_there_is_room(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.ingest.patience.AGAIN_S", 0.01)
    ledger = Ledger(store, RefusedMessages())
    ledger.commit()
    fill(store, full=True)
    ledger.writes.refusals.extend(rows_of(500))
    ledger.writes.taken.append({"run": "", "messages": 7, "readings": 0, "measured": 0})
    told: list[str] = []

    def wait() -> None:
        told.append(ledger.patience.keeping.failing)
        assert store.taken("") is None
        if len(told) == 3:
            fill(store, full=False)

    ledger.patience.waiting = wait

    ledger.commit()

    assert told == ["database or disk is full"] * 3
    assert ledger.patience.keeping.failing == ""
    assert ledger.patience.keeping.took_ms is not None
    with store.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM refusals")) == 500
    amount = Amount()
    amount.add(store.taken(""))
    assert amount.messages == 7
    assert not ledger.writes


def test_an_office_that_is_to_stop_waits_no_longer_and_keeps_what_it_had(store: Store) -> None:
    ledger = Ledger(store, RefusedMessages())
    fill(store, full=True)
    ledger.writes.refusals.extend(rows_of(500))
    ledger.patience.waiting = ledger.patience.stopping.set

    with pytest.raises(GivenUpError, match="disk is full"):
        ledger.commit()

    assert len(ledger.writes.refusals) == 500


@pytest.mark.parametrize(
    "error", [UnsureError("gone"), IntegrityError("INSERT", {}, Exception("twice")), ValueError("a fault")]
)
def test_what_waiting_does_not_mend_is_not_waited_for(store: Store, error: Exception) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(type(error)):
        Patience(store.url).insist(fail)


def test_since_when_is_said_from_the_first_try_in_vain(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.ingest.patience.AGAIN_S", 0.01)
    patience, there = Patience(store.url), threading.Event()
    told = waits(patience, 3, there)
    since: set[int | None] = set()

    def write() -> None:
        if there.is_set():
            return
        since.add(patience.keeping.failing_since_wall_ms)
        raise OperationalError("COMMIT", {}, Exception("server closed\nthe connection"))

    patience.insist(write)

    assert told == ["server closed the connection"] * 3
    assert len(since) == 2
    assert patience.keeping.failing_since_wall_ms is None


def test_the_room_of_the_history_is_told(store: Store) -> None:
    keeping = Patience(store.url).keeping

    assert keeping.size_bytes is not None
    assert keeping.size_bytes > 10_000
    assert keeping.free_bytes is not None
    assert keeping.committed_wall_ms is None


def test_a_history_that_says_neither_yes_nor_no_is_said_to_give_no_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dashboard.ingest.patience.HANGS_S", 0.01)
    patience, answers, told = Patience("postgresql://office@db/history"), threading.Event(), threading.Event()
    said: list[str] = []

    def tell() -> None:
        said.append(patience.keeping.failing)
        told.set()

    def write() -> None:
        answers.wait()

    patience.waiting = tell
    patience.look()
    office = threading.Thread(target=patience.insist, args=(write,))
    office.start()
    while not told.wait(0.02):
        patience.look()
    answers.set()
    office.join()

    assert said[0] == "no answer from the database server"
    assert patience.keeping.failing == ""
    assert patience.keeping.committed_wall_ms is not None
