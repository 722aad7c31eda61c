"""What earlier versions said is understood, and what a later one may say is never half understood."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from dashboard.commands import CommandResult, decode_command, decode_result
from dashboard.conclusions import (
    AssumedNow,
    Board,
    ConclusionError,
    HeardLately,
    OpenCalls,
    Refusals,
    Tile,
    Work,
)
from dashboard.conclusions import decode as decode_conclusion
from protocol.assumptions import Assumptions
from protocol.edge import decode_edge_batch
from protocol.faults import Faults
from protocol.messages import (
    Birth,
    Call,
    Clock,
    Message,
    MessageError,
    OfficeNotice,
    PlantResult,
    Response,
    Tick,
    Truth,
    Truths,
    Watermark,
    decode,
    decode_online,
)
from protocol.readings import decode_batch
from simulator.commanding.commands import BadCommand, command_in
from tests.upgrades.answering import differences
from tests.upgrades.conftest import VERSIONS
from tests.upgrades.recorder import Said
from tests.upgrades.replaying import Listener
from tests.upgrades.storing import last_window

if TYPE_CHECKING:
    from pathlib import Path

    from tests.upgrades.stored import Stored

PRESENT = VERSIONS[-1]
OTHERS: dict[tuple[str, str], type[Message]] = {
    ("birth", ""): Birth,
    ("_call", ""): Call,
    ("_truth", ""): Truth,
    ("_truth", "_batch"): Truths,
    ("_plant", "clock"): Clock,
    ("_plant", "tick"): Tick,
    ("_plant", "watermark"): Watermark,
    ("_plant", "office"): OfficeNotice,
    ("_plant", "result"): PlantResult,
    ("_plant", "response"): Response,
    ("_plant", "assumptions"): Assumptions,
    ("_plant", "faults"): Faults,
}
"""By the sort of message, and its last level where that tells more."""
OF_THE_OFFICE: dict[str, Any] = {
    "plant": Board,
    "refused": Refusals,
    "heard": HeardLately,
    "calls": OpenCalls,
    "work": Work,
    "assumptions": AssumedNow,
}
SORTS = ("birth", "readings", "online", "_batch", "_gateway", "_truth", "_call", "_plant", "_office")


def sort_of(topic: str) -> str:
    """Which sort of message is said on a topic."""
    levels = topic.split("/")
    return next((one for one in levels if one in SORTS and one.startswith("_")), levels[-1])


def understand(one: Said) -> None:
    """Decode a message as its reader does.

    Raises:
        MessageError: Its reader does not understand it.
    """
    payload, sort, last = one.text.encode(), sort_of(one.topic), one.topic.split("/")[-1]
    if sort == "_office":
        understand_office(one.topic, payload)
    elif sort == "_batch":
        assert not any(isinstance(batch, MessageError) for batch in decode_edge_batch(payload).values())
    elif sort == "readings":
        decode_batch(payload)
    elif sort in {"online", "_gateway"}:
        decode_online(payload)
    elif sort == "_plant" and last == "command":
        command = command_in(payload)
        assert not isinstance(command, BadCommand), command.wrong
    else:
        decode(payload, OTHERS.get((sort, last)) or OTHERS[sort, ""])


def understand_office(topic: str, payload: bytes) -> None:
    """Decode what the office says to pages, as a page of another version would."""
    last = topic.rsplit("/", maxsplit=1)[-1]
    if last == "command":
        decode_command(payload)
    elif last == "result":
        assert isinstance(decode_result(payload), CommandResult)
    else:
        decode_conclusion(payload, Tile if "/machine/" in topic else OF_THE_OFFICE[last])


@pytest.mark.parametrize("version", VERSIONS, ids=str)
def test_every_message_of_every_version_is_understood(version: Stored) -> None:
    sorts = set()

    for one in version.said:
        if not one.text:
            continue  # takes away what was retained
        sorts.add(sort_of(one.topic))
        try:
            understand(one)
        except ConclusionError:
            # Between parts of one version: a page waits for its own office to speak.
            assert sort_of(one.topic) == "_office"

    assert sorts >= {"birth", "readings", "online", "_plant", "_truth", "_office"}


@pytest.mark.parametrize("version", VERSIONS, ids=str)
def test_an_old_simulator_gives_this_office_the_numbers_that_it_gave_its_own(
    version: Stored, tmp_path: Path
) -> None:
    listener = Listener(f"sqlite:///{tmp_path}/history.db")

    listener.hear(version.said)
    refused = listener.refused
    listener.close()

    assert refused == []
    window = last_window(version.epoch_ms)
    assert differences(version, f"sqlite:///{tmp_path}/history.db", window) == []


def test_every_message_of_the_newest_version_says_its_version() -> None:
    for one in PRESENT.said:
        sort = sort_of(one.topic)
        # A link says true or false and nothing more; the office and its pages are of one version.
        if one.text and sort not in {"online", "_gateway", "_office"} and "my-press" not in one.topic:
            said = json.loads(one.text)
            assert said.get("v") == 1 or one.topic.endswith("/_plant/command"), one


def test_a_message_of_a_later_version_is_refused_in_a_sentence_and_the_next_is_taken(tmp_path: Path) -> None:
    listener = Listener(f"sqlite:///{tmp_path}/history.db")
    later = [
        Said(one.topic, json.dumps({**json.loads(one.text), "v": 2, "power_kw": {"otherwise": True}}))
        for one in PRESENT.said
        if one.text and sort_of(one.topic) not in {"online", "_gateway", "_office", "_call"}
    ]

    listener.hear(later)
    refused, total = listener.refused, listener.office.refused.total
    fleet = dict(listener.office.fleet.shown())
    listener.hear(PRESENT.said)
    after = listener.office.refused.total
    listener.close()

    heard = [one for one in later if not one.topic.endswith(("/watermark", "/office", "/command", "/faults"))]
    assert total == len(heard) > 40
    assert fleet == {}
    assert {one.partition(": ")[2] for one in refused} == {
        (
            "key 'v': 2 is a later version of the messages than the dashboard knows: allowed is 1; "
            "upgrade the dashboard"
        )
    }
    assert after == total
    window = last_window(PRESENT.epoch_ms)
    assert differences(PRESENT, f"sqlite:///{tmp_path}/history.db", window) == []


def test_what_was_added_later_is_passed_over(tmp_path: Path) -> None:
    listener = Listener(f"sqlite:///{tmp_path}/history.db")
    extended = [
        Said(one.topic, json.dumps({**json.loads(one.text), "v": 1.3, "_mood": {"calm": [True]}}))
        if one.text and sort_of(one.topic) not in {"online", "_gateway", "_office", "_call"}
        else one
        for one in PRESENT.said
    ]

    listener.hear(extended)
    refused = listener.refused
    listener.close()

    assert refused == []
    window = last_window(PRESENT.epoch_ms)
    assert differences(PRESENT, f"sqlite:///{tmp_path}/history.db", window) == []


@pytest.mark.parametrize("kind", ["energy", "_energy", "birth2"])
def test_a_kind_of_message_that_is_not_known_is_refused_with_those_that_are(
    kind: str, tmp_path: Path
) -> None:
    listener = Listener(f"sqlite:///{tmp_path}/history.db")

    listener.hear([Said(f"shopfloor/machining/mill-1/{kind}", '{"v": 1.1, "energy_kwh": 7}')])
    refused = listener.refused
    listener.close()

    assert refused == [
        (
            f"shopfloor/machining/mill-1/{kind}: unknown topic 'shopfloor/machining/mill-1/{kind}': "
            "allowed is <root>/<0 to 3 levels>/<machine>/(birth|readings|online)"
        )
    ]
