"""What is forgotten after a time is evidence, never a number: states, counts and KPIs stay to the digit."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from dashboard.calendar.places import Calendar
from dashboard.conclusions import Numbers
from dashboard.history import tables
from dashboard.history.numbers import numbers_of
from dashboard.history.reader import Reader
from dashboard.history.store import Store
from dashboard.ingest.minutes import minutes_of_batches
from dashboard.ingest.office import MEASURING, Office
from dashboard.kpi.basis import Basis
from protocol.readings import decode_batch
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, RUN, births, clock, give, minutes

COUNT = 60
UNTIL_MS = EPOCH_MS + COUNT * MINUTE
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

    office.store.forget(readings_before_ms=UNTIL_MS + 1, rollups_before_ms=UNTIL_MS + 1, run=RUN)

    assert rows(office, "readings") == rows(office, "rollups") == 0
    assert rows(office, "intervals") > COUNT
    assert concluded(history) == before


def test_only_what_is_older_than_the_setting_is_forgotten(office: Office) -> None:
    middle_ms = EPOCH_MS + COUNT // 2 * MINUTE

    office.store.forget(readings_before_ms=middle_ms, rollups_before_ms=middle_ms, run=RUN)

    # The minute that ends with the hour begins with its last reading.
    assert rows(office, "rollups") == 2 * (COUNT // 2 + 1)
    assert rows(office, "readings") == 2 * (COUNT // 2 + 1)


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
        messages = office.store.messages(RUN, machine, 0, UNTIL_MS)
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
