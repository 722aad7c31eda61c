"""People give reasons and have machines forgotten; each command is done once and answered the same."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from dashboard.commands import (
    Command,
    CommandError,
    CommandResult,
    Forget,
    GiveReason,
    decode_command,
    encode,
)
from dashboard.history import tables
from dashboard.history.reader import Reader
from dashboard.history.rows import ReasonRow
from dashboard.ingest.desk import Desk
from dashboard.ingest.office import Office
from protocol.messages import Birth
from protocol.messages import encode as encode_message
from protocol.moments import from_ms, to_text
from tests.ingest.office_of_a_day import EPOCH_MS, MINUTE, RUN, Message, give, minutes, open_office

UNTIL_MS = EPOCH_MS + 20 * MINUTE
OWN = "shopfloor/lab/my-press/"
FOREIGN_TABLES = ("machines", "intervals", "counts", "rollups", "readings", "reasons")


def of_ones_own(minute: int = 0) -> list[Message]:
    """What a device made by hand sends: a birth, its link, and a minute of idling with a part in it."""
    at_ms = EPOCH_MS + minute * MINUTE
    birth = Birth(at=from_ms(EPOCH_MS), kind="press", states="reported", period_ms=60_000)
    readings = {"at": to_text(at_ms), "power_kw": 3.2, "state": "idle", "parts": minute}
    return [
        (f"{OWN}birth", encode_message(birth)),
        (f"{OWN}online", b"true"),
        (f"{OWN}readings", json.dumps(readings).encode()),
    ]


def opened(folder: Path) -> Office:
    office = open_office(folder, UNTIL_MS)
    give(office, [*minutes(10), *of_ones_own(0), *of_ones_own(1), *of_ones_own(2)])
    return office


def ask(office: Office, *commands: Command) -> list[CommandResult]:
    desk = Desk(office)
    for command in commands:
        desk.take(encode(command), wall_ms=UNTIL_MS)
    office.commit()
    return desk.take_results()


def reason(at_ms: int, text: str, name: str, machine: str = "my-press") -> GiveReason:
    return GiveReason(id=name, run=RUN, machine=machine, at=from_ms(at_ms), reason=text)


def test_reasons_are_kept_in_the_order_in_which_they_were_given(tmp_path: Path) -> None:
    office = opened(tmp_path)
    at_ms = EPOCH_MS + MINUTE + 5

    answers = ask(
        office, reason(at_ms, "jam", "1"), reason(at_ms - 9, "no material", "2"), reason(at_ms, "", "3")
    )
    office.store.close()
    reader = Reader(f"sqlite:///{tmp_path}/history.db")

    assert [(one.ok, one.message) for one in answers] == [
        (True, f"the stop of my-press at {to_text(at_ms)}: jam"),
        (True, f"the stop of my-press at {to_text(at_ms - 9)}: no material"),
        (True, f"the stop of my-press at {to_text(at_ms)}: the reason is taken back"),
    ]
    assert reader.reasons(RUN, "my-press", EPOCH_MS, UNTIL_MS) == [
        ReasonRow(at_ms=at_ms, reason="jam", note=""),
        ReasonRow(at_ms=at_ms - 9, reason="no material", note=""),
        ReasonRow(at_ms=at_ms, reason="", note=""),
    ]
    assert len(reader.reasons(RUN, "my-press", at_ms, UNTIL_MS)) == 2
    reader.close()


def test_a_command_that_comes_again_gets_the_same_answer_and_changes_nothing(tmp_path: Path) -> None:
    office = opened(tmp_path)
    command = reason(EPOCH_MS + MINUTE, "jam", "once")
    refused = Forget(id="never", machine="mill-1")

    first = ask(office, command, refused, command)
    office.store.close()
    again = open_office(tmp_path, UNTIL_MS)
    second = ask(again, command, refused)
    again.store.close()
    reader = Reader(f"sqlite:///{tmp_path}/history.db")

    assert first[0] == first[2] == second[0]
    assert first[1] == second[1]
    assert len(reader.reasons(RUN, "my-press", EPOCH_MS, UNTIL_MS)) == 1
    reader.close()


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (reason(EPOCH_MS, "jam", "1", "mill-9"), f"there is no machine 'mill-9' in run {RUN!r}"),
        (
            GiveReason(id="1", run="", machine="mill-1", at=from_ms(EPOCH_MS), reason="jam"),
            "there is no machine 'mill-1'",
        ),
        (reason(EPOCH_MS + 15 * MINUTE, "jam", "1"), "my-press was in a state that is not known at"),
        (reason(EPOCH_MS - 1, "jam", "1"), "my-press was in a state that is not known at"),
        (
            Forget(id="1", machine="mill-1"),
            "delete its file simulator/machines/mill-1.toml instead",
        ),
        (Forget(id="1", machine="mill-9"), f"there is no machine 'mill-9' in run {RUN!r}"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(
    command: Command, sentence: str, tmp_path: Path
) -> None:
    office = opened(tmp_path)

    (answer,) = ask(office, command)

    assert not answer.ok
    assert sentence in answer.message
    office.store.close()


def test_a_running_machine_has_no_stop_to_give_a_reason_for(tmp_path: Path) -> None:
    office = opened(tmp_path)
    running = [start for start, _, state, _ in window(office) if state == "running"]

    (answer,) = ask(office, reason(running[0], "jam", "1", "mill-1"))

    assert answer.message == (
        f"mill-1 was running at {to_text(running[0])}: a reason belongs to a moment of a stop"
    )
    office.store.close()


def window(office: Office) -> list[tuple[int, int, str, str]]:
    timeline = office.fleet.shown()["mill-1"].timeline
    return [(a, b, str(state), cause) for a, b, state, cause in timeline.window(EPOCH_MS, UNTIL_MS)]


@pytest.mark.parametrize(
    ("payload", "name", "sentence"),
    [
        (b"hello", "", "not a command"),
        (b'{"id": "7", "what": "explode"}', "7", "not a command: Invalid value 'explode'"),
        (b'{"id": "7", "what": "forget"}', "7", "missing required field `machine`"),
        (b'{"id": "7", "what": "forget", "machine": "a\\u0000b"}', "7", "allowed is printable text"),
        (b'{"id": 7, "what": "forget", "machine": "a"}', "", "Expected `str`, got `int` - at `$.id`"),
    ],
)
def test_what_is_no_command_is_answered_with_what_is_wrong(
    payload: bytes, name: str, sentence: str, tmp_path: Path
) -> None:
    office = open_office(tmp_path, UNTIL_MS)
    desk = Desk(office)

    desk.take(payload, wall_ms=UNTIL_MS)
    (answer,) = desk.take_results()

    assert (answer.id, answer.ok) == (name, False)
    assert sentence in answer.message
    office.store.close()


def test_a_forgotten_machine_leaves_no_row_in_any_table_and_others_keep_theirs(tmp_path: Path) -> None:
    office = opened(tmp_path)
    ask(office, reason(EPOCH_MS + MINUTE, "jam", "1"))
    before = rows(office, "mill-1"), rows(office, "my-press")

    (answer,) = ask(office, Forget(id="2", machine="my-press"))

    assert answer.message == "my-press is forgotten; if it sends again, it begins anew"
    assert {name for name, count in before[1].items() if count} == {*FOREIGN_TABLES}
    assert not any(rows(office, "my-press").values())
    assert rows(office, "mill-1") == before[0]
    assert set(office.fleet.shown()) == {"mill-1", "press-1"}
    assert "my-press" in office.fleet.take_retired()
    office.store.close()


def rows(office: Office, machine: str) -> dict[str, int]:
    """How many rows of a machine there are in each table."""
    with office.store.engine.connect() as connection:
        return {
            table.name: len(connection.execute(select(table).where(table.c.machine == machine)).all())
            for table in tables.metadata.sorted_tables
            if "machine" in table.c and table is not tables.rewrites
        }


def test_what_the_broker_keeps_of_a_forgotten_machine_is_taken_away(tmp_path: Path) -> None:
    office = opened(tmp_path)
    ask(office, Forget(id="1", machine="my-press"))

    assert office.fleet.leftovers.take_cleared() == [f"{OWN}birth", f"{OWN}online"]
    assert office.fleet.leftovers.take_cleared() == []
    office.store.close()


def test_a_forgotten_machine_that_sends_again_begins_anew(tmp_path: Path) -> None:
    office = opened(tmp_path)
    ask(office, Forget(id="1", machine="my-press"))
    later = EPOCH_MS + 12 * MINUTE

    give(office, [(f"{OWN}readings", json.dumps({"at": to_text(later), "power_kw": 3.2}).encode())])
    # Our own empty birth comes back to us only now.
    give(office, [(f"{OWN}birth", b"")])
    office.commit()
    record = office.fleet.shown()["my-press"]

    assert (record.since_ms, record.birth, record.retired_ms) == (later, None, None)
    assert rows(office, "my-press")["readings"] == 1
    give(office, [(f"{OWN}birth", b"")])
    assert "my-press" not in office.fleet.shown()
    office.store.close()


def test_a_machine_that_has_parted_can_be_forgotten_too(tmp_path: Path) -> None:
    office = opened(tmp_path)
    give(office, [(f"{OWN}birth", b"")], wall_ms=UNTIL_MS)
    office.commit()

    (answer,) = ask(office, Forget(id="1", machine="my-press"))

    assert answer.ok
    assert not any(rows(office, "my-press").values())
    assert "my-press" not in {record.name for record in office.fleet.counted()}
    office.store.close()


def heard(office: Office, message: Message, *, retained: bool = False, again: bool = False) -> None:
    topic, payload = message
    office.receive(topic, payload, wall_ms=EPOCH_MS, retained=retained, again=again)


def killed_before_the_broker_heard(folder: Path) -> Office:
    """An office on the history of one that had just forgotten a machine, and could say so to nobody."""
    office = opened(folder)
    ask(office, Forget(id="1", machine="my-press"))
    office.store.close()
    return open_office(folder, UNTIL_MS)


def test_what_the_broker_still_keeps_of_a_forgotten_machine_is_taken_away_after_a_kill(
    tmp_path: Path,
) -> None:
    office = killed_before_the_broker_heard(tmp_path)
    birth, online, readings = of_ones_own(2)

    heard(office, birth, retained=True)
    heard(office, online, retained=True)
    heard(office, readings, again=True)

    assert "my-press" not in office.fleet.shown()
    assert office.fleet.leftovers.take_cleared() == [birth[0], online[0]]
    assert "my-press" in office.fleet.take_retired()
    office.store.close()


def test_once_that_is_done_nothing_of_it_is_left(tmp_path: Path) -> None:
    office = killed_before_the_broker_heard(tmp_path)
    birth, online, readings = of_ones_own(3)
    for message in (birth, online):
        heard(office, message, retained=True)

    for topic in office.fleet.leftovers.take_cleared():
        heard(office, (topic, b""))
    office.commit()

    assert list(office.store.clearings()) == [readings[0]]
    heard(office, birth)
    heard(office, readings)
    office.commit()
    assert office.store.clearings() == {}
    assert office.fleet.shown()["my-press"].birth is not None
    office.store.close()


def test_a_machine_that_tells_of_itself_anew_while_the_office_is_away_is_there_again(tmp_path: Path) -> None:
    office = killed_before_the_broker_heard(tmp_path)
    birth, _, readings = of_ones_own(4)
    anew = Birth(at=from_ms(EPOCH_MS + 4 * MINUTE), kind="press", states="reported", period_ms=60_000)

    heard(office, (birth[0], encode_message(anew)), retained=True)
    heard(office, readings)
    office.commit()

    assert office.fleet.shown()["my-press"].birth == anew
    assert office.fleet.leftovers.take_cleared() == []
    office.store.close()


@pytest.mark.parametrize("more", [{}, {"v": 1}, {"v": 1.4}, {"_seen": [1]}])
def test_a_command_of_this_version_is_taken_with_what_may_be_passed_over(more: dict[str, object]) -> None:
    said = {"what": "forget", "id": "c1", "machine": "my-press", **more}

    assert decode_command(json.dumps(said).encode()) == Forget(id="c1", machine="my-press")


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ({"v": 2}, "key 'v': 2 is a later version of the messages than the dashboard knows"),
        ({"v": 2, "what": "something new"}, "key 'v': 2 is a later version"),
        ({"since": 1}, "key 'since' is not allowed beside 'forget': id, machine"),
    ],
)
def test_a_command_that_would_be_half_understood_is_refused(more: dict[str, object], wrong: str) -> None:
    said = {"what": "forget", "id": "c1", "machine": "my-press", **more}

    with pytest.raises(CommandError) as refused:
        decode_command(json.dumps(said).encode())

    assert str(refused.value).startswith(wrong)
    assert refused.value.command == "c1"
