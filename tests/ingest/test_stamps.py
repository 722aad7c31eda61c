"""When a message was sent, received, committed and told: by a clock that ticks when a test says so."""

from pathlib import Path

from dashboard.history.heard import Way, newest, speaking_at, way_of
from dashboard.history.reader import Reader
from dashboard.ingest.share import MEASURING
from dashboard.ingest.stamps import MOST_UNTOLD, Stamps
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, RUN, births, clock, minutes, open_office


class Watch:
    """A clock that goes on by a millisecond whenever somebody looks."""

    def __init__(self, ms: int) -> None:
        self.ms = ms

    def look(self) -> int:
        """What time it is."""
        self.ms += 1
        return self.ms


def test_a_row_is_handed_out_once_pages_were_told_of_its_commit() -> None:
    stamps = Stamps(Watch(100).look)

    stamps.hear_tick(90)
    stamps.commit(95)
    assert stamps.take_rows() == []
    stamps.tell()

    assert stamps.take_rows() == [
        {"begun_wall_ms": 95, "done_wall_ms": 101, "told_wall_ms": 102, "sent_wall_ms": 90}
    ]
    assert stamps.take_rows() == []


def test_of_two_ticks_in_one_commit_the_first_says_when_sending_began() -> None:
    stamps = Stamps(Watch(100).look)

    for sent_ms in (None, 80, 90):
        stamps.hear_tick(sent_ms)
    stamps.commit(95)
    stamps.commit(96)
    stamps.tell()

    assert [row["sent_wall_ms"] for row in stamps.take_rows()] == [80, None]


def test_a_tick_that_comes_behind_the_commit_of_what_it_closes_still_says_when_that_was_sent(
    tmp_path: Path,
) -> None:
    office = open_office(tmp_path, EPOCH_MS + 3 * MINUTE)
    office.ledger.stamps = stamps = Stamps(Watch(5_000).look)
    topic, payload = next(one for one in minutes(1) if "mill-1" in one[0])

    office.receive(topic, payload, wall_ms=5_000, retained=False)
    office.commit()
    stamps.hear_tick(4_990)
    office.tick(RUN, EPOCH_MS + MINUTE, MEASURING)
    office.commit()
    stamps.tell()
    office.refused.add("x", b"", "another commit", wall_ms=5_000)
    office.commit()
    office.store.close()

    reader = Reader(f"sqlite:///{tmp_path}/history.db")
    assert way_of(reader, 5_000) == Way(sent_ms=4_990, committed_ms=5_002, told_ms=5_005)
    reader.close()


def test_commits_that_pages_are_never_told_of_do_not_gather_for_ever() -> None:
    stamps = Stamps(Watch(0).look)

    for number in range(MOST_UNTOLD + 3):
        stamps.commit(number)

    assert [row["begun_wall_ms"] for row in stamps.take_rows()] == [0, 1, 2]


def test_the_way_of_a_message_is_that_of_the_first_commit_after_it(tmp_path: Path) -> None:
    office = open_office(tmp_path, EPOCH_MS + 3 * MINUTE)
    watch = Watch(5_000)
    office.ledger.stamps = stamps = Stamps(watch.look)
    said = [one for one in minutes(3) if "mill-1" in one[0]]
    for number, (topic, payload) in enumerate([births()[0], *said]):
        office.receive(topic, payload, wall_ms=1_000 * (number + 1), retained=False)
        if number >= 1:
            # The plant began to send 50 ms before it was heard.
            stamps.hear_tick(1_000 * (number + 1) - 50)
            watch.ms = 1_000 * (number + 1) + 9
            office.commit()
            stamps.tell()
    office.receive(*clock(EPOCH_MS + 3 * MINUTE), wall_ms=9_000, retained=False)
    office.commit()
    office.store.close()
    reader = Reader(f"sqlite:///{tmp_path}/history.db")

    found = newest(reader, RUN, "mill-1", 2)

    assert [(one.at_ms, one.received_ms) for one in found] == [
        (EPOCH_MS + 2 * MINUTE, 4_000),
        (EPOCH_MS + MINUTE, 3_000),
    ]
    # It was begun at 3,010 and done at 3,011, and pages were told at 3,012.
    assert way_of(reader, 3_000) == Way(sent_ms=2_950, committed_ms=3_011, told_ms=3_012)
    assert way_of(reader, 99_000) == Way(sent_ms=None, committed_ms=None, told_ms=None)
    (one,) = speaking_at(reader, RUN, "mill-1", EPOCH_MS + 90_000, 5)
    assert one.at_ms == EPOCH_MS + MINUTE
    # Of a moment that nothing was said of, the last message before it tells.
    (late,) = speaking_at(reader, RUN, "mill-1", EPOCH_MS + 90 * MINUTE, 5)
    assert late.at_ms == EPOCH_MS + 2 * MINUTE
    assert speaking_at(reader, RUN, "mill-1", EPOCH_MS - 1, 5) == []
    reader.close()
