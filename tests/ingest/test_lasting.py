"""Where states must last the history is still a function of what was said, in any order, across kills."""

import random
from itertools import pairwise
from pathlib import Path

import pytest

from dashboard.calendar.places import Calendar
from dashboard.history import shelves
from dashboard.history.books import Books
from dashboard.history.numbers import direct_account
from dashboard.history.reader import Reader
from dashboard.intervals import Intervals
from dashboard.kpi.basis import Basis
from dashboard.kpi.choices import Choices
from dashboard.states.rules import StateRules
from tests.ingest.office_of_a_day import (
    EPOCH_MS,
    MINUTE,
    RUN,
    close,
    disordered,
    give,
    minutes,
    open_office,
)

COUNT = 40
UNTIL_MS = EPOCH_MS + COUNT * MINUTE
RULES = StateRules.of("least_s = 7.5")
LEAST_MS = 7_500


@pytest.fixture(scope="module")
def orderly(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[object]]:
    office = open_office(tmp_path_factory.mktemp("orderly"), UNTIL_MS, RULES)
    give(office, minutes(COUNT))
    return close(office, UNTIL_MS)


def intervals(kept: dict[str, list[object]], machine: str) -> list[tuple[int, str]]:
    return [(row[2], row[3]) for row in kept["intervals"] if row[1] == machine]  # type: ignore[index]


def test_a_sensed_state_lasts_and_a_reported_one_is_never_touched(
    orderly: dict[str, list[object]], tmp_path: Path
) -> None:
    office = open_office(tmp_path, UNTIL_MS)
    give(office, minutes(COUNT))
    every = close(office, UNTIL_MS)
    lasting, chattering = intervals(orderly, "press-1"), intervals(every, "press-1")
    lengths = [after - start for (start, _), (after, _) in pairwise(lasting)]

    assert intervals(orderly, "mill-1") == intervals(every, "mill-1")
    assert set(lasting) < set(chattering)
    assert min(lengths[1:]) >= LEAST_MS


@pytest.mark.parametrize("seed", range(6))
def test_shuffled_and_repeated_batches_give_the_same_history(
    seed: int, orderly: dict[str, list[object]], tmp_path: Path
) -> None:
    disorder = disordered(minutes(COUNT), random.Random(seed), 20)  # noqa: S311 - a fixed order, no secret
    office = open_office(tmp_path, UNTIL_MS, RULES)

    give(office, disorder)

    assert close(office, UNTIL_MS) == orderly


@pytest.mark.parametrize("killed_after", [*range(1, 20, 2), 40, 61, 79])
def test_an_office_that_is_killed_goes_on_from_what_it_had_committed(
    killed_after: int, orderly: dict[str, list[object]], tmp_path: Path
) -> None:
    messages = minutes(COUNT)
    first = open_office(tmp_path, UNTIL_MS, RULES)
    give(first, messages[:killed_after])
    first.commit()
    first.store.close()

    second = open_office(tmp_path, UNTIL_MS, RULES)
    give(second, messages[killed_after // 2 :])

    assert close(second, UNTIL_MS) == orderly


def test_another_setting_holds_from_the_next_message_on_and_the_widest_that_ever_held_is_doubted(
    tmp_path: Path,
) -> None:
    messages = minutes(COUNT)
    first = open_office(tmp_path, UNTIL_MS)
    give(first, messages[:COUNT])
    before = close(first, EPOCH_MS)

    second = open_office(tmp_path, UNTIL_MS, RULES)
    untouched = Reader(f"sqlite:///{tmp_path}/history.db")
    assert [one.least_ms for one in untouched.machines(RUN)] == [0, 0]
    give(second, messages[COUNT:])
    after = close(second, UNTIL_MS)

    # The last of it was not settled.
    known = intervals(before, "press-1")[:-1]
    assert intervals(after, "press-1")[: len(known)] == known
    (press,) = [one for one in untouched.machines(RUN) if one.name == "press-1"]
    assert (press.least_ms, press.knowledge.least_ms) == (LEAST_MS, LEAST_MS)
    third = open_office(tmp_path, UNTIL_MS)
    give(third, messages[-2:])
    third.commit()
    assert untouched.machines(RUN)[1].least_ms == LEAST_MS
    untouched.close()
    third.store.close()


def test_only_the_newest_of_a_machines_time_changes_without_a_rewrite(tmp_path: Path) -> None:
    office = open_office(tmp_path, UNTIL_MS, RULES)
    reader = Reader(f"sqlite:///{tmp_path}/history.db")
    settled: dict[str, Intervals] = {}

    for message in minutes(COUNT):
        give(office, [message])
        office.commit()
        for one in reader.machines(RUN):
            earlier = settled.get(one.name, Intervals.empty(EPOCH_MS))
            assert reader.intervals(RUN, one.name, EPOCH_MS, earlier.end_ms) == earlier
            sure_ms = max(one.known_until_ms - one.knowledge.unsure_ms, EPOCH_MS)
            settled[one.name] = reader.intervals(RUN, one.name, EPOCH_MS, sure_ms)

    assert reader.rewrites_since(0) == []
    reader.close()
    office.store.close()


@pytest.mark.parametrize("micro_stop_ms", [0, 60_000])
def test_books_that_grow_with_every_message_say_what_the_rows_say(
    micro_stop_ms: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelves, "SEAL_MS", 1)
    monkeypatch.setattr(shelves, "SHORT_MS", -1)
    office = open_office(tmp_path, UNTIL_MS, RULES)
    reader = Reader(f"sqlite:///{tmp_path}/history.db")
    basis = Basis(calendar=Calendar.read(), choices=Choices(micro_stop_ms=micro_stop_ms))
    kept = Books(reader, basis)
    shuffle = random.Random(5)  # noqa: S311 - a fixed order, no secret
    messages = minutes(COUNT)
    late = shuffle.sample(messages[:40], 6)

    for message in [one for one in messages if one not in late] + late:
        give(office, [message])
        office.commit()
        for one in reader.machines(RUN):
            summed = kept.accounts([one], EPOCH_MS, UNTIL_MS)
            assert summed == [direct_account(reader, basis, one, EPOCH_MS, UNTIL_MS)]

    reader.close()
    office.store.close()
