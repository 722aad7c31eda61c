"""How much a history holds, and what was made of a run, in either database."""

from sqlalchemy import func, select

from dashboard.history import tables
from dashboard.history.extent import Survey, extent_of, made_of
from dashboard.history.reader import Reader
from tests.history.test_databases import lived
from tests.ingest.office_of_a_day import RUN


def test_every_row_is_counted_and_the_size_known(history: str) -> None:
    lived(history).store.close()
    reader = Reader(history)

    extent = extent_of(reader)

    every = tables.metadata.tables.values()
    each = [reader.rows(select(func.count()).select_from(table))[0][0] for table in every]
    (run,) = reader.runs()
    assert extent.rows == sum(each) > 500
    assert (extent.runs, extent.span_ms) == (1, run.now_ms - run.epoch_ms)
    assert extent.size_bytes is not None
    assert extent.size_bytes > 50_000
    reader.close()


def test_what_was_made_of_a_run_is_counted(history: str) -> None:
    lived(history).store.close()
    reader = Reader(history)

    made = made_of(reader, RUN)

    assert made.calls >= made.closed >= 1
    assert made.learned >= 1
    assert made_of(reader, "another").calls == 0
    reader.close()


def test_the_history_is_measured_seldom(history: str) -> None:
    office = lived(history)
    reader = Reader(history)
    survey = Survey(reader)
    before = survey.extent()

    office.ledger.taken.message(RUN)
    office.writes.unattended.append({"run": RUN, "from_ms": 1, "to_ms": 2})
    office.commit()

    assert survey.extent() is before
    assert extent_of(reader).rows > before.rows
    office.store.close()
    reader.close()
