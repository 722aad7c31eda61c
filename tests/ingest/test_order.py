"""The history is a function of what was said, not of when or how often it arrived."""

import random
from pathlib import Path

import pytest

from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, births, clock, close, give, minutes, open_office

COUNT = 40
UNTIL_MS = EPOCH_MS + COUNT * MINUTE


@pytest.fixture(scope="module")
def orderly(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[object]]:
    office = open_office(tmp_path_factory.mktemp("orderly"), UNTIL_MS)
    give(office, minutes(COUNT))
    return close(office, UNTIL_MS)


def test_the_orderly_history_has_something_to_compare(orderly: dict[str, list[object]]) -> None:
    assert len(orderly["intervals"]) > COUNT
    assert len(orderly["counts"]) == 2 * COUNT
    assert len(orderly["rollups"]) == 2 * (COUNT + 1)


@pytest.mark.parametrize("seed", range(6))
def test_shuffled_and_repeated_batches_give_the_same_history(
    seed: int, orderly: dict[str, list[object]], tmp_path: Path
) -> None:
    messages = minutes(COUNT)
    shuffle = random.Random(seed)  # noqa: S311 - a fixed order, no secret
    disorder = messages + shuffle.sample(messages, 20)
    shuffle.shuffle(disorder)
    office = open_office(tmp_path, UNTIL_MS)

    give(office, disorder)

    assert close(office, UNTIL_MS) == orderly
    assert office.intake.repeats == 20
    assert office.refused.total == 0


@pytest.mark.parametrize("killed_after", [1, 13, 40, 79])
def test_an_office_that_is_killed_goes_on_from_what_it_had_committed(
    killed_after: int, orderly: dict[str, list[object]], tmp_path: Path
) -> None:
    messages = minutes(COUNT)
    first = open_office(tmp_path, UNTIL_MS)
    give(first, messages[: killed_after // 2])
    first.commit()
    give(first, messages[killed_after // 2 : killed_after])
    first.store.close()

    second = open_office(tmp_path, UNTIL_MS)
    give(second, messages[killed_after // 2 :])

    assert close(second, UNTIL_MS) == orderly


def test_a_backlog_fills_the_silence_it_belongs_to(orderly: dict[str, list[object]], tmp_path: Path) -> None:
    messages = minutes(COUNT)
    office = open_office(tmp_path, UNTIL_MS)
    give(office, messages[:20] + messages[60:])
    office.commit()
    silent = office.fleet.shown()["mill-1"].timeline.state_at(EPOCH_MS + 20 * MINUTE)[0]

    give(office, messages[20:60])

    assert silent == "unknown"
    assert close(office, UNTIL_MS) == orderly


def test_a_late_batch_older_than_memory_is_still_put_where_it_belongs(
    orderly: dict[str, list[object]], tmp_path: Path
) -> None:
    messages = minutes(COUNT)
    office = open_office(tmp_path, UNTIL_MS)
    give(office, messages[:20] + messages[24:])
    office.commit()
    for record in office.fleet.shown().values():
        record.forget(EPOCH_MS + 30 * MINUTE)

    give(office, messages[20:24])

    assert close(office, UNTIL_MS) == orderly


def test_births_that_come_after_the_readings_change_nothing_of_the_mill(tmp_path: Path) -> None:
    office = open_office(tmp_path, UNTIL_MS)
    give(office, minutes(4))
    before = office.fleet.shown()["mill-1"].timeline.window(EPOCH_MS, UNTIL_MS)

    give(office, [clock(UNTIL_MS), *births()])

    assert office.fleet.shown()["mill-1"].timeline.window(EPOCH_MS, UNTIL_MS) == before
