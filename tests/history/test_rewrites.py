"""Who keeps numbers by heart is told from where on they may be others now."""

from pathlib import Path

import pytest

from dashboard.commands import Forget, encode
from dashboard.history import statements
from dashboard.history.reader import Reader
from dashboard.history.store import Store, Writes
from dashboard.ingest.desk import Desk
from protocol.moments import to_text
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, RUN, Message, give, open_office

UNTIL_MS = EPOCH_MS + 60 * MINUTE
TOPIC = "shopfloor/lab/my-press/readings"


def said(minute: int, state: str, parts: int) -> Message:
    """The state and the count of a press at a minute; evidence for a minute, as long as it is learned."""
    at = to_text(EPOCH_MS + minute * MINUTE)
    return TOPIC, f'{{"at": "{at}", "state": "{state}", "parts": {parts}, "power_kw": 3}}'.encode()


def test_time_that_only_grows_is_no_rewrite(tmp_path: Path) -> None:
    office = open_office(tmp_path, UNTIL_MS)
    for minute, state in enumerate(["running", "idle", "idle", "running", "down"]):
        give(office, [said(minute, state, minute)])
        office.commit()
    reader = Reader(f"sqlite:///{tmp_path}/history.db")

    # Each count stands at the very moment at which what was known had ended.
    assert {one.from_ms for one in reader.rewrites_since(0) or ()} <= {
        EPOCH_MS + minute * MINUTE - 1 for minute in range(1, 5)
    }
    reader.close()
    office.store.close()


def test_a_late_batch_is_one_rewrite_from_where_it_changes_something(tmp_path: Path) -> None:
    office = open_office(tmp_path, UNTIL_MS)
    give(office, [said(minute, "running", minute) for minute in (*range(10), *range(12, 20))])
    office.commit()
    reader = Reader(f"sqlite:///{tmp_path}/history.db")
    before = reader.newest_rewrite()

    give(office, [said(10, "idle", 10), said(11, "idle", 11)])
    office.commit()
    rewrites = reader.rewrites_since(before) or []

    assert min(one.from_ms for one in rewrites) == EPOCH_MS + 10 * MINUTE - 1
    assert {(one.run, one.machine) for one in rewrites} == {(RUN, "my-press")}
    assert reader.rewrites_since(reader.newest_rewrite()) == []
    reader.close()
    office.store.close()


def test_a_late_count_alone_is_a_rewrite(tmp_path: Path) -> None:
    office = open_office(tmp_path, UNTIL_MS)
    give(office, [said(minute, "running", minute) for minute in range(10)])
    office.commit()
    reader = Reader(f"sqlite:///{tmp_path}/history.db")
    before = reader.newest_rewrite()
    at = to_text(EPOCH_MS + 4 * MINUTE + 30_000)

    give(office, [(TOPIC, f'{{"at": "{at}", "state": "running", "parts": 5, "power_kw": 3}}'.encode())])
    office.commit()

    assert [one.from_ms for one in reader.rewrites_since(before) or ()] == [EPOCH_MS + 270_000 - 1]
    reader.close()
    office.store.close()


def test_repeats_after_a_restart_are_no_rewrite(tmp_path: Path) -> None:
    told = [said(minute, "running" if minute % 3 else "idle", minute) for minute in range(10)]
    office = open_office(tmp_path, UNTIL_MS)
    give(office, told)
    office.commit()
    office.store.close()
    reader = Reader(f"sqlite:///{tmp_path}/history.db")
    before = reader.newest_rewrite()

    again = open_office(tmp_path, UNTIL_MS)
    give(again, told)
    again.commit()

    assert reader.rewrites_since(before) == []
    reader.close()
    again.store.close()


def test_a_forgotten_machine_is_a_rewrite_of_all_its_time(tmp_path: Path) -> None:
    office = open_office(tmp_path, UNTIL_MS)
    give(office, [said(minute, "running", minute) for minute in range(5)])
    desk = Desk(office)
    desk.take(encode(Forget(id="1", machine="my-press")), wall_ms=UNTIL_MS)
    office.commit()
    reader = Reader(f"sqlite:///{tmp_path}/history.db")

    assert [(one.machine, one.from_ms) for one in reader.rewrites_since(0) or ()][-1:] == [
        ("my-press", EPOCH_MS)
    ]
    reader.close()
    office.store.close()


def test_only_the_newest_are_kept_and_who_missed_some_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "KEPT_REWRITES", 10)
    store = Store(f"sqlite:///{tmp_path}/history.db")
    for number in range(25):
        store.write(Writes(rewrites=[{"run": RUN, "machine": "mill-1", "from_ms": number}]))
    store.close()
    reader = Reader(f"sqlite:///{tmp_path}/history.db")

    assert reader.newest_rewrite() == 25
    assert [one.number for one in reader.rewrites_since(15) or ()] == list(range(16, 26))
    assert reader.rewrites_since(25) == []
    assert reader.rewrites_since(14) is None
    assert reader.rewrites_since(26) is None
    reader.close()
