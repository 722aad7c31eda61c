"""What cannot be used is counted and kept with the reason, and changes nothing else."""

from pathlib import Path

import pytest

from protocol.messages import Birth, encode
from protocol.moments import from_ms
from protocol.readings import MAX_PAYLOAD_BYTES
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, RUN, close, give, minutes, open_office

UNTIL_MS = EPOCH_MS + 5 * MINUTE
MILL = "shopfloor/machining/mill-1/readings"


@pytest.mark.parametrize(
    ("topic", "payload", "named"),
    [
        (MILL, b"hello", "not JSON"),
        (MILL, b'{"power_kw": NaN}', "not JSON"),
        (MILL, b'{"power_kw": "high"}', "'power_kw'"),
        (MILL, b" " * (10 << 20), "bytes"),
        (MILL, b'{"at": "1970-01-01T00:00:00Z", "power_kw": 1}', "'at'"),
        (MILL, b'{"at": "2026-01-05T06:16:00Z", "power_kw": 1}', "2026-01-05T06:05"),
        ("shopfloor/other/mill-1/readings", b'{"power_kw": 1}', "already at 'machining'"),
        ("shopfloor/machining/readings", b'{"power_kw": 1}', "same name"),
        ("shopfloor/mill-1/drill-1/readings", b'{"power_kw": 1}', "same name"),
        ("shopfloor/_plant/readings", b'{"power_kw": 1}', "_plant"),
        ("shopfloor/machining/mill-1/mood", b"{}", "unknown topic"),
        ("shopfloor/machining/mill-1/birth", b'{"kind": 3}', "birth"),
        ("shopfloor/machining/mill-1/online", b"perhaps", "online"),
        ("shopfloor/_plant/clock", b"noon", "clock"),
    ],
)
def test_a_bad_message_changes_nothing_but_the_count(
    topic: str, payload: bytes, named: str, tmp_path: Path
) -> None:
    (tmp_path / "clean").mkdir()
    (tmp_path / "dirty").mkdir()
    clean, dirty = (open_office(tmp_path / name, UNTIL_MS) for name in ("clean", "dirty"))
    messages = minutes(5)

    give(clean, messages)
    give(dirty, [*messages[:4], (topic, payload), *messages[4:]], wall_ms=UNTIL_MS)
    told = dirty.refused.newest()

    assert close(dirty, UNTIL_MS) == close(clean, UNTIL_MS)
    assert told.total == 1
    assert named in told.newest[0].reason
    assert len(told.newest[0].head) <= 200


def test_only_the_newest_refusals_are_kept_but_all_are_counted(tmp_path: Path) -> None:
    office = open_office(tmp_path, UNTIL_MS)

    for number in range(600):
        give(office, [(MILL, f"bad {number}".encode())])
        office.commit()

    with office.store.engine.connect() as connection:
        kept = connection.exec_driver_sql("select count(*), max(head) from refusals").one()
    office.store.close()
    assert office.refused.total == 600
    assert kept == (500, "bad 599")


def test_a_flood_of_large_bad_messages_keeps_their_beginnings_only(tmp_path: Path) -> None:
    office = open_office(tmp_path, UNTIL_MS)

    give(office, [(MILL, b"x" * (MAX_PAYLOAD_BYTES + 1))] * 50)
    office.commit()
    office.store.close()

    assert (tmp_path / "history.db").stat().st_size < 1_000_000


def test_a_machine_that_moves_is_known_at_its_new_place_after_it_has_left_the_old(tmp_path: Path) -> None:
    office = open_office(tmp_path, UNTIL_MS)
    birth = encode(Birth(at=from_ms(EPOCH_MS), run=RUN, simulated=True, states="reported"))

    give(office, [("shopfloor/machining/mill-1/birth", b""), ("shopfloor/turning/mill-1/birth", birth)])
    office.commit()

    assert office.fleet.shown()["mill-1"].path == "turning"
    assert office.refused.total == 0
    office.store.close()
