"""Everything that makes something of bytes from the wire, and of the topics that they come on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from dashboard.commands import CommandError, decode_command, decode_result
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
from dashboard.ingest.part import decode as decode_part
from dashboard.ingest.topic_map import TopicMap
from dashboard.study import decode as decode_study
from protocol.edge import decode_edge_batch
from protocol.messages import MessageError, decode, decode_online
from protocol.readings import decode_batch
from protocol.sparkplug.host_state import HostState, decode_state, encode_state
from protocol.sparkplug.payloads import decode_payload
from protocol.sparkplug.topics import parse_topic
from protocol.topics import parse_gateway_topic, parse_machine_topic
from tests.fuzz.hostile import DEPTH, TEXTS
from tests.fuzz.mutations import made_false, spoiled
from tests.fuzz.said import AT_MS, BATCHES, EDGE_BATCHES, MESSAGES, OFFICE_COMMANDS, written
from tests.fuzz.target import Target
from tests.sparkplug.said import data, device_birth, node_birth, node_death

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

ANY_BYTES = st.binary(max_size=60)
CONCLUSIONS = (Tile, Board, Refusals, HeardLately, OpenCalls, AssumedNow, Work)
TRUE_TOPICS = (
    "shopfloor/machining/mill-1/readings", "shopfloor/hall/north/cell/mill-1/birth",
    "shopfloor/my-press/online",
    "shopfloor/machining/_batch/readings", "shopfloor/_gateway/online", "spBv1.0/devices/DDATA/Line 1/press",
    "spBv1.0/devices/NBIRTH/Line 1",
)  # fmt: skip
DEVICES = """
[[device]]
topic = "devices/{machine}/power"
signals.power_kw = { factor = 0.001 }
[[device]]
topic = "devices/saw/state"
machine = "saw-1"
signals.power_kw = { path = "ENERGY.Power", factor = 1e-3, offset = -0.5 }
signals.speed_rpm = { path = "axes.1.rpm" }
"""
DEVICE_WORDS = (
    b"3200",
    b'{"ENERGY":{"Power":3200,"Total":1.5},"axes":[{"rpm":1},{"rpm":2}]}',
    b'"3200"',
    b"3,2",
)


def decoders() -> list[Target]:
    """What decodes, each with its own true messages made false."""
    found = [
        _json(f"message {type(one).__name__}", (written(one),), _decoding(type(one))) for one in MESSAGES
    ]
    found += [
        _json("batch of readings", BATCHES, decode_batch),
        _json("batch of a gateway", EDGE_BATCHES, _each_of_an_edge_batch),
        _json("online", (b"true", b"false", b""), decode_online),
        _json("command to the office", OFFICE_COMMANDS, decode_command, CommandError),
        _json(
            "answer of the office", (b'{"id":"c1","ok":true,"message":"done"}',), decode_result, CommandError
        ),
        _json(
            "state of a Sparkplug host",
            (encode_state(HostState(online=True, timestamp=AT_MS)),),
            decode_state,
        ),
        _json("study", (b'{"seed":1,"pairs":[]}',), decode_study, ConclusionError),
        _json("part of a worker", (b'{"lines":{}}',), decode_part),
    ]
    found += [
        _json(
            f"conclusion {kind.__name__}",
            (b'{"run":"a1b2c3d4","total":1,"newest":[]}',),
            _concluding(kind),
            ConclusionError,
        )
        for kind in CONCLUSIONS
    ]
    found += [
        Target(
            name="Sparkplug payload",
            inputs=sparkplug_payloads(),
            take=decode_payload,
            refusals=(MessageError,),
        ),
        Target(name="topic", inputs=topics(), take=_parsed, refusals=(MessageError,)),
        Target(name="device in other words", inputs=_device_words(), take=_meaning, refusals=(MessageError,)),
    ]
    return found


def topics() -> st.SearchStrategy[str]:
    """Topics of any depth, of true levels and of hostile ones."""
    levels = st.sampled_from(TEXTS) | st.text(max_size=70) | st.sampled_from("/".join(TRUE_TOPICS).split("/"))
    return (
        st.lists(levels, max_size=12).map("/".join)
        | st.tuples(st.sampled_from(TRUE_TOPICS), levels, st.integers(0, 5)).map(_with_level)
        | st.just("/".join("a" * 32_767))
    )


def sparkplug_payloads() -> st.SearchStrategy[bytes]:
    """True payloads with bytes changed, and any bytes."""
    true = (
        node_birth(),
        node_death(),
        device_birth(1),
        data(2, [(1, 0.0, "Running"), (2, 0.5, 3.25), (3, 1.0, 8)]),
    )
    deep = _nested(DEPTH // 100)

    def spoil(random: Random) -> bytes:
        payload = random.choice(true)
        for _ in range(random.randint(1, 3)):
            payload = spoiled(random, payload)
        return payload

    return st.randoms(use_true_random=True).map(spoil) | ANY_BYTES | st.just(deep)


def _nested(depth: int) -> bytes:
    """Templates within templates, as protobuf writes them: metrics (field 2) that are templates (18)."""
    payload = b""
    for _ in range(depth):
        template = b"\x92\x01" + _length(payload) + payload
        payload = b"\x12" + _length(template) + template
    return payload


def _length(payload: bytes) -> bytes:
    left, said = len(payload), b""
    while left > 0x7F:
        said += bytes((left & 0x7F | 0x80,))
        left >>= 7
    return said + bytes((left,))


def _json(
    name: str,
    true: tuple[bytes, ...],
    take: Callable[[bytes], object],
    refusal: type[Exception] = MessageError,
) -> Target:
    return Target(name=name, inputs=made_false(true) | ANY_BYTES, take=take, refusals=(refusal,))


def _decoding(kind: Any) -> Callable[[bytes], object]:
    return lambda payload: decode(payload, kind)


def _concluding(kind: Any) -> Callable[[bytes], object]:
    return lambda payload: decode_conclusion(payload, kind)


def _each_of_an_edge_batch(payload: bytes) -> None:
    refused: MessageError | None = None
    for said in decode_edge_batch(payload).values():
        if isinstance(said, MessageError):
            refused = said
            continue
        try:
            decode_batch(said)
        except MessageError as error:
            refused = error
    if refused is not None:
        raise refused


def _with_level(given: tuple[str, str, int]) -> str:
    topic, level, at = given
    levels = topic.split("/")
    return "/".join((*levels[:at], level, *levels[at + 1 :]))


def _parsed(topic: str) -> None:
    if topic.startswith("spBv1.0/"):
        parse_topic(topic)
    elif parse_gateway_topic(topic) is None:
        parse_machine_topic(topic)


_MAP = TopicMap.of(DEVICES)


def _device_words() -> st.SearchStrategy[tuple[str, bytes]]:
    names = st.sampled_from(TEXTS) | st.text(max_size=20)
    where = names.map(lambda name: f"devices/{name.replace('/', '-')}/power") | st.just("devices/saw/state")
    return st.tuples(where, made_false(DEVICE_WORDS) | ANY_BYTES)


def _meaning(said: tuple[str, bytes]) -> None:
    topic, payload = said
    device = _MAP.device(topic)
    assert device is not None
    decode_batch(_MAP.meaning(device, topic, payload).payload)
