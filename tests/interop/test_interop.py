"""Independent programs read what we write, and we read what they write: each type, at its edges."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import pytest

from protocol.sparkplug.datatypes import SIGNED, UNSIGNED, DataSet, DataType, Value
from protocol.sparkplug.payloads import Metric, Payload, decode_payload, encode_payload, numbered
from tests.interop.environments import Peer

pytestmark = pytest.mark.interop

AT_MS = 1_767_225_600_123
ALIAS = 300
PEERS = ("pysparkplug", "mqtt-spb-wrapper", "sparkplug-payload")
D = DataType
TABLE = DataSet(columns=("text", "on"), types=(D.STRING, D.BOOLEAN), rows=(("ä", True), ("", False)))
CASES: list[tuple[DataType, Value]] = [
    *(
        (one, edge)
        for one, bits in SIGNED.items()
        for edge in (0, 7, -1, -(1 << (bits - 1)), (1 << (bits - 1)) - 1)
    ),
    *((one, edge) for one, bits in UNSIGNED.items() for edge in (0, 1, 1 << (bits - 1), (1 << bits) - 1)),
    (D.UINT32, 2**31 + 1),
    (D.UINT64, 2**53 + 1),
    (D.INT64, -(2**53) - 1),
    *((one, edge) for one in (D.FLOAT, D.DOUBLE) for edge in (0.0, -1.5, math.nan, math.inf, -math.inf)),
    (D.DOUBLE, 0.1),
    (D.BOOLEAN, True),
    (D.BOOLEAN, False),
    *((one, text) for one in (D.STRING, D.TEXT, D.UUID) for text in ("", "Fräser 🛠 7")),
    (D.DATETIME, AT_MS),
    (D.BYTES, b"\x00\xff"),
    (D.FILE, b"abc"),
    (D.DATASET, TABLE),
    (D.INT8_ARRAY, [-128, 127]),
    (D.INT16_ARRAY, [-32768, 32767]),
    (D.INT32_ARRAY, [-(2**31), 0]),
    (D.INT64_ARRAY, [-(2**63), 2**53 + 1]),
    (D.UINT8_ARRAY, [0, 255]),
    (D.UINT16_ARRAY, [65535]),
    (D.UINT32_ARRAY, [2**31 + 1]),
    (D.UINT64_ARRAY, [2**53 + 1]),
    (D.FLOAT_ARRAY, [1.5, -0.25]),
    (D.DOUBLE_ARRAY, [0.1]),
    (D.BOOLEAN_ARRAY, [True, False, False, True, True, True, False, True, True]),
    (D.STRING_ARRAY, ["", "ä", "b c"]),
    (D.DATETIME_ARRAY, [AT_MS]),
    *((one, None) for one in (D.INT16, D.INT64, D.UINT32, D.DOUBLE, D.BOOLEAN, D.STRING, D.DATETIME)),
]
ARRAYS = frozenset(one for one in D if one >= D.INT8_ARRAY)


class Trap(NamedTuple):
    """Where a peer reads or writes something else than was said."""

    reason: str
    """Why, in its own code."""
    value: Any = None
    """What it makes of it instead; None with an `error`."""
    error: str = ""
    """How it refuses."""


def trap_in_reading(peer: str, datatype: DataType, value: Value) -> Trap | None:
    """The trap that a peer falls into with what we write; None where it reads what was said."""
    if peer == "pysparkplug" and datatype == D.DATASET:
        return Trap("it says of tables: unsupported", error="NotImplementedError")
    if peer == "mqtt-spb-wrapper":
        return _trap_of_the_wrapper(datatype, value)
    return _trap_of_npm(datatype, value) if peer == "sparkplug-payload" else None


def _trap_of_the_wrapper(datatype: DataType, value: Value) -> Trap | None:
    if datatype in ARRAYS or datatype == D.DATASET:
        return Trap("it reads no arrays and no tables", error="NotImplementedError")
    if value is None:
        return Trap("it does not look at is_null, and takes protobuf's nothing", NOTHING[datatype])
    if datatype in SIGNED and isinstance(value, int) and value < 0:
        return Trap("it does not undo two's complement", value + (1 << SIGNED[datatype]))
    return None


def _trap_of_npm(datatype: DataType, value: Value) -> Trap | None:
    if datatype in ARRAYS:
        return Trap("it knows no arrays: the value is null")
    if value is None:
        return None
    if datatype == D.UINT32:
        return Trap("it reads a UInt32 from long_value alone, and we write it as published, as int_value")
    if datatype in {D.INT8, D.INT16} and isinstance(value, int) and value < 0:
        return Trap("it takes an Int8 or Int16 for 32 bits", value + (1 << SIGNED[datatype]))
    return None


NOTHING: dict[DataType, Any] = {
    D.INT16: 0, D.INT64: 0, D.UINT32: 0, D.DOUBLE: 0.0, D.BOOLEAN: False, D.STRING: "", D.DATETIME: 0,
}  # fmt: skip


def refusal_in_writing(peer: str, datatype: DataType) -> Trap | None:
    """Why a peer does not write a type; None where it does."""
    if peer == "pysparkplug" and datatype == D.DATASET:
        return Trap("it says of tables: unsupported", error="NotImplementedError")
    if peer == "mqtt-spb-wrapper" and (datatype in ARRAYS or datatype == D.DATASET):
        return Trap("it writes no arrays, and tables only by hand", error="NotImplementedError")
    if peer == "sparkplug-payload" and (datatype in ARRAYS or datatype == D.DATASET):
        return Trap("it knows no arrays; tables are not written here", error="is not written here")
    return None


def plain(value: Any) -> Any:
    """A value as peers say it."""
    if isinstance(value, DataSet):
        return [[plain(one) for one in row] for row in value.rows]
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return {"int": str(value)}
    if isinstance(value, float):
        return {"float": repr(value)}
    return {"bytes": value.hex()} if isinstance(value, bytes) else [plain(one) for one in value]


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same, a number that is none among them."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys() == {"float"}:
        first, second = float(one["float"]), float(other["float"])
        return first == second or (math.isnan(first) and math.isnan(second))
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    return bool(one == other)


def metric_of(datatype: DataType, value: Value, *, historical: bool = False) -> Metric:
    """A metric of a birth."""
    return Metric(
        name="ä/b 1", alias=ALIAS, at_ms=AT_MS, datatype=datatype, value=value, historical=historical
    )


def birth_of(metric: Metric) -> bytes:
    """A birth with one metric, numbered as those of our edge nodes are: behind its metrics."""
    return numbered(encode_payload(Payload(at_ms=AT_MS, metrics=[metric])), 200)


@pytest.fixture(scope="module", params=PEERS)
def peer(request: pytest.FixtureRequest) -> Peer:
    return Peer(request.param)


@pytest.fixture(scope="module")
def readings(peer: Peer) -> list[dict[str, Any]]:
    """What a peer reads in each case."""
    return peer.ask([{"birth": birth_of(metric_of(*case)).hex()} for case in CASES])


@pytest.fixture(scope="module")
def writings(peer: Peer) -> list[dict[str, Any]]:
    """What a peer writes in each case."""
    return peer.ask(
        [
            {
                "at_ms": AT_MS,
                "seq": 255,
                "metrics": [
                    {
                        "name": "ä/b 1", "type": int(datatype), "value": plain(value), "alias": ALIAS,
                        "at_ms": AT_MS, "historical": True,
                    }
                ],
            }
            for datatype, value in CASES
        ]
    )  # fmt: skip


@pytest.mark.parametrize("case", range(len(CASES)), ids=[f"{one.name}={value!r}" for one, value in CASES])
def test_a_peer_reads_what_we_write(peer: Peer, readings: list[dict[str, Any]], case: int) -> None:
    datatype, value = CASES[case]
    answer = readings[case]
    trap = trap_in_reading(peer.name, datatype, value)

    if trap is not None and trap.error:
        assert trap.error in answer["error"], trap.reason
        return
    (metric,) = answer["answer"]
    assert same(metric["value"], plain(value if trap is None else trap.value)), trap and trap.reason
    if not (peer.name == "sparkplug-payload" and datatype in ARRAYS):
        assert metric["type"] == datatype
    assert (metric["name"], metric["alias"], metric["at_ms"]) == ("ä/b 1", ALIAS, AT_MS)
    assert metric["historical"] is False


@pytest.mark.parametrize("case", range(len(CASES)), ids=[f"{one.name}={value!r}" for one, value in CASES])
def test_we_read_what_a_peer_writes(peer: Peer, writings: list[dict[str, Any]], case: int) -> None:
    datatype, value = CASES[case]
    answer = writings[case]
    refusal = refusal_in_writing(peer.name, datatype)

    if refusal is not None:
        assert refusal.error in answer["error"], refusal.reason
        return
    payload = decode_payload(bytes.fromhex(answer["answer"]))
    (metric,) = payload.metrics
    assert same(plain(metric.value), plain(value))
    assert (metric.name, metric.alias, metric.at_ms, metric.datatype) == ("ä/b 1", ALIAS, AT_MS, datatype)
    assert metric.historical
    assert (payload.at_ms, payload.seq) == (AT_MS, 255)


def test_a_peer_finds_the_names_of_our_aliases_in_our_birth(peer: Peer) -> None:
    metrics = [
        metric_of(D.DOUBLE, None),
        Metric(name="State", alias=2, datatype=D.STRING, value="idle", at_ms=AT_MS),
    ]
    birth = numbered(encode_payload(Payload(at_ms=AT_MS, metrics=metrics)), 1)
    said = [
        Metric(alias=ALIAS, at_ms=AT_MS + 1, datatype=D.DOUBLE, value=2.5),
        Metric(alias=2, at_ms=AT_MS + 2, datatype=D.STRING, value="running", historical=True),
    ]
    data = numbered(encode_payload(Payload(at_ms=AT_MS + 2, metrics=said), brief=True), 2)

    (answer,) = peer.ask([{"birth": birth.hex(), "data": data.hex()}])

    found = [(one["name"], one["at_ms"], one["value"], one["historical"]) for one in answer["answer"]]
    # It reads a value by its own type alone, and data leave that to the birth, as the specification asks.
    untyped = peer.name == "sparkplug-payload"
    assert found == [
        ("ä/b 1", AT_MS + 1, None if untyped else {"float": "2.5"}, False),
        ("State", AT_MS + 2, None if untyped else "running", True),
    ]
