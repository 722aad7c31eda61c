"""What is forgotten after a time is evidence, never a number: states, counts and KPIs stay to the digit."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select

from dashboard.calendar.places import Calendar
from dashboard.conclusions import Numbers
from dashboard.history import tables
from dashboard.history.numbers import numbers_of
from dashboard.history.reader import Reader
from dashboard.history.store import Store, Writes
from dashboard.ingest.minutes import minutes_of_batches
from dashboard.ingest.office import Office
from dashboard.ingest.share import MEASURING
from dashboard.kpi.basis import Basis
from protocol.readings import decode_batch
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, RUN, births, clock, give, minutes

COUNT = 60
UNTIL_MS = EPOCH_MS + COUNT * MINUTE
LATER_MS = UNTIL_MS + 60 * MINUTE
BASIS = Basis(calendar=Calendar.read())
WINDOWS = [(0, COUNT), (3, 4), (17, 45)]


@pytest.fixture
def office(history: str) -> Iterator[Office]:
    """An office that has an hour of a mill and a press in its history."""
    opened = Office(root="shopfloor", store=Store(history))
    give(opened, [clock(UNTIL_MS), *births(), *minutes(COUNT)])
    opened.tick(RUN, UNTIL_MS, MEASURING)
    opened.commit()
    yield opened
    opened.store.close()


def concluded(history: str) -> tuple[list[Numbers], list[Any]]:
    """Every number of every machine in several windows, and its intervals and counts."""
    reader = Reader(history)
    machines = reader.machines(RUN)
    groups = [*([one] for one in machines), machines]
    found = [
        numbers_of(reader, BASIS, group, EPOCH_MS + begin * MINUTE + 7, EPOCH_MS + end * MINUTE - 7)
        for group in groups
        for begin, end in WINDOWS
    ]
    kept = [
        (
            list(reader.intervals(RUN, one.name, EPOCH_MS, UNTIL_MS)),
            reader.counts(RUN, one.name).parts.tolist(),
        )
        for one in machines
    ]
    reader.close()
    return found, kept


def rows(office: Office, table: str) -> int:
    with office.store.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(tables.metadata.tables[table])) or 0


def test_numbers_are_the_same_when_messages_and_minutes_are_forgotten(office: Office, history: str) -> None:
    before = concluded(history)

    office.store.forget(
        readings_before_ms=UNTIL_MS + 1, rollups_before_ms=LATER_MS, run=RUN, hours_before_ms=LATER_MS
    )

    assert rows(office, "readings") == rows(office, "rollups") == rows(office, "hours") == 0
    assert rows(office, "intervals") > COUNT
    assert concluded(history) == before


def test_only_what_is_older_than_the_setting_is_forgotten(office: Office) -> None:
    middle_ms = EPOCH_MS + COUNT // 2 * MINUTE

    office.store.forget(readings_before_ms=middle_ms, rollups_before_ms=middle_ms, run=RUN)

    # The minute that ends with the hour begins with its last reading; an hour is merged as a whole.
    assert (rows(office, "rollups"), rows(office, "hours")) == (2 * (COUNT + 1), 0)
    assert rows(office, "readings") == 2 * (COUNT // 2 + 1)
    office.store.forget(readings_before_ms=middle_ms, rollups_before_ms=UNTIL_MS, run=RUN)
    assert (rows(office, "rollups"), rows(office, "hours")) == (2, 2)
    office.store.forget(readings_before_ms=0, rollups_before_ms=0, hours_before_ms=EPOCH_MS + 1, run=RUN)
    assert (rows(office, "rollups"), rows(office, "hours")) == (2, 0)


def test_an_office_that_starts_without_its_evidence_goes_on_with_the_same_numbers(
    office: Office, history: str
) -> None:
    office.store.forget(readings_before_ms=UNTIL_MS + 1, rollups_before_ms=UNTIL_MS + 1, run=RUN)
    before = concluded(history)

    again = Office(root="shopfloor", store=Store(history))
    give(again, [clock(UNTIL_MS), *births(), *minutes(COUNT)[-2:]])
    again.commit()
    again.store.close()

    assert concluded(history) == before


def test_minutes_that_were_merged_as_messages_came_are_those_of_all_messages_at_once(
    office: Office, history: str
) -> None:
    reader = Reader(history)
    for machine in ("mill-1", "press-1"):
        messages = office.store.messages(RUN, machine, 0, UNTIL_MS, widest_ms=0)
        whole = minutes_of_batches(
            [(at_ms, decode_batch(payload)) for at_ms, payload in messages], EPOCH_MS, UNTIL_MS + MINUTE
        )["power_kw"]
        kept = reader.rollups(RUN, machine, EPOCH_MS, UNTIL_MS + MINUTE)["power_kw"]

        assert kept.minute_ms.tolist() == [one.minute_ms for one in whole]
        assert kept.count.tolist() == [one.count for one in whole]
        assert kept.min.tolist() == [one.min for one in whole]
        assert kept.max.tolist() == [one.max for one in whole]
        assert kept.last.tolist() == [one.last for one in whole]
        # Added up in another order, the last bits of a sum differ.
        assert kept.mean.tolist() == pytest.approx([one.mean for one in whole], rel=1e-12)
    reader.close()


def merged(history: str, machine: str) -> list[float]:
    """Count, sum, smallest, largest and last of all that is kept of a signal."""
    reader = Reader(history)
    kept = reader.rollups(RUN, machine, EPOCH_MS, LATER_MS)["power_kw"]
    reader.close()
    total = float((kept.mean * kept.count).sum())
    return [
        float(kept.count.sum()),
        total,
        float(kept.min.min()),
        float(kept.max.max()),
        float(kept.last[-1]),
    ]


@pytest.mark.parametrize("machine", ["mill-1", "press-1"])
def test_hours_that_minutes_were_merged_into_say_the_same_as_the_minutes(
    machine: str, office: Office, history: str
) -> None:
    before = merged(history, machine)

    for before_ms in (UNTIL_MS, LATER_MS, LATER_MS):
        office.store.forget(readings_before_ms=0, rollups_before_ms=before_ms, run=RUN)
        after = merged(history, machine)
        assert [*after[:1], *after[2:]] == [*before[:1], *before[2:]]
        # Added up in another order, the last bits of a sum differ.
        assert after[1] == pytest.approx(before[1], rel=1e-12)

    reader = Reader(history)
    kept = reader.rollups(RUN, machine, EPOCH_MS, LATER_MS)["power_kw"]
    assert kept.minute_ms.tolist() == [EPOCH_MS, UNTIL_MS]
    assert set(kept.length_ms.tolist()) == {60 * MINUTE}
    reader.close()


def test_minutes_that_come_late_are_merged_into_the_hour_that_is_there(office: Office, history: str) -> None:
    store = office.store
    store.forget(readings_before_ms=0, rollups_before_ms=UNTIL_MS, run=RUN)
    count, total, least, most, last = merged(history, "mill-1")
    row = {
        "run": RUN, "machine": "mill-1", "signal": "power_kw", "minute_ms": EPOCH_MS + 5 * MINUTE,
        "count": 2, "sum": 60.0, "min": -10.0, "max": 70.0, "last": 70.0, "last_at_ms": EPOCH_MS + 5 * MINUTE,
    }  # fmt: skip
    store.write(Writes(rollup_additions=[tuple(row.values())]))

    for _ in range(2):
        assert merged(history, "mill-1") == pytest.approx([count + 2, total + 60.0, -10.0, 70.0, last])
        store.forget(readings_before_ms=0, rollups_before_ms=UNTIL_MS, run=RUN)

    assert least > -10
    assert most < 70


def work_of_forgetting(history: str, kept: int) -> int:
    """Steps of SQLite that a round of forgetting takes in a history of so many minutes, none of them old."""
    store = Store(f"{history}-{kept}")
    store.write(
        Writes(
            rollups=[
                (RUN, machine, signal, EPOCH_MS + minute * MINUTE, 1, 1.0, 1.0, 1.0, 1.0, EPOCH_MS)
                for machine in ("mill-1", "press-1")
                for signal in ("power_kw", "temperature_c")
                for minute in range(kept)
            ]
        )
    )
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    store.engine.dispose()
    event.listen(
        store.engine, "connect", lambda connection, _record: connection.set_progress_handler(step, 1)
    )
    store.forget(readings_before_ms=EPOCH_MS, rollups_before_ms=EPOCH_MS, hours_before_ms=EPOCH_MS, run=RUN)
    store.close()
    return steps


def test_what_is_not_old_is_not_gone_through_to_find_what_is(tmp_path: Path) -> None:
    few, many = (work_of_forgetting(f"sqlite:///{tmp_path}/history.db", kept) for kept in (60, 2_000))

    assert 0 < many <= few * 1.1
