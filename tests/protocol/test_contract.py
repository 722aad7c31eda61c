"""A message says which version of the contract it is of, and no reader half understands a later one."""

import pytest

from protocol.contract import LATER
from protocol.edge import decode_edge_batch
from protocol.messages import MessageError, Response, Tick, Truths, decode, encode
from protocol.readings import decode_batch

TICK = '{"v": %s, "run": "a1b2", "at": "2026-01-05T06:00:00Z", "mood": {"calm": true}}'
EDGE = '{"v": %s, "at": "2026-01-05T06:00:00Z", "mood": 3, "machines": {"press-7": {"power_kw": 3.2}}}'
BATCH = '{"v": %s, "power_kw": 3.2}'
SENTENCE = (
    "key 'v': 2 is a later version of the messages than the dashboard knows: allowed is 1; "
    "upgrade the dashboard"
)


def test_a_message_says_its_version_though_other_defaults_are_left_out() -> None:
    tick = decode((TICK % 1).encode(), Tick)

    assert encode(tick) == b'{"v":1,"run":"a1b2","at":"2026-01-05T06:00:00Z"}'


@pytest.mark.parametrize("version", ["1", "1.0", "1.4", "1.99", "null"])
def test_additions_are_passed_over(version: str) -> None:
    if version != "null":
        assert decode((TICK % version).encode(), Tick).run == "a1b2"
    assert decode_batch((BATCH % version).encode()).signals["power_kw"] == [3.2]
    assert list(decode_edge_batch((EDGE % version).encode())) == ["press-7"]


def test_what_says_no_version_is_of_the_first() -> None:
    assert decode(b'{"run": "a1b2", "at": "2026-01-05T06:00:00Z"}', Tick).v == 1
    assert decode_batch(b'{"power_kw": 3.2}').signals["power_kw"] == [3.2]


@pytest.mark.parametrize(
    "payload",
    [
        (TICK % 2).encode(),
        b'{"v": 2, "run": {"name": "a1b2"}}',
        b'{"v": 2}',
    ],
)
def test_a_later_version_is_refused_before_anything_else_about_it(payload: bytes) -> None:
    with pytest.raises(MessageError) as refused:
        decode(payload, Tick)

    assert str(refused.value) == SENTENCE


@pytest.mark.parametrize(
    "payload", [BATCH % 2, '{"v": 2, "power_kw": {"value": 3.2}}', '{"v": 2, "changes": [{"_at": 3}]}']
)
def test_a_batch_of_a_later_version_is_refused_and_none_of_its_keys_is_a_signal(payload: str) -> None:
    with pytest.raises(MessageError) as refused:
        decode_batch(payload.encode())

    assert str(refused.value) == SENTENCE


@pytest.mark.parametrize("payload", [EDGE % 2, '{"v": 2, "machines": ["press-7"]}'])
def test_an_edge_batch_of_a_later_version_is_refused_once_for_all_its_machines(payload: str) -> None:
    with pytest.raises(MessageError) as refused:
        decode_edge_batch(payload.encode())

    assert str(refused.value) == SENTENCE


@pytest.mark.parametrize("version", ["0", "-1", "0.9", '"1"', '"2"', "true", "[2]", "{}"])
def test_what_is_no_version_is_refused(version: str) -> None:
    for read in (lambda payload: decode(payload, Tick), decode_batch, decode_edge_batch):
        whole = {decode_batch: BATCH, decode_edge_batch: EDGE}.get(read, TICK)
        with pytest.raises(MessageError, match=r"(key 'v'|is not a number)"):
            read((whole % version).encode())


def test_a_version_beyond_all_bounds_is_a_later_one() -> None:
    with pytest.raises(MessageError, match=LATER):
        decode_batch((BATCH % "1e300").encode())
    with pytest.raises(MessageError, match=LATER):
        decode_batch((BATCH % ("9" * 400)).encode())


def test_who_reads_it_is_who_is_to_be_upgraded() -> None:
    with pytest.raises(MessageError, match="upgrade the simulator"):
        decode(b'{"v": 2}', Tick, reader="the simulator")


def test_a_key_that_was_added_to_a_batch_begins_with_a_line_and_says_so_in_its_version() -> None:
    added = (
        '"_mood": {"calm": [1]}, "power_kw": 3.2, '
        '"changes": [{"offset_ms": 0, "state": "idle", "_mood": "calm"}]}'
    )

    batch = decode_batch(('{"v": 1.1, ' + added).encode())

    assert list(batch.signals) == ["power_kw"]
    assert [change.state for change in batch.changes] == ["idle"]
    # Of a batch of the same version it is a mistake, and no reading is lost without a word.
    with pytest.raises(MessageError, match="_mood"):
        decode_batch(("{" + added).encode())


def test_a_signal_of_a_later_version_is_a_signal() -> None:
    assert list(decode_batch(b'{"v": 1.1, "_x": 1, "mood_percent": 3.2}').signals) == ["mood_percent"]


def test_what_is_nested_without_end_is_refused_wherever_it_stands() -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    for payload in (b'{"v": 1, "_x": ' + deep + b"}", b'{"v": 1.1, "_x": ' + deep + b"}"):
        for read in (decode_batch, decode_edge_batch):
            with pytest.raises(MessageError):
                read(payload)
        for kind in (Response, Truths):
            with pytest.raises(MessageError):
                decode(payload, kind)
