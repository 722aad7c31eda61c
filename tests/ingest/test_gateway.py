"""What a gateway says for its machines is what they would have said themselves."""

import random
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from dashboard.history import tables
from dashboard.history.store import Writes
from dashboard.ingest.office import Office
from dashboard.ingest.proof import Proof
from protocol.edge import encode_edge_batch
from protocol.messages import Birth, Truth, Truths, decode, encode
from protocol.moments import from_ms
from protocol.readings import decode_batch, write_batch
from protocol.states import State
from protocol.topics import parse_machine_topic
from tests.ingest.office_of_a_day import (
    EPOCH_MS,
    MINUTE,
    RUN,
    Message,
    births,
    clock,
    close,
    give,
    minutes,
    open_office,
)

COUNT = 40
UNTIL_MS = EPOCH_MS + COUNT * MINUTE
BATCH = "shopfloor/floor/_batch/readings"
ONLINE = "shopfloor/floor/_gateway/online"


def on_one_line(messages: list[Message]) -> list[Message]:
    """The mill and the press side by side."""
    return [
        (topic.replace("/machining/", "/floor/").replace("/pressing/", "/floor/"), payload)
        for topic, payload in messages
    ]


def by_gateway(messages: list[Message]) -> list[Message]:
    """The same, the two of a minute in one message."""
    return [
        (
            BATCH,
            encode_edge_batch(
                {
                    parse_machine_topic(topic).machine: write_batch(decode_batch(payload))
                    for topic, payload in messages[k : k + 2]
                }
            ),
        )
        for k in range(0, len(messages), 2)
    ]


def floor(folder: Path) -> Office:
    """An office that knows mill and press on one line."""
    folder.mkdir(exist_ok=True)
    office = open_office(folder, UNTIL_MS)
    for name in ("mill-1", "press-1"):
        office.receive(f"shopfloor/{line_of(name)}/{name}/birth", b"", wall_ms=UNTIL_MS, retained=False)
    office.commit()
    give(office, on_one_line(births()))
    return office


def line_of(name: str) -> str:
    """Where it stands in the office of a day."""
    return "machining" if name == "mill-1" else "pressing"


def rows(office: Office) -> dict[str, list[Any]]:
    """Every measured row of the run, the messages themselves among them."""
    office.commit()
    with office.store.engine.connect() as connection:
        columns = [column for column in tables.readings.c if column.name != "wall_ms"]
        messages = [
            tuple(row)
            for row in connection.execute(
                select(*columns).where(tables.readings.c.run == RUN).order_by(*tables.readings.primary_key)
            )
        ]
    return {**close(office, UNTIL_MS), "readings": messages}


@pytest.fixture(scope="module")
def one_by_one(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    office = floor(tmp_path_factory.mktemp("one-by-one"))
    give(office, on_one_line(minutes(COUNT)))
    return rows(office)


def test_a_gateway_gives_the_rows_that_its_machines_would_give(
    one_by_one: dict[str, list[Any]], tmp_path: Path
) -> None:
    office = floor(tmp_path)

    give(office, by_gateway(on_one_line(minutes(COUNT))))

    assert len(one_by_one["readings"]) == 2 * COUNT
    assert rows(office) == one_by_one


@pytest.mark.parametrize("seed", range(4))
def test_shuffled_repeated_and_mixed_with_machines_that_speak_themselves_it_gives_the_same(
    seed: int, one_by_one: dict[str, list[Any]], tmp_path: Path
) -> None:
    messages = on_one_line(minutes(COUNT))
    shuffle = random.Random(seed)  # noqa: S311 - a fixed order, no secret
    disorder = by_gateway(messages) + shuffle.sample(by_gateway(messages), 10) + shuffle.sample(messages, 10)
    shuffle.shuffle(disorder)
    office = floor(tmp_path)

    give(office, disorder)

    assert office.intake.repeats == 30
    assert office.refused.total == 0
    assert rows(office) == one_by_one


def test_a_machine_without_a_birth_is_a_hand_made_one_on_the_gateways_line(tmp_path: Path) -> None:
    office = floor(tmp_path)

    give(office, [(BATCH, b'{"machines": {"my-drill": {"power_kw": 3.2}}}')], wall_ms=UNTIL_MS)

    drill = office.fleet.shown()["my-drill"]
    assert (drill.path, drill.birth, drill.how) == ("floor", None, "learned")


def test_a_wrong_machine_of_a_batch_is_refused_with_its_name_and_the_others_are_taken(tmp_path: Path) -> None:
    office = floor(tmp_path)
    wrong = (
        b'{"at": "2026-01-05T06:00:00Z", "machines": {"mill-1": {"power_kw": "high"}, "_x": {"power_kw": 1},'
        b' "far": {"at": "2027-01-05T06:00:00Z", "power_kw": 1}, "press-1": {"power_kw": 9}}}'
    )

    give(office, [(BATCH, wrong)])
    give(office, [(BATCH.replace("floor", "elsewhere"), b'{"machines": {"press-1": {"power_kw": 9}}}')])

    reasons = [one.reason for one in office.refused.newest().newest]
    assert len(reasons) == 4
    for reason, pieces in zip(
        reversed(reasons),
        [("'mill-1'", "'power_kw'"), ("'_x'", "own"), ("'far'", "ahead"), ("'press-1'", "'elsewhere'")],
        strict=True,
    ):
        assert all(piece in reason for piece in pieces), reason
    assert office.fleet.shown()["press-1"].last_at_ms == EPOCH_MS
    assert office.fleet.shown()["mill-1"].last_at_ms is None


def test_a_lost_gateway_takes_the_links_of_its_machines_with_it(tmp_path: Path) -> None:
    office = floor(tmp_path)
    (mill_topic, mill), *_ = on_one_line(births())
    born = decode(mill, Birth)
    behind = replace(born, gateway="floor/_gateway")

    give(office, [(ONLINE, b"true"), (mill_topic, encode(behind))])
    mill_record, press = office.fleet.shown()["mill-1"], office.fleet.shown()["press-1"]
    known_at_once = mill_record.online
    # What was left from a time when it spoke for itself says nothing once its gateway speaks for it.
    give(office, [("shopfloor/floor/mill-1/online", b"false"), *by_gateway(on_one_line(minutes(1)))])
    spoken_for = mill_record.online
    give(office, [("shopfloor/floor/press-1/online", b"true"), (ONLINE, b"false")])
    lost = mill_record.online
    give(office, [(ONLINE, b"true")])

    assert (known_at_once, spoken_for, lost) == (True, True, False)
    assert (mill_record.online, press.online) == (True, True)
    give(office, [(ONLINE, b"perhaps")])
    assert "allowed are true and false" in office.refused.newest().newest[0].reason


def test_a_gateway_says_of_one_machine_that_it_has_lost_it(tmp_path: Path) -> None:
    office = floor(tmp_path)
    behind = [
        (topic, encode(replace(decode(birth, Birth), gateway="floor/_gateway")))
        for topic, birth in on_one_line(births())
    ]
    give(office, [*behind, (ONLINE, b"true")])
    mill, press = office.fleet.shown()["mill-1"], office.fleet.shown()["press-1"]

    give(office, [("shopfloor/floor/mill-1/online", b"false")])
    lost = mill.online, press.online
    # Neither its birth again nor its gateway, back from an outage, says that it is there.
    give(office, [*behind, (ONLINE, b"false"), (ONLINE, b"true")])
    lost_still = mill.online, press.online
    give(office, [("shopfloor/floor/mill-1/online", b"")])

    assert lost == lost_still == (False, True)
    assert (mill.online, press.online) == (True, True)


def test_the_truth_of_many_machines_in_one_message_is_that_of_each(tmp_path: Path) -> None:
    truths = {
        name: Truth(
            run=RUN,
            at=from_ms(EPOCH_MS),
            until=from_ms(EPOCH_MS + MINUTE),
            state=State.RUNNING,
            parts=parts,
        )
        for name, parts in (("mill-1", 3), ("press-1", 4))
    }
    office, together, apart = floor(tmp_path), Writes(), Writes()

    Proof(office.store).hear("_batch", encode(Truths(machines=truths)), together)
    proof = Proof(office.store)
    for name, truth in truths.items():
        proof.hear(name, encode(truth), apart)

    office.store.close()
    assert len(apart.truth_counts) == 2
    assert together == apart


def test_a_gateways_word_of_a_forgotten_machine_that_comes_again_does_not_bring_it_back(
    tmp_path: Path,
) -> None:
    office = floor(tmp_path)
    give(
        office, [clock(UNTIL_MS), (BATCH, b'{"machines": {"my-drill": {"power_kw": 3.2}}}')], wall_ms=UNTIL_MS
    )
    office.fleet.forget(office.fleet.shown()["my-drill"])
    office.commit()

    again = b'{"machines": {"my-drill": {"power_kw": 3.2}, "my-saw": {"power_kw": 3.2}}}'
    office.receive(BATCH, again, wall_ms=UNTIL_MS, retained=False, again=True)

    assert "my-drill" not in office.fleet.shown()
    assert "my-saw" in office.fleet.shown()
