"""A threshold is learned anew from a stated moment on, whatever the order of messages; earlier time stays."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from dashboard.commands import Relearn, encode
from dashboard.history.reader import Reader
from dashboard.history.rows import LearningRow
from dashboard.ingest.desk import Desk
from dashboard.ingest.office import Office
from protocol.messages import Birth
from protocol.messages import encode as encode_message
from protocol.moments import from_ms, to_text
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, RUN, Message, clock, close, give, open_office

COUNT = 240
UNTIL_MS = EPOCH_MS + COUNT * MINUTE
SINCE_MS = EPOCH_MS + 120 * MINUTE
"""From here on the press draws three times as much: what was running is now stopped."""
LEARNED_MS = SINCE_MS + 60 * MINUTE
NAME = "my-press"
TOPIC = f"shopfloor/{NAME}/readings"


def messages() -> list[Message]:
    """A reading a minute: ten minutes running, ten stopped."""
    return [(TOPIC, reading(minute)) for minute in range(COUNT)]


def reading(minute: int) -> bytes:
    power_kw = (8.0 if minute // 10 % 2 == 0 else 1.0) * (3 if minute >= 120 else 1) + (minute >= 120) * 6
    return json.dumps({"at": to_text(EPOCH_MS + minute * MINUTE), "power_kw": power_kw}).encode()


def relearn(office: Office, since_ms: int = SINCE_MS, name: str = "again") -> list[tuple[bool, str]]:
    """Ask for it; what was answered."""
    desk = Desk(office)
    desk.take(encode(Relearn(id=name, machine=NAME, since=from_ms(since_ms))), wall_ms=UNTIL_MS)
    office.commit()
    return [(result.ok, result.message) for result in desk.take_results()]


def learn(office: Office) -> None:
    office.intake.learn()
    office.commit()


def asked_at(minute: int, folder: Path) -> Office:
    """An office that got its messages in order, and was asked after some of them."""
    office = open_office(folder, UNTIL_MS)
    give(office, messages()[:minute])
    learn(office)
    assert relearn(office)[0][0]
    for message in messages()[minute:]:
        give(office, [message])
        office.intake.learn()
    return office


def all_of(office: Office, folder: Path) -> tuple[Any, list[LearningRow]]:
    kept = close(office, UNTIL_MS)
    reader = Reader(f"sqlite:///{folder}/history.db")
    learnings = reader.learnings(RUN, NAME)
    reader.close()
    return {name: [row for row in rows if row[1] == NAME] for name, rows in kept.items()}, learnings


@pytest.fixture(scope="module")
def orderly(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, list[LearningRow]]:
    folder = tmp_path_factory.mktemp("orderly")
    return all_of(asked_at(121, folder), folder)


def states(rows: list[Any]) -> list[tuple[float, str]]:
    return [((start - EPOCH_MS) / MINUTE, state) for _, _, start, state, _ in rows]


def test_the_new_version_holds_from_the_moment_on_and_the_old_one_before(
    orderly: tuple[Any, list[LearningRow]],
) -> None:
    kept, (first, second) = orderly
    switches = {minute: "stopped" if minute // 10 % 2 else "running" for minute in range(0, COUNT, 10)}

    assert states(kept["intervals"]) == list(switches.items())
    assert (first.version, first.since_ms, first.to_ms) == (1, None, EPOCH_MS + 60 * MINUTE)
    assert (second.version, second.since_ms, second.from_ms) == (2, SINCE_MS, SINCE_MS)
    assert second.to_ms == LEARNED_MS
    assert first.above is not None
    assert second.above is not None
    assert 1 < first.above < 8
    assert 9 < second.above < 30
    assert second.signal == "power_kw"


def test_until_it_is_learned_the_old_version_goes_on_to_hold_and_the_tile_says_what_is_missing(
    tmp_path: Path,
) -> None:
    office = open_office(tmp_path, UNTIL_MS)
    give(office, messages()[:140])
    learn(office)
    asked = relearn(office)
    learn(office)
    record = office.fleet.shown()[NAME]

    begun = f"my-press is learned anew from {to_text(SINCE_MS)} on"
    assert asked == [(True, f"{begun}; until that is done, version 1 goes on to hold")]
    assert record.timeline.state_at(EPOCH_MS + 135 * MINUTE)[0] == "running"
    assert record.progress == "learning anew: 20 of 60 readings"
    reader = Reader(f"sqlite:///{tmp_path}/history.db")
    assert [(one.version, one.since_ms, one.to_ms is None) for one in reader.learnings(RUN, NAME)] == [
        (1, None, False),
        (2, SINCE_MS, True),
    ]
    reader.close()
    office.store.close()


@pytest.mark.parametrize("minute", [150, 185, COUNT])
def test_it_does_not_matter_when_it_was_asked(
    minute: int, orderly: tuple[Any, list[LearningRow]], tmp_path: Path
) -> None:
    office = asked_at(minute, tmp_path)
    office.intake.learn()

    assert all_of(office, tmp_path) == orderly


@pytest.mark.parametrize("seed", range(8))
def test_late_and_shuffled_batches_give_the_same_as_the_orderly_stream(
    seed: int, orderly: tuple[Any, list[LearningRow]], tmp_path: Path
) -> None:
    shuffle = random.Random(seed)  # noqa: S311 - a fixed order, no secret
    # All of the first window is there when it is asked, and the rest comes as it likes.
    early, late = messages()[:70], messages()[70:]
    late += shuffle.sample(messages(), 10)
    shuffle.shuffle(early)
    shuffle.shuffle(late)
    office = open_office(tmp_path, UNTIL_MS)
    give(office, early)
    learn(office)

    assert relearn(office)[0][0]
    for number, message in enumerate(late):
        give(office, [message])
        if shuffle.random() < 0.3:
            office.intake.learn()
        if number % 50 == 49:
            office.commit()
    office.intake.learn()

    assert all_of(office, tmp_path) == orderly


@pytest.mark.parametrize("killed_after", [122, 150, 179, 180, 181, 200])
def test_an_office_that_is_killed_learns_on(
    killed_after: int, orderly: tuple[Any, list[LearningRow]], tmp_path: Path
) -> None:
    office = open_office(tmp_path, UNTIL_MS)
    give(office, messages()[:121])
    learn(office)
    assert relearn(office)[0][0]
    give(office, messages()[121:killed_after])
    office.commit()
    office.store.close()

    again = open_office(tmp_path, UNTIL_MS)
    give(again, messages()[killed_after - 5 :])
    again.intake.learn()

    assert all_of(again, tmp_path) == orderly


def test_a_late_batch_that_was_kept_but_not_learned_from_before_a_kill_is_learned_from(
    orderly: tuple[Any, list[LearningRow]], tmp_path: Path
) -> None:
    told = messages()
    office = open_office(tmp_path, UNTIL_MS)
    give(office, told[:130] + told[131:])
    learn(office)
    assert relearn(office)[0][0]
    learn(office)
    give(office, [told[130]])
    office.commit()
    office.store.close()

    again = open_office(tmp_path, UNTIL_MS)
    give(again, [told[130]])
    again.intake.learn()

    assert all_of(again, tmp_path) == orderly


def test_learning_anew_is_one_rewrite_from_its_moment_on(tmp_path: Path) -> None:
    office = open_office(tmp_path, UNTIL_MS)
    give(office, messages())
    learn(office)
    reader = Reader(f"sqlite:///{tmp_path}/history.db")
    before = reader.newest_rewrite()
    relearn(office)
    learn(office)
    rewrites = reader.rewrites_since(before)

    assert rewrites is not None
    assert [(one.machine, one.from_ms) for one in rewrites] == [(NAME, EPOCH_MS + 130 * MINUTE)]
    reader.close()
    office.store.close()


def test_a_later_command_with_an_earlier_moment_takes_the_place_of_what_was_learned_after_it(
    tmp_path: Path,
) -> None:
    office = open_office(tmp_path, UNTIL_MS)
    give(office, messages())
    learn(office)
    for name, since_ms in (("one", SINCE_MS + 40 * MINUTE), ("two", SINCE_MS)):
        relearn(office, since_ms, name)
        learn(office)
    learned = office.fleet.shown()[NAME].learned

    assert learned is not None
    assert [(one.version, one.since_ms) for one in learned.versions] == [(1, None), (3, SINCE_MS)]
    kept, learnings = all_of(office, tmp_path)
    assert [one.version for one in learnings] == [1, 2, 3]
    assert states(kept["intervals"])[12] == (120, "running")


def test_what_cannot_be_learned_anew_is_refused_with_the_reason(tmp_path: Path) -> None:
    office = open_office(tmp_path, UNTIL_MS)
    give(office, messages()[:20])
    desk = Desk(office)

    def asked(machine: str, since_ms: int = SINCE_MS) -> str:
        name = f"{machine} {since_ms} {len(office.fleet.shown())}"
        desk.take(encode(Relearn(id=name, machine=machine, since=from_ms(since_ms))), wall_ms=UNTIL_MS)
        (result,) = desk.take_results()
        assert not result.ok
        return result.message

    assert asked("mill-1") == "mill-1 reports its states itself: there is nothing to learn"
    assert asked("press-1") == "press-1 says in its birth what tells them: there is nothing to learn"
    assert asked("mill-9") == f"there is no machine 'mill-9' in run {RUN!r}"
    assert asked(NAME) == f"{NAME} has learned nothing yet: learning: 20 of 60 readings"
    give(office, messages())
    learn(office)
    give(office, [("shopfloor/_truth", b"")])
    assert "is ahead of the plant clock, which shows" in asked(NAME, UNTIL_MS + MINUTE)
    office.store.forget(readings_before_ms=EPOCH_MS + 30 * MINUTE, rollups_before_ms=0, run=RUN)
    assert asked(NAME, EPOCH_MS + 10 * MINUTE).endswith(
        f"messages of {NAME} are kept from {to_text(EPOCH_MS + 30 * MINUTE)} on"
    )
    office.store.close()


def test_a_late_batch_leaves_what_was_learned_as_it_is_once_its_readings_are_forgotten(
    tmp_path: Path,
) -> None:
    told = messages()
    office = open_office(tmp_path, UNTIL_MS)
    give(office, told[:30] + told[31:])
    learn(office)
    learned = office.fleet.shown()[NAME].learned
    office.commit()
    office.store.forget(readings_before_ms=EPOCH_MS + 20 * MINUTE, rollups_before_ms=0, run=RUN)

    give(office, [told[30]])
    learn(office)

    assert learned is not None
    assert office.fleet.shown()[NAME].learned == learned
    office.store.close()


def test_a_birth_that_reports_ends_the_learning(tmp_path: Path) -> None:
    office = open_office(tmp_path, UNTIL_MS)
    give(office, messages()[:140])
    learn(office)
    relearn(office)
    birth = Birth(at=from_ms(EPOCH_MS), states="reported")

    give(office, [clock(UNTIL_MS), (f"shopfloor/{NAME}/birth", encode_message(birth))])

    assert office.fleet.shown()[NAME].learners == {}
    assert office.fleet.shown()[NAME].progress == ""
    office.store.close()
