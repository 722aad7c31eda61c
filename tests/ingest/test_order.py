"""The history is a function of what was said, not of when or how often it arrived."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard.ingest.office import Office
from dashboard.ingest.share import MEASURING
from dashboard.states.keeper import Keeper
from protocol.readings import Batch, encode_batch
from tests.ingest.office_of_a_day import (
    EPOCH_MS,
    MINUTE,
    RUN,
    Message,
    births,
    clock,
    close,
    disordered,
    give,
    minutes,
    open_office,
)

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
    disorder = disordered(minutes(COUNT), random.Random(seed), 20)  # noqa: S311 - a fixed order, no secret
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


def press_batch(from_min: int, to_min: int, *, every_ms: int, phase_ms: int, kw: float) -> Message:
    """One message of the press about some minutes, now and then between the levels of its power."""
    offsets = np.arange(phase_ms, (to_min - from_min) * MINUTE, every_ms)
    power = np.where(offsets // 240_000 % 2, kw, 5.0)
    batch = Batch(
        at_ms=EPOCH_MS + from_min * MINUTE, offsets_ms=offsets, signals={"power_kw": power}, run=RUN
    )
    return "shopfloor/pressing/press-1/readings", encode_batch(batch)


def test_a_late_batch_meets_one_that_began_long_before_it(tmp_path: Path) -> None:
    whole = press_batch(0, 40, every_ms=20_000, phase_ms=1_000, kw=8.0)
    later = press_batch(40, 60, every_ms=20_000, phase_ms=1_000, kw=8.0)
    inside = press_batch(30, 32, every_ms=10_000, phase_ms=500, kw=2.0)
    until_ms = EPOCH_MS + 60 * MINUTE

    def history(name: str, *messages: Message) -> dict[str, list[object]]:
        (tmp_path / name).mkdir()
        office = open_office(tmp_path / name, until_ms)
        for message in messages:
            give(office, [message])
            office.commit()
        return close(office, until_ms)

    expected = history("short-first", inside, later, whole)

    assert history("wide-first", whole, later, inside) == expected
    assert history("between", later, whole, inside) == expected
    assert len(expected["intervals"]) > 5


def seconds_of_press(from_s: int, to_s: int) -> Message:
    """What the press says of some seconds from the epoch on: (`from_s`, `to_s`]."""
    offsets = np.arange(1_000, (to_s - from_s) * 1_000 + 1, 1_000)
    at_ms, power = EPOCH_MS + from_s * 1_000, np.linspace(2.0, 9.0, to_s - from_s)
    batch = Batch(at_ms=at_ms, offsets_ms=offsets, signals={"power_kw": power}, run=RUN)
    return "shopfloor/pressing/press-1/readings", encode_batch(batch)


@pytest.mark.parametrize("settles", ["at a tick", "at a birth", "with the commit"])
def test_what_comes_behind_a_late_message_before_the_commit_is_added_to_its_minutes(
    settles: str, tmp_path: Path
) -> None:
    """The last second of a minute belongs to the next, which half of is told before, half behind."""
    first, late, half, rest, end = (
        seconds_of_press(*span) for span in ((0, 60), (60, 120), (120, 158), (158, 180), (180, 240))
    )
    (tmp_path / "orderly").mkdir()
    office = open_office(tmp_path / "orderly", UNTIL_MS)
    give(office, [first, late, half, rest, end])
    expected = close(office, UNTIL_MS)
    office = open_office(tmp_path, UNTIL_MS)
    give(office, [first, half])
    office.commit()

    give(office, [late])
    if settles == "at a tick":
        office.tick(RUN, EPOCH_MS + 158_000, MEASURING)
    elif settles == "at a birth":
        topic, birth = births()[1]
        give(office, [(topic, birth.replace(b'"above":6', b'"above":6.5')), (topic, birth)])
    give(office, [rest])
    office.commit()
    give(office, [end])

    found = close(office, UNTIL_MS)
    assert found["rollups"] == expected["rollups"]
    assert found["intervals"] == expected["intervals"]


def steps(office: Office, at_ms: int) -> int:
    """How much the database does to find the surroundings of a late message, in its own steps."""
    counted = 0

    def count() -> None:
        nonlocal counted
        counted += 1

    with office.store.engine.connect() as connection:
        database = connection.connection.driver_connection
        assert database is not None
        database.set_progress_handler(count, 10)
    found = office.store.messages(RUN, "mill-1", at_ms - 2 * MINUTE, at_ms, widest_ms=MINUTE)
    database.set_progress_handler(None, 0)
    assert len(found) == 3
    return counted


def test_how_much_is_kept_makes_a_late_message_no_dearer(tmp_path: Path) -> None:
    office = open_office(tmp_path, EPOCH_MS + 400 * MINUTE)
    taken = []
    for begun, ended in ((0, 20), (20, 400)):
        give(office, minutes(400)[2 * begun : 2 * ended])
        office.commit()
        taken.append(steps(office, EPOCH_MS + ended * MINUTE - MINUTE // 2))
    office.store.close()

    assert 0 < taken[0] == pytest.approx(taken[1], abs=2)


def test_a_repeat_asks_for_no_commit_whoever_else_has_something_to_commit(tmp_path: Path) -> None:
    office = open_office(tmp_path, UNTIL_MS)
    messages = minutes(COUNT)
    give(office, messages)
    office.commit()
    press = minutes(COUNT + 1)[-1]
    give(office, [press])

    give(office, [messages[20], press, messages[22]])

    assert office.intake.repeats == 3
    assert len(office.ledger.writes.readings) == 1
    office.store.close()


@pytest.mark.parametrize("seed", range(4))
def test_commits_at_any_moment_between_late_batches_change_nothing(
    seed: int, orderly: dict[str, list[object]], tmp_path: Path
) -> None:
    choose = random.Random(seed)  # noqa: S311 - a fixed order, no secret
    disorder = disordered(minutes(COUNT), choose, 20)
    office = open_office(tmp_path, UNTIL_MS)

    for message in disorder:
        give(office, [message])
        if choose.random() < 0.2:
            office.commit()
        if choose.random() < 0.1:
            office.intake.settle()
            office.intake.forget()

    assert close(office, UNTIL_MS) == orderly
    assert office.intake.repeats == 20


def test_late_batches_hours_apart_with_newer_ones_between_give_the_same_history(tmp_path: Path) -> None:
    count = 300
    until_ms = EPOCH_MS + count * MINUTE
    messages = minutes(count)
    (tmp_path / "orderly").mkdir()
    office = open_office(tmp_path / "orderly", until_ms)
    give(office, messages)
    expected = close(office, until_ms)
    first, later = messages[:20] + messages[26:200] + messages[210:560], messages[560:]
    lost = [*messages[20:26], *messages[200:210]]
    (tmp_path / "lossy").mkdir()
    office = open_office(tmp_path / "lossy", until_ms)
    give(office, first)
    office.commit()
    for record in office.fleet.shown().values():
        record.forget(EPOCH_MS + 200 * MINUTE)

    give(office, [message for pair in zip(lost, later, strict=False) for message in pair])
    give(office, later[len(lost) :])

    assert close(office, until_ms) == expected
    assert office.intake.late == len(lost)


def test_a_hundred_messages_of_one_silence_are_worked_out_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = open_office(tmp_path, EPOCH_MS + 130 * MINUTE)
    messages = minutes(130)
    give(office, messages[:20] + messages[220:])
    office.commit()
    asked: list[str] = []
    ask = office.store.messages

    def counted(run: str, machine: str, from_ms: int, to_ms: int, *, widest_ms: int) -> object:
        asked.append(machine)
        return ask(run, machine, from_ms, to_ms, widest_ms=widest_ms)

    monkeypatch.setattr(office.store, "messages", counted)
    give(office, messages[20:220])
    office.commit()

    assert office.intake.late == 200
    assert sorted(asked) == ["mill-1", "press-1"]
    office.store.close()


def test_what_nobody_has_foreseen_of_late_batches_is_refused_and_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    office = open_office(tmp_path, UNTIL_MS)
    messages = minutes(COUNT)
    give(office, messages[:20] + messages[22:])
    office.commit()
    rederive, mill = Keeper.rederive, office.fleet.shown()["mill-1"]

    def fail(keeper: Keeper, *args: Any) -> object:
        if keeper is mill.keeper:
            raise ZeroDivisionError("nobody thought of it")
        return rederive(keeper, *args)

    monkeypatch.setattr(Keeper, "rederive", fail)
    give(office, messages[20:22])
    office.commit()

    assert office.refused.total == 1
    assert "what came late of mill-1 was not foreseen" in caplog.text
    press = office.fleet.shown()["press-1"].timeline
    assert "unknown" in mill.timeline.states_in(EPOCH_MS + 9 * MINUTE, EPOCH_MS + 12 * MINUTE)
    assert "unknown" not in press.states_in(EPOCH_MS + 9 * MINUTE, EPOCH_MS + 12 * MINUTE)
    office.store.close()
